"""What is measured: official records of the shipped VDE year, in Kafka, with their expected fate known beforehand."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from bench.content import Content
from sinesp.domain.contract import TOPICS, Destination, columns_of, route
from sinesp.domain.record_id import SEPARATOR, hash_key
from sinesp.publication.adapters.source_files import sources_in
from sinesp.publication.publish import read_source
from sinesp.publication.transforms.records import to_json
from sinesp.wiring import Services

SHIPPED = Path("data/vde/BancoVDE_2024.csv.xz")
_CACHE = Path(".local/bench/registros.parquet")
_EXTRACTED_AT = "2026-01-01T00:00:00Z"
_SHIPPED_YEAR = 2024
_SLICE_ROWS = 20_000
_SEED = 20_241_124
_SHARES = {"brasil": 0.05, "estado": 0.15}
"""Of a load; as far as the year has that many. The rest is municipal."""

_POISON = ('{"id": "', "[]", '{"id":"x","vitimas":3}', "\ufffd")


@dataclass(frozen=True, slots=True)
class Load:
    """Records in the topics: `expected` is what the tables must hold afterwards, `poison` belong into quarantine."""

    records: int
    poison: int
    expected: dict[Destination, Content]


def shipped_year() -> pl.DataFrame:
    """The records of the shipped year, in an order that mixes places and crimes; read once, then kept."""
    if not _CACHE.exists():
        records = read_source(next(iter(sources_in([SHIPPED])))).records
        _CACHE.parent.mkdir(parents=True, exist_ok=True)
        records.sample(fraction=1.0, shuffle=True, seed=_SEED).write_parquet(_CACHE)
    return pl.read_parquet(_CACHE)


def choose(year: pl.DataFrame, size: int) -> Iterator[pl.DataFrame]:
    """`size` distinct records; beyond one year, the same year again under other years' numbers and ids."""
    for number in range(-(-size // year.height)):
        wanted = min(size - number * year.height, year.height)
        part = year if wanted == year.height else _sample(year, wanted)
        yield part if number == 0 else _shifted(part, _SHIPPED_YEAR - number)


def publish(services: Services, size: int, poison_share: float = 0.0, *, remember: bool = True) -> Load:
    """Send `size` records, a share of them replaced by poison, and wait for every acknowledgement.

    Unless asked to `remember` what the tables must hold, nothing is expected of them.
    """
    producer = services.record_producer()
    producer.create_topics(TOPICS)
    dice = random.Random(_SEED)  # noqa: S311
    contents = {d: Content() for d in Destination}
    poisoned = 0
    for destination, piece in _pieces(size):
        bad = [dice.random() < poison_share for _ in range(piece.height)]
        producer.send(destination.topic, piece["id"].to_list(), _values(piece, bad, dice), lambda _: None)
        poisoned += sum(bad)
        if remember:
            contents[destination].add(_rows_to_expect(piece.filter(~pl.Series(bad)), destination))
    producer.flush(lambda _: None)
    return Load(size, poisoned, contents)


def publish_changes(services: Services, count: int, turn: int) -> None:
    """Send other figures for `count` municipal records of the shipped year, and wait for every acknowledgement.

    The records are the same each time; another `turn` gives other figures.
    """
    municipal = shipped_year().filter(pl.col("granularidade") == "municipio").head(count)
    changed = municipal.with_columns(vitimas=pl.lit(str(turn)), ocorrencias=pl.lit(str(turn)))
    producer = services.record_producer()
    producer.send(
        Destination.MUNICIPIO.topic, changed["id"].to_list(), to_json(changed, _EXTRACTED_AT).to_list(), lambda _: None
    )
    producer.flush(lambda _: None)


def _pieces(size: int) -> Iterator[tuple[Destination, pl.DataFrame]]:
    for part in choose(shipped_year(), size):
        for (level,), rows in part.group_by("granularidade"):
            for piece in rows.iter_slices(_SLICE_ROWS):
                yield route(str(level)), piece


def _values(piece: pl.DataFrame, bad: Sequence[bool], dice: random.Random) -> list[str | None]:
    """The records' JSON, with poison in place of the bad ones."""
    values = to_json(piece, _EXTRACTED_AT).to_list()
    return [dice.choice(_POISON) if spoilt else value for spoilt, value in zip(bad, values, strict=True)]


def _rows_to_expect(good: pl.DataFrame, destination: Destination) -> list[tuple[str, ...]]:
    dated = good.with_columns(data_extracao=pl.lit(_EXTRACTED_AT))
    return dated.select(columns_of(destination)).fill_null("").rows()


def _sample(year: pl.DataFrame, size: int) -> pl.DataFrame:
    levels = {str(level): rows for (level,), rows in year.group_by("granularidade", maintain_order=True)}
    few = [levels.pop(level).head(int(size * share)) for level, share in _SHARES.items()]
    rest = pl.concat(levels.values()).head(size - sum(f.height for f in few))
    return pl.concat([rest, *few])


def _shifted(records: pl.DataFrame, year: int) -> pl.DataFrame:
    ids = pl.Series("id", [hash_key(f"{i}{SEPARATOR}{year}") for i in records["id"]])
    return records.with_columns(ids, ano=pl.lit(str(year)), mes_ano=pl.col("mes") + f"/{year}")
