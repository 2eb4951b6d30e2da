"""What the code of commit 50eede1 left behind (`data/legacy-50eede1`), read; `integration/restore.py` puts it back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data/legacy-50eede1"
MONTH = "2026-11"
"""Month of every recorded Kafka timestamp."""

OPEN = ("planned", "staged", "two_lanes")
"""Scenes in which a batch was left open, by what had been done of it."""

MOVED, CLOSED = "moved", "closed"
"""The same batch right after the checkpoint moved, and when that version had finished everything."""

SCENES = (*OPEN, MOVED, CLOSED)

STATE = "/tmp/sinesp-50eede1/state"
"""Folder of the state at that time."""

Row = dict[str, Any]

_TIMES = {"criado_em", "encerrado_em", "inicio", "fim", "iniciado_em", "registrado_em", "instante", "quando"}
_BLOBS = {"chave", "valor"}


@dataclass(frozen=True)
class Cells:
    """Cells of one row that were written together; `write_time` in microseconds where it decides between versions."""

    table: str
    values: Row
    write_time: int | None


def recorded(scene: str) -> list[Cells]:
    """The ledger, the quarantine and the data tables of a scene."""
    return [c for name in ("common", scene) for c in _tables(FOLDER / f"ledger/{name}.json")]


def rows_of(table: str, scene: str) -> list[Row]:
    """A table as it was recorded; a null cell is absent, a static one stands in the first row of its batch."""
    return [c.values for c in recorded(scene) if c.table == table]


def variables(scene: str) -> dict[str, str]:
    """Texts of the Variables; they follow the checkpoint only when the batch is closed."""
    texts: dict[str, dict[str, str]] = _load("variables.json")
    return texts["closed" if scene == CLOSED else "open"]


def checksums() -> dict[str, str]:
    """The schema files that were applied (`tb_schema`)."""
    return {c.values["arquivo"]: c.values["checksum"] for c in _tables(FOLDER / "schema.json")}


def kafka() -> Any:
    """What was in Kafka: `records` with their places and times, `topic_ids`, `earliest` where retention had deleted."""
    return _load("kafka.json")


def _tables(path: Path) -> Iterator[Cells]:
    for table, rows in json.loads(path.read_text(encoding="utf-8")).items():
        for row in rows:
            values = {name: _value(name, value) for name, value in row["cells"].items()}
            yield Cells(table, values, row["write_time"])


def _value(name: str, value: Any) -> Any:
    if name in _TIMES:
        return datetime.fromisoformat(value)
    return bytes.fromhex(value) if name in _BLOBS else value


@cache
def _load(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))
