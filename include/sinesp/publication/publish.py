"""Publish a source: read, sum, compare with the last published version, send what changed, remember it last."""

import logging
import time
from dataclasses import replace
from datetime import datetime

import polars as pl

from sinesp.domain.errors import DataError
from sinesp.publication.adapters.release_order import released_at
from sinesp.publication.adapters.source_files import FoundSource
from sinesp.publication.adapters.versions import PublishedVersion, VersionStore
from sinesp.publication.comparison import Comparison, compare_source
from sinesp.publication.model.options import Progress, PublishOptions
from sinesp.publication.model.publishing import PublishReport
from sinesp.publication.sending import Producer, Sending, send
from sinesp.publication.source_reading import SourceContent, log_reading, read_source

__all__ = ["Producer", "Progress", "PublishOptions", "SourceContent", "check", "publish", "read_source"]

log = logging.getLogger(__name__)


def publish(
    source: FoundSource,
    producer: Producer,
    versions: VersionStore,
    *,
    now: datetime,
    options: PublishOptions | None = None,
) -> PublishReport:
    """Send what changed in a source since it was last published.

    The version is remembered only after every delivery report succeeded. A run that dies in between is repaired by the
    next one, whatever file that one reads: what was about to be sent is written down first and sent again.

    Args:
        now: instant of publication (aware); becomes `data_extracao` in UTC.

    Raises:
        SourceError: the file is not what it should be; nothing was sent.
        DataError: too much would vanish or change, or the file is older than the published one; nothing was sent.
        TransientError: Kafka did not confirm; nothing is remembered, run again.
        StaleBatchError: another run published the same source meanwhile.
    """
    started = time.monotonic()
    options = options or PublishOptions()
    base, comparison = _compared(source, versions, options)
    content = comparison.content
    problems_url = versions.save_problems(content.key, content.problems, now) if content.report.problems else ""
    log_reading(content, problems_url)
    if comparison.refusal:
        raise DataError(comparison.refusal)
    version = send(Sending(source, content.key, comparison.changes, base, now), producer, versions, options.progress)
    report = _report(source, comparison, version, problems_url, time.monotonic() - started)
    log.info(
        "Log - Publicação de %s concluída: %d novos, %d alterados, %d excluídos, %d reenviados, %d iguais, em %.1f s",
        report.source, report.new, report.changed, report.vanished, report.repaired, report.unchanged, report.seconds,
    )  # fmt: skip
    return report


def check(source: FoundSource, versions: VersionStore, options: PublishOptions | None = None) -> PublishReport:
    """What `publish` would do, without sending or writing anything; `refusal` says why it would stop, if it would.

    Raises:
        SourceError: the file is not what it should be.
    """
    started = time.monotonic()
    base, comparison = _compared(source, versions, options or PublishOptions())
    log_reading(comparison.content, "")
    return _report(source, comparison, base.number, "", time.monotonic() - started)


def _compared(
    source: FoundSource, versions: VersionStore, options: PublishOptions
) -> tuple[PublishedVersion, Comparison]:
    content = read_source(source, accept_implausible=options.accept_changes)
    base = versions.load(content.key)
    comparison = compare_source(content, base, options)
    older = "" if options.accept_older else _older(source, base) or _extracted_before(base, options.extracted_at)
    refusal = "\n".join(reason for reason in (older, comparison.refusal) if reason)
    return base, replace(comparison, refusal=refusal)


def _older(source: FoundSource, base: PublishedVersion) -> str:
    """Why a release must not replace the published one: it is older, and its values would come back unnoticed."""
    mine, last = released_at(source), str(base.notes.get("salvo_em") or "")
    if not mine or not last or mine >= last:
        return ""
    return (
        f"{source} é mais antigo ({mine}) que o publicado ({last}): valores antigos voltariam. Nada foi enviado. "
        "Se for de propósito, publique de novo aceitando-o (--accept-older, Param accept_older)."
    )


def _extracted_before(base: PublishedVersion, extracted_at: datetime | None) -> str:
    """Why files said to be extracted before those that stand must not replace them: most say nothing of their age."""
    last = str(base.notes.get("publicado_em") or "")
    if extracted_at is None or not last or extracted_at >= datetime.fromisoformat(last):
        return ""
    return (
        f"A data de extração informada ({extracted_at:%Y-%m-%d %H:%M}) é anterior à do publicado ({last}): valores "
        "antigos voltariam. Nada foi enviado. Publique da mais antiga para a mais nova; se for de propósito, "
        "aceite-a (--accept-older, Param accept_older)."
    )


def _report(
    source: FoundSource, comparison: Comparison, version: int, problems_url: str, seconds: float
) -> PublishReport:
    content, changes = comparison.content, comparison.changes
    sent = pl.concat([changes.values, changes.vanished])["granularidade"].value_counts().sort("granularidade")
    return PublishReport(
        source=content.key,
        files=tuple(str(f) for f in source.files),
        read=content.report,
        new=changes.new.height,
        changed=changes.changed.height,
        vanished=changes.vanished.height,
        unchanged=content.records.join(changes.values, on="id", how="anti").height,
        repaired=changes.repaired.height,
        kept=changes.kept.height - comparison.retained,
        sent_by_level={str(level): int(n) for level, n in sent.iter_rows()},
        version=version,
        problems_url=problems_url,
        seconds=seconds,
        emptied=comparison.emptied,
        retained=comparison.retained,
        largest=comparison.largest,
        refusal=comparison.refusal,
    )
