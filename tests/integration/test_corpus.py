"""Thousands of hostile values: each stored as sent or quarantined with just the reasons it deserves; none is lost."""

from confluent_kafka import Producer

from sinesp.domain.contract import Destination, columns_of
from tests.integration.corpus import Case, cases
from tests.pipeline import Pipeline

TOPIC = Destination.MUNICIPIO.topic


def test_every_hostile_value_is_stored_as_sent_or_quarantined_with_the_reasons_it_deserves(pipeline: Pipeline) -> None:
    corpus = cases()
    assert len(corpus) >= 2_000
    _send(pipeline, corpus)

    (report,) = pipeline.run(pipeline.connect(quarantine_share=1.0))

    refused = {r.offset: r for r in pipeline.quarantined()}
    assert {n: frozenset(r.reasons) for n, r in refused.items()} == {
        n: c.reasons for n, c in enumerate(corpus) if c.reasons
    }
    assert all((r.key, r.value) == (corpus[n].key, corpus[n].value) for n, r in refused.items())
    assert {d: pipeline.rows(d) for d in Destination} == _expected(corpus)
    counts = report.counts
    assert (counts.read, counts.quarantined) == (len(corpus), len(refused))
    assert counts.deleted == sum(c.value is None and not c.reasons for c in corpus)


def _send(pipeline: Pipeline, corpus: list[Case]) -> None:
    """In one partition, so that a message's offset is its place in the corpus.

    Compressed: the broker's limit is on what arrives.
    """
    producer = Producer(
        {
            "bootstrap.servers": pipeline.settings.kafka_broker,
            "message.max.bytes": 10_000_000,
            "compression.type": "lz4",
            "linger.ms": 5,
        }
    )
    for case in corpus:
        producer.produce(TOPIC, case.value, case.key, partition=0)
    assert producer.flush(60) == 0


def _expected(corpus: list[Case]) -> dict[Destination, dict[str, dict[str, str]]]:
    tables: dict[Destination, dict[str, dict[str, str]]] = {d: {} for d in Destination}
    for fields in (c.fields for c in corpus if c.fields is not None):
        level = fields.get("granularidade")
        destination = Destination(level) if level in ("municipio", "estado") else Destination.GERAL
        tables[destination][fields["id"]] = {name: fields.get(name) or "" for name in columns_of(destination)}
    return tables
