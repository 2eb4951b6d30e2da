"""Publication over wired services: what there is to publish, and publishing it; for Airflow tasks and the command line alike."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sinesp.adapters.source_files import find_sources, sources_in
from sinesp.domain.publishing import PublishReport
from sinesp.domain.sources import Kind
from sinesp.pipeline.publish import Progress, PublishOptions, publish
from sinesp.wiring import Services


def fetch_sources(services: Services, location: str = "") -> list[list[str]]:
    """Find (and, behind a URL, download) the official files: paths, grouped by what must be published in order.

    Releases of one workbook belong together, oldest first; each file of the VDE stands alone.

    Raises:
        SourceError, ConfigurationError, TransientError: see `adapters.source_files.find_sources`.
    """
    groups: dict[str, list[str]] = {}
    for source in find_sources(location or services.settings.sources, services.remote_files):
        # By file: a ZIP holds several years, and naming it once for each would publish all of them each time.
        name = str(source.files[0].path) if source.kind is Kind.VDE else source.kind.value
        groups.setdefault(name, []).extend(str(f.path) for f in source.files)
    return [list(dict.fromkeys(paths)) for paths in groups.values()]


def publish_files(
    services: Services, paths: Sequence[str], options: PublishOptions, progress: Progress | None = None
) -> Iterator[PublishReport]:
    """Publish the sources in these files one after the other; see `pipeline.publish.publish`."""
    for source in sources_in(Path(p) for p in paths):
        producer = services.record_producer()
        yield publish(source, producer, services.versions, now=datetime.now(UTC), progress=progress, options=options)
