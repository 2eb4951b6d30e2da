"""What lies in folders and ZIPs beside the data, and files of kinds that are never read."""

import gzip
import io
import logging
import lzma
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sinesp.domain.errors import SourceError
from sinesp.publication.adapters.source_files import find_sources
from tests.files.small_files import CASES, UF_CONTROL, VDE_CONTROL, assert_same, control, read, vde_table, write_book

SOUND = VDE_CONTROL.read_bytes()
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def packed(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def vde_workbook(folder: Path) -> bytes:
    write_book(folder / "livro.xlsx", {"2024": [[c or None for c in row] for row in vde_table()]})
    content = (folder / "livro.xlsx").read_bytes()
    (folder / "livro.xlsx").unlink()
    return content


JUNK: dict[str, bytes] = {
    "~$BancoVDE_2024.csv": b"\x07Usuario",
    "~$bancovde.xlsx": b"\x07Usuario".ljust(165),
    "._BancoVDE_2024.csv": b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X",
    ".DS_Store": b"\x00\x00\x00\x01Bud1",
    "Thumbs.db": OLE,
    "desktop.ini": b"[.ShellClassInfo]",
    "__MACOSX/._x.csv": b"\x00\x05\x16\x07",
}


@pytest.mark.parametrize("name", JUNK)
@pytest.mark.parametrize("in_zip", [False, True], ids=["in a folder", "in a ZIP"])
def test_what_systems_leave_behind_is_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, in_zip: bool
) -> None:
    files = {"BancoVDE_2024.csv": SOUND, name: JUNK[name]}
    for file, content in {"tudo.zip": packed(files)}.items() if in_zip else files.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert_same(read(tmp_path), control())
    assert name not in caplog.text


NAMED: dict[str, tuple[bytes, str]] = {
    "LEIA-ME.txt": (b"\nBase baixada em 02/10/2026.\n", "nenhum cabeçalho conhecido"),
    "README.txt": (b"Fonte: MJSP\n", "nenhum cabeçalho conhecido"),
    "vazio.txt": (b"", "arquivo vazio"),
    "imagem.txt": (b"\x89PNG\x00\x01", "não é um texto delimitado"),
    "populacao.csv": (b"uf,populacao\nAC,1\n", "nenhum cabeçalho conhecido (encontrado: uf, populacao)"),
    "VDE.ods": (packed({"mimetype": b"application/vnd.oasis", "content.xml": b"<a/>"}), "OpenDocument (.ods)"),
    "VDE.xlsb": (packed({"[Content_Types].xml": b"", "xl/workbook.bin": b""}), "binária do Excel (.xlsb)"),
    "VDE.xls": (OLE, "Excel 97-2003 (.xls)"),
    "senha.xlsx": (OLE + "EncryptedPackage".encode("utf-16-le"), "protegida por senha"),
    "relatorio.xlsx": (packed({"[Content_Types].xml": b"", "word/document.xml": b""}), "não é planilha"),
    "VDE.numbers": (packed({"Index/Document.iwa": b""}), "Numbers"),
    "VDE.7z": (b"7z\xbc\xaf\x27\x1c\x00\x04", "arquivo 7z; extraia"),
    "VDE.rar": (b"Rar!\x1a\x07\x01\x00", "arquivo rar; extraia"),
    "xml2003.xls": (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', "planilha XML 2003"),
    "dentro.zip": (packed({"mais.zip": packed({"a.csv": SOUND})}), "do ZIP foi ignorado mais.zip; extraia"),
    "dicionario.pdf": (b"%PDF-1.4", "extensão que não é de dados"),
    "BancoVDE_2024.csv.bak": (SOUND, "extensão que não é de dados"),
    "sem_extensao": (SOUND, "extensão que não é de dados"),
}


@pytest.mark.parametrize("name", NAMED)
def test_what_is_not_read_beside_sound_data_is_named_with_what_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    content, said = NAMED[name]
    (tmp_path / "BancoVDE_2024.csv").write_bytes(SOUND)
    (tmp_path / name).write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert_same(read(tmp_path), control())
    (line,) = [record.message for record in caplog.records if name in record.message]
    assert line.startswith("Log - Não lido: ")
    assert said in line


@pytest.mark.parametrize("name", ["VDE.ods", "VDE.xls", "senha.xlsx", "VDE.7z", "dentro.zip", "dicionario.pdf"])
def test_alone_it_is_refused_with_what_it_is_and_what_to_do(tmp_path: Path, name: str) -> None:
    content, _ = NAMED[name]
    (tmp_path / name).write_bytes(content)
    for location in (tmp_path, tmp_path / name):
        with pytest.raises(SourceError, match=rf"^Nenhum arquivo do Sinesp em .*Não lido: .*{name}"):
            find_sources(str(location))


def under(name: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(SOUND)
        return folder / name

    return write


def zipped(*, workbook: bool = False, **members: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        content = vde_workbook(folder) if workbook else SOUND
        (folder / "tudo.zip").write_bytes(packed(dict.fromkeys(members.values(), content)))
        return folder / "tudo.zip"

    return write


def packed_twice(folder: Path) -> Path:
    (folder / "tudo.zip").write_bytes(packed({"a.csv.gz": gzip.compress(SOUND), "LEIA-ME.txt": b"Fonte: MJSP"}))
    return folder / "tudo.zip"


FORMS: dict[str, Callable[[Path], Path]] = {
    "a suffix in capitals": under("BANCOVDE.CSV"),
    "no suffix, named": under("bancovde"),
    "a foreign suffix, named": under("bancovde.dados"),
    "text called .xls": under("bancovde.xls"),
    "text called .tsv": under("bancovde.tsv"),
    "a ZIP in capitals": zipped(a="BANCO.CSV"),
    "a ZIP with folders of Windows": zipped(a="2024\\BancoVDE.csv"),
    "a ZIP of a workbook": zipped(workbook=True, a="bancovde-2024.xlsx"),
    "a ZIP of a workbook beside a note": packed_twice,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_file_is_known_by_its_content(tmp_path: Path, form: str) -> None:
    assert_same(read(FORMS[form](tmp_path)), control())


def test_workbooks_in_a_zip_have_the_day_they_were_saved(tmp_path: Path) -> None:
    (tmp_path / "uf.zip").write_bytes(packed({"uf.xlsx": UF_CONTROL.read_bytes()}))
    (inside,) = find_sources(str(tmp_path / "uf.zip"))
    (outside,) = find_sources(str(UF_CONTROL))
    assert inside.saved_at == outside.saved_at != ""
    assert_same(read(tmp_path / "uf.zip"), control(UF_CONTROL))


def test_junk_in_a_folder_above_the_given_one_is_no_junk(tmp_path: Path) -> None:
    folder = tmp_path / ".local/__MACOSX"
    folder.mkdir(parents=True)
    shutil.copy(VDE_CONTROL, folder)
    assert_same(read(folder), control())


BROKEN: dict[str, tuple[bytes, str]] = {
    "quebrado.zip": (packed({"a.csv": SOUND})[:-30], "danificada ou incompleta"),
    "quebrado.xlsx": (UF_CONTROL.read_bytes()[:-30], "danificada ou incompleta"),
    "quebrado.xlsm": (b"PK\x03\x04" + bytes(200), "danificada ou incompleta"),
    "quebrado.csv.xz": (lzma.compress(SOUND)[:-10], "arquivo comprimido danificado"),
    "quebrado.csv": (b"<!DOCTYPE html>", "página HTML"),
    "vazio.csv": (b"", "arquivo vazio"),
    "sem_bytes.zip": (packed({"a.csv": b""}), "não é um texto delimitado"),
    "pagina.zip": (packed({"a.csv": b"<html><body>bloqueado"}), "página HTML"),
    "planilha.zip": (packed({"a.xlsx": b"PK\x03\x04"}), "planilha ilegível"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_data_file_that_is_broken_stops_the_run_even_beside_sound_ones(tmp_path: Path, name: str) -> None:
    content, said = BROKEN[name]
    (tmp_path / "BancoVDE_2023.csv").write_bytes(SOUND)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=rf"^{name}.*{said}"):
        find_sources(str(tmp_path))


def test_two_files_of_one_name_in_a_zip_are_refused(tmp_path: Path) -> None:
    (tmp_path / "tudo.zip").write_bytes(packed({"a.csv": SOUND, "b.csv": SOUND}).replace(b"b.csv", b"a.csv"))
    with pytest.raises(SourceError, match=r"^tudo\.zip: ZIP com dois arquivos de mesmo nome"):
        find_sources(str(tmp_path))


def test_a_zip_made_on_a_mac_is_read(tmp_path: Path) -> None:
    assert_same(read(CASES / "03_macosx"), control())


def test_a_missing_path_and_an_empty_folder_say_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nada: arquivo ou pasta inexistente\. Confira SINESP_SOURCES"):
        find_sources(str(tmp_path / "nada"))
    with pytest.raises(SourceError, match=r"Nenhum arquivo do Sinesp em .*Esperado: a planilha por UF"):
        find_sources(tmp_path.as_uri())
