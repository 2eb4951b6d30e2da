"""What whoever publishes may ask for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sinesp.domain.errors import ConfigurationError

Progress = Callable[[int, int], None]
"""Called with (records acknowledged, records to send)."""


@dataclass(frozen=True, slots=True)
class PublishOptions:
    """What an operator may ask for, and who is told of the `progress`.

    `everything` sends all records again, changed or not (a topic was lost). `vanished_share` is the part of the last
    version that may disappear before the file is taken for a broken one (official releases dropped less than one in
    fifty). After someone looked, `accept_vanished` lets records disappear, `accept_changes` lets implausible values
    pass and `accept_older` lets a release replace a newer one. `extracted_at` (aware) is when the files were extracted,
    for historical ones; None is now.
    """

    everything: bool = False
    accept_vanished: bool = False
    accept_changes: bool = False
    accept_older: bool = False
    vanished_share: float = 0.1
    extracted_at: datetime | None = None
    progress: Progress | None = None


def extraction_instant(text: str, now: datetime) -> datetime | None:
    """When files were extracted, from an ISO 8601 date or instant (UTC where it names no zone); None when empty.

    Raises:
        ConfigurationError: it is none, or lies before Sinesp began or after `now`.
    """
    if not text.strip():
        return None
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        instant = datetime.min  # noqa: DTZ901  # refused below
    instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    if not datetime(2004, 1, 1, tzinfo=UTC) <= instant <= now:
        raise ConfigurationError(
            f"Data de extração {text!r}: esperada uma data ou um instante ISO 8601, como 2023-04-14 ou "
            "2023-04-14T12:00:00+00:00, de 2004 até agora."
        )
    return instant
