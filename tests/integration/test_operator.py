"""The operator's hand on the Variables: what an edit means, and what is refused."""

import json

import pytest

from sinesp.domain.contract import Destination
from sinesp.domain.errors import ConfigurationError
from sinesp.domain.offsets import TopicPartition
from sinesp.microbatch.commit import commit_batch
from sinesp.microbatch.model.batch import Loss, LossCause
from sinesp.microbatch.model.variables import variable_name
from tests.faults.checks import assert_sound, entries
from tests.pipeline import Pipeline, record

ESTADO = Destination.ESTADO.topic
NAME = variable_name(ESTADO)


@pytest.fixture
def three(pipeline: Pipeline) -> Pipeline:
    """Three records read from partition 0, the Variables in place."""
    pipeline.produce([record(f"e{n}") for n in range(3)], partition=0)
    pipeline.run()
    return pipeline


def test_an_offset_moved_back_is_read_again_once(three: Pipeline) -> None:
    three.variables.edit(ESTADO, {0: 1})
    (report,) = three.run()
    assert (report.kind, report.counts.read) == ("replay", 2)
    assert three.plan() is None
    assert_sound(three)


def test_a_long_replay_goes_on_to_where_reading_was_and_then_to_new_records(three: Pipeline) -> None:
    three.produce([record("new")], partition=0)
    three.variables.edit(ESTADO, {0: 0})
    reports = three.run(max_records=2)
    assert [(r.kind, r.counts.read) for r in reports][-1] == ("append", 1)
    assert sum(r.counts.read for r in reports if r.kind == "replay") == 3
    assert_sound(three)


def test_a_replay_is_called_off_by_putting_the_offset_back(three: Pipeline) -> None:
    three.variables.edit(ESTADO, {0: 0})
    replay = three.plan()
    assert replay is not None
    three.variables.edit(ESTADO, {0: 3})
    assert three.plan() is None
    three.produce([record("new")], partition=0)
    (report,) = three.run()
    assert (report.kind, report.counts.read) == ("append", 1)
    assert three.ledger.entry(replay.id).reason == f"substituído por {report.batch_id}"


def test_an_offset_moved_forward_is_refused(three: Pipeline) -> None:
    three.produce([record("f"), record("g")], partition=0)
    three.variables.edit(ESTADO, {0: 4})
    before = three.offsets
    with pytest.raises(ConfigurationError, match=r"pula de 3 para 4 \(1 offsets nunca lidos\).*accept_gap=true"):
        three.run()
    assert three.offsets == before
    assert three.ledger.losses() == []


def test_an_accepted_gap_is_recorded_as_lost(three: Pipeline) -> None:
    three.produce([record("f"), record("g")], partition=0)
    three.variables.edit(ESTADO, {0: 4})
    (report,) = three.run(accept_gap=True)
    assert report.counts.read == 1
    assert three.ledger.losses() == [(1, Loss(ESTADO, 0, 3, 4, LossCause.SKIPPED))]
    assert_sound(three)


def test_an_offset_beyond_the_end_is_refused_even_with_accept_gap(three: Pipeline) -> None:
    three.variables.edit(ESTADO, {0: 99})
    with pytest.raises(ConfigurationError, match="além do fim do tópico"):
        three.plan(accept_gap=True)


def test_a_partition_the_topic_does_not_have_is_refused(three: Pipeline) -> None:
    three.variables.edit(ESTADO, {7: 0})
    with pytest.raises(ConfigurationError, match=r"estado\[7\]: a Variable cita uma partição que o tópico não tem"):
        three.plan()


def test_a_deleted_variable_is_made_again(three: Pipeline) -> None:
    text = three.variables.texts.pop(NAME)
    assert three.plan() is None
    assert three.variables.texts[NAME] == text


def test_a_malformed_variable_is_named_with_the_expected_shape(three: Pipeline) -> None:
    three.variables.texts[NAME] = '{"versao": 1, "offsets": [3]}'
    with pytest.raises(
        ConfigurationError, match=rf"A Variable {NAME} está malformada\. Encontrado: .* Esperado: .*\"versao\""
    ):
        three.plan()


def test_a_variable_behind_the_ledger_is_brought_up(three: Pipeline) -> None:
    old = three.variables.texts[NAME]
    three.produce([record("f")], partition=0)
    three.run()
    newest = three.variables.texts[NAME]
    three.variables.texts[NAME] = old
    assert three.plan() is None
    assert three.variables.texts[NAME] == newest


def test_a_variable_ahead_of_the_ledger_is_an_error(three: Pipeline) -> None:
    found = json.loads(three.variables.texts[NAME])
    three.variables.texts[NAME] = json.dumps({**found, "versao": 9})
    with pytest.raises(ConfigurationError, match=r"está na versão 9, à frente do ledger \(1\)"):
        three.plan()


def test_a_partition_left_out_keeps_the_ledgers_offset(three: Pipeline) -> None:
    found = json.loads(three.variables.texts[NAME])
    del found["offsets"]["0"]
    three.variables.texts[NAME] = json.dumps(found)
    assert three.plan() is None


def test_an_edit_made_during_a_batch_is_obeyed_by_the_next_plan(three: Pipeline) -> None:
    three.produce([record("f")], partition=0)
    batch = three.plan()
    assert batch is not None
    three.lanes(batch.id, "run")
    three.variables.edit(ESTADO, {0: 2})
    commit_batch(three.services.checkpoint_ports, batch.id)
    assert three.offsets[TopicPartition(ESTADO, 0)] == 4
    assert three.variables.offsets(ESTADO)[0] == 2
    (report,) = three.run()
    assert (report.kind, report.counts.read) == ("replay", 2)
    assert_sound(three)


def test_an_edit_made_while_a_batch_is_open_replaces_it(three: Pipeline) -> None:
    three.produce([record("f")], partition=0)
    batch = three.plan()
    assert batch is not None
    three.variables.edit(ESTADO, {0: 2})
    assert [r.kind for r in three.run()] == ["replay", "append"]
    assert three.ledger.entry(batch.id).state == "abandonado"
    assert_sound(three)


def test_garbage_typed_during_a_batch_is_left_for_the_next_plan_to_name(three: Pipeline) -> None:
    three.produce([record("f")], partition=0)
    batch = three.plan()
    assert batch is not None
    three.lanes(batch.id, "run")
    three.variables.texts[NAME] = "oops"
    commit_batch(three.services.checkpoint_ports, batch.id)
    with pytest.raises(ConfigurationError, match="malformada"):
        three.plan()
    del three.variables.texts[NAME]
    assert three.plan() is None
    assert_sound(three)


def test_a_first_variable_written_by_hand_says_where_to_begin(pipeline: Pipeline) -> None:
    pipeline.produce([record(f"e{n}") for n in range(3)], partition=0)
    pipeline.variables.texts[NAME] = '{"versao": 0, "offsets": {"0": 2}}'
    (report,) = pipeline.run(accept_gap=True)
    assert report.counts.read == 1
    assert pipeline.ledger.losses() == [(0, Loss(ESTADO, 0, 0, 2, LossCause.SKIPPED))]
    assert_sound(pipeline)


def test_initial_reads_everything_again_over_several_batches_and_then_appends(three: Pipeline) -> None:
    three.produce([record("f")], partition=0)
    reports = three.run(mode="initial", max_records=2)
    assert {r.kind for r in reports[:-1]} == {"initial"}
    assert [r.counts.read for r in reports if r.kind == "append"] == [1]
    assert sum(r.counts.read for r in reports) == 4
    assert not any(e.batch.advances for e in entries(three) if e.batch.kind == "initial")
    assert_sound(three)
