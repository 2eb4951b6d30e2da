"""Whatever the order, the splitting and the repetition of the batches: the same views."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sinesp.domain.contract import Destination
from sinesp.domain.offsets import OffsetRange
from sinesp.domain.publications import HEADER, Publication
from sinesp.lake.add_batch import Lake
from sinesp.microbatch.model.batch import Batch, BatchKind
from sinesp.microbatch.model.staged import StagedBatch
from sinesp.microbatch.stage_batch import StagingTarget, write_staged
from sinesp.microbatch.transforms.staged_rows import stage
from sinesp.views.adapters.lake_slices import LakeSlices
from sinesp.views.slice_work import SliceContent, SliceWrites
from tests.unit.kafka_rows import Row, batch_of, upsert
from tests.views.memory import Key, MemoryViews
from tests.views.records import VDE

TOPIC = Destination.MUNICIPIO.topic
NOW = datetime(2026, 11, 25, tzinfo=UTC)


class Views:
    """A lake and the views of it, kept up batch by batch."""

    def __init__(self, folder: Path, rows: Sequence[Row]) -> None:
        self._folder = folder
        self._rows = rows
        self._lake = Lake((folder / "lake").as_uri())
        self._seen = -1
        self._views = MemoryViews()

    def read(self, start: int, until: int) -> None:
        """One batch over a range of the topic, whether or not it was read before."""
        until = min(until, len(self._rows))
        if start >= until:
            return
        batch = Batch(
            f"b-{start}-{until}", BatchKind.BACKFILL, (OffsetRange(TOPIC, 0, start, until),), 0, {}, advances=False,
            run="r", created_at=NOW, topic_ids={TOPIC: "t"},
        )  # fmt: skip
        target = StagingTarget(
            (self._folder / "s").as_uri(), (self._folder / "lake" / batch.id).as_uri(), batch.id, 10**13, {TOPIC: "t"}
        )
        staged = write_staged(stage([batch_of(self._rows[start:until])]), target)["staged"]
        self._lake.add(batch, StagedBatch.from_json(staged), ())

    def refresh(self, *, everything: bool = False) -> None:
        """As the refresh does, on a store of its own."""
        table, files = self._lake.table, self._lake.table.files()
        added = files if everything else table.added_since(self._seen)
        assert added is not None
        slices = LakeSlices(files, added, table.url)
        self._seen = table.version()
        for part in slices.touched()[0]:
            content = SliceContent.of(part, *slices.read(part))
            self._views.refresh(SliceWrites(part, content, 1_000 + self._seen, 1))

    def rows(self) -> dict[str, dict[Key, dict[str, Any]]]:
        """Everything the views say."""
        return self._views.rows()


def record(number: int, said: tuple[int, int | None, bool, int]) -> Row:
    """An id's number, blank, or deletion, by one of three publications, each later than the one before."""
    cell, victims, deleted, release = said
    key = f"id{cell}"
    value = upsert(
        key, "municipio", resource_id=VDE, ano="2024", mes=f"{cell % 3 + 1:02d}", mes_ano=f"{cell % 3 + 1:02d}/2024",
        uf="SP", uf_nome="São Paulo", codigo_municipio=("3550308", "3509502")[cell // 3], tipo_crime="homicidio_doloso",
        vitimas=None if victims is None else str(victims),
    )  # fmt: skip
    mark = Publication("sinesp-vde-2024", release + 1, f"2025-0{release + 1}-01T00:00:00Z", "0123456789abcdef")
    # Two records share an instant now and then.
    return Row(
        key.encode(), None if deleted else value, number, 1_000 + number // 2, TOPIC, 0, [(HEADER, mark.encode())]
    )


SAID = st.tuples(st.integers(0, 3), st.one_of(st.none(), st.integers(0, 1)), st.booleans(), st.integers(0, 2))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    records=st.lists(SAID, min_size=1, max_size=24),
    cuts=st.lists(st.tuples(st.integers(0, 20), st.integers(1, 12), st.booleans()), max_size=5),
)
# What was new to the views is, once the older record came, no change at all.
@example(records=[(0, 1, False, 0), (1, 1, False, 0), (0, 1, False, 1), (1, 1, False, 1)], cuts=[(2, 2, True)])
def test_batches_in_any_order_come_to_what_one_comes_to(
    tmp_path_factory: pytest.TempPathFactory,
    records: list[tuple[int, int | None, bool, int]],
    cuts: list[tuple[int, int, bool]],
) -> None:
    rows = [record(n, said) for n, said in enumerate(records)]
    pieces = Views(tmp_path_factory.mktemp("pieces"), rows)
    for start, length, refreshed in cuts:
        # A range ends where a millisecond ends.
        pieces.read(start - start % 2, start - start % 2 + length + length % 2)
        if refreshed:
            pieces.refresh()
    pieces.read(0, len(rows))
    pieces.refresh()
    whole = Views(tmp_path_factory.mktemp("whole"), rows)
    whole.read(0, len(rows))
    whole.refresh(everything=True)
    assert pieces.rows() == whole.rows()
