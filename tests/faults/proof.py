"""The proof at the end of a drill: Cassandra, the ledger and the checkpoint against the model of what was sent."""

from collections.abc import Iterator

from sinesp.domain.contract import Destination
from sinesp.microbatch.model.batch import State
from sinesp.microbatch.model.counts import total_of
from sinesp.microbatch.model.steps import Entry
from tests.faults.checks import entries, gaps, lake_complaints, lake_rows, variables
from tests.faults.feed import Model
from tests.faults.kafka import group_offsets
from tests.faults.outcome import Finding
from tests.pipeline import Pipeline


def compare(pipeline: Pipeline, model: Model) -> Iterator[Finding]:
    """Everything that must be so when nothing is running any more."""
    for destination in Destination:
        yield _table(pipeline, model, destination)
    yield _quarantine(pipeline, model)
    committed = [entry for entry in entries(pipeline) if entry.state is State.COMMITTED]
    yield Finding("ledger: lotes confirmados sem lacuna nem sobreposição", len(committed), gaps(pipeline))
    yield _records_read(committed, model)
    yield _checkpoint(pipeline)
    yield _lake(pipeline, model)
    losses = pipeline.ledger.losses()
    yield Finding("intervalos em tb_perdas", len(losses), [f"tb_perdas: {losses}"] if losses else [])


def _table(pipeline: Pipeline, model: Model, destination: Destination) -> Finding:
    live, expected = pipeline.rows(destination), model.rows[destination]
    wrong = sorted(i for i in live.keys() | expected.keys() if live.get(i) != expected.get(i))
    problems = [f"{destination.table} id={i}: {live.get(i)} em vez de {expected.get(i)}" for i in wrong]
    what = f"{destination.table}: linhas iguais ao modelo, célula a célula"
    return Finding(what, len(expected) - len(wrong), problems)


def _quarantine(pipeline: Pipeline, model: Model) -> Finding:
    held = {(r.topic, r.partition, r.offset): r.value for r in pipeline.quarantined()}
    places = held.keys() | model.poison.keys()
    problems = [f"quarentena: {place} difere" for place in places if held.get(place) != model.poison.get(place)]
    return Finding("tb_quarentena: exatamente o veneno, byte a byte", len(held), problems)


def _records_read(committed: list[Entry], model: Model) -> Finding:
    """Each record once by the batches that move the checkpoint, and each batch's counts add up."""
    read = sum(total_of(entry.counts).read for entry in committed if entry.batch.advances)
    problems = [] if read == model.sent else [f"{read} registros lidos uma vez, {model.sent} enviados"]
    problems += [
        f"{entry.batch.id}: {total_of(entry.counts)}"
        for entry in committed
        if any(counts.read != counts.explained for counts in entry.counts.values())
    ]
    return Finding("registros enviados = lidos por lotes que avançam", read, problems)


def _lake(pipeline: Pipeline, model: Model) -> Finding:
    """Each accepted record once: all that was sent but the poison."""
    rows = lake_rows(pipeline)
    places = {(r["topico"], r["particao"], r["offset"]) for r in rows}
    expected = model.sent - len(model.poison)
    problems = (
        [] if len(places) == len(rows) == expected else [f"{len(rows)} linhas, {len(places)} lugares, {expected}"]
    )
    problems += [f"lake: veneno em {place}" for place in places & model.poison.keys()]
    return Finding("lake: cada registro aceito, uma vez", len(rows), [*problems, *lake_complaints(pipeline)])


def _checkpoint(pipeline: Pipeline) -> Finding:
    checkpoint, mirrored, group = pipeline.offsets, variables(pipeline), group_offsets(pipeline)
    ends = pipeline.services.broker.latest(checkpoint)
    problem = f"checkpoint {checkpoint}, fim {ends}, Variables {mirrored}, grupo {group}"
    what = "checkpoint = Variables = grupo de consumo = fim dos tópicos (partições)"
    return Finding(what, len(checkpoint), [] if checkpoint == ends == mirrored == group else [problem])
