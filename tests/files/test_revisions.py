"""What a release would change beside the last version: withheld, refused with the largest changes, or accepted."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from sinesp.domain.errors import DataError
from sinesp.domain.territory import UFS
from sinesp.publication.adapters.source_files import find_sources
from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.model.publishing import Problem
from sinesp.publication.publish import PublishOptions, check
from tests.unit.publishing import MUNICIPAL, VDE, Row, run, vde_row, write_csv, write_uf

MONTHS = tuple(f"2024-{m:02d}-01" for m in range(1, 7))
NAMES = ("janeiro", "fevereiro", "março", "abril", "maio", "junho")


@pytest.fixture
def versions(tmp_path: Path) -> VersionStore:
    return VersionStore((tmp_path / "state").as_uri())


def country(value: int = 20) -> list[Row]:
    return [vde_row(uf, "NÃO INFORMADO", "Furto de veículo", m, total=value) for m in MONTHS for uf in UFS]


def vde(tmp_path: Path, rows: list[Row]) -> Path:
    return write_csv(tmp_path / "vde.csv", VDE, rows)


def uf(tmp_path: Path, values: Mapping[tuple[str, str], tuple[int, int | None]]) -> Path:
    """A UF source of six months: (state, month) to occurrences and victims of homicides; None: no victims row."""
    occurrences = [(s, "Homicídio doloso", 2021, m, n) for (s, m), (n, _) in values.items()]
    victims = [(s, "Homicídio doloso", 2021, m, "Masculino", n) for (s, m), (_, n) in values.items() if n is not None]
    return write_uf(tmp_path / "uf", occurrences, victims)


EVERYWHERE: dict[tuple[str, str], tuple[int, int | None]] = {
    (state, month): (30, 40) for state in UFS.values() for month in NAMES
}


def test_a_block_that_was_published_and_is_gone_stays_with_its_sums(tmp_path: Path, versions: VersionStore) -> None:
    places = ("SANTOS", "CAMPINAS", "SOROCABA", "BAURU", "FRANCA", "ITU", "JAÚ")
    paulista = [vde_row("SP", p, "Suicídio", "2024-06-01", total_vitima=1) for p in places]
    bahia = [vde_row("BA", "SALVADOR", "Suicídio", "2024-06-01", total_vitima=1)]
    run(vde(tmp_path, [*paulista, *bahia, *country()]), versions)
    report, producer = run(vde(tmp_path, [*bahia, *country()]), versions)
    assert (producer.sent, report.vanished) == ([], 0)
    assert report.kept == len(places) + 1
    assert report.retained == 1, "the country's total, which would be smaller"
    assert report.read.problems == {Problem.BLOCO_SUMIDO: 1}
    accepted, producer = run(vde(tmp_path, [*bahia, *country()]), versions, PublishOptions(accept_vanished=True))
    assert (accepted.vanished, accepted.changed, len(producer.deleted)) == (len(places) + 1, 1, len(places) + 1)


def test_a_state_event_gone_from_one_state_shrinks_no_national_total(tmp_path: Path, versions: VersionStore) -> None:
    run(vde(tmp_path, country()), versions)
    report, producer = run(vde(tmp_path, [r for r in country() if (r[0], r[3]) != ("BA", MONTHS[5])]), versions)
    assert producer.sent == []
    assert report.read.problems == {Problem.BLOCO_SUMIDO: 1}


def test_a_month_of_a_municipal_sheet_that_is_gone_is_kept(tmp_path: Path, versions: VersionStore) -> None:
    names = ("Bujari", "Cruzeiro Do Sul", "Feijó", "Tarauacá", "Xapuri", "Brasiléia")
    rows = [(None, n, "AC", "NORTE", m, 1) for n in names for m in ("jan/20", "fev/20")]
    run(write_csv(tmp_path / "ac.csv", MUNICIPAL, rows), versions)
    report, producer = run(write_csv(tmp_path / "ac.csv", MUNICIPAL, rows[::2]), versions)
    assert (producer.sent, report.kept) == ([], 7)


def test_a_zero_the_uf_workbook_drops_is_deleted_and_a_number_is_not(tmp_path: Path, versions: VersionStore) -> None:
    places = dict(EVERYWHERE)
    places["Tocantins", "junho"] = (0, 0)
    run(uf(tmp_path, places), versions)
    del places["Tocantins", "junho"], places["Bahia", "junho"]
    report, producer = run(uf(tmp_path, places), versions)
    assert (report.vanished, len(producer.deleted)) == (1, 1)
    assert report.read.problems == {Problem.BLOCO_SUMIDO: 1}
    assert not any(r["granularidade"] == "brasil" for r in producer.records)


def test_a_series_that_would_go_blank_is_retained(tmp_path: Path, versions: VersionStore) -> None:
    run(uf(tmp_path, EVERYWHERE), versions)
    lost = EVERYWHERE | {("Bahia", m): (30, None) for m in NAMES[:3]}
    report, producer = run(uf(tmp_path, lost), versions)
    assert producer.sent == []
    assert (report.retained, report.read.problems) == (3 + 3, {Problem.BLOCO_ESVAZIADO: 3})
    accepted, _ = run(uf(tmp_path, lost), versions, PublishOptions(accept_changes=True))
    assert (accepted.emptied, accepted.changed) == (3, 6)


@pytest.mark.parametrize(("lost", "deleted"), [(("BA",), 2), (("BA", "SP"), 0)], ids=["one state", "two states"])
def test_a_small_block_may_vanish_alone_and_not_with_those_of_other_states(
    tmp_path: Path, versions: VersionStore, lost: tuple[str, ...], deleted: int
) -> None:
    suicides = [vde_row(u, "NÃO INFORMADO", "Suicídio", m, total_vitima=0) for m in MONTHS for u in ("AC", "BA", "SP")]
    run(vde(tmp_path, [*suicides, *country()]), versions)
    left = [row for row in suicides if (row[0] not in lost or row[3] != MONTHS[-1])]
    report, producer = run(vde(tmp_path, [*left, *country()]), versions)
    assert len(producer.deleted) == report.vanished == deleted
    assert report.read.problems.get(Problem.BLOCO_SUMIDO, 0) == (0 if deleted else len(lost))


def test_a_state_whose_values_are_multiplied_by_ten_stops_with_the_largest_changes(
    tmp_path: Path, versions: VersionStore
) -> None:
    run(uf(tmp_path, EVERYWHERE), versions)
    path = uf(tmp_path, EVERYWHERE | {("Bahia", m): (300, 400) for m in NAMES})
    with pytest.raises(DataError) as refused:
        run(path, versions)
    said = str(refused.value)
    assert "BA: valores mudariam por um fator mediano de 10.0" in said
    assert "BA 01/2021 homicidio_doloso (vitimas): 40 → 400" in said
    assert "--accept-changes, Param accept_changes" in said
    assert run(path, versions, PublishOptions(accept_changes=True))[0].changed == 12


def test_one_crime_of_a_state_multiplied_is_noticed_beside_others(tmp_path: Path, versions: VersionStore) -> None:
    thefts = country()
    robberies = [vde_row(str(r[0]), "NÃO INFORMADO", e, str(r[3]), total=20) for r in thefts for e in
                 ("Roubo de carga", "Roubo de veículo")]  # fmt: skip
    run(vde(tmp_path, [*thefts, *robberies]), versions)
    moved = [vde_row(str(r[0]), "NÃO INFORMADO", "Furto de veículo", str(r[3]), total=140 if r[0] == "BA" else 20)
             for r in thefts]  # fmt: skip
    with pytest.raises(DataError, match=re.escape("BA, furto_veiculo: valores mudariam por um fator mediano de 7.0")):
        run(vde(tmp_path, [*moved, *robberies]), versions)


def test_half_of_a_state_s_values_going_to_zero_stops(tmp_path: Path, versions: VersionStore) -> None:
    run(uf(tmp_path, EVERYWHERE), versions)
    with pytest.raises(DataError, match="BA: 6 dos 13 valores de UF iriam para vazio ou zero"):
        run(uf(tmp_path, EVERYWHERE | {("Bahia", m): (0, 0) for m in NAMES[:3]}), versions)


def test_a_release_in_which_a_third_of_the_states_values_change_stops(tmp_path: Path, versions: VersionStore) -> None:
    run(uf(tmp_path, EVERYWHERE), versions)
    moved = dict.fromkeys(list(EVERYWHERE)[: len(EVERYWHERE) // 3], (31, 41))
    with pytest.raises(DataError, match="108 dos 351 valores de UF mudariam"):
        run(uf(tmp_path, EVERYWHERE | moved), versions)


def test_a_release_in_which_most_municipalities_change_stops(tmp_path: Path, versions: VersionStore) -> None:
    from sinesp.domain.territory import municipality_names

    names = [name for code, name in municipality_names().items() if code.startswith("35")][:300]
    before, after = ([(None, n, "SP", "SUDESTE", "jan/20", v) for n in names] for v in (1, 2))
    run(write_csv(tmp_path / "sp.csv", MUNICIPAL, before), versions)
    with pytest.raises(DataError, match="300 dos 300 valores de município mudariam"):
        run(write_csv(tmp_path / "sp.csv", MUNICIPAL, after), versions)


def test_a_check_shows_what_would_be_sent_and_writes_nothing(tmp_path: Path, versions: VersionStore) -> None:
    run(uf(tmp_path, EVERYWHERE), versions)
    state = {p: p.stat().st_mtime_ns for p in (tmp_path / "state").rglob("*")}
    (source,) = find_sources(str(uf(tmp_path, EVERYWHERE | {("Bahia", "março"): (31, 41)})))
    report = check(source, versions)
    assert (report.changed, report.version, report.refusal) == (2, 1, "")
    assert [str(c) for c in report.largest] == [
        "BA 03/2021 homicidio_doloso (vitimas): 40 → 41",
        "BA 03/2021 homicidio_doloso (ocorrencias): 30 → 31",
    ]
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "state").rglob("*")} == state
    (first,) = find_sources(str(vde(tmp_path, country())))
    assert check(first, versions).new == 6 * 28
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "state").rglob("*")} == state


def test_a_check_says_why_the_publication_would_stop(tmp_path: Path, versions: VersionStore) -> None:
    run(uf(tmp_path, EVERYWHERE), versions)
    (source,) = find_sources(str(uf(tmp_path, EVERYWHERE | {("Bahia", m): (300, 400) for m in NAMES})))
    assert "fator mediano de 10.0" in check(source, versions).refusal
