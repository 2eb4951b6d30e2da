"""Compare a source, read, with its last published version, and judge whether what changed can be true."""

from dataclasses import dataclass, replace

import polars as pl

from sinesp.adapters.versions import PublishedVersion
from sinesp.domain.publishing import ValueChange
from sinesp.pipeline.source_reading import SourceContent, report_reading
from sinesp.transforms.changes import Changes, compare, count_emptied, withhold
from sinesp.transforms.plausibility import Doubt
from sinesp.transforms.records import RECORDS_SCHEMA
from sinesp.transforms.revisions import (
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
class PublishOptions:
    """What an operator may ask for.

    `everything` sends all records again, changed or not (a topic was lost). `vanished_share` is the part of the last
    version that may disappear before the file is taken for a broken one (official releases dropped less than one in
    fifty). After someone looked, `accept_vanished` lets records disappear, `accept_changes` lets implausible values
    pass and `accept_older` lets a release replace a newer one.
    """

    everything: bool = False
    accept_vanished: bool = False
    accept_changes: bool = False
    accept_older: bool = False
    vanished_share: float = 0.1


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
    again = content.records.select("id", "granularidade") if options.everything else base.pending.clear()
    pending = pl.concat([base.pending, again])
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
    found = [reason for reason in reasons if reason]
    if not found:
        return ""
    table = "\n".join(f"  {change}" for change in largest)
    return (
        f"{content.key}: {' '.join(found)} Nada foi enviado."
        + (f"\nMaiores mudanças (onde, mês, crime, medida: antes → depois):\n{table}" if table else "")
    )  # fmt: skip


def _unaccepted_vanished(revision: Revision, options: PublishOptions) -> str:
    vanished, published = revision.changes.vanished.height, revision.previous.height
    if options.accept_vanished or vanished <= max(_VANISHED_MINIMUM, options.vanished_share * published):
        return ""
    return (
        f"{vanished} dos {published} registros publicados sumiriam com este arquivo. Confira se ele está completo; "
        "se estiver, publique de novo aceitando as exclusões (--accept-vanished, Param accept_vanished)."
    )


def _unaccepted_changes(content: SourceContent, revision: Revision, options: PublishOptions) -> str:
    reasons = (*content.refusals, *refusals(revision))
    if options.accept_changes or not reasons:
        return ""
    return (
        f"{'; '.join(reasons)}. Nenhuma publicação oficial é assim: confira o arquivo; se estiver certo, "
        "publique de novo aceitando as mudanças (--accept-changes, Param accept_changes)."
    )


def _aligned(records: pl.DataFrame) -> pl.DataFrame:
    """A version of an earlier release of this library may lack a column; then every record counts as changed."""
    return pl.concat([RECORDS_SCHEMA.to_frame(), records], how="diagonal").select(RECORDS_SCHEMA.names())
