"""Where the statement texts live: `include/sql`, one CQL statement per file, identifiers only from the contract."""

from functools import cache
from pathlib import Path
from string import Template

_BESIDE_THE_LIBRARY = Path(__file__).parents[2] / "sql"
_INSIDE_THE_WHEEL = Path(__file__).parents[1] / "sql"
SQL_FOLDER = _BESIDE_THE_LIBRARY if _BESIDE_THE_LIBRARY.is_dir() else _INSIDE_THE_WHEEL


@cache
def query(name: str) -> str:
    """Text of `include/sql/queries/<name>.cql`."""
    return (SQL_FOLDER / "queries" / f"{name}.cql").read_text(encoding="utf-8").strip()


@cache
def lake_query(name: str, **parts: str) -> str:
    """Text of `include/sql/lake/<name>.sql`, which DuckDB runs over the lake's files; `parts` are texts of ours."""
    return (SQL_FOLDER / "lake" / f"{name}.sql").read_text(encoding="utf-8").strip().format(**parts)


def access_statement(file: str, **parts: str) -> str:
    """Text of `include/sql/access/<file>.cql` with its parts: nothing in such a statement can be bound.

    A quotation mark in a part is doubled, so that it ends no string and no name.
    """
    text = (SQL_FOLDER / "access" / f"{file}.cql").read_text(encoding="utf-8").strip()
    return Template(text).substitute({n: p.replace("'", "''").replace('"', '""') for n, p in parts.items()})


def schema_files() -> list[tuple[str, str]]:
    """(file name, text) of every schema step, in the order they are applied."""
    return [(p.name, p.read_text(encoding="utf-8")) for p in sorted((SQL_FOLDER / "schema").glob("*.cql"))]


def statements_in(text: str) -> list[str]:
    """The statements of a schema file, without its comments (which may hold semicolons)."""
    bare = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))
    return [statement for part in bare.split(";") if (statement := part.strip())]
