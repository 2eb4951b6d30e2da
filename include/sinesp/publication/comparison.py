"""Compare a source, read, with its last published version, and judge whether what changed can be true."""

from dataclasses import dataclass, replace

import polars as pl

from sinesp.publication.adapters.versions import PublishedVersion
from sinesp.publication.model.options import PublishOptions
from sinesp.publication.model.publishing import ValueChange
from sinesp.publication.source_reading import SourceContent, report_reading
from sinesp.publication.transforms.changes import Changes, compare, count_emptied, withhold
from sinesp.publication.transforms.plausibility import Doubt
from sinesp.publication.transforms.records import RECORDS_SCHEMA
from sinesp.publication.transforms.revisions import (
    Revision,
    blanked_blocks,
    largest_changes,
    lost_blocks,
    refusals,
    revise,
)

_VANISHED_MINIMUM = 100
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Comparison:
    """What to send, how it looks, and why it must not be sent (`refusal`, empty when it may)."""

    content: SourceContent
    changes: Changes
    emptied: int
    retained: int
    largest: tuple[ValueChange, ...]
    refusal: str


def compare_source(content: SourceContent, base: PublishedVersion, options: PublishOptions) -> Comparison:
    """Compare with the last version; blocks it had and this source lacks are withheld: neither sent nor deleted."""
    previous = RECORDS_SCHEMA.to_frame() if base.records is None else _aligned(base.records)
    pending = _to_send_again(base, content.records, previous) if options.everything else base.pending
    changes = compare(previous, content.records, content.held, pending)
    revision = revise(previous, content.records, changes)
    largest = largest_changes(revision, _SHOWN)
    refusal = _refusal(content, revision, options, largest)
    judged, settled = _without_doubtful(content, revision, pending, options)
    return Comparison(
        judged,
        settled,
        count_emptied(previous, settled.changed),
        settled.kept.join(content.records, on="id", how="semi").height,
        largest,
        refusal,
    )


def _to_send_again(base: PublishedVersion, *records: pl.DataFrame) -> pl.DataFrame:
    """Everything there is, kept records too: whoever asks for it has lost a topic."""
    return pl.concat([base.pending, *(frame.select("id", "granularidade") for frame in records)])


def _without_doubtful(
    content: SourceContent, revision: Revision, pending: pl.DataFrame, options: PublishOptions
) -> tuple[SourceContent, Changes]:
    """Withhold what lacks a block; national totals are among it, as they would be published too small."""
    doubts = _doubts(content, revision, options)
    more = pl.concat([content.held.clear(), *(d.held for d in doubts)])
    if more.is_empty():
        return content, revision.changes
    records = withhold(content.records, more, whole_country=True)
    held = pl.concat([content.held, more])
    problems = pl.concat([content.problems, *(d.problems for d in doubts)])
    withheld = content.report.withheld + content.records.height - records.height
    report = report_reading(content.report.rows, problems, records.height, withheld)
    judged = replace(content, records=records, held=held, problems=problems, report=report)
    return judged, compare(revision.previous, records, held, pending)


def _doubts(content: SourceContent, revision: Revision, options: PublishOptions) -> list[Doubt]:
    doubts = []
    if not options.accept_vanished:
        doubts.append(lost_blocks(revision, content.key.kind))
    if not options.accept_changes:
        doubts.append(blanked_blocks(revision))
    return doubts


def _refusal(
    content: SourceContent, revision: Revision, options: PublishOptions, largest: tuple[ValueChange, ...]
) -> str:
    reasons = (_unaccepted_vanished(revision, options), _unaccepted_changes(content, revision, options))
    given = [reason for reason in reasons if reason]
    if not given:
        return ""
    table = "\n".join(f"  {change}" for change in largest)
    return (
        f"{content.key}: {' '.join(given)} Nada foi enviado."
        + (f"\nMaiores mudanças (onde, mês, crime, medida: antes → depois):\n{table}" if table else "")
    )  # fmt: skip


def _unaccepted_vanished(revision: Revision, options: PublishOptions) -> str:
    vanished, published = revision.changes.vanished.height, revision.previous.height
    if options.accept_vanished or vanished <= max(_VANISHED_MINIMUM, options.vanished_share * published):
        return ""
    return (
        f"{vanished} dos {published} registros publicados sumiriam com este arquivo. Confira se o arquivo está "
        "completo; se estiver, publique de novo aceitando as exclusões (--accept-vanished, Param accept_vanished)."
    )


def _unaccepted_changes(content: SourceContent, revision: Revision, options: PublishOptions) -> str:
    reasons = (*content.refusals, *refusals(revision))
    if options.accept_changes or not reasons:
        return ""
    return (
        f"{'; '.join(reasons)}. Nenhuma publicação oficial é assim: confira o arquivo; se estiver certo, publique de "
        "novo aceitando as mudanças (--accept-changes, Param accept_changes)."
    )


def _aligned(records: pl.DataFrame) -> pl.DataFrame:
    """A version written by an earlier release may lack a column; then every record counts as changed."""
    return pl.concat([RECORDS_SCHEMA.to_frame(), records], how="diagonal").select(RECORDS_SCHEMA.names())
