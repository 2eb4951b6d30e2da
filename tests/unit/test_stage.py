"""One pass over Kafka rows: routed, refused or superseded, exactly one fate a record; and the order of an id's."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinesp.domain.contract import TOPICS, Destination, columns_of
from sinesp.domain.offsets import TopicPartition
from sinesp.microbatch.model.counts import Counts
from sinesp.microbatch.model.origin import HEADER, Origin
from sinesp.microbatch.transforms.slices import slices
from sinesp.microbatch.transforms.staged_rows import Staged, stage, write_time
from tests.unit.kafka_rows import Row, batch_of, upsert

ESTADO, MUNICIPIO, GERAL = Destination.ESTADO, Destination.MUNICIPIO, Destination.GERAL
TP = TopicPartition(ESTADO.topic, 0)


def staged(*rows: Row) -> Staged:
    return stage([batch_of(rows)])


def at(present_ms: int, *rows: Row) -> Staged:
    return stage([batch_of(rows)], present_ms)


def ids(found: Staged, destination: Destination) -> list[tuple[str, bool, int]]:
    """(id, deleted, offset) of what would be written."""
    return [(r["id"], r["deleted"], r["offset"]) for r in found.rows[destination].to_pylist()]


def test_record_goes_where_its_granularidade_says_and_unknown_ones_to_geral() -> None:
    levels = ["municipio", "estado", "brasil", "ESTADO"]
    found = staged(*(Row(g.encode(), upsert(g, g), n) for n, g in enumerate(levels)), Row(b"x", b'{"id": "x"}', 9))

    assert {d: [r[0] for r in ids(found, d)] for d in Destination} == {
        MUNICIPIO: ["municipio"], ESTADO: ["estado"], GERAL: ["brasil", "ESTADO", "x"],
    }  # fmt: skip


def test_older_records_of_an_id_are_superseded_and_counted() -> None:
    found = staged(
        Row(b"a", upsert("a", vitimas="1"), 0), Row(b"b", upsert("b"), 1), Row(b"a", upsert("a", vitimas="2"), 2)
    )

    assert ids(found, ESTADO) == [("b", False, 1), ("a", False, 2)]
    assert found.counts == {TP: Counts(read=3, superseded=1)}


@pytest.mark.parametrize("last", [upsert("a"), None], ids=["registro", "exclusão"])
def test_last_of_a_millisecond_wins_be_it_a_deletion_or_not(last: bytes | None) -> None:
    rows = [Row(b"a", upsert("a"), 0), Row(b"a", None, 1), Row(b"a", upsert("a"), 2), Row(b"a", last, 3)]

    assert ids(staged(*rows), ESTADO) == [("a", last is None, 3)]


def test_deletion_reaches_every_table_and_counts_once_in_its_topics() -> None:
    found = staged(Row(b"a", None))

    assert [ids(found, d) for d in Destination] == [[("a", True, 0)]] * 3
    assert [t["counted"].to_pylist() for t in found.rows.values()] == [[d is ESTADO] for d in found.rows]
    assert found.counts == {TP: Counts(read=1)}


def test_deletion_brought_back_in_the_same_pass_still_clears_the_other_tables() -> None:
    found = staged(Row(b"a", None, 0), Row(b"a", upsert("a"), 1))

    assert [ids(found, d) for d in Destination] == [[("a", True, 0)], [("a", False, 1)], [("a", True, 0)]]
    assert found.counts == {TP: Counts(read=2, superseded=1)}


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (None, "id_ausente"),
        (b"", "id_ausente"),
        (b" ", "id_ausente"),
        (b"\xff", "utf8_invalido"),
        (b"x" * 70_000, "texto_recusado"),
    ],
)
def test_deletion_of_no_usable_id_is_refused(key: bytes | None, reason: str) -> None:
    found = staged(Row(key, None, headers=[("origem", b"\xff"), ("vazio", None)]))

    (refused,) = found.quarantine.to_pylist()
    assert (refused["key"], refused["value"], refused["reasons"]) == (key, None, reason)
    assert json.loads(refused["headers"]) == [["origem", "ff"], ["vazio", None]]
    assert found.reasons == {reason: 1}


def test_refused_record_keeps_its_bytes_coordinates_and_all_its_reasons() -> None:
    found = staged(Row(b"k", b'{"id": "a", "vitimas": "x", "uf": 1}', 7, 1234, GERAL.topic, 3))

    assert found.quarantine.to_pylist() == [
        {"topic": GERAL.topic, "partition": 3, "offset": 7, "timestamp": 1234, "key": b"k",
         "value": b'{"id": "a", "vitimas": "x", "uf": 1}', "headers": "[]",
         "reasons": "tipo_errado,numero_invalido,chave_diferente", "detail": ""}
    ]  # fmt: skip


# Slices


def test_slices_hold_all_rows_in_order_and_never_part_a_millisecond() -> None:
    rows = [Row(b"a", b"x" * 10, n, timestamp=n // 3, partition=n // 20) for n in range(40)]
    batches = [batch_of(rows[n : n + 4]) for n in range(0, 40, 4)]

    cut = [
        [(r["partition"], r["timestamp"], r["offset"]) for b in part for r in b.to_pylist()]
        for part in slices(batches, 60)
    ]

    assert [row for part in cut for row in part] == [(r.partition, r.timestamp, r.offset) for r in rows]
    assert len(cut) > 4
    assert all(left[-1][:2] != right[0][:2] for left, right in pairwise(cut))


def test_one_long_millisecond_is_one_slice() -> None:
    rows = [Row(b"a", b"x" * 10, n) for n in range(30)]
    assert len(list(slices([batch_of([r]) for r in rows], 40))) == 1


# Origin


def test_republished_record_takes_the_time_of_its_first_arrival() -> None:
    origin = Origin(GERAL.topic, 4, 17, 500)
    (row,) = (
        staged(Row(b"a", upsert("a"), 9, 1_000, headers=[("x", b"1"), (HEADER, origin.encode())]))
        .rows[ESTADO]
        .to_pylist()
    )

    assert row["write_time"] == write_time(GERAL.topic, 4, 500)
    assert (row["topic"], row["partition"], row["offset"]) == (ESTADO.topic, 0, 9)


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"\xff",
        b"t/0/1",
        b"t/0/1/x",
        b"t/0/1/-5",
        b"t/0/1/5/6",
        f"{ESTADO.topic}/0/1/99999999".encode(),
        b"t/0/1/" + b"9" * 30,
    ],
)
def test_no_header_makes_a_record_newer_than_it_is(value: bytes | None) -> None:
    (row,) = staged(Row(b"a", upsert("a"), headers=[(HEADER, value)])).rows[ESTADO].to_pylist()
    assert row["write_time"] == write_time(ESTADO.topic, 0, 1_000)


def test_ties_between_partitions_are_broken_by_topic_and_partition_below_the_millisecond() -> None:
    times = [write_time(t, p, 7) for t in TOPICS for p in range(300)]
    assert times == sorted(set(times))
    assert all(7_000 <= t < 8_000 for t in times)


# Order: an in-memory Cassandra (last write wins, cell by cell) against the newest record of each id


@dataclass
class LastWriteWins:
    """A table as Cassandra keeps it: of two cells the later, then the greater; a deletion covers what is not later."""

    cells: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    deletions: dict[str, int] = field(default_factory=dict)

    def apply(self, rows: Iterable[dict[str, str]], columns: tuple[str, ...]) -> None:
        for row in rows:
            time = int(row["write_time"])
            if row["deleted"]:
                self.deletions[row["id"]] = max(time, self.deletions.get(row["id"], -1))
            else:
                for name in columns:
                    cell = (row["id"], name)
                    self.cells[cell] = max((time, row[name] or ""), self.cells.get(cell, (-1, "")))

    def rows(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for (record_id, name), (time, value) in self.cells.items():
            if time > self.deletions.get(record_id, -1):
                found.setdefault(record_id, {})[name] = value
        return found


_EVENT = st.tuples(
    st.integers(0, 3),  # which partition: two of one topic, one of another
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(["upsert", "upsert", "delete", "poison"]),
    st.integers(0, 1),  # milliseconds since the partition's last record: often none
)
_PLACES = [(ESTADO.topic, 0), (ESTADO.topic, 1), (GERAL.topic, 0), (MUNICIPIO.topic, 5)]
_LEVEL = {"a": ESTADO, "b": MUNICIPIO, "c": ESTADO}


def _logs(events: list[tuple[int, str, str, int]]) -> list[list[Row]]:
    logs: list[list[Row]] = [[] for _ in _PLACES]
    for n, (place, name, what, wait) in enumerate(events):
        log = logs[place]
        # Two columns move in opposite directions, so that a mixture of two records is seen.
        good = upsert(name, _LEVEL[name], vitimas=str(n), ocorrencias=str(1_000 - n))
        value = {"upsert": good, "delete": None, "poison": upsert(name, _LEVEL[name], vitimas="-1")}[what]
        log.append(Row(name.encode(), value, len(log), (log[-1].timestamp if log else 1_000) + wait, *_PLACES[place]))
    return logs


def _newest(logs: list[list[Row]]) -> dict[Destination, dict[str, dict[str, str]]]:
    newest: dict[str, tuple[tuple[int, int], Row]] = {}
    for row in (r for log in logs for r in log if r.value is None or b"-1" not in r.value):
        age = (write_time(row.topic, row.partition, row.timestamp), row.offset)
        name = str((row.key or b"").decode())
        if name not in newest or newest[name][0] <= age:
            newest[name] = (age, row)
    tables: dict[Destination, dict[str, dict[str, str]]] = {d: {} for d in Destination}
    for name, (_, row) in newest.items():
        if row.value is not None:
            found = json.loads(row.value)
            tables[_LEVEL[name]][name] = {c: found.get(c) or "" for c in columns_of(_LEVEL[name])}
    return tables


def _batches(logs: list[list[Row]], data: st.DataObject) -> list[list[Row]]:
    """Cut every log where a millisecond ends, as the planner does; then some batches again, in any order."""
    parts: list[list[Row]] = []
    for log in logs:
        ends = [n for n in range(1, len(log)) if log[n - 1].timestamp != log[n].timestamp]
        cuts = [0, *sorted(data.draw(st.sets(st.sampled_from(ends)))), len(log)] if ends else [0, len(log)]
        parts += [log[start:until] for start, until in pairwise(cuts) if start < until]
    merged = [parts[n] + (parts[n + 1] if n + 1 < len(parts) else []) for n in range(0, len(parts), 2)]
    again = data.draw(st.lists(st.sampled_from(merged), max_size=2)) if merged else []
    return data.draw(st.permutations(merged + again))


@settings(max_examples=40, deadline=None)
@given(st.lists(_EVENT, max_size=14), st.data())
def test_row_equals_its_newest_record_whatever_the_order_the_splitting_and_the_repetition(
    events: list[tuple[int, str, str, int]], data: st.DataObject
) -> None:
    logs = _logs(events)
    tables = {d: LastWriteWins() for d in Destination}

    for rows in _batches(logs, data):
        found = stage([batch_of(rows)])
        for destination, table in found.rows.items():
            tables[destination].apply(table.to_pylist(), columns_of(destination))
        _assert_conserved(rows, found)

    assert {d: table.rows() for d, table in tables.items()} == _newest(logs)


def _assert_conserved(rows: list[Row], found: Staged) -> None:
    written = [
        TopicPartition(r["topic"], r["partition"]) for t in found.rows.values() for r in t.to_pylist() if r["counted"]
    ]
    refused = [TopicPartition(r["topic"], r["partition"]) for r in found.quarantine.to_pylist()]
    for tp in {TopicPartition(r.topic, r.partition) for r in rows}:
        read = sum((r.topic, r.partition) == tp for r in rows)
        assert found.counts[tp].read == read == written.count(tp) + refused.count(tp) + found.counts[tp].superseded


@pytest.mark.parametrize(
    ("timestamp", "what"),
    [
        (-1, "none"),
        (1_764_000_000_000 * 1_000, "µs"),
        (1_764_000_000_000 * 1_000_000, "ns"),
        (1_764_003_600_001, "future"),
    ],
)
@pytest.mark.parametrize("value", [upsert("x"), None])
def test_a_record_from_another_age_is_refused_and_found_under_the_present(
    timestamp: int, what: str, value: bytes | None
) -> None:
    present = 1_764_000_000_000
    result = at(present, Row(b"x", value, 0, timestamp), Row(b"y", upsert("y"), 1, present))

    assert ids(result, ESTADO) == [("y", False, 1)]
    (refused,) = result.quarantine.to_pylist()
    assert (refused["reasons"], refused["timestamp"]) == ("instante_impossivel", present)
    assert refused["detail"] == f"instante do Kafka: {timestamp} ms"
    assert result.counts[TP] == Counts(read=2)


def test_a_brokers_clock_a_little_ahead_of_ours_refuses_nothing() -> None:
    result = at(1_764_000_000_000, Row(b"x", upsert("x"), 0, 1_764_003_600_000))
    assert ids(result, ESTADO) == [("x", False, 0)]
