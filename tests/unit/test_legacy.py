"""Rows written by the code of commit 50eede1 mean today what they meant then."""

import hashlib
import json
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sinesp.clients.cassandra import CassandraSession
from sinesp.clients.statements import schema_files
from sinesp.domain.contract import PIPELINE, TOPICS, Destination
from sinesp.domain.offsets import to_json
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.audit import find_gaps
from sinesp.microbatch.model import counts as counting
from sinesp.microbatch.model.batch import BatchKind, Loss, LossCause, State, batch_id
from sinesp.microbatch.model.counts import check_conservation, total_of
from sinesp.microbatch.model.refused import Refused
from sinesp.microbatch.model.staged import QUARANTINE
from sinesp.microbatch.model.steps import LANES, Entry, StepName
from sinesp.microbatch.model.variables import parse_variable, variable_name
from sinesp.microbatch.transforms.arrow import ARRIVAL, staged_schema
from tests import legacy
from tests.legacy import CLOSED, SCENES, Row, checksums, rows_of, variables

GERAL = Destination.GERAL.topic
INSERTED = (StepName.INSERT_MUNICIPIO, StepName.INSERT_ESTADO)
ANY_SCENE = pytest.mark.parametrize("scene", SCENES)

_STATIC = {"pipeline", "tipo", "plano", "criado_em", "execucao", "estado", "motivo", "encerrado_em", "contagens"}
_OF_STEP = {"etapa", "estado_etapa", "execucao_etapa", "detalhe", "contagens_etapa", "tentativas", "inicio", "fim"}


class RecordedSession:
    """Answers from the recorded rows as the driver would: nulls are None, static cells stand in every row."""

    def __init__(self, scene: str) -> None:
        self._scene = scene

    def run(self, name: str, *values: Any, serial: bool = False) -> list[Row]:
        if name == "batch_read":
            return self._batch(values[0])
        table = {"checkpoint_read": "tb_checkpoint", "loss_list": "tb_perdas"}[name]
        return [{"lote_aberto": None, **row} for row in rows_of(table, self._scene)]

    def _batch(self, batch: str) -> list[Row]:
        rows = [row for row in rows_of("tb_lotes", self._scene) if row["lote"] == batch]
        static = {name: row[name] for row in rows for name in _STATIC & row.keys()}
        return [{**dict.fromkeys(_STATIC | _OF_STEP), **row, **static} for row in rows]


def ledger(scene: str) -> Ledger:
    return Ledger(cast("CassandraSession", RecordedSession(scene)), PIPELINE)


def plans(scene: str) -> dict[str, Row]:
    """The recorded plan of every batch."""
    return {row["lote"]: json.loads(row["plano"]) for row in rows_of("tb_lotes", scene) if "plano" in row}


def entries(scene: str) -> dict[str, Entry]:
    return {batch: ledger(scene).entry(batch) for batch in plans(scene)}


def open_or_last(scene: str) -> Entry:
    """The batch the scene is about."""
    checkpoint = ledger(scene).checkpoint()
    return ledger(scene).entry(checkpoint.open_batch or checkpoint.last_batch)


def test_every_kind_of_batch_is_among_the_recorded_ones() -> None:
    found = entries(CLOSED).values()
    assert {e.batch.kind for e in found} == set(BatchKind)
    assert {e.state for e in found} == {State.COMMITTED, State.ABANDONED}
    assert {e.batch.advances for e in found} == {True, False}
    assert [e.batch.interval for e in found if e.batch.kind is BatchKind.BACKFILL] != [None]


@ANY_SCENE
def test_a_plan_is_read_and_would_be_written_as_it_was(scene: str) -> None:
    for batch, plan in plans(scene).items():
        assert json.loads(ledger(scene).entry(batch).batch.as_json()) == plan


@ANY_SCENE
def test_the_same_plan_still_has_the_same_id(scene: str) -> None:
    for entry in entries(scene).values():
        interval = "/".join(t.isoformat() for t in entry.batch.interval or ())
        assert batch_id(entry.batch, interval) == entry.batch.id


@ANY_SCENE
def test_what_was_staged_is_read_and_would_be_written_as_it_was(scene: str) -> None:
    staged = [row for row in rows_of("tb_lotes", scene) if row.get("etapa") == StepName.STAGE]
    for row in staged:
        entry = ledger(scene).entry(row["lote"])
        assert entry.staged is not None
        assert json.loads(entry.staged.as_json()) == json.loads(row["detalhe"])
        refused = 1 if entry.state is State.PLANNED else total_of(entry.counts).quarantined
        assert entry.staged.rows_of(QUARANTINE) == refused


@pytest.mark.parametrize("destination", Destination)
def test_staged_rows_have_the_columns_the_lanes_read(destination: Destination) -> None:
    (path,) = legacy.FOLDER.glob(f"staging/*/*/{destination}/*.parquet")
    arrival = set(ARRIVAL.names)  # which lanes do not read
    assert pq.read_schema(path).remove_metadata() == pa.schema(
        f for f in staged_schema(destination) if f.name not in arrival
    )


def test_a_staged_refused_record_is_read_without_the_columns_added_since() -> None:
    (path,) = legacy.FOLDER.glob(f"staging/*/*/{QUARANTINE}/*.parquet")
    (row,) = pq.read_table(path).to_pylist()
    refused = Refused(**{**row, "reasons": tuple(row["reasons"].split(","))})
    assert (refused.key, refused.reasons, refused.detail) == (b"z", ("mes_invalido",), "")


@ANY_SCENE
def test_every_done_lane_belongs_to_what_is_staged_now(scene: str) -> None:
    for row in rows_of("tb_lotes", scene):
        if row.get("etapa") in LANES:
            assert json.loads(row["detalhe"])["staged"] == ledger(scene).entry(row["lote"]).staged_digest


@ANY_SCENE
def test_every_count_is_read_and_would_be_written_as_it_was(scene: str) -> None:
    texts = [
        row[name] for row in rows_of("tb_lotes", scene) for name in ("contagens", "contagens_etapa") if name in row
    ]
    assert len(texts) > len(LANES)
    assert [counting.to_json(counting.from_json(text)) for text in texts] == texts
    for entry in entries(scene).values():
        check_conservation(entry.batch.id, entry.counts)


@pytest.mark.parametrize(
    ("scene", "done"),
    [
        ("planned", ()),
        ("staged", (StepName.STAGE,)),
        ("two_lanes", (StepName.STAGE, *INSERTED)),
        ("moved", tuple(StepName)),
        ("closed", tuple(StepName)),
    ],
)
def test_what_was_done_of_a_batch_counts_as_done(scene: str, done: tuple[StepName, ...]) -> None:
    entry = open_or_last(scene)
    assert [name for name in StepName if entry.is_done(name)] == list(done)
    assert entry.is_written == (set(LANES) <= set(done))
    assert entry.state is (State.COMMITTED if scene == CLOSED else State.PLANNED)


@ANY_SCENE
def test_the_checkpoint_is_read_as_it_was_written(scene: str) -> None:
    (row,) = rows_of("tb_checkpoint", scene)
    checkpoint = ledger(scene).checkpoint()
    assert (checkpoint.version, checkpoint.last_batch) == (row["versao"], row["lote"])
    assert checkpoint.open_batch == row.get("lote_aberto")
    assert to_json(checkpoint.offsets) == json.loads(row["offsets"])
    assert to_json(checkpoint.high) == json.loads(row["alto"])
    assert dict(checkpoint.topic_ids) == json.loads(row["topicos"])


@ANY_SCENE
def test_the_variables_are_read_and_would_be_written_as_they_were(scene: str) -> None:
    texts = variables(scene)
    assert set(texts) == {variable_name(topic) for topic in TOPICS}
    for topic in TOPICS:
        assert parse_variable(topic, texts[variable_name(topic)]).as_json() == texts[variable_name(topic)]


def test_the_recorded_ledger_has_no_gap_that_its_losses_do_not_explain() -> None:
    losses = ledger(CLOSED).losses()
    lost = [(1, Loss(GERAL, 1, 0, 2, LossCause.RETENTION)), (4, Loss(GERAL, 1, 3, 4, LossCause.RETENTION))]
    assert losses == lost
    assert find_gaps(entries(CLOSED).values(), losses) == []
    assert len(find_gaps(entries(CLOSED).values(), [])) == 1, (
        "the other loss lies before anything read of its partition"
    )


def test_no_schema_file_changed_since_it_was_applied() -> None:
    files = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in schema_files()}
    assert checksums().items() <= files.items()
