"""Progress of a publication in the task log."""

import logging

import pytest

from sinesp_airflow.progress import log_progress


def test_a_line_says_how_much_how_fast_and_how_long_it_still_takes(caplog: pytest.LogCaptureFixture) -> None:
    tell = log_progress(every_seconds=0)
    with caplog.at_level(logging.INFO):
        tell(0, 1000)
        tell(250, 1000)
    (line,) = caplog.messages
    assert line.startswith("Log - 250 de 1000 registros confirmados (25%, ")
    assert "faltam cerca de" in line


def test_batches_of_records_do_not_flood_the_log(caplog: pytest.LogCaptureFixture) -> None:
    tell = log_progress()
    with caplog.at_level(logging.INFO):
        for done in range(1, 1000):
            tell(done, 1000)
    assert caplog.messages == []
