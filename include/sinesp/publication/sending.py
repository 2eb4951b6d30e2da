"""Send what changed to Kafka and remember the version after every record was acknowledged."""

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import polars as pl

from sinesp.domain.contract import TOPICS, route
from sinesp.domain.errors import StaleBatchError
from sinesp.domain.headers import Headers
from sinesp.domain.publications import HEADER, Publication
from sinesp.publication.adapters.release_order import released_at
from sinesp.publication.adapters.source_files import FoundSource
from sinesp.publication.adapters.versions import PublishedVersion, VersionStore
from sinesp.publication.model.options import Progress
from sinesp.publication.model.sources import SourceKey
from sinesp.publication.transforms.changes import Changes
from sinesp.publication.transforms.records import to_json

log = logging.getLogger(__name__)

_SLICE_ROWS = 20_000


class Producer(Protocol):
    """Where records go (`publication.adapters.producer.RecordProducer`)."""

    def create_topics(self, names: tuple[str, ...], /) -> list[str]: ...  # noqa: D102
    def carry(self, headers: Headers, /) -> None: ...  # noqa: D102
    def send(  # noqa: D102
        self, topic: str, keys: list[str], values: list[str | None], on_progress: Callable[[int], None], /
    ) -> None: ...
    def flush(self, on_progress: Callable[[int], None], /) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Sending:
    """What to send of a source, and from which version it starts. `now` is the instant of extraction (aware)."""

    source: FoundSource
    key: SourceKey
    changes: Changes
    base: PublishedVersion
    now: datetime


_Messages = tuple[str, list[str], list[str | None]]


def send(sending: Sending, producer: Producer, versions: VersionStore, progress: Progress | None) -> int:
    """Send, wait for every acknowledgement, then remember; the number of the version that stands.

    Raises:
        TransientError: Kafka did not confirm; nothing is remembered.
        StaleBatchError: another run published the same source meanwhile.
    """
    records = pl.concat([sending.changes.values, sending.changes.vanished])
    if records.is_empty():
        log.info("Log - Nada mudou em %s desde a versão %d", sending.key, sending.base.number)
        return sending.base.number
    producer.create_topics(TOPICS)
    digests = _digests(sending.source)
    producer.carry([(HEADER, publication_of(sending, digests).encode())])
    begun = versions.begin(sending.key, records)
    _deliver(sending, producer, records.height, progress)
    try:
        return versions.commit(sending.key, sending.base, sending.changes.version, begun, _notes(sending, digests))
    except StaleBatchError:
        # The other run may have taken our note for a dead run's, and our values came after its own: the next run sends
        # these again.
        versions.begin(sending.key, records)
        raise


def publication_of(sending: Sending, digests: Mapping[str, str]) -> Publication:
    """What every message names; the same when a run that died is done again with the same files."""
    digest = hashlib.sha256("".join(sorted(digests.values())).encode()).hexdigest()
    return Publication(str(sending.key), sending.base.number + 1, _instant(sending.now), digest[:16])


def _deliver(sending: Sending, producer: Producer, total: int, progress: Progress | None) -> None:
    def tell(acknowledged: int) -> None:
        if progress is not None:
            progress(acknowledged, total)

    for topic, keys, texts in _messages(sending.changes, _instant(sending.now)):
        producer.send(topic, keys, texts, tell)
    log.info("Log - %d registros de %s confirmados pelo Kafka", producer.flush(tell), sending.key)


def _messages(changes: Changes, extracted_at: str) -> Iterator[_Messages]:
    """Slices of one topic each; deletions first so that a renamed place is never counted twice downstream."""
    for topic, part in _by_topic(changes.vanished):
        yield topic, part["id"].to_list(), [None] * part.height
    for topic, part in _by_topic(changes.values):
        for piece in part.iter_slices(_SLICE_ROWS):
            yield topic, piece["id"].to_list(), to_json(piece, extracted_at).to_list()


def _by_topic(records: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    for (level,), part in records.group_by("granularidade"):
        yield route(str(level)).topic, part


def _notes(sending: Sending, digests: Mapping[str, str]) -> dict[str, object]:
    return {
        "publicado_em": _instant(sending.now),
        "registros": sending.changes.version.height,
        "salvo_em": released_at(sending.source),
        "arquivos": digests,
    }


def _instant(now: datetime) -> str:
    return now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _digests(source: FoundSource) -> dict[str, str]:
    digests = {}
    for file in source.files:
        with file.path.open("rb") as stream:
            digests[str(file)] = hashlib.file_digest(stream, "sha256").hexdigest()
    return digests
