"""What was last published of each source."""

from collections.abc import Iterator
from datetime import datetime

from sinesp.monitoring.model.families import Name, Sample
from sinesp.publication.adapters.versions import VersionStore


def published(versions: VersionStore) -> Iterator[Sample]:
    """Number and instant of every source's last publication.

    Raises:
        SinespError: the state folder cannot be read.
    """
    for source, notes in versions.published().items():
        yield Sample(Name.PUBLISHED_VERSION, int(notes["versao"]), (source,))
        yield Sample(Name.PUBLISHED_AT, datetime.fromisoformat(notes["publicado_em"]).timestamp(), (source,))
