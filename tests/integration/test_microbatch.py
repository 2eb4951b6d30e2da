"""A batch from Kafka to Cassandra on the real services."""

from sinesp.domain.contract import Destination
from tests.pipeline import Pipeline, record


def test_each_record_reaches_the_table_of_its_granularidade(pipeline: Pipeline) -> None:
    pipeline.produce(
        [record("m", "municipio", codigo_municipio="3550308"), record("e", "estado"), record("b", "brasil")]
    )
    (report,) = pipeline.run()
    assert (report.counts.read, report.counts.inserted, report.backlog) == (3, 3, 0)
    assert [list(pipeline.rows(d)) for d in Destination] == [["m"], ["e"], ["b"]]


def test_nothing_new_plans_nothing_and_writes_no_batch(pipeline: Pipeline) -> None:
    pipeline.produce([record("e")])
    pipeline.run()
    assert pipeline.plan() is None
    assert pipeline.run() == []
