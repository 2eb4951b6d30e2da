"""Figures from Cassandra for the demo's summary."""

from collections import Counter, defaultdict
from itertools import pairwise
from typing import Final

from cassandra.cluster import Session
from cassandra.concurrent import execute_concurrent_with_args

from sinesp.domain.contract import KEYSPACE, Destination
from sinesp_stack.demo.source_figures import YearlyVictims

TABLES: Final = tuple(d.table for d in Destination)
# Enough ranges that each count of a large table answers far below the server's ten seconds.
_RANGES: Final = 64
_TOKENS: Final = 2**64


def row_count(session: Session, table: str) -> int:
    """Rows of a table, counted by token range: one COUNT(*) over a large table times out."""
    bounds = [-(2**63) + _TOKENS * i // _RANGES for i in range(_RANGES + 1)]
    # The ring's smallest token never belongs to a row, so half-open ranges cover everything.
    ranges = [(low, min(high, 2**63 - 1)) for low, high in pairwise(bounds)]
    count = session.prepare(f"SELECT COUNT(*) FROM {KEYSPACE}.{table} WHERE token(id) > ? AND token(id) <= ?")
    results = execute_concurrent_with_args(session, count, ranges, concurrency=4)
    return sum(rows.one()[0] for _, rows in results)


def victims_in_cassandra(session: Session) -> YearlyVictims:
    """National homicide victims by resource and year, from the table people query."""
    rows = session.execute(
        f"SELECT resource_id, ano, vitimas FROM {KEYSPACE}.{Destination.GERAL.table} "
        "WHERE granularidade = 'brasil' AND tipo_crime = 'homicidio_doloso' ALLOW FILTERING"
    )
    victims: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        # Missing is the empty string in these tables, and is not zero.
        if row.vitimas:
            victims[row.resource_id][row.ano] += int(row.vitimas)
    return victims
