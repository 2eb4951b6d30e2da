"""What there is to publish, and publishing it; for Airflow tasks and the command line alike."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sinesp.publication.adapters.source_files import RemoteFiles, find_sources, sources_in
from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.model.publishing import PublishReport
from sinesp.publication.model.sources import Kind
from sinesp.publication.publish import Producer, Progress, PublishOptions, publish


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
    """Find (and, behind a URL, download) the official files: paths, grouped by what must be published in order.

    Releases of one workbook belong together, oldest first; each file of the VDE stands alone.

    Raises:
        SourceError, ConfigurationError, TransientError: see `publication.adapters.source_files.find_sources`.
    """
    groups: dict[str, list[str]] = {}
    for source in find_sources(location or ports.location, ports.remote):
        # By file: a ZIP holds several years, and naming it once for each would publish all of them each time.
        name = str(source.files[0].path) if source.kind is Kind.VDE else source.kind.value
        groups.setdefault(name, []).extend(str(f.path) for f in source.files)
    return [list(dict.fromkeys(paths)) for paths in groups.values()]


def publish_files(
    ports: PublicationPorts, paths: Sequence[str], options: PublishOptions, progress: Progress | None = None
) -> Iterator[PublishReport]:
    """Publish the sources in these files one after the other; see `publication.publish.publish`."""
    for source in sources_in(Path(p) for p in paths):
        producer = ports.new_producer()
        yield publish(source, producer, ports.versions, now=datetime.now(UTC), progress=progress, options=options)
