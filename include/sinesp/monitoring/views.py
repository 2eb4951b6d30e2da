"""How old the views are, how far behind the lake, and how much the last publication of each source changed."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Protocol

from sinesp.monitoring.adapters.views_tables import ViewsTables
from sinesp.monitoring.model.announced import LakeSize, Release, Version
from sinesp.monitoring.model.families import Name, Sample
from sinesp.publication.model.sources import SourceKind


class Lake(Protocol):
    """What is asked of the lake."""

    def measure(self, applied: int) -> LakeSize:
        """Its present version and size, and what came after version `applied`."""
        ...


def announced(tables: ViewsTables) -> Iterator[Sample]:
    """How far the views are, and the newest version if there is one.

    Raises:
        SinespError: Cassandra does not answer.
    """
    yield Sample(Name.VIEWS_LAKE, tables.applied())
    version = tables.newest()
    if version is not None:
        yield from _version(version)


def revised(tables: ViewsTables) -> Iterator[Sample]:
    """What the last publication of every source changed, beside how much there was to change.

    Raises:
        SinespError: Cassandra does not answer.
    """
    for kind in SourceKind:
        for _, releases in groupby(tables.releases(kind), key=lambda r: r.source):
            yield from _revision(list(releases))


def lake_size(tables: ViewsTables, lake: Lake) -> list[Sample]:
    """Version and size of the lake, and what of it the views lack.

    Raises:
        SinespError: Cassandra does not answer, or the state folder cannot be read.
    """
    found = lake.measure(tables.applied())
    return [
        Sample(Name.LAKE_VERSION, found.version),
        Sample(Name.LAKE_FILES, found.files),
        Sample(Name.LAKE_BYTES, found.size),
        Sample(Name.VIEWS_WAITING, found.waiting),
    ]


def _version(version: Version) -> Iterator[Sample]:
    yield Sample(Name.VIEWS_VERSION, version.number)
    yield Sample(Name.VIEWS_AT, version.at.timestamp())
    for source, month in sorted(version.last_months.items()):
        began = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
        yield Sample(Name.VIEWS_MONTH, began.timestamp(), (source,))


def _revision(releases: Iterable[Release]) -> Iterator[Sample]:
    *before, last = releases
    if last.first:
        return
    yield Sample(Name.REVISED_BASE, sum(r.new - r.removed for r in before), (last.source,))
    for change, count in (("novos", last.new), ("alterados", last.changed), ("excluidos", last.removed)):
        yield Sample(Name.REVISED, count, (last.source, change))
