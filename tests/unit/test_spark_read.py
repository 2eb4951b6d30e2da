"""How many Spark tasks read a batch."""

from unittest.mock import MagicMock

import pytest

from sinesp.clients.kafka import KafkaEndpoint
from sinesp.domain.offsets import OffsetRange
from sinesp.microbatch.adapters.spark_read import read_ranges

KAFKA = KafkaEndpoint("127.0.0.1:1")


@pytest.mark.parametrize(
    ("lengths", "tasks"),
    [
        ([1], None),
        ([50, 50], None),
        ([50, 50, 50], 2),
        ([2_000, 3_000], None),
        ([2_000, 3_000, 5_000], 2),
        ([2_000, 3_000, 5_001], None),
        ([4_000] * 3, None),
        ([900] * 6, 2),
    ],
)
def test_a_task_reads_five_thousand_offsets_but_there_are_two_and_never_more_than_partitions(
    lengths: list[int], tasks: int | None
) -> None:
    """None: Spark's own, one for each partition."""
    session = MagicMock()
    whole = session.read.format.return_value.options.return_value.load.return_value.selectExpr.return_value

    frame = read_ranges(session, KAFKA, [OffsetRange("t", n, 10, 10 + length) for n, length in enumerate(lengths)])

    assert frame is (whole if tasks is None else whole.coalesce.return_value)
    assert [call.args for call in whole.coalesce.call_args_list] == ([] if tasks is None else [(tasks,)])
