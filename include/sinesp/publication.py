"""Publication over wired services: what there is to publish, and publishing it; for Airflow tasks and the command line alike."""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sinesp.adapters.release_order import latest, peek_key, released_at
from sinesp.adapters.source_files import FoundSource, find_sources, sources_in
from sinesp.domain.publishing import PublishReport
from sinesp.domain.sources import SourceKey
from sinesp.pipeline.publish import Progress, PublishOptions, check, publish
from sinesp.wiring import Services

log = logging.getLogger(__name__)


def fetch_sources(services: Services, location: str = "") -> list[list[str]]:
    """Find (and, behind a URL, download) the official files: paths, grouped by what must be published together.

    Releases of one workbook belong together, oldest first, and so do the files of one VDE year: a task that is tried
    again then decides anew which of them stands. A ZIP of several years ties the years it holds to one group.

    Raises:
        SourceError, ConfigurationError, TransientError: see `adapters.source_files.find_sources`.
    """
    groups: list[tuple[set[str], list[str]]] = []
    for source in find_sources(location or services.settings.sources, services.remote_files):
        paths = [str(f.path) for f in source.files]
        names, merged = {_name(source), *paths}, list[str]()
        for group in [g for g in groups if g[0] & names]:
            groups.remove(group)
            names |= group[0]
            merged += group[1]
        groups.append((names, [*merged, *paths]))
    return [list(dict.fromkeys(paths)) for _, paths in groups]


def publish_files(
    services: Services, paths: Sequence[str], options: PublishOptions, progress: Progress | None = None
) -> Iterator[PublishReport]:
    """Publish the sources in these files one after the other; see `pipeline.publish.publish`."""
    for source in _standing(services, paths, options):
        producer = services.record_producer()
        yield publish(source, producer, services.versions, now=datetime.now(UTC), progress=progress, options=options)


def check_files(services: Services, paths: Sequence[str], options: PublishOptions) -> Iterator[PublishReport]:
    """What `publish_files` would do, each source compared with what is published now; sends and writes nothing."""
    for source in _standing(services, paths, options):
        yield check(source, services.versions, options)


def _standing(services: Services, paths: Sequence[str], options: PublishOptions) -> Iterator[FoundSource]:
    """What these files still have to say: the later file of each VDE year, no release older than the published one."""
    by_key: dict[SourceKey | str, list[FoundSource]] = {}
    for source in sources_in(Path(p) for p in paths):
        by_key.setdefault(peek_key(source) or str(source), []).append(source)
    for key, sources in by_key.items():
        if isinstance(key, SourceKey) and key.year and len(sources) > 1:
            yield _later(key, sources)
        elif isinstance(key, SourceKey):
            yield from _not_superseded(services, key, sources, options)
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
    services: Services, key: SourceKey, sources: Sequence[FoundSource], options: PublishOptions
) -> Iterator[FoundSource]:
    """Skip earlier releases of a folder that a newer one replaced; the last is published or refused by itself."""
    for source in sources[:-1]:
        last = str(services.versions.notes(key).get("salvo_em") or "")
        if not options.accept_older and last and released_at(source) < last:
            log.info("Log - %s ignorado: mais antigo que o publicado (%s)", source, last)
        else:
            yield source
    yield sources[-1]


def _name(source: FoundSource) -> str:
    return str(peek_key(source) or source.files[0].path)
