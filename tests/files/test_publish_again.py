"""What is sent again, or refused, when runs die, overtake each other or lose half a file."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sinesp.domain.errors import DataError, StaleBatchError, TransientError
from sinesp.publication.adapters.source_files import find_sources
from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.publish import PublishOptions, publish
from tests.unit.publishing import NOW, MemoryProducer, Row, apply, one_row_per_state, run, vde_file, vde_row


@pytest.fixture
def versions(tmp_path: Path) -> VersionStore:
    return VersionStore((tmp_path / "state").as_uri())


def test_a_crash_in_the_middle_is_repaired_by_running_again(tmp_path: Path, versions: VersionStore) -> None:
    path = vde_file(tmp_path, vde_row("SP", "SANTOS", "Suicídio", total_vitima=2), *one_row_per_state())
    (source,) = find_sources(str(path))
    broken = MemoryProducer(fail_after=3)
    with pytest.raises(TransientError):
        publish(source, broken, versions, now=NOW)
    _, producer = run(path, versions)
    whole: dict[str, dict[str, str | None]] = {}
    apply(whole, producer)
    seen: dict[str, dict[str, str | None]] = {}
    apply(seen, broken)
    apply(seen, producer)
    assert seen == whole


def test_a_version_can_be_sent_whole_again(tmp_path: Path, versions: VersionStore) -> None:
    path = vde_file(tmp_path, *one_row_per_state())
    first, _ = run(path, versions)
    again, producer = run(path, versions, PublishOptions(everything=True))
    assert again.repaired == first.new == len(producer.records)


def test_a_whole_version_sent_again_has_the_kept_records_too(tmp_path: Path, versions: VersionStore) -> None:
    first, _ = run(vde_file(tmp_path, _suicides(5), *one_row_per_state()), versions)
    unreadable = vde_file(tmp_path, _suicides("ilegível"), *one_row_per_state())
    again, producer = run(unreadable, versions, PublishOptions(everything=True))
    assert {r["vitimas"] for r in producer.records if r["tipo_crime"] == "suicidio"} == {"5"}
    assert (again.repaired, again.kept, again.unchanged) == (first.new, 3, 0)


def test_a_kept_record_a_dead_run_deleted_is_sent_again_as_last_published(
    tmp_path: Path, versions: VersionStore
) -> None:
    run(vde_file(tmp_path, _suicides(5), *one_row_per_state()), versions)
    with pytest.raises(TransientError):
        publish(find_sources(str(vde_file(tmp_path, *one_row_per_state())))[0], MemoryProducer(2), versions, now=NOW)
    report, producer = run(vde_file(tmp_path, _suicides("ilegível"), *one_row_per_state()), versions)
    assert [r["vitimas"] for r in producer.records] == ["5", "5", "5"]
    assert (report.repaired, report.kept, report.unchanged, producer.deleted) == (3, 3, 28, [])


def _suicides(victims: object) -> Row:
    return vde_row("SP", "SÃO PAULO", "Suicídio", total_vitima=victims)


def test_a_file_that_lost_most_of_its_rows_is_refused_unless_accepted(tmp_path: Path, versions: VersionStore) -> None:
    months = [row for m in range(1, 13) for row in one_row_per_state(f"2024-{m:02d}-01")]
    run(vde_file(tmp_path, *months), versions)
    path = vde_file(tmp_path, *one_row_per_state())
    with pytest.raises(DataError, match="sumiriam"):
        run(path, versions)
    report, producer = run(path, versions, PublishOptions(accept_vanished=True))
    assert report.vanished == len(producer.deleted) == 11 * 28


def test_two_runs_at_once_do_not_overwrite_each_others_version(tmp_path: Path, versions: VersionStore) -> None:
    path = vde_file(tmp_path, *one_row_per_state())
    (source,) = find_sources(str(path))

    class Racing(MemoryProducer):
        def create_topics(self, names: tuple[str, ...], /) -> list[str]:
            run(path, versions)
            return super().create_topics(names)

    with pytest.raises(StaleBatchError):
        publish(source, Racing(), versions, now=NOW)
    report, _ = run(path, versions)
    assert report.version == 2


def test_what_the_loser_of_a_race_sent_is_sent_again(tmp_path: Path, versions: VersionStore) -> None:
    """The winner took the loser's note for a dead run's, and the loser's records came after its own."""
    older = vde_file(tmp_path, vde_row("SP", "SANTOS", "Suicídio", total_vitima=2), *one_row_per_state(), name="a.csv")
    newer = vde_file(tmp_path, vde_row("SP", "SANTOS", "Suicídio", total_vitima=3), *one_row_per_state(), name="b.csv")
    store: dict[str, dict[str, str | None]] = {}

    class Overtaken(MemoryProducer):
        def send(self, *args: Any) -> None:
            if not self.sent:
                apply(store, run(newer, versions)[1])
            super().send(*args)

    loser = Overtaken()
    with pytest.raises(StaleBatchError):
        publish(find_sources(str(older))[0], loser, versions, now=NOW)
    apply(store, loser)
    apply(store, run(newer, versions)[1])
    assert {r["vitimas"] for r in store.values() if r["tipo_crime"] == "suicidio"} == {"3"}


VALUES = st.one_of(st.none(), st.integers(0, 3), st.just("ilegível"))
RELEASES = st.lists(
    st.lists(st.tuples(st.sampled_from(["SANTOS", "CAMPINAS", "BRASÍLIA", "SANTOZ"]), VALUES), max_size=5),
    min_size=1,
    max_size=4,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(releases=RELEASES, crashes=st.lists(st.one_of(st.none(), st.integers(0, 4)), min_size=4, max_size=4))
@example(  # The third run dies after it deleted Brasília; the fourth withholds Brasília and must send it again.
    releases=[[], [("BRASÍLIA", None)], [("SANTOS", None)], [("BRASÍLIA", None), ("BRASÍLIA", "ilegível")]],
    crashes=[None, None, 1, None],
)
def test_whatever_the_releases_and_crashes_a_consumer_ends_where_a_fresh_one_does(
    tmp_path_factory: pytest.TempPathFactory, releases: list[list[tuple[str, object]]], crashes: list[int | None]
) -> None:
    folder = tmp_path_factory.mktemp("releases")
    store: dict[str, dict[str, str | None]] = {}
    versions = VersionStore((folder / "state").as_uri())
    for release, crash in zip(releases, crashes, strict=False):
        path = _release(folder, release)
        producer = MemoryProducer(crash)
        try:
            publish(find_sources(str(path))[0], producer, versions, now=NOW)
        except TransientError:
            pass
        finally:
            apply(store, producer)
    last = _release(folder, [(p, v) for p, v in releases[-1] if p != "SANTOZ" and v != "ilegível"][:1])
    expected: dict[str, dict[str, str | None]] = {}
    for target, consumer in ((versions, store), (VersionStore((folder / "fresh").as_uri()), expected)):
        producer = MemoryProducer()
        publish(find_sources(str(last))[0], producer, target, now=NOW)
        apply(consumer, producer)
    assert store == expected


def _release(folder: Path, rows: list[tuple[str, object]]) -> Path:
    made = [vde_row("DF" if p == "BRASÍLIA" else "SP", p, "Suicídio", total_vitima=v) for p, v in rows]
    return vde_file(folder, *made, *one_row_per_state())
