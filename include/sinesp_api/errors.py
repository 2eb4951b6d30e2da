"""Errors of the API's own."""

from sinesp.domain.errors import SinespError


class NotOfferedError(SinespError):
    """No format of ours is one the asker accepts."""


class CursorError(SinespError):
    """A cursor that is not one of ours, or is another question's."""
