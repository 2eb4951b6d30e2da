"""The pipeline through Airflow's scheduler and REST API, as an operator drives it."""

import json
import os
import signal
from datetime import UTC, datetime, timedelta

import pytest

from sinesp.clients.statements import schema_files
from sinesp.domain.contract import KEYSPACE, TOPICS, Destination
from sinesp.microbatch.model.batch import BatchKind, State
from sinesp_stack.errors import StackError
from sinesp_stack.settings import REPOSITORY
from tests.e2e.conftest import LANES, MICROBATCH, Airflow, wait_until

WORK = {"stage_batch", *LANES, "commit_offsets", "drain_backlog"}


def test_a_run_moves_the_variables_and_one_with_nothing_new_only_plans(airflow: Airflow) -> None:
    ids = airflow.produce(3) + airflow.produce(2, "brasil")

    first = airflow.run()
    idle = airflow.run()

    assert set(airflow.pipeline.rows()) | set(airflow.pipeline.rows(Destination.GERAL)) == set(ids)
    assert airflow.offsets() == dict(zip(TOPICS, (0, 3, 2), strict=True))
    assert {t for t, state in airflow.states(first).items() if state == "success"} == {"plan_batch", *WORK} - {
        "drain_backlog"
    }
    assert {t for t, state in airflow.states(idle).items() if state == "skipped"} == WORK
    (entry,) = airflow.pipeline.ledger.recent(5, datetime.now(UTC))
    assert (entry.batch.kind, entry.batch.run, entry.state) == (
        BatchKind.APPEND,
        f"{MICROBATCH}/{first}",
        State.COMMITTED,
    )


def test_the_schema_dag_may_run_again(airflow: Airflow) -> None:
    run_id = airflow.run("sinesp_schema")

    assert airflow.api.xcom("sinesp_schema", run_id, "apply_schema") == {"applied": [], "topics_created": []}


def test_official_files_go_from_the_folder_to_the_tables(airflow: Airflow) -> None:
    source = REPOSITORY / "tests" / "data" / "municipios" / "indicadoressegurancapublicamunic_dez22_so_AC.csv"

    published = airflow.run("sinesp_publish", {"source": str(source), "everything": True})
    airflow.run()

    (report,) = airflow.api.xcom("sinesp_publish", published, "publish_source", map_index=0)
    assert report["sent"] > 0
    assert sum(len(airflow.pipeline.rows(d)) for d in Destination) == report["sent"]


def test_clearing_a_lane_repeats_it_and_what_follows_and_changes_nothing(airflow: Airflow) -> None:
    airflow.produce(3)
    run_id = airflow.run()
    before, rows, version = airflow.tries(run_id), airflow.pipeline.rows(), airflow.pipeline.ledger.checkpoint().version

    cleared = airflow.api.clear(MICROBATCH, run_id, ["insert_estado"])
    assert airflow.api.wait(MICROBATCH, run_id) == "success"

    assert set(cleared) == {"insert_estado", "commit_offsets", "drain_backlog"}
    again = {t for t, tries in airflow.tries(run_id).items() if tries > before[t]}
    assert again == {"insert_estado", "commit_offsets", "drain_backlog"}
    assert airflow.pipeline.rows() == rows
    assert airflow.pipeline.ledger.checkpoint().version == version


def test_a_backfill_writes_the_rows_again_and_moves_no_variable(airflow: Airflow) -> None:
    ids = airflow.produce(3)
    airflow.run()
    airflow.pipeline.services.cassandra.execute_text(f"TRUNCATE {KEYSPACE}.{Destination.ESTADO.table}")
    before = [airflow.api.variable(f"sinesp_offsets_{t}") for t in TOPICS]
    now, minute = datetime.now(UTC), timedelta(minutes=1)
    tick = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)

    # Airflow backfills only ticks that are over; the Params name the interval of the records, which are seconds old.
    interval = {"interval_start": (now - 2 * minute).isoformat(), "interval_end": (now + minute).isoformat()}
    backfill = airflow.api.backfill(MICROBATCH, tick - 10 * minute, tick - 10 * minute, interval)
    airflow.api.wait_backfill(backfill, 120)

    assert set(airflow.pipeline.rows()) == set(ids)
    assert [airflow.api.variable(f"sinesp_offsets_{t}") for t in TOPICS] == before
    kinds = [e.batch.kind for e in airflow.pipeline.ledger.recent(5, datetime.now(UTC))]
    assert kinds == [BatchKind.BACKFILL, BatchKind.APPEND]


def test_a_backlog_drains_by_runs_that_follow_at_once(airflow: Airflow) -> None:
    ids = [airflow.produce(1, vitimas=str(n))[0] for n in range(5)]

    airflow.run(conf={"max_records": 2})
    wait_until(lambda: airflow.offsets()["sinesp_ocorrencias_estado"] == len(ids), 120)

    assert set(airflow.pipeline.rows()) == set(ids)
    followers = [r for r in airflow.api.runs(MICROBATCH)[:5] if r["run_type"] == "operator_triggered"]
    assert followers
    assert {r["conf"]["max_records"] for r in followers} == {2}


def test_a_param_out_of_bounds_is_refused_by_name(airflow: Airflow) -> None:
    with pytest.raises(StackError, match=r"(?s)\b4\d\d\b.*max_records"):
        airflow.api.trigger(MICROBATCH, {"max_records": 0})


@pytest.mark.parametrize(
    ("connection", "kind", "fields", "complaint"),
    [
        ("cassandra_default", "cassandra", {"port": 1}, "Cassandra não responde em 127.0.0.1:1."),
        (
            "kafka_default",
            "kafka",
            {"extra": json.dumps({"bootstrap.servers": "127.0.0.1:1"})},
            "Kafka não responde em 127.0.0.1:1.",
        ),
    ],
    ids=["cassandra", "kafka"],
)
def test_a_service_that_is_away_is_named_with_its_address_and_tried_again(
    airflow: Airflow, connection: str, kind: str, fields: dict[str, object], complaint: str
) -> None:
    airflow.produce(1)
    right = airflow.api.connection(connection)
    assert right is not None

    airflow.api.set_connection(connection, kind, **fields)
    try:
        run_id = airflow.api.trigger(MICROBATCH)
        wait_until(lambda: airflow.states(run_id)["plan_batch"] == "up_for_retry", 60)
    finally:
        airflow.api.set_connection(connection, kind, **{name: right[name] for name in fields})

    log = "\n".join(airflow.api.log(MICROBATCH, run_id, "plan_batch", 1))
    assert "TransientError" in log
    assert complaint in log
    assert airflow.offsets() == {}
    # The second try, with the right address, succeeds without anybody's help.
    assert airflow.api.wait(MICROBATCH, run_id, 120) == "success"
    assert airflow.offsets()["sinesp_ocorrencias_estado"] == 1


def test_a_missing_table_ends_the_run_at_the_plan_and_says_which_dag_to_run(airflow: Airflow) -> None:
    airflow.produce(1)
    airflow.pipeline.services.cassandra.execute_text(f"DROP TABLE {KEYSPACE}.tb_perdas")
    try:
        run_id = airflow.run(expect="failed")
    finally:
        airflow.pipeline.services.cassandra.execute_text(dict(schema_files())["008_tb_perdas.cql"].rstrip().rstrip(";"))

    assert "sinesp_schema" in airflow.log(run_id, "plan_batch")
    assert airflow.tries(run_id)["plan_batch"] == 1
    assert airflow.offsets() == {}


def test_a_task_killed_in_the_middle_of_its_lane_is_tried_again(airflow: Airflow) -> None:
    ids = airflow.produce(4_000)
    run_id = airflow.api.trigger(MICROBATCH)

    def running() -> int | None:
        lane = next(t for t in airflow.api.task_instances(MICROBATCH, run_id) if t["task_id"] == "insert_estado")
        return lane["pid"] if lane["state"] == "running" else None

    wait_until(running, 60)
    os.kill(running() or 0, signal.SIGKILL)

    assert airflow.api.wait(MICROBATCH, run_id, 120) == "success"
    assert airflow.tries(run_id)["insert_estado"] == 2
    assert set(airflow.pipeline.rows()) == set(ids)
    assert airflow.offsets()["sinesp_ocorrencias_estado"] == len(ids)
