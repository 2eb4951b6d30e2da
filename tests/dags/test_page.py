"""What the page makes of bytes and of runs; the page itself is tested against a real Airflow in the e2e tier."""

import pytest

from sinesp.microbatch.overview import printable
from sinesp_airflow.page.links import addresses, run_link


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (None, None),
        (b"", ""),
        ("São Paulo".encode(), "São Paulo"),
        (b"\xff\x00\n<script>", "\\xff\\x00\\n<script>"),
        ("abc\u202edef".encode(), "abc\\u202edef"),
        (b"x" * 401, "x" * 400 + "…"),
    ],
)
def test_bytes_are_shown_so_that_nobody_is_fooled(data: bytes | None, shown: str | None) -> None:
    assert printable(data) == shown


def test_a_run_of_a_dag_has_a_link_and_one_of_the_command_line_has_none() -> None:
    assert run_link("sinesp_microbatch/manual__2026-11-24T12:00:00+00:00") == (
        "dags/sinesp_microbatch/runs/manual__2026-11-24T12%3A00%3A00%2B00%3A00"
    )
    assert run_link("cli/2026-11-24T12:00:00-abc") is None


def test_only_what_has_an_address_is_linked() -> None:
    assert addresses("http://dados.example/", "") == {
        "Painel": "http://dados.example/",
        "API": "http://dados.example/api/v1/docs",
    }
    assert addresses("", "javascript:alert(1)") == {}
