"""The unit of work: an immutable plan of offset ranges with a deterministic id, and what became of it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sinesp.domain import offsets as positions
from sinesp.domain.offsets import OffsetRange, Offsets, TopicPartition


class BatchKind(StrEnum):
    """Why a batch was read."""

    APPEND = "append"
    INITIAL = "initial"
    REPLAY = "replay"
    BACKFILL = "backfill"


class State(StrEnum):
    """What became of a batch (or of one of its steps)."""

    PLANNED = "planejado"
    COMMITTED = "confirmado"
    ABANDONED = "abandonado"
    DONE = "concluido"


class LossCause(StrEnum):
    """Why an interval of offsets was never read."""

    RETENTION = "retencao"
    RECREATED = "topico_recriado"
    SKIPPED = "pulado_pelo_operador"
    POLICY_LATEST = "politica_latest"


@dataclass(frozen=True, slots=True)
class Loss:
    """Offsets [start, until) that will not be read.

    When the topic was recreated: the old one's from `start` on and the new one's before `until`, which may be the lower
    number.
    """

    topic: str
    partition: int
    start: int
    until: int
    cause: LossCause

    @property
    def tp(self) -> TopicPartition:
        """The partition that lost them."""
        return TopicPartition(self.topic, self.partition)


@dataclass(frozen=True, slots=True)
class Batch:
    """An immutable plan.

    `base_offsets` is where each partition's reading resumes; `found` is the checkpoint as the Variables showed it at
    planning, edits of an operator included. `advances` tells a batch that reads new ground (append ranges must tile
    every partition) from one that reads it again; `complete` is false when a backfill's interval did not fit;
    `replaces` is the open batch it took the place of.
    """

    id: str
    kind: BatchKind
    ranges: tuple[OffsetRange, ...]
    base_version: int
    base_offsets: Offsets
    advances: bool
    run: str
    created_at: datetime
    losses: tuple[Loss, ...] = ()
    topic_ids: Mapping[str, str] = field(default_factory=dict)
    interval: tuple[datetime, datetime] | None = None
    complete: bool = True
    found: Offsets = field(default_factory=dict)
    replaces: str = ""

    @property
    def moves_checkpoint(self) -> bool:
        """Whether committing it moves the pipeline's checkpoint."""
        return self.kind is not BatchKind.BACKFILL

    @property
    def created_ms(self) -> int:
        """When it was planned, in ms since epoch (UTC): everything it reads was there by then."""
        return int(self.created_at.timestamp() * 1000)

    @property
    def target_offsets(self) -> Offsets:
        """The checkpoint after the batch: its range ends over the base."""
        return {**self.base_offsets, **positions.end_of(self.ranges)}

    @property
    def restarted(self) -> frozenset[TopicPartition]:
        """Partitions whose offsets began anew: what was read of them before says nothing any more."""
        return frozenset(x.tp for x in self.losses if x.cause is LossCause.RECREATED)

    def as_json(self) -> str:
        """Text form kept in the ledger."""
        return json.dumps(
            {
                "id": self.id,
                "kind": self.kind,
                "ranges": [[r.topic, r.partition, r.start, r.until] for r in self.ranges],
                "base_version": self.base_version,
                "base_offsets": positions.to_json(self.base_offsets),
                "advances": self.advances,
                "run": self.run,
                "created_at": self.created_at.isoformat(),
                "losses": [[x.topic, x.partition, x.start, x.until, x.cause] for x in self.losses],
                "topic_ids": dict(self.topic_ids),
                "complete": self.complete,
                "interval": None if self.interval is None else [t.isoformat() for t in self.interval],
                "found": positions.to_json(self.found),
                "replaces": self.replaces,
            },
            sort_keys=True,
        )

    @classmethod
    def from_json(cls, text: str) -> "Batch":
        """Inverse of `as_json`."""
        d: dict[str, Any] = json.loads(text)
        interval = d["interval"]
        return cls(
            id=d["id"],
            kind=BatchKind(d["kind"]),
            ranges=tuple(OffsetRange(*r) for r in d["ranges"]),
            base_version=d["base_version"],
            base_offsets=positions.from_json(d["base_offsets"]),
            advances=d["advances"],
            run=d["run"],
            created_at=datetime.fromisoformat(d["created_at"]),
            losses=tuple(Loss(t, p, a, b, LossCause(c)) for t, p, a, b, c in d["losses"]),
            topic_ids=d["topic_ids"],
            complete=d["complete"],
            interval=None
            if interval is None
            else (datetime.fromisoformat(interval[0]), datetime.fromisoformat(interval[1])),
            # Plans of earlier versions lack these two, and are read for as long as the ledger lives.
            found=positions.from_json(d.get("found", d["base_offsets"])),
            replaces=d.get("replaces", ""),
        )


def batch_id(batch: Batch, salt: str = "") -> str:
    """Deterministic id: the same plan from the same checkpoint is the same batch, whoever makes it and whenever.

    `salt` separates backfills (the interval), which have no checkpoint version of their own.
    """
    plan = json.loads(batch.as_json())
    # All that a commit depends on: of two plans with one id the ledger keeps the first (IF NOT EXISTS).
    what = {name: plan[name] for name in ("ranges", "losses", "base_offsets", "found", "topic_ids")}
    digest = hashlib.sha256(json.dumps([what, salt], sort_keys=True).encode()).hexdigest()
    return f"{batch.kind}-{batch.base_version:08d}-{digest[:12]}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The one row that moves. `high` is the furthest each partition was ever read; below it, reading is a replay."""

    version: int
    offsets: Offsets
    high: Offsets
    last_batch: str
    open_batch: str | None
    topic_ids: Mapping[str, str]

    @property
    def unfinished(self) -> frozenset[str]:
        """Batches whose staged files may still be wanted: the open one; the last, which a crash may have cut off."""
        return frozenset(filter(None, (self.open_batch, self.last_batch)))

    def recreated(self, topic_ids: Mapping[str, str]) -> frozenset[str]:
        """Topics that were deleted and created again since it last moved, given their identities now."""
        return frozenset(topic for topic, known in self.topic_ids.items() if topic_ids.get(topic, known) != known)


EMPTY_CHECKPOINT = Checkpoint(0, {}, {}, "", None, {})
