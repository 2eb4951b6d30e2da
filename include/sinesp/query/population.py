"""Inhabitants, read once and kept: the table is small, and changes when somebody loads it again."""

import hashlib
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from sinesp.domain.errors import TransientError
from sinesp.query.flights import Flights
from sinesp.query.model.places import Nivel, Place, places, states_of_region
from sinesp.query.model.reader import ViewReader
from sinesp.query.model.rows import Population

_KEPT_SECONDS: Final = 600.0
_RETRY_SECONDS: Final = 10.0
"""After the views did not answer: what was read before goes on meanwhile."""
_LEVELS: Final = (Nivel.MUNICIPIO, Nivel.ESTADO, Nivel.REGIAO, Nivel.BRASIL)

_Book = Mapping[tuple[str, str], Mapping[int, Population]]


class PopulationBook:
    """Populations of all places; `edition` names what was read, for whoever keeps an answer made of it."""

    def __init__(self, reader: ViewReader) -> None:
        self._reader = reader
        self._book: _Book = {}
        self._due = float("-inf")
        self._flights: Flights[None] = Flights()
        self.edition = ""

    async def refresh(self) -> str:
        """Read again what is old; the edition.

        Raises:
            TransientError: the views do not answer, and nothing was read before.
            ConfigurationError: as the reader.
        """
        if time.monotonic() > self._due:
            await self._flights.run("population", self._renew)
        return self.edition

    def renew_behind(self) -> None:
        """Read again in the background what is old."""
        if time.monotonic() > self._due:
            self._flights.start("population", self._renew)

    async def of(self, place: Place) -> Mapping[int, Population]:
        """By year; of regiao and brasil the sum of the states when the table does not name them."""
        await self.refresh()
        found = self._book.get((place.nivel, place.codigo))
        if found or place.nivel not in {Nivel.REGIAO, Nivel.BRASIL}:
            return found or {}
        states = states_of_region(place.codigo) if place.nivel is Nivel.REGIAO else places(Nivel.ESTADO)
        return _sum([self._book.get((s.nivel, s.codigo), {}) for s in states])

    async def _renew(self) -> None:
        try:
            self._book = await self._read()
        except TransientError:
            if not self.edition:
                raise
            self._due = time.monotonic() + _RETRY_SECONDS
            return
        self.edition = _digest(self._book)
        self._due = time.monotonic() + _KEPT_SECONDS

    async def _read(self) -> _Book:
        book: dict[tuple[str, str], dict[int, Population]] = defaultdict(dict)
        for nivel in _LEVELS:
            for (codigo, ano), population in (await self._reader.population(nivel)).items():
                book[nivel, codigo][ano] = population
        return dict(book)


def _sum(states: list[Mapping[int, Population]]) -> dict[int, Population]:
    """Years all of them have; carried forward as soon as one is, from the oldest year anyone is."""
    years = set.intersection(*(set(s) for s in states)) if states else set()
    return {year: _total([s[year] for s in states]) for year in sorted(years)}


def _total(parts: list[Population]) -> Population:
    kinds = {p.tipo for p in parts}
    tipo = next((t for t in ("repetida", "estimativa") if t in kinds), "censo")
    return Population(sum(p.habitantes for p in parts), tipo, min(p.ano_base for p in parts))


def _digest(book: _Book) -> str:
    said = ((k, sorted((y, p.habitantes, p.tipo, p.ano_base) for y, p in v.items())) for k, v in book.items())
    text = repr(sorted(said))
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
