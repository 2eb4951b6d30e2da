"""A refresh: what it starts from, what it works on, what each part of it reports."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Position:
    """The one row that moves: `lake` is the last version of the lake applied, `announced` the version readers see.

    `turn` counts moves: the fence compares it. `announcement` is the newest row of tb_versoes, so that whoever dies
    before writing it leaves it to the next run.
    """

    turn: int = 0
    lake: int = -1
    announced: int = 0
    announcement: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Slice:
    """One source and year: its records, all of their past included, are computed together."""

    fonte: str
    ano: int


@dataclass(frozen=True, slots=True)
class RefreshPlan:
    """Slices of one version of the lake. `added` are the files whose records are new; all of them in a rebuild.

    `write_time` orders what refreshes write (microseconds, Cassandra's USING TIMESTAMP), `version` is that of its rows.
    """

    base: Position
    lake: int
    write_time: int
    version: int
    files: tuple[str, ...]
    added: tuple[str, ...]
    slices: tuple[Slice, ...]
    outside: int = 0

    def as_json(self) -> dict[str, Any]:
        """For Airflow to carry between tasks."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "RefreshPlan":
        """Inverse of `as_json`."""
        base = Position(**found["base"])
        slices = tuple(Slice(**s) for s in found["slices"])
        numbers = (found["lake"], found["write_time"], found["version"])
        return cls(base, *numbers, tuple(found["files"]), tuple(found["added"]), slices, found["outside"])


@dataclass(frozen=True, slots=True)
class SliceReport:
    """What one slice wrote. `changed` cells differ from before; `last_month` has two digits, empty without records.

    `files` are its bulk files by name, as the index keeps them.
    """

    fonte: str
    ano: int
    rows: int
    deleted: int
    revisions: int
    changed: int
    conflicts: int
    last_month: str
    publications: Sequence[str]
    files: Mapping[str, Mapping[str, Any]]

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "SliceReport":
        """From a task's summary."""
        return cls(**found)
