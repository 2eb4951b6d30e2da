"""What the demo shows at its end: rows, checkpoint, and the numbers that prove nothing was lost or doubled."""

from rich.console import Console
from rich.table import Table

from sinesp_stack.demo.backlog import checkpoint, end_offsets
from sinesp_stack.demo.cassandra_figures import TABLES, row_count, victims_in_cassandra
from sinesp_stack.demo.question import PLACE, QUESTION, answer, in_file
from sinesp_stack.demo.run import open_api
from sinesp_stack.demo.source_figures import UF_RESOURCE, VDE_RESOURCE, YearlyVictims, victims_in_files
from sinesp_stack.services.cassandra.session import open_session
from sinesp_stack.settings import REPOSITORY
from sinesp_stack.stack import Stack

_SERIES = {UF_RESOURCE: "planilha por UF", VDE_RESOURCE: "VDE"}


def print_summary(stack: Stack, console: Console) -> None:
    """Print the tables of the summary, and one question with its address."""
    with open_session(stack.site, timeout=60) as session:
        counts = {table: row_count(session, table) for table in TABLES}
        stored = victims_in_cassandra(session)
    console.print(_rows_table(counts))
    console.print(_checkpoint_table(stack))
    console.print(_victims_table(stored, victims_in_files(REPOSITORY / "data")))
    console.print(_question_table(answer(stack.settings.api_url), in_file(REPOSITORY / "data")))
    console.print(f"{stack.settings.api_url}{QUESTION}", soft_wrap=True, highlight=False)


def _rows_table(counts: dict[str, int]) -> Table:
    table = Table("tabela", "linhas", title="Cassandra")
    for name, rows in counts.items():
        table.add_row(name, _number(rows))
    return table


def _checkpoint_table(stack: Stack) -> Table:
    table = Table("tópico", "processados até", "fim no Kafka", title="Checkpoint (Variables do Airflow)")
    with open_api(stack) as api:
        done = checkpoint(api)
    for topic, ends in end_offsets(stack.site).items():
        table.add_row(topic, _number(sum(done.get(topic, {}).values())), _number(sum(ends.values())))
    return table


def _victims_table(stored: YearlyVictims, files: YearlyVictims) -> Table:
    """The two series are never added: they count by different rules."""
    table = Table("série", "ano", "Cassandra", "arquivo oficial", "", title="Vítimas de homicídio doloso, Brasil")
    for resource, label in _SERIES.items():
        years = sorted({*stored.get(resource, {}), *files.get(resource, {})})
        for year in years:
            ours, theirs = stored.get(resource, {}).get(year), files.get(resource, {}).get(year)
            table.add_row(
                label, year, _number(ours), _number(theirs), "[green]igual" if ours == theirs else "[red]diferente"
            )
    return table


def _question_table(ours: int, theirs: int) -> Table:
    table = Table("lugar", "API", "arquivo oficial", "", title="Vítimas de homicídio doloso em 2024, VDE")
    table.add_row(PLACE, _number(ours), _number(theirs), "[green]igual" if ours == theirs else "[red]diferente")
    return table


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}".replace(",", ".")
