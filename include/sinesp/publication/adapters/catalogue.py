"""The open-data catalogue's API: which files the dataset has now. It answers in Portuguese and wants a user's key."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from sinesp.domain.errors import ConfigurationError, SourceError
from sinesp.publication.adapters.download import (
    Downloader,
    DownloadPolicy,
    certificates,
    check_status,
    refuse_html,
    translate_errors,
)
from sinesp.publication.model.sources import DATASET_ID

KEY_HEADER = "chave-api-dados-abertos"
_DATA_FORMATS = frozenset({"XLSX", "CSV", "ZIP", "XZ"})


@dataclass(frozen=True, slots=True)
class Resource:
    """A file of the dataset, as the catalogue lists it."""

    id: str
    title: str
    format: str
    link: str


class Catalogue:
    """One dataset of the catalogue. The key goes to the catalogue only, never to the site a link points at."""

    def __init__(self, url: str, key: str, policy: DownloadPolicy | None = None) -> None:
        self.url = url.rstrip("/")
        self._key = key.strip()
        self._policy = policy or DownloadPolicy()

    def resources(self, dataset_id: str = DATASET_ID) -> list[Resource]:
        """Data files of a dataset (dictionaries in PDF left out).

        Raises:
            ConfigurationError: no key, or a key the catalogue refuses.
            SourceError: the answer is not the dataset, or it lists no data file.
            TransientError: the catalogue does not answer.
        """
        if not self._key:
            msg = (
                "O catálogo de dados abertos exige uma chave: gere a sua (conta gov.br) e informe-a em "
                "SINESP_CATALOGUE_KEY."
            )
            raise ConfigurationError(msg)
        if not (self._key.isascii() and self._key.isprintable()):
            # Left to the client, its error would show the key.
            raise ConfigurationError(
                "SINESP_CATALOGUE_KEY tem caracteres que um cabeçalho HTTP não leva (quebra de linha, acento)."
            )
        resources = list(_resources_in(self._get(f"{self.url}/{dataset_id}")))
        if not resources:
            raise SourceError(
                f"{self.url}/{dataset_id}: nenhum recurso de dados ({', '.join(sorted(_DATA_FORMATS))}) na lista"
            )
        return resources

    def _get(self, url: str) -> dict[str, Any]:
        for attempt in self._policy.retrying():
            with attempt:
                return self._get_once(url)
        raise AssertionError(url)

    def _get_once(self, url: str) -> dict[str, Any]:
        headers = {KEY_HEADER: self._key, "Accept": "application/json"}
        with translate_errors(url):
            # Redirects are not followed: they would carry the key to wherever they point.
            answer = httpx.get(
                url, headers=headers, timeout=self._policy.timeout(), follow_redirects=False, verify=certificates()
            )
        if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise ConfigurationError(
                f"{url}: o catálogo recusou a chave ({answer.status_code}). Confira SINESP_CATALOGUE_KEY."
            )
        check_status(url, answer)
        refuse_html(url, answer, answer.content[:512])
        try:
            content = answer.json()
        except ValueError as error:
            raise SourceError(f"{url}: a resposta do catálogo não é JSON") from error
        if not isinstance(content, dict) or not isinstance(content.get("recursos"), list):
            raise SourceError(f"{url}: a resposta do catálogo não tem a lista `recursos`")
        return content


class RemoteSources:
    """What a URL names: one file, or with the catalogue's URL every data file of the dataset."""

    def __init__(self, downloader: Downloader, catalogue: Catalogue) -> None:
        self._downloader = downloader
        self._catalogue = catalogue

    def fetch(self, url: str) -> list[Path]:
        """Download it.

        Raises:
            ConfigurationError, SourceError, TransientError: see `Catalogue.resources` and `Downloader.fetch`.
        """
        if not f"{url.rstrip('/')}/".startswith(f"{self._catalogue.url}/"):
            return self._downloader.fetch(url)
        dataset_id = url.rstrip("/").removeprefix(self._catalogue.url).strip("/") or DATASET_ID
        return [
            path for resource in self._catalogue.resources(dataset_id) for path in self._downloader.fetch(resource.link)
        ]


def _resources_in(dataset: dict[str, Any]) -> Iterator[Resource]:
    for item in dataset["recursos"]:
        texts = {name: str(item.get(name) or "") for name in ("id", "titulo", "formato", "link")}
        if texts["formato"].strip().upper() in _DATA_FORMATS and texts["link"].startswith(("http://", "https://")):
            yield Resource(texts["id"], texts["titulo"], texts["formato"].strip().upper(), texts["link"])
