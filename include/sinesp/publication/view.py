"""What a publication, or a check of one, says to people: plain lines for a terminal and for a task's log."""

from collections.abc import Iterator

from sinesp.publication.model.publishing import PROBLEM_TEXT, PublishReport


def publication_lines(report: PublishReport) -> Iterator[str]:
    """What was read, what was sent, and what was not understood."""
    sent = f"{report.new} novos, {report.changed} alterados, {report.vanished} excluídos, {report.repaired} reenviados"
    yield f"{report.source} ({' + '.join(report.files)}): versão {report.version}, {report.seconds:.1f} s"
    yield _reading_line(report)
    retained = f", {report.retained} publicados antes e retidos" if report.retained else ""
    yield (
        f"{report.sent} enviados ({sent}); {report.unchanged} iguais, {report.kept} mantidos sem confirmação{retained}."
    )
    yield from _problem_lines(report)
    if report.problems_url:
        yield f"Lista completa: {report.problems_url}"


def check_lines(report: PublishReport) -> Iterator[str]:
    """What would be sent, by kind, the largest changes, every problem, and whether the publication would stop."""
    name = f"{report.source} ({' + '.join(report.files)})"
    yield f"{name}: só conferência, nada enviado; publicada a versão {report.version}"
    yield _reading_line(report)
    yield f"Seriam enviados {report.sent}:"
    for count, kind in (
        (report.new, "novos"),
        (report.changed - report.emptied, "alterados"),
        (report.emptied, "para vazio (perdem um número)"),
        (report.vanished, "excluídos"),
        (report.repaired, "reenviados"),
    ):
        yield f"  {count:>9} {kind}"
    yield "Não seriam enviados:"
    yield f"  {report.retained:>9} retidos (publicados antes, agora implausíveis)"
    yield f"  {report.kept:>9} mantidos sem confirmação"
    yield f"  {report.unchanged:>9} iguais"
    if report.largest:
        yield "Maiores mudanças (onde, mês, crime, medida: antes → depois):"
        yield from (f"  {change}" for change in report.largest)
    yield from _problem_lines(report)
    yield f"A publicação pararia. {report.refusal}" if report.refusal else "A publicação passaria."


def _reading_line(report: PublishReport) -> str:
    read = report.read
    return f"{read.rows} linhas lidas, {read.records} registros, {read.withheld} retidos."


def _problem_lines(report: PublishReport) -> Iterator[str]:
    for problem, count in report.read.problems.items():
        yield f"{count} × {PROBLEM_TEXT[problem]}"
        for example in [e for e in report.read.examples if e.reason is problem][:1]:
            yield f"    por exemplo {example.place}: {example.value}"
