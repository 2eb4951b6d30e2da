"""Publish a source: read, sum, compare with the last published version, send what changed, remember the version last."""

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import polars as pl

from sinesp.domain.contract import TOPICS, route
from sinesp.domain.errors import DataError, SourceError, StaleBatchError
from sinesp.publication.adapters.readers.tables import read_tables
from sinesp.publication.adapters.source_files import FoundSource
from sinesp.publication.adapters.versions import PublishedVersion, VersionStore
from sinesp.publication.model.publishing import Problem, ProblemExample, PublishReport, ReadReport
from sinesp.publication.model.sources import Kind, SourceKey
from sinesp.publication.transforms import levels
from sinesp.publication.transforms.cells import Reading, Tables, notes_of_readers
from sinesp.publication.transforms.changes import Changes, compare, withhold
from sinesp.publication.transforms.municipal_workbook import read_municipal
from sinesp.publication.transforms.records import RECORDS_SCHEMA, make_records, to_json
from sinesp.publication.transforms.uf_workbook import read_uf
from sinesp.publication.transforms.vde import find_year, read_vde

log = logging.getLogger(__name__)

_SLICE_ROWS = 20_000
_EXAMPLES = 5
_VANISHED_MINIMUM = 100

_READERS: Mapping[Kind, Callable[[Tables], Reading]] = {
    Kind.UF: read_uf,
    Kind.MUNICIPAL: read_municipal,
    Kind.VDE: read_vde,
}

Progress = Callable[[int, int], None]
"""Called with (records acknowledged, records to send)."""


class Producer(Protocol):
    """Where records go (`publication.adapters.producer.RecordProducer`)."""

    def create_topics(self, names: tuple[str, ...], /) -> list[str]: ...  # noqa: D102
    def send(  # noqa: D102
        self, topic: str, keys: list[str], values: list[str | None], on_progress: Callable[[int], None], /
    ) -> None: ...
    def flush(self, on_progress: Callable[[int], None], /) -> int: ...  # noqa: D102


_Messages = tuple[str, list[str], list[str | None]]


@dataclass(frozen=True, slots=True)
class PublishOptions:
    """What an operator may ask for.

    `everything` sends all records again, changed or not (a topic was lost). `vanished_share` is the part of the last version
    that may disappear before the file is taken for a broken one (official releases dropped less than one in a hundred);
    `accept_vanished` lets it pass after someone looked.
    """

    everything: bool = False
    accept_vanished: bool = False
    vanished_share: float = 0.1


@dataclass(frozen=True, slots=True)
class SourceContent:
    """A source, read and made into records; nothing has been sent."""

    key: SourceKey
    records: pl.DataFrame
    problems: pl.DataFrame
    held: pl.DataFrame
    report: ReadReport


def publish(
    source: FoundSource,
    producer: Producer,
    versions: VersionStore,
    *,
    now: datetime,
    progress: Progress | None = None,
    options: PublishOptions | None = None,
) -> PublishReport:
    """Send what changed in a source since it was last published.

    The version is remembered only after every delivery report succeeded. A run that dies in between is repaired by the next one,
    whatever file that one reads: what was about to be sent is written down first and sent again.

    Args:
        now: instant of publication (aware); becomes `data_extracao` in UTC.

    Raises:
        SourceError: the file is not what it should be; nothing was sent.
        DataError: too much of the last version would vanish; nothing was sent.
        TransientError: Kafka did not confirm; nothing is remembered, run again.
        StaleBatchError: another run published the same source meanwhile.
    """
    started = time.monotonic()
    options = options or PublishOptions()
    content = read_source(source)
    base = versions.load(content.key)
    _warn_if_older(source, base)
    changes = _changes(content, base, options)
    problems_url = versions.save_problems(content.key, content.problems, now) if content.report.problems else ""
    _log_reading(content, problems_url)
    version = _send(source, content.key, changes, base, producer, versions, now=now, progress=progress)
    report = _report(source, content, changes, version, problems_url, time.monotonic() - started)
    log.info(
        "Log - Publicação de %s concluída: %d novos, %d alterados, %d excluídos, %d reenviados, %d iguais, em %.1f s",
        report.source, report.new, report.changed, report.vanished, report.repaired, report.unchanged, report.seconds,
    )  # fmt: skip
    return report


def read_source(source: FoundSource) -> SourceContent:
    """Read a source and make its records, summed to every level, without what must be withheld.

    Raises:
        SourceError: the file is not what it should be, or nothing in it could be read.
    """
    log.info("Log - Lendo %s", source)
    tables: dict[str, pl.DataFrame] = {}
    notes: list[ProblemExample] = []
    for file in source.files:
        content = read_tables(file)
        notes.extend(content.notes)
        for sheet, table in content.tables.items():
            tables[sheet if sheet not in tables else f"{file}:{sheet}"] = table
    key = SourceKey(source.kind, find_year(tables) if source.kind is Kind.VDE else None)
    reading = levels.settle_repeated(_READERS[source.kind](tables)).with_problems(notes_of_readers(notes))
    del tables, content, table
    whole_country = not levels.absent_states(reading)
    reading = levels.hold_absent(reading, str(source))
    made = make_records(levels.sum_levels(reading.cells), source.kind)
    records = withhold(made, reading.held, whole_country=whole_country)
    if records.is_empty():
        raise SourceError(f"{source}: nenhum registro pôde ser lido. {_summary(reading)}")
    report = _read_report(reading, records.height, made.height - records.height)
    return SourceContent(key, records, reading.problems, reading.held, report)


def _changes(content: SourceContent, base: PublishedVersion, options: PublishOptions) -> Changes:
    previous = RECORDS_SCHEMA.to_frame() if base.records is None else _aligned(base.records)
    pending = content.records.select("id", "granularidade") if options.everything else base.pending.clear()
    changes = compare(previous, content.records, content.held, pl.concat([base.pending, pending]))
    limit = max(_VANISHED_MINIMUM, options.vanished_share * previous.height)
    if changes.vanished.height > limit and not options.accept_vanished:
        msg = (
            f"{content.key}: {changes.vanished.height} dos {previous.height} registros publicados sumiriam com este arquivo. "
            "Nada foi enviado. Confira se o arquivo está completo; se estiver, publique de novo aceitando as exclusões."
        )
        raise DataError(msg)
    return changes


def _aligned(records: pl.DataFrame) -> pl.DataFrame:
    """A version written by an earlier release of this library may lack a column; then every record counts as changed."""
    return pl.concat([RECORDS_SCHEMA.to_frame(), records], how="diagonal").select(RECORDS_SCHEMA.names())


def _send(
    source: FoundSource,
    key: SourceKey,
    changes: Changes,
    base: PublishedVersion,
    producer: Producer,
    versions: VersionStore,
    *,
    now: datetime,
    progress: Progress | None,
) -> int:
    values = changes.values
    total = values.height + changes.vanished.height
    if not total:
        log.info("Log - Nada mudou em %s desde a versão %d", key, base.number)
        return base.number
    producer.create_topics(TOPICS)
    sending = pl.concat([values, changes.vanished])
    begun = versions.begin(key, sending)

    def tell(acknowledged: int) -> None:
        if progress is not None:
            progress(acknowledged, total)

    for topic, keys, texts in _messages(values, changes.vanished, _instant(now)):
        producer.send(topic, keys, texts, tell)
    acknowledged = producer.flush(tell)
    log.info("Log - %d registros de %s confirmados pelo Kafka", acknowledged, key)
    notes = {
        "publicado_em": _instant(now),
        "registros": changes.version.height,
        "salvo_em": source.saved_at,
        "arquivos": _digests(source),
    }
    try:
        return versions.commit(key, base, changes.version, begun, notes)
    except StaleBatchError:
        # The other run may have taken our note for a dead run's, and our values came after its own: the next run sends these again.
        versions.begin(key, sending)
        raise


def _messages(values: pl.DataFrame, vanished: pl.DataFrame, extracted_at: str) -> Iterator[_Messages]:
    """Slices of one topic each: keys and values, deletions first so that a renamed place is never counted twice downstream."""
    for topic, part in _by_topic(vanished):
        yield topic, part["id"].to_list(), [None] * part.height
    for topic, part in _by_topic(values):
        for piece in part.iter_slices(_SLICE_ROWS):
            yield topic, piece["id"].to_list(), to_json(piece, extracted_at).to_list()


def _by_topic(records: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    for (level,), part in records.group_by("granularidade"):
        yield route(str(level)).topic, part


def _instant(now: datetime) -> str:
    return now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _digests(source: FoundSource) -> dict[str, str]:
    digests = {}
    for file in source.files:
        with file.path.open("rb") as stream:
            digests[str(file)] = hashlib.file_digest(stream, "sha256").hexdigest()
    return digests


def _warn_if_older(source: FoundSource, base: PublishedVersion) -> None:
    last = str(base.notes.get("salvo_em") or "")
    if source.saved_at and last and source.saved_at < last:
        log.warning(
            "Log - %s é mais antigo (%s) que o publicado (%s): valores antigos voltarão", source, source.saved_at, last
        )


def _read_report(reading: Reading, records: int, withheld: int) -> ReadReport:
    counts = reading.problems.group_by("motivo").len().sort("len", descending=True)
    problems = {Problem(reason): int(n) for reason, n in counts.iter_rows()}
    first = reading.problems.group_by("motivo", maintain_order=True).head(_EXAMPLES)
    rows = first.select("planilha", "linha", "motivo", "valor").iter_rows()
    examples = tuple(ProblemExample(sheet, row, Problem(reason), value or "") for sheet, row, reason, value in rows)
    return ReadReport(reading.rows, records, withheld, problems, examples)


def _summary(reading: Reading) -> str:
    report = _read_report(reading, 0, 0)
    return f"{reading.rows} linhas lidas. " + "; ".join(str(e) for e in report.examples[:3])


def _log_reading(content: SourceContent, problems_url: str) -> None:
    report = content.report
    log.info(
        "Log - %s: %d linhas lidas, %d registros, %d retidos", content.key, report.rows, report.records, report.withheld
    )
    for reason, count in report.problems.items():
        example = next(e for e in report.examples if e.reason is reason)
        log.warning("Log - %s: %d × %s. Exemplo: %s", content.key, count, reason, example)
    if problems_url:
        log.info("Log - Lista completa, por planilha e linha: %s", problems_url)


def _report(
    source: FoundSource, content: SourceContent, changes: Changes, version: int, problems_url: str, seconds: float
) -> PublishReport:
    sent = pl.concat([changes.values, changes.vanished])["granularidade"].value_counts().sort("granularidade")
    again = changes.new.height + changes.changed.height + changes.repaired.height
    return PublishReport(
        source=content.key,
        files=tuple(str(f) for f in source.files),
        read=content.report,
        new=changes.new.height,
        changed=changes.changed.height,
        vanished=changes.vanished.height,
        unchanged=content.records.height - again,
        repaired=changes.repaired.height,
        kept=changes.kept.height,
        sent_by_level={str(level): int(n) for level, n in sent.iter_rows()},
        version=version,
        problems_url=problems_url,
        seconds=seconds,
    )
