"""A lake filled as the pipeline fills it, on a folder: published records through staging into the Delta table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from sinesp.domain.contract import TOPICS
from sinesp.domain.offsets import OffsetRange
from sinesp.lake.add_batch import Lake
from sinesp.microbatch.model.batch import Batch, BatchKind
from sinesp.microbatch.model.staged import StagedBatch
from sinesp.microbatch.stage_batch import StagingTarget, write_staged
from sinesp.microbatch.transforms.staged_rows import stage
from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.model.options import PublishOptions
from sinesp.publication.publish import publish
from sinesp.views.adapters.lake_slices import LakeSlices
from sinesp.views.model.plan import Slice
from sinesp.views.slice_work import SliceContent
from tests.files.official import source_of
from tests.unit.kafka_rows import Row, batch_of
from tests.unit.publishing import MemoryProducer

_EPOCH_MS = 1_700_000_000_000


@dataclass
class FilledLake:
    """One lake of a test; each `add` is a batch."""

    folder: Path
    lake: Lake = field(init=False)
    offsets: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TOPICS, 0))
    batches: int = 0

    def __post_init__(self) -> None:
        self.lake = Lake((self.folder / "lake").as_uri())
        self.versions = VersionStore((self.folder / "state").as_uri())

    def publish(self, path: Path, extracted_at: datetime) -> None:
        """Publish a file as extracted at an instant, and take in what was sent."""
        producer = MemoryProducer()
        options = PublishOptions(accept_changes=True, accept_vanished=True, accept_older=True)
        publish(source_of(path), producer, self.versions, now=extracted_at, options=options)
        headers = [(name, value) for name, value in producer.headers]
        self.add([Row(key.encode(), value, topic=topic, headers=headers) for topic, key, value in producer.sent])

    def add(self, rows: Sequence[Row]) -> None:
        """Take in records as one batch; offsets and instants are given in their order."""
        starts = dict(self.offsets)
        placed: list[Row] = []
        for row in rows:
            offset = self.offsets[row.topic]
            self.offsets[row.topic] += 1
            placed.append(row._replace(offset=offset, timestamp=_EPOCH_MS + self.batches * 10_000_000 + len(placed)))
        ranges = tuple(OffsetRange(t, 0, starts[t], self.offsets[t]) for t in TOPICS)
        self.batches += 1
        batch = Batch(
            f"append-{self.batches}", BatchKind.APPEND, ranges, 0, {}, advances=True, run="r",
            created_at=datetime(2026, 11, 25, tzinfo=UTC), topic_ids={t: f"id-{t}" for t in TOPICS},
        )  # fmt: skip
        root = (self.folder / "lake" / batch.id).as_uri()
        target = StagingTarget((self.folder / "staging" / batch.id).as_uri(), root, batch.id, 10**13, batch.topic_ids)
        self.lake.add(batch, StagedBatch.from_json(write_staged(stage([batch_of(placed)]), target)["staged"]), ())

    def slices(self) -> list[Slice]:
        """Every slice."""
        files = self.lake.table.files()
        return LakeSlices(files, files, self.lake.table.url).touched()[0]

    def content(self, part: Slice) -> SliceContent:
        """A slice computed from all there is."""
        files = self.lake.table.files()
        return SliceContent.of(part, *LakeSlices(files, files, self.lake.table.url).read(part))

    def contents(self) -> list[tuple[Slice, SliceContent]]:
        """All of them."""
        return [(part, self.content(part)) for part in self.slices()]

    def revisions(self) -> pl.DataFrame:
        """Every change listed, with its year."""
        return pl.concat(c.revisions.with_columns(ano=pl.lit(part.ano)) for part, c in self.contents())
