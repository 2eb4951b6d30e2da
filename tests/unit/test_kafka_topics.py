"""Topics as they are created."""

import pytest

from sinesp.clients.kafka_topics import topic_config


@pytest.mark.parametrize(("copies", "confirmed_by"), [(1, "1"), (2, "1"), (3, "2"), (5, "2")])
def test_what_is_confirmed_outlives_a_broker_where_three_copies_are_kept(copies: int, confirmed_by: str) -> None:
    assert topic_config(copies) == {"message.timestamp.type": "LogAppendTime", "min.insync.replicas": confirmed_by}
