"""What a run may ask for: how much to read, and what to do about offsets Kafka no longer has."""

from enum import StrEnum


class Mode(StrEnum):
    """How much a run reads."""

    APPEND = "append"
    INITIAL = "initial"


class LossPolicy(StrEnum):
    """Offsets retention took: stop, go on with what is left, or only with what is still to come."""

    FAIL = "fail"
    EARLIEST = "earliest"
    LATEST = "latest"
