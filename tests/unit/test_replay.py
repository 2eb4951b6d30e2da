"""Quarantined records an operator acts on: chosen exactly, sent as they were, marked only after the broker has them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sinesp.domain.contract import TOPICS
from sinesp.domain.errors import ConfigurationError, TransientError
from sinesp.domain.headers import Headers
from sinesp.microbatch import replay
from sinesp.microbatch.model.calendar import months_until
from sinesp.microbatch.model.origin import HEADER, Origin
from sinesp.microbatch.model.refused import DISCARDED, NEW, REPLAYED, Refused, headers_to_text
from sinesp.microbatch.replay import Selection

A = Refused(TOPICS[0], 0, 1, 1_700_000_000_000, b"a", b"\xff", "[]", ("utf8_invalido",), batch="b1")
B = Refused(
    TOPICS[1],
    1,
    2,
    1_700_000_000_000,
    None,
    None,
    headers_to_text([("x", b"\x00"), ("y", None)]),
    ("id_ausente", "tipo_errado"),
)
RECORDS = [A, B, replace(A, offset=3, state=REPLAYED), replace(B, offset=4, state=DISCARDED)]


class Table:
    """tb_quarentena in memory, with the trace of actions."""

    def __init__(self, records: list[Refused]) -> None:
        self.records = records
        self.actions: list[tuple[int, str, str, str]] = []

    def listing(self, months: tuple[str, ...], topics: tuple[str, ...]) -> Iterator[Refused]:
        return (r for r in self.records if r.month in months and r.topic in topics)

    def act(self, record: Refused, state: str, note: str, run: str) -> None:
        self.actions.append((record.offset, state, note, run))


class Broker:
    """Remembers what was sent; may refuse to acknowledge."""

    def __init__(self, *, away: bool = False) -> None:
        self.sent: list[tuple[str, bytes | None, bytes | None, Headers]] = []
        self._away = away

    def send(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        self.sent.append((topic, key, value, headers))

    def flush(self) -> None:
        if self._away:
            raise TransientError("não confirmou")


def chosen(**wanted: str) -> list[int]:
    selection = Selection(("2023-11",), **wanted)
    return [r.offset for r in replay.select(Table(RECORDS), selection)]  # type: ignore[arg-type]


def test_filters_choose_exactly_what_they_name_and_only_what_is_new() -> None:
    assert chosen() == [1, 2]
    assert chosen(reason="tipo_errado") == [2]
    assert chosen(topic=TOPICS[0]) == [1]
    assert chosen(batch="b1") == [1]
    assert chosen(reason="tipo_errado", topic=TOPICS[0]) == []
    assert chosen(state=REPLAYED) == [3]
    assert list(replay.select(Table(RECORDS), Selection(("2023-10",)))) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"reason": "nao_existe"}, {"topic": "outro"}])
def test_reason_or_topic_that_does_not_exist_is_said(wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="Os que existem: "):
        Selection(("2023-11",), **wrong)


def test_months_go_back_over_the_turn_of_the_year() -> None:
    assert months_until(datetime(2024, 2, 1, tzinfo=UTC), 4) == ("2024-02", "2024-01", "2023-12", "2023-11")


def test_records_are_sent_as_they_were_with_where_they_came_from() -> None:
    table, broker = Table(RECORDS), Broker()

    assert replay.replay([A, B], table, broker, "regra nova", "run") == 2  # type: ignore[arg-type]

    origins = [(HEADER, Origin(r.topic, r.partition, r.offset, r.timestamp).encode()) for r in (A, B)]
    assert broker.sent == [
        (A.topic, b"a", b"\xff", [origins[0]]),
        (B.topic, None, None, [("x", b"\x00"), ("y", None), origins[1]]),
    ]
    assert table.actions == [(1, REPLAYED, "regra nova", "run"), (2, REPLAYED, "regra nova", "run")]


def test_record_republished_again_keeps_its_first_origin() -> None:
    first = (HEADER, Origin(TOPICS[2], 5, 6, 7).encode())
    again = replace(A, headers=headers_to_text([first]))
    assert again.republished_headers() == [first]


def test_nothing_is_marked_that_the_broker_did_not_acknowledge() -> None:
    table = Table(RECORDS)
    with pytest.raises(TransientError):
        replay.replay([A, B], table, Broker(away=True), "", "run")  # type: ignore[arg-type]
    assert table.actions == []


@pytest.mark.parametrize("note", ["", "  "])
def test_discarding_needs_a_note(note: str) -> None:
    table = Table(RECORDS)
    with pytest.raises(ConfigurationError, match="note"):
        replay.discard([A], table, note, "run")  # type: ignore[arg-type]
    assert table.actions == []
    assert replay.discard([A], table, "lixo", "run") == 1  # type: ignore[arg-type]
    assert table.actions == [(1, DISCARDED, "lixo", "run")]


def test_looking_changes_nothing() -> None:
    table = Table(RECORDS)
    assert replay.preview(table, Selection(("2023-11",))) == [A, B]  # type: ignore[arg-type]
    assert (table.actions, {r.state for r in (A, B)}) == ([], {NEW})
