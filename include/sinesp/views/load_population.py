"""Fill tb_populacao: states and municipalities as IBGE tells them, regions and the country as their sums."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sinesp.clients.cassandra import CassandraEndpoint
from sinesp.domain.population import REPEATED, Population, carried_forward, read_population
from sinesp.domain.territory import UF_OF_CODE, UFS, region_code
from sinesp.microbatch.adapters.write_limits import WriteLimits
from sinesp.views.adapters.view_writer import Write, write_all_here
from sinesp.views.model import places


def load_population(cassandra: CassandraEndpoint, limits: WriteLimits, path: Path | None = None) -> int:
    """Write every place and year up to the present one; how many rows. Another file replaces the shipped figures.

    Raises:
        ConfigurationError: the file is not what it should be; nothing was written.
        TransientError: see `views.adapters.view_writer`.
    """
    known = list(carried_forward(read_population(path), datetime.now(UTC).year))
    rows = [*known, *_sums(known)]
    values = ((p.level, p.code, p.year, p.inhabitants, p.kind, p.base_year) for p in rows)
    write_all_here(cassandra, limits, (Write("views_population_insert", v[:1], v) for v in values))
    return len(rows)


def _sums(known: Sequence[Population]) -> Iterator[Population]:
    """Regions and the country, for years in which all their states are told."""
    groups: dict[tuple[str, str, int], list[Population]] = defaultdict(list)
    for p in known:
        if p.level == places.ESTADO:
            groups[places.REGIAO, region_code(UF_OF_CODE[p.code]), p.year].append(p)
            groups[places.BRASIL, places.COUNTRY, p.year].append(p)
    for (level, code, year), parts in groups.items():
        whole = len(UFS) if level == places.BRASIL else sum(region_code(uf) == code for uf in UFS)
        if len(parts) == whole:
            base = min(p.base_year for p in parts)
            kind = REPEATED if base < year else parts[0].kind
            yield Population(level, code, year, sum(p.inhabitants for p in parts), kind, base)
