"""What `make bench` is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.race.competitors import COMPETITORS, NAMES, Competitor

PARTS = ("race", "poison", "stall", "profile", "airflow")
QUICK_SIZE = 3_000
_FULL_FROM = 1_000_000


@dataclass(frozen=True, slots=True)
class Options:
    """What to measure. Sizes are records per run, ascending; `vde` is a folder of official files for one more full load."""

    sizes: tuple[int, ...]
    competitors: tuple[Competitor, ...] = COMPETITORS
    parts: frozenset[str] = frozenset(PARTS)
    repeats: int = 3
    vde: Path | None = None
    quick: bool = False

    @property
    def races(self) -> tuple[int, ...]:
        """Sizes at which everybody runs."""
        return tuple(s for s in self.sizes if s <= _FULL_FROM)

    @property
    def full_loads(self) -> tuple[int, ...]:
        """Sizes that only the pipeline loads."""
        return tuple(s for s in self.sizes if s > _FULL_FROM)


def chosen_sizes(text: str) -> tuple[int, ...]:
    """`--size`, ascending."""
    return tuple(sorted(map(int, _words(text))))


def chosen_competitors(text: str) -> tuple[Competitor, ...]:
    """`--peers`; nothing means all.

    Raises:
        SystemExit: one of them does not exist.
    """
    wanted = _known("--peers", text, NAMES) or NAMES
    return tuple(c for c in COMPETITORS if c.name in wanted)


def chosen_parts(text: str) -> frozenset[str]:
    """`--parts`; nothing means none, which leaves the full loads."""
    return frozenset(_words(text))


def _known(option: str, text: str, existing: Sequence[str]) -> tuple[str, ...]:
    wanted = _words(text)
    unknown = sorted(set(wanted) - set(existing))
    if unknown:
        raise SystemExit(f"{option} não conhece {', '.join(unknown)}; existem: {', '.join(existing)}.")
    return wanted


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
