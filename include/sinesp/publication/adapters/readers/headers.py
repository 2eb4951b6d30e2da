"""Where a table's header stands."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sinesp.domain.errors import SourceError
from sinesp.publication.model.sources import classify


def header_position(headers: Sequence[Sequence[str]]) -> int | None:
    """Index of the first of these normalised rows that is a header of ours.

    Raises:
        SourceError: see `classify`.
    """
    return next((n for n, header in enumerate(headers) if classify(header)), None)


@contextmanager
def about(place: object) -> Iterator[None]:
    """Put the file or sheet in front of what a refusal says, unless it stands there."""
    try:
        yield
    except SourceError as error:
        if str(error).startswith(f"{place}: "):
            raise
        raise SourceError(f"{place}: {error}") from error
