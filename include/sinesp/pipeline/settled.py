"""When a batch needs Kafka no more."""

from sinesp.adapters import staging
from sinesp.domain.steps import Entry


def is_settled(entry: Entry) -> bool:
    """Whether the batch's rows are staged and still there, or written: then it can be finished whatever Kafka has lost."""
    return entry.staged is not None and (staging.exists(entry.staged.url) or entry.is_written)
