"""The views are a function of what is in the lake: however it came, in whatever parts, told however often."""

import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinesp.microbatch.transforms.accepted import ACCEPTED_SCHEMA
from sinesp.views.adapters.lake_slices import LakeSlices
from sinesp.views.slice_work import SliceContent, SliceWrites
from tests.views.memory import MemoryViews
from tests.views.records import UF, VDE

START = datetime(2026, 1, 1, tzinfo=UTC)
Record = dict[str, Any]

PLACES: tuple[Record, ...] = (
    {"granularidade": "municipio", "uf": "SP", "codigo_municipio": "3550308", "resource_id": VDE},
    {"granularidade": "municipio", "uf": "SP", "resource_id": VDE},
    {"granularidade": "estado", "uf": "SP", "resource_id": VDE},
    {"granularidade": "estado", "uf": "RJ", "resource_id": VDE},
    {"granularidade": "brasil", "resource_id": VDE},
    {"granularidade": "outro", "uf": "SP", "resource_id": VDE},
    {"granularidade": "outro", "uf": "SP", "resource_id": VDE},  # the cell of the one before: told by two ids
    {"granularidade": "estado", "uf": "SP", "resource_id": UF},
)
PUBLICATIONS = (None, ("sinesp-vde-2024/1-aaaaaaaa", 10), ("sinesp-vde-2024/2-bbbbbbbb", 20), ("sinesp-uf/3-c", 5))


@st.composite
def told(draw: st.DrawFn) -> list[Record]:
    """Records and deletions in the order in which they were written; an id always speaks of the same cell."""
    found = []
    for offset in range(draw(st.integers(1, 14))):
        place = draw(st.integers(0, len(PLACES) - 1))
        crime, month = draw(st.sampled_from(["homicidio_doloso", "estupro"])), draw(st.sampled_from(["01", "02"]))
        year = draw(st.sampled_from(["2023", "2024"]))
        publication = draw(st.sampled_from(PUBLICATIONS))
        instant = START + timedelta(hours=7 * offset)
        row: Record = {
            "id": f"{place}-{crime}-{year}-{month}", "offset": offset, "escrito": 1_000_000 + offset,
            "instante": instant, "excluido": draw(st.integers(0, 3)) == 0,
        }  # fmt: skip
        if publication:
            row |= {"publicacao": publication[0], "extraido_em": START + timedelta(days=publication[1])}
        if not row["excluido"]:
            number = draw(st.sampled_from([None, "0", "1", "2"]))
            row |= {**PLACES[place], "tipo_crime": crime, "ano": year, "mes": month, "vitimas": number}
        found.append(row)
    return found


def views_of(folder: Path, batches: Sequence[Sequence[Record]]) -> MemoryViews:
    """The views after a refresh behind each batch."""
    views, files = MemoryViews(), list[str]()
    for number, batch in enumerate(batches, 1):
        path = folder / f"{len(batches)}-{number}.parquet"
        rows = [{"topico": "t", "incarnacao": "i", "particao": 0, **row} for row in batch]
        pq.write_table(pa.Table.from_pylist(rows, pa.schema(ACCEPTED_SCHEMA)), path)
        files.append(path.as_uri())
        slices = LakeSlices(files, files[-1:], folder.as_uri())
        for part in slices.touched()[0]:
            views.refresh(SliceWrites(part, SliceContent.of(part, *slices.read(part)), 100 * number, number))
    return views


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(told(), st.data())
def test_shuffled_and_split_into_any_batches_the_views_are_the_same(rows: list[Record], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(rows))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(rows)), max_size=4)) | {0, len(rows)})
    batches = [shuffled[a:b] for a, b in pairwise(cuts)]
    with tempfile.TemporaryDirectory() as folder:
        at_once = views_of(Path(folder), [rows])
        in_parts = views_of(Path(folder), [[], *batches])
    assert in_parts.rows() == at_once.rows()


def test_a_month_that_only_one_crime_tells_is_missing_for_the_others_at_once_or_later(tmp_path: Path) -> None:
    rows = [_state(1, "homicidio_doloso", "01"), _state(2, "estupro", "02")]
    at_once, in_parts = views_of(tmp_path, [rows]), views_of(tmp_path, [rows[:1], rows[1:]])
    assert in_parts.rows() == at_once.rows()
    coverage = at_once.rows()["tb_cobertura"]["sinesp-vde", "homicidio_doloso", 2024, "SP"]
    assert (coverage["informados"], coverage["ausentes"]) == ({1: 1, 2: 0}, {1: 0, 2: 1})


def test_a_crime_that_only_the_country_still_tells_has_no_coverage_left(tmp_path: Path) -> None:
    country = {**_state(2, "estupro", "01"), **PLACES[4], "id": "BR", "uf": None}
    gone = {"id": "estupro-01", "offset": 3, "escrito": 3, "instante": START, "excluido": True}
    rows = [_state(1, "estupro", "01"), country, gone]
    at_once, in_parts = views_of(tmp_path, [rows]), views_of(tmp_path, [rows[:2], rows[2:]])
    assert in_parts.rows() == at_once.rows()
    assert at_once.rows()["tb_cobertura"] == {}


def test_a_cell_two_ids_claim_is_withheld_with_its_revisions_whoever_came_first(tmp_path: Path) -> None:
    one, other = ({**_state(n, "estupro", "01"), **PLACES[5], "id": f"outra-{n}"} for n in (1, 2))
    again = {**one, "offset": 3, "escrito": 3, "vitimas": "9", "instante": START + timedelta(days=40)}
    at_once = views_of(tmp_path, [[one, other, again]])
    for batches in ([[one], [again], [other]], [[one, again], [other]], [[other], [one], [again]]):
        assert views_of(tmp_path, batches).rows() == at_once.rows()
    assert at_once.rows()["tb_por_lugar"] == at_once.rows()["tb_revisoes"] == {}


def test_a_record_that_came_late_takes_back_what_it_disproves(tmp_path: Path) -> None:
    late, first, second = ({**_state(n, "estupro", "01"), "vitimas": v} for n, v in ((1, "1"), (2, "1"), (3, "2")))
    rows = [{**r, "instante": START + timedelta(days=r["offset"])} for r in (late, first, second)]
    at_once, in_parts = views_of(tmp_path, [rows]), views_of(tmp_path, [rows[1:], rows[:1]])
    assert in_parts.rows() == at_once.rows()
    changes = at_once.rows()["tb_revisoes"].values()
    assert [(c["antes"], c["depois"]) for c in changes] == [
        ({}, {"vitimas": 1}),
        ({"vitimas": 1}, {"vitimas": 2}),
    ]


def _state(offset: int, crime: str, month: str) -> Record:
    return {
        "id": f"{crime}-{month}", "offset": offset, "escrito": offset, "instante": START, "excluido": False,
        "tipo_crime": crime, "ano": "2024", "mes": month, "vitimas": "1", **PLACES[2],
    }  # fmt: skip
