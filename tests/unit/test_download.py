"""Downloads from sites that stall, break off, block and lie."""

import io
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sinesp.domain.errors import SourceError, TransientError
from sinesp.publication.adapters.download import Downloader, DownloadPolicy
from tests.unit.site import Answer, Site, body, cut, endless, ranged, serve, silent

QUICK = DownloadPolicy(connect_seconds=1, read_seconds=0.1, attempts=3, longest_wait_seconds=0.01, max_bytes=1_000_000)
HTML = b"\xef\xbb\xbf\n<!DOCTYPE html><html><body>Acesso bloqueado</body></html>"
CSV = b"uf;municipio\r\n" + b"AC;BUJARI\r\n" * 500


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as site:
        yield site


def get(url: str, folder: Path, policy: DownloadPolicy = QUICK) -> bytes:
    (path,) = Downloader(folder, policy).fetch(url)
    assert [p.name for p in folder.iterdir()] == [path.name], "no part and no note is left"
    return path.read_bytes()


def zip_file() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("BancoVDE 2024.csv", CSV)
    return buffer.getvalue()


def test_a_download_that_breaks_off_goes_on_where_it_stopped(site: Site, tmp_path: Path) -> None:
    url = site.at("/vde.csv", cut(CSV, 1000, ETag='"a"'), ranged(CSV, '"a"'))
    assert get(url, tmp_path) == CSV
    assert site.ranges == [(None, None), ("bytes=1000-", '"a"')]


def test_a_later_run_goes_on_too(site: Site, tmp_path: Path) -> None:
    url = site.at("/vde.csv", cut(CSV, 1000, Last_Modified="Wed, 01 Apr 2026 00:00:00 GMT"))
    with pytest.raises(TransientError):
        Downloader(tmp_path, DownloadPolicy(attempts=1)).fetch(url)
    site.at("/vde.csv", ranged(CSV, "Wed, 01 Apr 2026 00:00:00 GMT"))
    assert get(url, tmp_path) == CSV
    assert site.ranges[-1] == ("bytes=1000-", "Wed, 01 Apr 2026 00:00:00 GMT")


def test_a_file_replaced_meanwhile_is_taken_whole(site: Site, tmp_path: Path) -> None:
    newer = CSV.replace(b"BUJARI", b"XAPURI")
    url = site.at("/vde.csv", cut(CSV, 1000, ETag='"a"'), ranged(newer, '"b"'))
    assert get(url, tmp_path) == newer


@pytest.mark.parametrize("told", [{}, {"ETag": 'W/"fraco"'}])
def test_what_cannot_be_told_to_be_the_same_file_is_never_continued(
    site: Site, tmp_path: Path, told: dict[str, str]
) -> None:
    url = site.at("/vde.csv", cut(CSV, 1000, **told), body(CSV))
    assert get(url, tmp_path) == CSV
    assert site.ranges == [(None, None)] * 2


@pytest.mark.parametrize(
    "wrong", [body(b"", 416), body(CSV[:10], 206, Content_Range="bytes 0-9/5514"), body(CSV[1000:], 206)]
)
def test_a_site_that_continues_elsewhere_makes_it_start_again(site: Site, tmp_path: Path, wrong: Answer) -> None:
    url = site.at("/vde.csv", cut(CSV, 1000, ETag='"a"'), wrong, body(CSV))
    assert get(url, tmp_path) == CSV
    assert site.ranges[-1] == (None, None)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (cut(CSV, 1000), "received 1000 bytes, expected 5514"),
        (silent, "ReadTimeout"),
        (body(b"", 503), "503"),
        (body(b"", 429), "429"),
    ],
)
def test_trouble_of_the_moment_is_tried_again_and_then_said(
    site: Site, tmp_path: Path, answer: Answer, said: str
) -> None:
    url = site.at("/vde.csv", answer)
    with pytest.raises(TransientError, match=said):
        Downloader(tmp_path, QUICK).fetch(url)
    assert len(site.requests) == QUICK.attempts


def test_a_site_that_recovers_is_enough(site: Site, tmp_path: Path) -> None:
    assert get(site.at("/vde.csv", body(b"", 503), silent, body(CSV)), tmp_path) == CSV


def test_nobody_there_is_trouble_of_the_moment(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/vde.csv"
    with pytest.raises(TransientError, match="ConnectError"):
        Downloader(tmp_path, QUICK).fetch(url)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_is_final_and_says_what_to_do(site: Site, tmp_path: Path, status: int) -> None:
    with pytest.raises(SourceError, match=f"respondeu {status}, esperado 200. Baixe o arquivo no navegador"):
        Downloader(tmp_path, QUICK).fetch(site.at("/bancovde-2024.xlsx", body(b"nao", status)))
    assert len(site.requests) == 1


@pytest.mark.parametrize(
    "answer", [body(HTML), body(b"Bloqueado", Content_Type="text/html; charset=utf-8"), endless(HTML)]
)
def test_a_page_answered_with_200_is_named_as_a_page(site: Site, tmp_path: Path, answer: Answer) -> None:
    with pytest.raises(SourceError, match="página HTML com status 200, esperado um arquivo de dados"):
        Downloader(tmp_path, QUICK).fetch(site.at("/bancovde-2024.xlsx/@@download/file", answer))
    assert list(tmp_path.iterdir()) == []


def test_a_page_in_between_does_not_cost_what_has_arrived(site: Site, tmp_path: Path) -> None:
    url = site.at("/vde.csv", cut(CSV, 1000, ETag='"a"'), body(HTML))
    with pytest.raises(SourceError, match="HTML"):
        Downloader(tmp_path, QUICK).fetch(url)
    site.at("/vde.csv", ranged(CSV, '"a"'))
    assert get(url, tmp_path) == CSV
    assert site.ranges[-1] == ("bytes=1000-", '"a"')


@pytest.mark.parametrize(
    ("name", "content"), [("a.xlsx", CSV), ("a.zip", b'{"erro": 1}'), ("a.csv.xz", zip_file()), ("a.gz", CSV)]
)
def test_wrong_first_bytes_are_shown(site: Site, tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(SourceError, match=r"o conteúdo não é .*primeiros bytes"):
        Downloader(tmp_path, QUICK).fetch(site.at(f"/{name}", body(content, ETag='"a"')))
    assert list(tmp_path.iterdir()) == []


def test_a_zip_cut_where_no_length_was_told_is_damaged(site: Site, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="danificada ou incompleta"):
        Downloader(tmp_path, QUICK).fetch(site.at("/basededadosvde.zip", endless(zip_file()[:-30])))


@pytest.mark.parametrize("answer", [body, endless])
def test_a_file_beyond_the_limit_is_refused_whether_its_size_is_told_or_not(
    site: Site, tmp_path: Path, answer: type
) -> None:
    small = DownloadPolicy(attempts=1, max_bytes=2000)
    with pytest.raises(SourceError, match="limite de 2000"):
        Downloader(tmp_path, small).fetch(site.at("/vde.csv", answer(CSV)))


def test_an_empty_answer_is_no_file(site: Site, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="arquivo vazio"):
        Downloader(tmp_path, QUICK).fetch(site.at("/vde.csv", body(b"")))


def test_the_name_is_taken_from_the_address_and_two_addresses_never_share_one(site: Site, tmp_path: Path) -> None:
    urls = [site.at(f"/{folder}/bancovde-2024.zip/@@download/file", body(zip_file())) for folder in ("a", "b")]
    names = [Downloader(tmp_path, QUICK).fetch(url)[0].name for url in urls]
    assert len(set(names)) == 2
    assert all(name.endswith("-bancovde-2024.zip") for name in names)
