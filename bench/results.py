"""Everything one `make bench` measured, kept as JSON beside the document."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.pipeline.full import BatchRun, PeerLoad, Publication
from bench.pipeline.scheduled import Scheduled
from bench.pipeline.timings import Step
from bench.pipeline.views import Refresh
from bench.race.suite import Run


@dataclass(slots=True)
class Results:
    """Filled part by part; a part that was not asked for stays empty."""

    machine: dict[str, str]
    command: str
    runs: list[Run] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    inside: dict[str, float] = field(default_factory=dict)
    inside_size: int = 0
    scheduled: list[Scheduled] = field(default_factory=list)
    published: list[Publication] = field(default_factory=list)
    full: list[BatchRun] = field(default_factory=list)
    full_peers: list[PeerLoad] = field(default_factory=list)
    refreshes: list[Refresh] = field(default_factory=list)
    announced: list[float] = field(default_factory=list)

    def save(self, path: Path) -> None:
        """Write everything."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n")

    @classmethod
    def load(cls, path: Path) -> "Results":
        """Inverse of `save`."""
        saved = json.loads(path.read_text())
        kinds: dict[str, Any] = {
            "runs": Run,
            "steps": Step,
            "scheduled": Scheduled,
            "published": Publication,
            "full": BatchRun,
            "full_peers": PeerLoad,
            "refreshes": Refresh,
        }
        values: dict[str, Any] = {
            name: [kinds[name](**item) for item in value] if name in kinds else value for name, value in saved.items()
        }
        return cls(**values)

    def of(self, scenario: str, size: int, peer: str) -> list[Run]:
        """The runs of one peer."""
        return [r for r in self.runs if (r.scenario, r.size, r.peer) == (scenario, size, peer)]

    def rate(self, size: int, peer: str) -> float | None:
        """Median rows per second of one peer in the plain race; None when it did not run."""
        rates = [r.rate for r in self.of("race", size, peer)]
        return median(rates) if rates else None

    def peers(self, scenario: str, size: int) -> list[str]:
        """Names in the order they ran."""
        return list(dict.fromkeys(r.peer for r in self.runs if r.scenario == scenario and r.size == size))

    def sizes(self, scenario: str) -> list[int]:
        """Sizes that were run, the largest first."""
        return sorted({r.size for r in self.runs if r.scenario == scenario}, reverse=True)
