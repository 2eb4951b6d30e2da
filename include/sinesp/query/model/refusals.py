"""Why a question gets no answer; the text is for whoever asked (Portuguese)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sinesp.domain.errors import SinespError


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a question: which parameter, what was found, what is allowed."""

    parameter: str
    message: str
    allowed: Sequence[str] = ()


class RefusedError(SinespError):
    """The question cannot be answered as it stands: an impossible period, a place that does not exist."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f.message for f in faults))
        self.faults = faults


class UnknownError(SinespError):
    """There is no such thing: a version that was never announced, a file that was never written."""


class GoneError(SinespError):
    """It was there: a cursor of a version that no longer is."""


def refuse(parameter: str, message: str, allowed: Sequence[str] = ()) -> RefusedError:
    """The refusal of one parameter."""
    return RefusedError(Fault(parameter, message, allowed))
