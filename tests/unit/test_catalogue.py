"""The open-data catalogue: it answers in Portuguese, wants the user's key, and its links lead to another site."""

import json
import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from sinesp.domain.errors import ConfigurationError, SourceError, TransientError
from sinesp.publication.adapters.catalogue import KEY_HEADER, Catalogue, RemoteSources
from sinesp.publication.adapters.download import Downloader, DownloadPolicy
from sinesp.publication.adapters.source_files import find_sources
from sinesp.publication.model.sources import DATASET_ID, SourceKind
from tests.unit.publishing import VDE, vde_row, write_csv
from tests.unit.site import Answer, Site, body, serve

KEY = "chave-secreta-do-usuario"
ONCE = DownloadPolicy(connect_seconds=1, read_seconds=1, attempts=1, longest_wait_seconds=0.01)
DATASETS = "/dados/api/publico/conjuntos-dados"


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as site:
        yield site


@pytest.fixture
def files() -> Iterator[Site]:
    with serve() as site:
        yield site


def dataset(*resources: dict[str, str]) -> Answer:
    """The API's answer, as reported: Portuguese names, dates as text, yes and no as text."""
    content = {
        "id": DATASET_ID,
        "titulo": "Ocorrências Criminais - Sinesp",
        "nome": "sistema-nacional-de-estatisticas-de-seguranca-publica",
        "organizacao": "MJSP",
        "licenca": "Creative Commons Atribuição",
        "periodicidade": "MENSAL",
        "atualizado": "Sim",
        "dataUltimaAtualizacaoArquivo": "Indisponível",
        "recursos": list(resources),
    }
    answer = body(json.dumps(content).encode(), Content_Type="application/json")

    def give(handler: BaseHTTPRequestHandler) -> None:
        known = handler.headers.get(KEY_HEADER) == KEY
        (answer if known else body(b'{"mensagem": "Unauthorized"}', 401, WWW_Authenticate="Bearer"))(handler)

    return give


def resource(title: str, form: str, link: str) -> dict[str, str]:
    return {
        "id": "e9d6cc2b-33f1-468d-ab09-9aa8303c2eba", "titulo": title, "descricao": "", "link": link,
        "formato": form, "tamanho": "0",
        "nomeArquivo": "", "tipo": "DADOS", "dataCatalogacao": "30/04/2026",
        "dataUltimaAtualizacaoArquivo": "30/04/2026 10:00:00",
    }  # fmt: skip


def catalogue(site: Site, key: str = KEY) -> Catalogue:
    return Catalogue(f"{site.url}{DATASETS}/", key, ONCE)


def test_data_files_are_downloaded_and_the_key_stays_with_the_catalogue(
    site: Site, files: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    content = write_csv(tmp_path / "vde.csv", VDE, [vde_row("AC", "BUJARI", "Suicídio", total_vitima=1)]).read_bytes()
    link = files.at("/download/BancoVDE%202024.csv", body(content))
    pdf = resource("Dicionário de Dados - UF", "PDF", files.at("/dicionario.pdf", body(b"%PDF-1.4")))
    site.at(f"{DATASETS}/{DATASET_ID}", dataset(pdf, resource("Base de Dados VDE", "csv ", link)))

    remote = RemoteSources(Downloader(tmp_path / "downloads", ONCE), catalogue(site))
    (found,) = find_sources(f"{site.url}{DATASETS}", remote)

    assert (found.kind, found.files[0].path.read_bytes()) == (SourceKind.VDE, content)
    assert [headers[KEY_HEADER] for _, headers in site.requests] == [KEY]
    assert [path for path, _ in files.requests] == ["/download/BancoVDE%202024.csv"]
    assert KEY not in str(files.requests)
    assert KEY not in caplog.text
    assert "httpcore" in caplog.text, "what the client itself logs was looked at too"


def test_another_dataset_is_asked_for_by_its_address(site: Site, files: Site, tmp_path: Path) -> None:
    link = files.at("/a.csv", body(b"uf;municipio\r\n"))
    url = site.at(f"{DATASETS}/outro-conjunto", dataset(resource("a", "CSV", link)))
    (path,) = RemoteSources(Downloader(tmp_path, ONCE), catalogue(site)).fetch(url)
    assert path.read_bytes() == b"uf;municipio\r\n"


def test_any_other_address_is_a_file_and_never_sees_the_key(site: Site, files: Site, tmp_path: Path) -> None:
    RemoteSources(Downloader(tmp_path, ONCE), catalogue(site)).fetch(files.at("/a.csv", body(b"uf\r\n")))
    assert site.requests == []
    assert KEY_HEADER not in files.requests[0][1]


def test_without_a_key_nothing_is_asked(site: Site) -> None:
    with pytest.raises(ConfigurationError, match=r"exige uma chave.*SINESP_CATALOGUE_KEY"):
        catalogue(site, "").resources()
    assert site.requests == []


def test_a_wrong_key_is_said_without_showing_it(site: Site) -> None:
    site.at(f"{DATASETS}/{DATASET_ID}", dataset())
    with pytest.raises(ConfigurationError, match=r"recusou a chave \(401\)") as found:
        catalogue(site, "chave-errada").resources()
    assert "chave-errada" not in str(found.value)


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (body(b"<!doctype html><html>", Content_Type="text/html"), SourceError, "página HTML"),
        (body(b"oops"), SourceError, "não é JSON"),
        (body(b'{"success": true, "result": {"resources": []}}'), SourceError, "não tem a lista `recursos`"),
        (dataset(), SourceError, "nenhum recurso de dados"),
        (body(b"", 302, Location="http://127.0.0.1:9/"), SourceError, "respondeu 302"),
        (body(b"", 404), SourceError, "respondeu 404"),
        (body(b"", 403), ConfigurationError, "recusou a chave"),
        (body(b"", 503), TransientError, "respondeu 503"),
    ],
)
def test_an_answer_that_is_not_the_dataset_says_what_it_is(
    site: Site, answer: Answer, error: type[Exception], said: str
) -> None:
    site.at(f"{DATASETS}/{DATASET_ID}", answer)
    with pytest.raises(error, match=said):
        catalogue(site).resources()
    assert len(site.requests) == 1


def test_a_key_that_no_header_can_carry_is_a_clear_error(site: Site) -> None:
    with pytest.raises(ConfigurationError, match="SINESP_CATALOGUE_KEY tem caracteres") as found:
        catalogue(site, "chave\nquebrada").resources()
    assert "quebrada" not in str(found.value)


def test_the_line_break_at_the_end_of_a_secret_file_does_no_harm(site: Site) -> None:
    site.at(f"{DATASETS}/{DATASET_ID}", dataset(resource("a", "ZIP", "https://exemplo.invalid/a.zip")))
    assert [r.format for r in catalogue(site, f"{KEY}\n").resources()] == ["ZIP"]
