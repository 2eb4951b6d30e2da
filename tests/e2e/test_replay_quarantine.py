"""The DAG `sinesp_replay_quarantine`, as an operator triggers it with Params."""

from sinesp.domain.contract import KEYSPACE, Destination
from sinesp.domain.offsets import Offsets
from sinesp.microbatch.model.refused import DISCARDED, NEW, REPLAYED, Refusal
from tests.e2e.conftest import Airflow
from tests.pipeline import record

DAG = "sinesp_replay_quarantine"


def test_refused_records_are_shown_then_published_again_or_discarded_as_the_params_say(airflow: Airflow) -> None:
    airflow.pipeline.produce([record("boa"), record("sigla", uf="ZZ"), record("numero", vitimas="x")])
    airflow.run()
    before = ends(airflow)

    dry = airflow.run(DAG)
    tasks = {t["task_id"]: t["state"] for t in airflow.api.task_instances(DAG, dry)}
    assert tasks == {"select_records": "success", "act_on_records": "skipped"}
    assert "Log - 2 registros escolhidos" in "\n".join(airflow.api.log(DAG, dry, "select_records"))
    assert (states(airflow), ends(airflow)) == ({"sigla": NEW, "numero": NEW}, before)

    replayed = airflow.run(DAG, {"reason": "uf_desconhecida", "dry_run": False, "note": "sigla aceita"})
    (again,) = (tp for tp, end in ends(airflow).items() if end == before[tp] + 1)
    published = airflow.pipeline.services.records.read_refused(again, before[again], Refusal())
    assert published is not None
    assert [published.value] == [r.value for r in airflow.pipeline.quarantined() if r.key == published.key == b"sigla"]

    discarded = airflow.run(
        DAG, {"action": "discard", "reason": "numero_invalido", "dry_run": False, "note": "teste do fornecedor"}
    )
    assert states(airflow) == {"sigla": REPLAYED, "numero": DISCARDED}
    assert sum(ends(airflow).values()) == sum(before.values()) + 1
    actions = airflow.pipeline.services.cassandra.execute_text(f"SELECT * FROM {KEYSPACE}.tb_quarentena_acoes")
    assert {(a["acao"], a["nota"], a["execucao"]) for a in actions} == {
        (REPLAYED, "sigla aceita", f"{DAG}/{replayed}"),
        (DISCARDED, "teste do fornecedor", f"{DAG}/{discarded}"),
    }


def states(airflow: Airflow) -> dict[str, str]:
    """State of each quarantined record by its key."""
    return {(r.key or b"").decode(): r.state for r in airflow.pipeline.quarantined()}


def ends(airflow: Airflow) -> Offsets:
    """Where each partition of the topic ends."""
    broker = airflow.pipeline.services.broker
    return broker.latest(broker.partitions([Destination.ESTADO.topic]))
