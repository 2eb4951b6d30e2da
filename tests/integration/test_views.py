"""The views on the real services: a function of the lake, whatever dies, races or is lost in between."""

import signal
from pathlib import Path
from typing import Any

import pytest

from sinesp.domain.contract import KEYSPACE
from sinesp.domain.errors import StaleBatchError
from sinesp.domain.view_tables import REMADE
from sinesp.views.load_population import load_population
from sinesp.views.refresh import plan_refresh, publish_version, refresh, run_refresh
from sinesp.views.verify import verify_views
from tests.faults.checks import VIEWS, views_said
from tests.faults.points import Fault
from tests.faults.variables import share
from tests.faults.worker import Job, plain
from tests.pipeline import Pipeline, record
from tests.views.records import VDE

SAO_PAULO = "3550308"


def versions(pipeline: Pipeline) -> list[int]:
    rows = pipeline.services.cassandra.execute_text(f"SELECT versao FROM {KEYSPACE}.tb_versoes")
    return [row["versao"] for row in rows]


def remade(pipeline: Pipeline) -> dict[int, int]:
    rows = pipeline.services.cassandra.execute_text(f"SELECT versao, contagens FROM {KEYSPACE}.tb_versoes")
    return {row["versao"]: row["contagens"][REMADE] for row in rows}


def place(pipeline: Pipeline, code: str, crime: str = "homicidio_doloso") -> dict[str, Any]:
    rows = pipeline.services.cassandra.execute_text(
        f"SELECT * FROM {KEYSPACE}.tb_por_lugar WHERE fonte = 'sinesp-vde' AND nivel = 'municipio' "
        f"AND codigo = '{code}' AND tipo_crime = '{crime}'"
    )
    return rows[0] if rows else {}


def months(number: str | None, *which: int, key: str = SAO_PAULO, **place: str) -> list[dict[str, str | None]]:
    """Records of one municipality; ids say place and month."""
    return [
        record(
            f"{key}-{m}", "municipio", resource_id=VDE, codigo_municipio=key, vitimas=number, mes=f"{m:02d}",
            mes_ano=f"{m:02d}/2024", **place,
        )
        for m in which
    ]  # fmt: skip


def verified(pipeline: Pipeline) -> int:
    """The proof, by another way; how much was compared."""
    lake = pipeline.services.lake.table
    outcome = verify_views(lake, lake.url, pipeline.services.cassandra)
    assert outcome.differences == []
    return outcome.compared


def test_a_row_is_a_year_and_zero_blank_and_absent_are_three_things(pipeline: Pipeline) -> None:
    pipeline.produce([*months("7", 1), *months("0", 2), *months(None, 3)])
    pipeline.run()
    assert run_refresh(pipeline.services.views_ports) == 1
    row = place(pipeline, SAO_PAULO)
    assert (dict(row["vitimas"]), set(row["em_branco"]), row["ano"], row["uf"]) == ({1: 7, 2: 0}, {3}, 2024, "SP")
    assert verified(pipeline) == 9
    assert run_refresh(pipeline.services.views_ports) is None


def test_what_is_changed_deleted_or_said_again_is_what_the_rows_say(pipeline: Pipeline) -> None:
    ports = pipeline.services.views_ports
    pipeline.produce(months("7", 1, 2))
    pipeline.run()
    run_refresh(ports)
    pipeline.produce([*months("8", 1), *months("1", 1, key="3304557", uf="RJ", uf_nome="Rio de Janeiro")])
    pipeline.delete([f"{SAO_PAULO}-2"])
    pipeline.run()
    assert run_refresh(ports) == 2
    assert dict(place(pipeline, SAO_PAULO)["vitimas"]) == {1: 8}
    pipeline.delete([f"{SAO_PAULO}-1"])
    pipeline.run()
    assert run_refresh(ports) == 3
    assert place(pipeline, SAO_PAULO) == {}
    pipeline.produce(months("1", 1, key="3304557", uf="RJ", uf_nome="Rio de Janeiro"))
    pipeline.run()
    assert run_refresh(ports) is None
    assert sorted(versions(pipeline)) == [1, 2, 3]
    after = views_said(pipeline)
    verified(pipeline)
    run_refresh(ports, everything=True)
    assert views_said(pipeline) == after
    assert remade(pipeline) == {1: 0, 2: 0, 3: 0, 4: 1}


POINTS = [
    Fault("views_slices", "before"),
    Fault("views_slices", "after"),
    Fault("views_index", "after"),
    Fault("views_move", "before"),
    Fault("views_move", "after"),
    Fault("views_announce", "before", nth=2),
]


@pytest.mark.parametrize("fault", POINTS, ids=str)
def test_the_next_refresh_finishes_what_a_killed_one_began(pipeline: Pipeline, tmp_path: Path, fault: Fault) -> None:
    share(pipeline, tmp_path / "variables")
    pipeline.produce(months("7", 1, 2))
    pipeline.run()
    settings = plain(pipeline.settings)
    job = Job(settings, str(tmp_path / "variables"), "first", {}, fault, work="views").start(tmp_path / "log")
    assert job.wait(90) == -signal.SIGKILL, (tmp_path / "log").read_text()
    early = versions(pipeline)
    assert early == []
    run_refresh(pipeline.services.views_ports)
    assert versions(pipeline) == [1]
    assert dict(place(pipeline, SAO_PAULO)["vitimas"]) == {1: 7, 2: 7}
    verified(pipeline)


def test_of_two_refreshes_one_announces_and_the_rows_are_right(pipeline: Pipeline) -> None:
    ports = pipeline.services.views_ports
    pipeline.produce(months("7", 1))
    pipeline.run()
    one, other = plan_refresh(ports), plan_refresh(ports)
    assert one is not None
    assert other is not None
    reports = refresh(ports, one), refresh(ports, other)
    assert publish_version(ports, one, reports[0]) == 1
    with pytest.raises(StaleBatchError, match="nada foi anunciado"):
        publish_version(ports, other, reports[1])
    assert versions(pipeline) == [1]
    verified(pipeline)


def test_a_slow_refresh_of_an_older_lake_undoes_nothing(pipeline: Pipeline) -> None:
    ports = pipeline.services.views_ports
    pipeline.produce(months("7", 1))
    pipeline.run()
    slow = plan_refresh(ports)
    assert slow is not None
    pipeline.produce(months("5", 1))
    pipeline.run()
    run_refresh(ports)
    refresh(ports, slow)
    assert dict(place(pipeline, SAO_PAULO)["vitimas"]) == {1: 5}
    verified(pipeline)


def test_lost_views_come_back_from_the_lake(pipeline: Pipeline) -> None:
    ports = pipeline.services.views_ports
    pipeline.produce([*months("7", 1), record("e", resource_id=VDE), record("x", resource_id="outra")])
    pipeline.run()
    pipeline.produce(months("8", 1))
    pipeline.run()
    run_refresh(ports)
    before = views_said(pipeline)
    assert all(before[t] for t in VIEWS)
    for table in VIEWS:
        pipeline.services.cassandra.execute_text(f"TRUNCATE {KEYSPACE}.{table}")
    run_refresh(ports, everything=True)
    assert views_said(pipeline) == before


def test_population_is_carried_forward_and_says_so(pipeline: Pipeline) -> None:
    ports = pipeline.services.views_ports
    load_population(ports.cassandra, ports.limits)
    rows = pipeline.services.cassandra.execute_text(
        f"SELECT ano, habitantes, tipo, ano_base FROM {KEYSPACE}.tb_populacao WHERE nivel = 'municipio' "
        f"AND codigo = '{SAO_PAULO}' AND ano IN (2018, 2020, 2024)"
    )
    assert {r["ano"]: (r["habitantes"], r["tipo"], r["ano_base"]) for r in rows} == {
        2020: (12325232, "estimativa", 2020),
        2024: (12325232, "repetida", 2020),
    }
