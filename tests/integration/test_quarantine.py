"""Refused records are kept whole, a bad batch stops before anything moves, and what operators did is never undone."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from confluent_kafka import Producer

from sinesp.domain.contract import KEYSPACE, Destination
from sinesp.domain.errors import QuarantineLimitError
from sinesp.domain.offsets import TopicPartition
from sinesp.microbatch import replay
from sinesp.microbatch.adapters.republisher import KafkaRepublisher
from sinesp.microbatch.commit import commit_batch
from sinesp.microbatch.consume import consume
from sinesp.microbatch.insert_lane import insert_lane
from sinesp.microbatch.model.calendar import months_until
from sinesp.microbatch.model.refused import DISCARDED, NEW, REPLAYED, Refused
from sinesp.microbatch.model.staged import StagedBatch
from sinesp.microbatch.quarantine_lane import quarantine_lane
from sinesp.microbatch.replay import Selection
from sinesp.microbatch.stage_batch import stage_batch
from sinesp.microbatch.verify import Verification, verify_batch
from tests.faults.kafka import delete_records
from tests.pipeline import Pipeline, record

ESTADO = Destination.ESTADO


def test_quarantined_record_keeps_everything_it_came_with(pipeline: Pipeline) -> None:
    value = b'{"id": "\xff"}'
    producer = Producer({"bootstrap.servers": pipeline.settings.kafka_broker})
    producer.produce(ESTADO.topic, value, b"\x00\xfe", partition=1, headers=[("origem", b"\x00\xff"), ("vazio", None)])
    assert producer.flush(30) == 0

    (report,) = pipeline.run()

    (found,) = pipeline.quarantined()
    assert (found.topic, found.partition, found.offset, found.key, found.value) == (
        ESTADO.topic,
        1,
        0,
        b"\x00\xfe",
        value,
    )
    assert json.loads(found.headers) == [["origem", "00ff"], ["vazio", None]]
    assert (found.reasons, found.batch, found.state) == (("utf8_invalido",), report.batch_id, NEW)
    assert abs(found.timestamp / 1000 - datetime.now(UTC).timestamp()) < 60
    assert report.reasons == {"utf8_invalido": 1}


def test_bad_batch_stops_before_anything_moves_until_an_operator_lets_it_pass(pipeline: Pipeline) -> None:
    pipeline.produce_raw([(b"x", b"{")] * 3 + [(b"a", json.dumps(record("a")).encode())] * 7, ESTADO.topic, 0)
    strict = pipeline.connect(quarantine_share=0.2, quarantine_minimum=10)

    with pytest.raises(QuarantineLimitError, match=r"3 de 10 registros .* \(limite: 20%\).*json_invalido"):
        pipeline.run(strict)
    assert (pipeline.rows(), pipeline.quarantined(), pipeline.offsets) == ({}, [], {})

    (report,) = consume(strict.consume_ports, pipeline.request(), accept_bad_batch=True)
    assert (report.counts.read, report.counts.quarantined) == (10, 3)
    assert _staged(pipeline, report.batch_id).accepted_bad is True
    assert len(pipeline.quarantined()) == 3


@pytest.mark.parametrize(("share", "minimum"), [(0.3, 10), (0.2, 11)])
def test_share_or_minimum_not_exceeded_lets_the_batch_pass(pipeline: Pipeline, share: float, minimum: int) -> None:
    pipeline.produce_raw([(b"x", b"{")] * 3 + [(b"a", json.dumps(record("a")).encode())] * 7, ESTADO.topic, 0)
    (report,) = pipeline.run(pipeline.connect(quarantine_share=share, quarantine_minimum=minimum))
    assert report.counts.quarantined == 3
    assert _staged(pipeline, report.batch_id).accepted_bad is False


@pytest.mark.parametrize("alone_rows", [0, 10_000])
def test_row_cassandra_refuses_is_quarantined_alone_with_its_raw_bytes(pipeline: Pipeline, alone_rows: int) -> None:
    """Nothing that passes the rules is refused by a default Cassandra; so one staged row gets a key it cannot take."""
    pipeline.produce([record(f"r{n}") for n in range(40)], partition=0)
    batch = pipeline.plan()
    assert batch is not None
    stage_batch(pipeline.services.stage_ports, batch.id, batch.run)
    _blank_the_id_of(pipeline, batch.id, 17)
    writing = pipeline.connect(write_alone_rows=alone_rows)

    for destination in Destination:
        insert_lane(writing.insert_ports, batch.id, destination, batch.run)
    quarantine_lane(pipeline.services.quarantine_ports, batch.id, batch.run)
    report = commit_batch(pipeline.services.checkpoint_ports, batch.id)

    assert set(pipeline.rows()) == {f"r{n}" for n in range(40)} - {"r17"}
    (refused,) = pipeline.quarantined()
    assert (refused.offset, refused.key, refused.reasons) == (17, b"r17", ("recusado_pelo_cassandra",))
    assert json.loads(refused.value or b"")["id"] == "r17"
    assert "Key may not be empty" in refused.detail
    assert (report.counts.read, report.counts.inserted, report.counts.quarantined) == (40, 39, 1)
    s = pipeline.services
    assert verify_batch(s.verify_ports, batch.id) == Verification(40, 0, 1, [])


def test_refused_row_whose_record_kafka_no_longer_has_is_quarantined_with_what_is_known(pipeline: Pipeline) -> None:
    pipeline.produce([record(f"r{n}") for n in range(5)], partition=0)
    batch = pipeline.plan()
    assert batch is not None
    stage_batch(pipeline.services.stage_ports, batch.id, batch.run)
    _blank_the_id_of(pipeline, batch.id, 2)
    delete_records(pipeline, {TopicPartition(ESTADO.topic, 0): 5})

    for destination in Destination:
        insert_lane(pipeline.services.insert_ports, batch.id, destination, batch.run)
    quarantine_lane(pipeline.services.quarantine_ports, batch.id, batch.run)

    assert commit_batch(pipeline.services.checkpoint_ports, batch.id).counts.quarantined == 1
    (refused,) = pipeline.quarantined()
    assert (refused.offset, refused.value) == (2, None)
    assert "os bytes originais já não estavam no Kafka" in refused.detail


def test_bad_records_are_listed_republished_and_discarded_each_with_its_trace(pipeline: Pipeline) -> None:
    pipeline.produce([record("numero", vitimas="x"), record("periodo", ano="24"), record("boa")], partition=0)
    pipeline.delete([" "])
    pipeline.run()
    quarantine = pipeline.services.quarantine
    assert [r.reasons for r in _chosen(pipeline, reason="numero_invalido")] == [("numero_invalido",)]
    assert len(_chosen(pipeline)) == 3

    producer = KafkaRepublisher(pipeline.services.endpoints.kafka)
    assert replay.replay(_chosen(pipeline, reason="numero_invalido"), quarantine, producer, "corrigido", "teste/1") == 1
    assert replay.discard(_chosen(pipeline, reason="id_ausente"), quarantine, "exclusão sem chave", "teste/2") == 1
    (report,) = pipeline.run()

    assert (report.counts.read, report.counts.quarantined) == (1, 1)
    assert sorted(r.reasons for r in _chosen(pipeline)) == [("ano_invalido",), ("numero_invalido",)]
    assert {r.state for r in pipeline.quarantined() if "id_ausente" in r.reasons} == {DISCARDED}
    actions = pipeline.services.cassandra.execute_text(f"SELECT * FROM {KEYSPACE}.tb_quarentena_acoes")
    assert {(a["acao"], a["nota"], a["execucao"]) for a in actions} == {
        (REPLAYED, "corrigido", "teste/1"),
        (DISCARDED, "exclusão sem chave", "teste/2"),
    }


def test_storing_a_batch_again_never_undoes_what_an_operator_did(pipeline: Pipeline) -> None:
    pipeline.produce([record("a", vitimas="x")], partition=0)
    (first,) = pipeline.run()
    replay.discard(_chosen(pipeline), pipeline.services.quarantine, "lixo", "teste")

    quarantine_lane(pipeline.services.quarantine_ports, first.batch_id, pipeline.ledger.entry(first.batch_id).batch.run)
    pipeline.variables.edit(ESTADO.topic, {0: 0})
    (again,) = pipeline.run()

    assert again.counts.quarantined == 1
    assert [r.state for r in pipeline.quarantined()] == [DISCARDED]


def test_record_republished_after_the_rules_changed_never_replaces_what_came_after_it(pipeline: Pipeline) -> None:
    """The bad values are good by a rule that changed: here, corrected in the table as a new rule would see them."""
    pipeline.produce(
        [record("velho", vitimas="x"), record("sumido", vitimas="x"), record("unico", vitimas="x")], partition=0
    )
    pipeline.run()
    pipeline.produce([record("velho", vitimas="7"), record("sumido", vitimas="7")], partition=0)
    pipeline.delete(["sumido"])
    pipeline.run()
    accepted = [_with_value(r, json.loads(r.value or b"") | {"vitimas": "1"}) for r in _chosen(pipeline)]

    replay.replay(
        accepted,
        pipeline.services.quarantine,
        KafkaRepublisher(pipeline.services.endpoints.kafka),
        "regra nova",
        "teste",
    )
    (report,) = pipeline.run()

    assert report.counts.inserted == 3
    assert pipeline.victims() == {"velho": "7", "unico": "1"}


def _chosen(pipeline: Pipeline, **wanted: str) -> list[Refused]:
    return list(replay.select(pipeline.services.quarantine, Selection(months_until(datetime.now(UTC), 1), **wanted)))


def _with_value(r: Refused, fields: dict[str, str]) -> Refused:
    return Refused(
        r.topic, r.partition, r.offset, r.timestamp, r.key, json.dumps(fields).encode(), r.headers, r.reasons
    )


def _staged(pipeline: Pipeline, batch_id: str) -> StagedBatch:
    staged = pipeline.ledger.entry(batch_id).staged
    assert staged is not None
    return staged


def _blank_the_id_of(pipeline: Pipeline, batch_id: str, offset: int) -> None:
    (file,) = _staged(pipeline, batch_id).files_of("estado")
    table = pq.read_table(file.path)
    ids = ["" if o == offset else i for i, o in zip(table["id"].to_pylist(), table["offset"].to_pylist(), strict=True)]
    changed = table.set_column(table.column_names.index("id"), table.schema.field("id"), [ids])
    Path(file.path).unlink()
    pq.write_table(changed, file.path, row_group_size=10_000)
