"""What `stage_batch` leaves for the lanes, and what a lane records of it: the two details the ledger keeps of a step.

Their JSON is stored in `tb_lotes` for as long as the ledger lives: names in it are never changed, only added.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from sinesp.domain.contract import Destination
from sinesp.microbatch.model import counts as counting
from sinesp.microbatch.model.counts import CountsByPartition

QUARANTINE = "quarantine"
"""Name of the refused records among the staged files; accepted ones are named for their destination."""

SUPERSEDED = "superseded"
"""Name of the accepted records that no lane writes."""

LAYOUT = 2
"""Of the staged files. In layout 1 accepted records were not kept in the lake's columns."""


def copies_for(destination: Destination) -> str:
    """Name of the deletions a lane writes beside its own: those that count in another destination."""
    return f"copies_{destination}"


@dataclass(frozen=True, slots=True)
class StagedFile:
    """One Parquet file; `path` is inside the file system of the staging URL, `groups` counts its row groups."""

    path: str
    rows: int
    groups: int


@dataclass(frozen=True, slots=True)
class StagedBatch:
    """The staged rows of a batch, by destination and QUARANTINE. `size` is the bytes of the values read.

    `accepted_bad` tells that an operator let it pass with more refused records than the limit. `layout`: see LAYOUT.
    """

    url: str
    files: Mapping[str, tuple[StagedFile, ...]] = field(default_factory=dict)
    size: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    accepted_bad: bool = False
    layout: int = LAYOUT

    @property
    def all_files(self) -> tuple[StagedFile, ...]:
        """Every file."""
        return tuple(f for some in self.files.values() for f in some)

    @property
    def accepted(self) -> tuple[StagedFile, ...]:
        """Files of the accepted records, each record once: what the lake keeps."""
        return tuple(f for name in (*Destination, SUPERSEDED) for f in self.files_of(name))

    def lane_files(self, destination: Destination) -> tuple[StagedFile, ...]:
        """Files a lane writes."""
        return (*self.files_of(destination), *self.files_of(copies_for(destination)))

    def lane_rows(self, destination: Destination) -> int:
        """Rows a lane writes."""
        return sum(f.rows for f in self.lane_files(destination))

    def files_of(self, name: str) -> tuple[StagedFile, ...]:
        """Files of one destination, or of QUARANTINE."""
        return self.files.get(name, ())

    def rows_of(self, name: str) -> int:
        """Rows staged for one destination, or for QUARANTINE."""
        return sum(f.rows for f in self.files_of(name))

    @property
    def rows(self) -> dict[str, int]:
        """Rows by name."""
        return {name: self.rows_of(name) for name in self.files}

    @property
    def to_write(self) -> dict[str, int]:
        """Rows to write by lane, those without any left out."""
        rows = {d.value: self.lane_rows(d) for d in Destination} | {QUARANTINE: self.rows_of(QUARANTINE)}
        return {name: n for name, n in rows.items() if n}

    def digest(self, counts: CountsByPartition) -> str:
        """What was staged, in short: staging again gives the same unless compaction took records in the meantime."""
        content = json.dumps([counting.to_json(counts), self.rows], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    def as_json(self) -> str:
        """Text form kept in the ledger."""
        files = {name: [asdict(f) for f in some] for name, some in self.files.items()}
        detail = {"url": self.url, "files": files, "bytes": self.size, "reasons": dict(self.reasons)}
        # A batch of layout 1 is written as it was: the key is new.
        layout = {} if self.layout == 1 else {"layout": self.layout}
        return json.dumps({**detail, "accept_bad_batch": self.accepted_bad, **layout})

    @classmethod
    def from_json(cls, text: str) -> "StagedBatch":
        """Inverse of `as_json`."""
        detail = json.loads(text)
        files = {name: tuple(StagedFile(**f) for f in some) for name, some in detail["files"].items()}
        accepted_bad, layout = detail.get("accept_bad_batch", False), detail.get("layout", 1)
        return cls(detail["url"], files, detail["bytes"], detail["reasons"], accepted_bad, layout)


def join_staged(url: str, parts: Iterable[StagedBatch], *, accepted_bad: bool = False) -> StagedBatch:
    """Put together what each pass staged under one URL."""
    files: dict[str, tuple[StagedFile, ...]] = {}
    reasons: dict[str, int] = {}
    size = 0
    for part in parts:
        files |= {name: files.get(name, ()) + some for name, some in part.files.items()}
        reasons |= {reason: reasons.get(reason, 0) + n for reason, n in part.reasons.items()}
        size += part.size
    return StagedBatch(url, files, size, reasons, accepted_bad)


@dataclass(frozen=True, slots=True)
class WrittenLane:
    """What a lane did: the rows it was given, and the digest of the staging they belong to.

    `refused` are topic, partition and offset of the records Cassandra refused: staged, but not accepted.
    """

    rows: int
    staged: str
    refused: tuple[tuple[str, int, int], ...] = ()

    def as_json(self) -> str:
        """Text form kept in the ledger."""
        refused = {"refused": self.refused} if self.refused else {}
        return json.dumps({"rows": self.rows, "staged": self.staged, **refused})

    @classmethod
    def from_json(cls, text: str) -> "WrittenLane":
        """Inverse of `as_json`; the quarantine lane of earlier versions did not record its rows."""
        detail = json.loads(text)
        refused = tuple((topic, partition, offset) for topic, partition, offset in detail.get("refused", ()))
        return cls(detail.get("rows", 0), detail.get("staged", ""), refused)
