"""The proof at the end of a drill: Cassandra, the ledger and the checkpoint against the model of what was sent."""

from collections.abc import Iterator

from sinesp.domain.contract import FIELD_NAMES, Destination
from sinesp.lake.check import check
from sinesp.microbatch.model.batch import State
from sinesp.microbatch.model.counts import total_of
from sinesp.microbatch.model.steps import Entry
from sinesp.views.refresh import run_refresh
from sinesp.views.verify import verify_views
from tests.faults.checks import entries, gaps, lake_complaints, lake_rows, variables, views_said
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
    yield _views(pipeline)
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
    """Every accepted record once and as it was sent; nothing else."""
    rows = lake_rows(pipeline)
    held = {(r["topico"], r["particao"], r["offset"]): {name: r[name] for name in FIELD_NAMES} for r in rows}
    places = held.keys() | model.accepted.keys()
    wrong = sorted(place for place in places if held.get(place) != model.accepted.get(place))
    problems = [f"lake: {place}: {held.get(place)} em vez de {model.accepted.get(place)}" for place in wrong]
    problems += [] if len(rows) == len(held) else [f"lake: {len(rows)} linhas em {len(held)} lugares"]
    what = "lake: cada registro aceito, uma vez, campo a campo"
    return Finding(
        what, len(rows), [*problems, *lake_complaints(pipeline), *check(pipeline.services.lake, entries(pipeline))]
    )


def _views(pipeline: Pipeline) -> Finding:
    """The views against the lake and the three tables by another way, and against views that began from nothing."""
    ports = pipeline.services.views_ports
    outcome = verify_views(ports.lake, ports.lake.url, pipeline.services.cassandra)
    grown = views_said(pipeline)
    run_refresh(ports, everything=True)
    anew = views_said(pipeline)
    differing = [f"{table}: não é o que a reconstrução diz" for table in grown if grown[table] != anew[table]]
    what = "visões: iguais ao lake, às três tabelas e a uma reconstrução do nada"
    return Finding(what, outcome.compared, [*outcome.differences, *differing])


def _checkpoint(pipeline: Pipeline) -> Finding:
    checkpoint, mirrored, group = pipeline.offsets, variables(pipeline), group_offsets(pipeline)
    ends = pipeline.services.broker.latest(checkpoint)
    problem = f"checkpoint {checkpoint}, fim {ends}, Variables {mirrored}, grupo {group}"
    what = "checkpoint = Variables = grupo de consumo = fim dos tópicos (partições)"
    return Finding(what, len(checkpoint), [] if checkpoint == ends == mirrored == group else [problem])
