"""The forecast of retention, by age and by size."""

import pytest

from sinesp.microbatch.model.retention import Retention, Unread, seconds_left

HOUR = 3600.0
UNREAD = Unread(earliest=100, position=300, end=400, oldest=10 * HOUR)


@pytest.mark.parametrize(
    ("retention", "expected"),
    [
        (Retention(None, None), None),
        (Retention(int(5 * HOUR * 1000), None), 3 * HOUR),
        (Retention(int(HOUR * 1000), None), -HOUR),
        # 300 records kept today, 100 unread, appended at 50 per hour: four hours until the other 200 are pushed out.
        (Retention(None, 1), 4 * HOUR),
        # Room for 1,000 records: 900 more to come.
        (Retention(None, 100_000), 18 * HOUR),
        (Retention(int(5 * HOUR * 1000), 100_000), 3 * HOUR),
    ],
    ids=["no limit", "by age", "overdue", "by what is kept today", "by size", "whichever comes first"],
)
def test_seconds_until_the_first_unread_record_may_go(retention: Retention, expected: float | None) -> None:
    assert seconds_left(UNREAD, retention, now=12 * HOUR, record_bytes=100) == expected
