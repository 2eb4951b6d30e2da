"""What there is to publish, and publishing it; for Airflow tasks and the command line alike."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sinesp.publication.adapters.release_order import latest, peek_key, released_at
from sinesp.publication.adapters.source_files import FoundSource, RemoteFiles, find_sources, sources_in
from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.model.publishing import PublishReport
from sinesp.publication.model.sources import SourceKey
from sinesp.publication.publish import Producer, Progress, PublishOptions, check, publish

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PublicationPorts:
    """Where files come from and records go. `location` is where the files are unless a run says otherwise.

    `new_producer` gives one for each source: its counters start at zero.
    """

    location: str
    remote: RemoteFiles
    versions: VersionStore
    new_producer: Callable[[], Producer]


def fetch_sources(ports: PublicationPorts, location: str = "") -> list[list[str]]:
    """Find (and, behind a URL, download) the official files: paths, grouped by what must be published together.

    Releases of one workbook belong together, oldest first, and so do the files of one VDE year: a task that is tried
    again then decides anew which of them stands. A ZIP of several years ties the years it holds to one group.

    Raises:
        SourceError, ConfigurationError, TransientError: see `publication.adapters.source_files.find_sources`.
    """
    groups: list[tuple[set[str], list[str]]] = []
    for source in find_sources(location or ports.location, ports.remote):
        paths = [str(f.path) for f in source.files]
        names, merged = {_name(source), *paths}, list[str]()
        for group in [g for g in groups if g[0] & names]:
            groups.remove(group)
            names |= group[0]
            merged += group[1]
        groups.append((names, [*merged, *paths]))
    return [list(dict.fromkeys(paths)) for _, paths in groups]


def publish_files(
    ports: PublicationPorts, paths: Sequence[str], options: PublishOptions, progress: Progress | None = None
) -> Iterator[PublishReport]:
    """Publish the sources in these files one after the other; see `publication.publish.publish`."""
    for source in _standing(ports, paths, options):
        producer = ports.new_producer()
        yield publish(
            source,
            producer,
            ports.versions,
            now=options.extracted_at or datetime.now(UTC),
            options=replace(options, progress=progress),
        )


def check_files(ports: PublicationPorts, paths: Sequence[str], options: PublishOptions) -> Iterator[PublishReport]:
    """What `publish_files` would do, each source compared with what is published now; sends and writes nothing."""
    for source in _standing(ports, paths, options):
        yield check(source, ports.versions, options)


def _standing(ports: PublicationPorts, paths: Sequence[str], options: PublishOptions) -> Iterator[FoundSource]:
    """What these files still have to say: the later file of each VDE year, no release older than the published one."""
    by_key: dict[SourceKey | str, list[FoundSource]] = {}
    for source in sources_in(Path(p) for p in paths):
        by_key.setdefault(peek_key(source) or str(source), []).append(source)
    for key, sources in by_key.items():
        if isinstance(key, SourceKey) and key.year and len(sources) > 1:
            yield _later(key, sources)
        elif isinstance(key, SourceKey):
            yield from _not_superseded(ports, key, sources, options)
        else:
            yield from sources


def _later(key: SourceKey, sources: Sequence[FoundSource]) -> FoundSource:
    standing = latest(sources)
    others = ", ".join(str(o) for o in standing.others)
    log.warning(
        "Log - %s: vários arquivos do mesmo ano; vale %s (%s), ignorado: %s",
        key, standing.source, standing.reason, others,
    )  # fmt: skip
    return standing.source


def _not_superseded(
    ports: PublicationPorts, key: SourceKey, sources: Sequence[FoundSource], options: PublishOptions
) -> Iterator[FoundSource]:
    """Skip earlier releases of a folder that a newer one replaced; the last is published or refused by itself."""
    for source in sources[:-1]:
        last = str(ports.versions.notes(key).get("salvo_em") or "")
        if not options.accept_older and last and released_at(source) < last:
            log.info("Log - %s ignorado: mais antigo que o publicado (%s)", source, last)
        else:
            yield source
    yield sources[-1]


def _name(source: FoundSource) -> str:
    return str(peek_key(source) or source.files[0].path)
