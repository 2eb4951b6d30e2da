"""Offset arithmetic: impossible ranges are refused, shares are fair."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinesp.domain.offsets import OffsetRange, TopicPartition, end_of, from_json, share_fairly, to_json

_AVAILABLE = st.dictionaries(st.integers(0, 30), st.integers(0, 1_000), max_size=12).map(
    lambda found: {TopicPartition("t", p): n for p, n in found.items()}
)


@pytest.mark.parametrize(("start", "until"), [(-1, 0), (2, 1)])
def test_impossible_range_is_refused(start: int, until: int) -> None:
    with pytest.raises(ValueError, match=rf"{start}\.\.{until} of t\[0\]"):
        OffsetRange("t", 0, start, until)


def test_offsets_come_back_from_json_as_they_went() -> None:
    offsets = {TopicPartition("t", 10): 5, TopicPartition("t", 9): 0, TopicPartition("s", 0): 7}
    assert from_json(to_json(offsets)) == offsets
    assert list(to_json(offsets)) == ["s", "t"]
    assert end_of([OffsetRange("t", 9, 0, 4)]) == {TopicPartition("t", 9): 4}


@given(_AVAILABLE, st.integers(1, 5_000))
def test_shares_use_the_limit_and_never_more_than_there_is(available: dict[TopicPartition, int], limit: int) -> None:
    shares = share_fairly(available, limit)
    assert all(0 < n <= available[tp] for tp, n in shares.items())
    assert sum(shares.values()) == min(limit, sum(available.values()))


@given(_AVAILABLE, st.integers(12, 5_000))
def test_no_partition_is_starved_and_none_gets_more_while_another_waits(
    available: dict[TopicPartition, int], limit: int
) -> None:
    shares = share_fairly(available, limit)
    assert set(shares) == {tp for tp, n in available.items() if n}
    cut = [tp for tp, n in shares.items() if n < available[tp]]
    # Whoever was cut short got as much as anybody, but for the records that do not divide evenly.
    assert all(shares[tp] + len(shares) >= max(shares.values()) for tp in cut)


def test_small_partition_is_read_whole_beside_a_huge_one() -> None:
    small, huge = TopicPartition("t", 0), TopicPartition("t", 1)
    assert share_fairly({small: 3, huge: 1_000_000}, 100) == {small: 3, huge: 97}
