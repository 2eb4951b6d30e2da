"""Several files of one year, several releases of one workbook: which stands, also when a task is tried again."""

import os
import zipfile
from pathlib import Path

import openpyxl
import pytest

from sinesp.domain.errors import DataError
from sinesp.domain.territory import UFS
from sinesp.endpoints import endpoints_from_settings
from sinesp.publication.adapters.release_order import latest, peek_key, released_at
from sinesp.publication.adapters.source_files import FoundSource, find_sources
from sinesp.publication.fetch import check_files, fetch_sources, publish_files
from sinesp.publication.model.publishing import PublishReport
from sinesp.publication.model.sources import SourceKey, SourceKind
from sinesp.publication.publish import PublishOptions
from sinesp.settings import Settings
from sinesp.wiring import Services
from tests.unit.publishing import UF_OCORRENCIAS, UF_VITIMAS, VDE, MemoryProducer, vde_row, write_csv


class Local(Services):
    """Services whose producer only remembers."""

    def record_producer(self) -> MemoryProducer:  # type: ignore[override]
        return MemoryProducer()


@pytest.fixture
def services(tmp_path: Path) -> Services:
    settings = Settings.model_validate({"state_url": (tmp_path / "state").as_uri()})
    return Local(settings, endpoints_from_settings(settings))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "fontes"
    made.mkdir()
    return made


def vde(path: Path, victims: int, year: int = 2024, modified: int = 1_000_000_000) -> Path:
    rows = [vde_row(uf, "NÃO INFORMADO", "Furto de veículo", f"{year}-01-01", total=victims) for uf in UFS]
    write_csv(path, VDE, rows)
    os.utime(path, (modified, modified))
    return path


def vde_workbook(path: Path, saved: str, year: int = 2024) -> Path:
    book = openpyxl.Workbook()
    sheet = book.create_sheet(str(year), 0)
    for row in (
        [],
        ["Base de dados"],
        VDE,
        vde_row("SP", "NÃO INFORMADO", "Furto de veículo", f"{year}-01-01", total=1),
    ):
        sheet.append(list(row))
    book.save(path)
    return _saved(path, saved)


def uf_workbook(path: Path, value: int, saved: str) -> Path:
    book = openpyxl.Workbook()
    for title, header, tail in (("Ocorrências", UF_OCORRENCIAS, []), ("Vítimas", UF_VITIMAS, ["Masculino"])):
        sheet = book.create_sheet(title)
        sheet.append(header)
        for name in UFS.values():
            sheet.append([name, "Homicídio doloso", 2021, "março", *tail, value])
    book.save(path)
    return _saved(path, saved)


def _saved(path: Path, instant: str) -> Path:
    """Say in the workbook's properties when it was saved."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    core = parts["docProps/core.xml"].decode()
    start, end = core.index("<dcterms:modified"), core.index("</dcterms:modified>")
    core = core[: core.index(">", start) + 1] + instant + core[end:]
    parts["docProps/core.xml"] = core.encode()
    with zipfile.ZipFile(path, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return path


def one(path: Path) -> FoundSource:
    (source,) = find_sources(str(path))
    return source


def publish_all(services: Services, folder: Path, options: PublishOptions | None = None) -> list[PublishReport]:
    groups = fetch_sources(services.publication_ports, str(folder))
    return [
        r for paths in groups for r in publish_files(services.publication_ports, paths, options or PublishOptions())
    ]


def test_files_of_one_year_are_one_group_and_other_years_are_not(services: Services, folder: Path) -> None:
    vde(folder / "BancoVDE 2024.csv", 1)
    vde(folder / "BancoVDE 2024 (1).csv", 2)
    vde(folder / "BancoVDE 2023.csv", 1, 2023)
    groups = fetch_sources(services.publication_ports, str(folder))
    assert sorted(sorted(Path(p).name for p in g) for g in groups) == [
        ["BancoVDE 2023.csv"],
        ["BancoVDE 2024 (1).csv", "BancoVDE 2024.csv"],
    ]


def test_a_zip_of_several_years_ties_the_other_files_of_those_years_to_it(services: Services, folder: Path) -> None:
    with zipfile.ZipFile(folder / "vde.zip", "w") as archive:
        for year in (2022, 2023):
            archive.write(vde(folder / "tmp.csv", 1, year), f"BancoVDE {year}.csv")
    (folder / "tmp.csv").unlink()
    vde(folder / "a.csv", 1, 2022)
    vde(folder / "b.csv", 1, 2023)
    (group,) = fetch_sources(services.publication_ports, str(folder))
    assert sorted(Path(p).name for p in group) == ["a.csv", "b.csv", "vde.zip"]


@pytest.mark.parametrize("first", ["BancoVDE 2024.csv", "BancoVDE 2024 (1).csv"])
def test_a_browsers_copy_is_the_later_one_whatever_was_copied_first(
    services: Services, folder: Path, caplog: pytest.LogCaptureFixture, first: str
) -> None:
    for name, victims in (("BancoVDE 2024.csv", 1), ("BancoVDE 2024 (1).csv", 2)):
        vde(folder / name, victims, modified=1_000_000_000 if name == first else 2_000_000_000)
    (report,) = publish_all(services, folder)
    assert report.files == ("BancoVDE 2024 (1).csv",)
    assert "vale sinesp-vde (BancoVDE 2024 (1).csv) (cópia (1) do navegador)" in caplog.text
    (again,) = publish_all(services, folder)
    assert (again.files, again.sent) == (("BancoVDE 2024 (1).csv",), 0)


def test_without_any_other_word_the_file_written_last_is_the_later_one(services: Services, folder: Path) -> None:
    vde(folder / "z.csv", 1, modified=1_000_000_000)
    vde(folder / "a.csv", 2, modified=2_000_000_000)
    assert [r.files for r in publish_all(services, folder)] == [("a.csv",)]


def test_what_a_release_says_of_itself_goes_before_the_time_of_a_file(folder: Path) -> None:
    book = one(vde_workbook(folder / "a.xlsx", "2024-05-01T00:00:00Z"))
    other = one(vde_workbook(folder / "b.xlsx", "2024-03-01T00:00:00Z"))
    assert latest([book, other]).source == latest([other, book]).source == book
    assert (released_at(book), peek_key(book)) == ("2024-05-01T00:00:00Z", SourceKey(SourceKind.VDE, 2024))


def test_a_member_of_a_zip_says_when_it_was_packed(folder: Path) -> None:
    with zipfile.ZipFile(folder / "vde.zip", "w") as archive:
        info = zipfile.ZipInfo("BancoVDE 2024.csv", (2026, 4, 30, 12, 0, 0))
        archive.writestr(info, vde(folder / "tmp.csv", 1).read_bytes())
    assert released_at(one(folder / "vde.zip")) == "2026-04-30T12:00:00Z"


def test_a_member_without_a_possible_date_says_nothing(folder: Path) -> None:
    with zipfile.ZipFile(folder / "vde.zip", "w") as archive:
        info = zipfile.ZipInfo("BancoVDE 2024.csv")
        info.date_time = (1980, 0, 0, 0, 0, 0)
        archive.writestr(info, vde(folder / "tmp.csv", 1).read_bytes())
    assert released_at(one(folder / "vde.zip")) == ""


def test_the_year_of_a_file_without_a_readable_date_is_not_guessed(folder: Path) -> None:
    path = write_csv(folder / "vde.csv", VDE, [vde_row("SP", "SANTOS", "Suicídio", "??", total_vitima=1)])
    assert peek_key(one(path)) is None


def test_an_older_workbook_is_refused_until_it_is_accepted(services: Services, folder: Path, tmp_path: Path) -> None:
    publish_all(services, uf_workbook(tmp_path / "new.xlsx", 30, "2023-09-18T00:00:00Z"))
    old = uf_workbook(tmp_path / "old.xlsx", 29, "2023-04-14T00:00:00Z")
    with pytest.raises(DataError, match=r"mais antigo \(2023-04-14T00:00:00Z\) que o publicado .*--accept-older"):
        publish_all(services, old)
    (group,) = fetch_sources(services.publication_ports, str(old))
    (report,) = check_files(services.publication_ports, group, PublishOptions())
    assert "mais antigo" in report.refusal
    (accepted,) = publish_all(services, old, PublishOptions(accept_older=True))
    assert accepted.changed == 28


def test_a_task_tried_again_does_not_bring_the_older_release_back(services: Services, folder: Path) -> None:
    uf_workbook(folder / "a.xlsx", 29, "2023-04-14T00:00:00Z")
    uf_workbook(folder / "b.xlsx", 30, "2023-09-18T00:00:00Z")
    assert [(r.files, r.sent) for r in publish_all(services, folder)] == [(("a.xlsx",), 56 // 2), (("b.xlsx",), 28)]
    assert [(r.files, r.sent) for r in publish_all(services, folder)] == [(("b.xlsx",), 0)]
