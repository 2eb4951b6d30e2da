"""Every form an official file comes in gives the same records; what cannot be read says what it is."""

import gzip
import io
import logging
import lzma
import weakref
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from sinesp.domain.errors import SourceError
from sinesp.publication.adapters.readers import workbook
from sinesp.publication.adapters.source_files import find_sources
from sinesp.publication.model.publishing import Problem
from sinesp.publication.model.sources import SourceKind
from tests.files.small_files import read
from tests.unit.publishing import MUNICIPAL, UF_OCORRENCIAS, UF_VITIMAS, VDE, Row, vde_row, write_csv

ROWS = [
    vde_row(
        "SP",
        "SÃO PAULO",
        "Homicídio doloso",
        feminino=1,
        masculino=2,
        nao_informado=0,
        total_vitima=3,
        formulario="Formulário 1",
    ),
    vde_row("SP", "NÃO INFORMADO", "Homicídio doloso", formulario="Formulário 1"),
    vde_row("RN", "OLHO D'ÁGUA DO BORGES", "Suicídio", total_vitima=0, formulario="Formulário 1"),
    vde_row("BA", "NÃO INFORMADO", "Apreensão de Maconha", total_peso=10.154, formulario="Formulário 5"),
    vde_row("", "NÃO INFORMADO", "Mortes no trânsito", total_vitima=4, abrangencia="Polícia Rodoviária Federal"),
]
SERIAL_OF_JANUARY = 45292


def write_xlsx(path: Path, **sheets: Sequence[Row]) -> Path:
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.lstrip("_"))
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def with_date(rows: Sequence[Row], change: Callable[[str], object], width: int = 15) -> list[Row]:
    place = VDE.index("data_referencia")
    return [[change(str(v)) if n == place else v for n, v in enumerate(row[:width])] for row in rows]


def brazilian(text: str) -> str:
    return f"{date.fromisoformat(text):%d/%m/%Y}"


def plain(folder: Path) -> Path:
    return write_csv(folder / "BancoVDE_2024.csv", VDE, ROWS)


def packed_xz(folder: Path) -> Path:
    (folder / "vde.csv.xz").write_bytes(lzma.compress(plain(folder).read_bytes()))
    return folder / "vde.csv.xz"


def packed_gzip(folder: Path) -> Path:
    (folder / "vde.csv.gz").write_bytes(gzip.compress(plain(folder).read_bytes()))
    return folder / "vde.csv.gz"


def official_zip(folder: Path) -> Path:
    inner = write_csv(folder / "BancoVDE 2024.csv", VDE[:14], with_date(ROWS, brazilian, 14), ";", "utf-8-sig")
    with zipfile.ZipFile(folder / "basededadosvde.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inner, inner.name)
    return folder / "basededadosvde.zip"


def latin1(folder: Path) -> Path:
    return write_csv(folder / "vde.csv", VDE, ROWS, ";", "latin-1")


def quoted(folder: Path) -> Path:
    return write_csv(
        folder / "vde.csv", [f'"{c}"' for c in VDE], [[v if v is None else f'"{v}"' for v in row] for row in ROWS]
    )


def official_xlsx(folder: Path) -> Path:
    rows = with_date(ROWS, datetime.fromisoformat)
    return write_xlsx(folder / "bancovde-2024.xlsx", **{"2024": [VDE, *rows]})


def xlsx_of_14_columns_with_bare_serials(folder: Path) -> Path:
    rows = with_date(ROWS, lambda _: SERIAL_OF_JANUARY, 14)
    return write_xlsx(folder / "bancovde-2024.xlsx", **{"2024": [["Base de dados"], VDE[:14], *rows]})


FORMS = [packed_xz, packed_gzip, official_zip, latin1, quoted, official_xlsx, xlsx_of_14_columns_with_bare_serials]


@pytest.mark.parametrize("form", FORMS, ids=lambda f: f.__name__)
def test_every_form_of_the_vde_gives_the_same_records(tmp_path: Path, form: Callable[[Path], Path]) -> None:
    (tmp_path / "plain").mkdir()
    expected = read(plain(tmp_path / "plain"))
    found = read(form(tmp_path))
    assert found.key == expected.key
    assert found.records.sort("id").equals(expected.records.sort("id"))
    assert found.report.problems == expected.report.problems == {Problem.UF_AUSENTE: 25, Problem.SO_PESO: 1}


def test_a_workbook_of_the_vde_is_read_by_the_streaming_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("python_calamine.CalamineWorkbook", None)
    assert read(official_xlsx(tmp_path)).report.rows == len(ROWS)


def test_streaming_never_holds_more_than_a_chunk_of_rows() -> None:
    class Tracked(list[object]):
        __slots__ = ("__weakref__",)

    given: list[weakref.ref[Tracked]] = []
    most = 0

    def rows() -> Iterator[Row]:
        nonlocal most
        yield VDE
        for n in range(1000):
            row = Tracked([*vde_row("SP", "SANTOS", "Suicídio", total_vitima=n)])
            given.append(weakref.ref(row))
            most = max(most, sum(r() is not None for r in given))
            yield row

    table, _ = workbook._streamed_sheet(rows(), workbook._text_of, 50)
    assert table["total_vitima"].to_list() == [str(n) for n in range(1000)]
    assert table["linha"].to_list() == list(range(2, 1002))
    # The chunk that was made, the one that is being made, and the rows read in search of the header.
    assert most <= 50 + 50 + 10


def test_every_spelling_of_a_month_in_the_municipal_workbook_is_read(tmp_path: Path) -> None:
    november = datetime(2019, 11, 1)  # noqa: DTZ001
    months = [november, "dez/19", "jan/2020", " fev/20", "mar/2020", "04/2020", "Mai-20", 43983]
    rows = [["Niterói", "RJ", "SUDESTE", month, n] for n, month in enumerate(months)]
    content = read(write_xlsx(tmp_path / "munic.xlsx", RJ=[MUNICIPAL[1:], *rows]))
    found = (
        content.records.filter(pl.col("granularidade") == "municipio")
        .sort("ano", "mes")
        .select("mes_ano", "vitimas")
        .rows()
    )
    wanted = ["11/2019", "12/2019", "01/2020", "02/2020", "03/2020", "04/2020", "05/2020", "06/2020"]
    assert found == [(month, str(n)) for n, month in enumerate(wanted)]
    assert Problem.DIA_DIFERENTE_DE_1 not in content.report.problems


def test_both_sheets_of_the_uf_workbook_are_one_source_and_a_foreign_sheet_is_reported(tmp_path: Path) -> None:
    crime = ("Bahia", "Homicídio doloso", 2021, "março")
    rows: dict[str, list[Row]] = {
        "Ocorrências": [UF_OCORRENCIAS, (*crime, 3)],
        "Vítimas": [UF_VITIMAS, (*crime, "Masculino", 2)],
        "Notas": [["Fonte: MJSP"]],
    }
    content = read(write_xlsx(tmp_path / "uf.xlsx", **rows))
    assert content.key.kind is SourceKind.UF
    assert content.records.select("ocorrencias", "vitimas").rows() == [("3", "2")]
    assert content.report.problems[Problem.PLANILHA_DESCONHECIDA] == 1


def with_sheet(path: Path, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook of the VDE whose sheet's XML was tampered with."""
    write_xlsx(path, **{"2024": [VDE, *ROWS]})
    result = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(result, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if "sheet1" in name else old.read(name))
    return result.getvalue()


def damaged_sheet(path: Path) -> bytes:
    return with_sheet(path, lambda xml: xml[:200])


def test_a_sheet_that_declares_too_small_an_extent_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "vde.xlsx"
    path.write_bytes(with_sheet(path, lambda xml: xml.replace(b"<sheetData>", b'<dimension ref="A1:O2"/><sheetData>')))
    assert read(path).report.rows == len(ROWS)


def encrypted_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("vde.csv", ",".join(VDE))
    content = bytearray(buffer.getvalue())
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(header) + flags] |= 1
    return bytes(content)


HEADER = ",".join(VDE).encode() + b"\r\n"
UNREADABLE: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "a.xlsx": (lambda _: b"<!DOCTYPE html><html>", "página HTML"),
    "b.csv": (lambda _: b"", "arquivo vazio"),
    "c.xlsx": (lambda p: damaged_sheet(p)[:-100], "danificada ou incompleta"),
    "d.xlsx": (damaged_sheet, "planilha ilegível"),
    "e.csv.xz": (lambda _: lzma.compress(HEADER * 2000)[:-40], "danificado ou incompleto"),
    "f.csv.gz": (lambda _: gzip.compress(HEADER * 2000)[:-40], "danificado ou incompleto"),
    "g.csv": (lambda _: b"\xd0\xcf\x11\xe0\x00\x00\n", "não é um texto delimitado nem uma planilha"),
    "h.csv": (lambda _: HEADER + b'AC,"' + b"BUJARI," * 30_000, "texto ilegível depois da linha 2"),
    "i.zip": (lambda _: encrypted_zip(), "ZIP que não pode ser aberto"),
    "j.csv": (lambda _: HEADER, "Nenhuma data legível"),
    "k.pdf": (lambda _: b"%PDF-1.4 dicionario", "Nenhum arquivo do Sinesp"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_is_named_with_what_it_is(tmp_path: Path, name: str) -> None:
    content, said = UNREADABLE[name]
    path = tmp_path / name
    path.write_bytes(content(path))
    with pytest.raises(SourceError, match=said) as found:
        read(path)
    assert name in str(found.value)


def test_two_sources_in_one_workbook_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="fontes diferentes"):
        read(write_xlsx(tmp_path / "x.xlsx", VDE=[VDE, *ROWS], AC=[MUNICIPAL]))


def test_what_lies_beside_the_official_files_is_told_and_skipped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with zipfile.ZipFile(tmp_path / "tudo.zip", "w") as archive:
        archive.write(plain(tmp_path), "2024/BancoVDE.csv")
        archive.write(official_xlsx(tmp_path), "bancovde-2024.xlsx")
        archive.writestr("populacao.csv", "uf,populacao\r\nAC,1\r\n")
    with caplog.at_level(logging.WARNING):
        (source,) = find_sources(str(tmp_path / "tudo.zip"))
    assert str(source) == "sinesp-vde (tudo.zip:2024/BancoVDE.csv)"
    assert "bancovde-2024.xlsx" in caplog.text
    assert "tudo.zip:populacao.csv ignorado: nenhum cabeçalho conhecido (encontrado: uf, populacao)" in caplog.text
