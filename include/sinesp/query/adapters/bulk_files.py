"""The bulk files under the state URL."""

import asyncio
import io
import json
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final, cast
from urllib.parse import unquote, urlsplit

import pyarrow.fs as pafs

from sinesp.clients.storage import file_system, join, translated
from sinesp.domain.errors import DataError
from sinesp.query.model.bulk import BulkFile

_KEPT_INDEXES: Final = 32


class StoredBulkFiles:
    """A `BulkFiles` over any file system pyarrow reaches; the index of an announced version never changes."""

    def __init__(self, state_url: str) -> None:
        self._url = join(state_url, "arquivos")
        self._indexes: OrderedDict[str, Mapping[str, BulkFile]] = OrderedDict()

    async def index(self, versao: int, edition: str) -> Mapping[str, BulkFile]:
        """Files of a version by name; empty when it has none.

        Raises:
            TransientError, ConfigurationError: the storage does not answer, or refuses us.
            DataError: the index is not what a refresh writes.
        """
        kept = self._indexes.get(edition)
        if kept is None:
            kept = await asyncio.to_thread(self._read_index, versao)
            if kept:
                self._indexes[edition] = kept
            if len(self._indexes) > _KEPT_INDEXES:
                self._indexes.popitem(last=False)
        return kept

    async def open(self, file: BulkFile) -> BinaryIO:
        """Its bytes, from the start.

        Raises:
            TransientError, ConfigurationError: as above.
        """
        return await asyncio.to_thread(self._open, file)

    def _read_index(self, versao: int) -> Mapping[str, BulkFile]:
        url = join(self._url, str(versao), "indice.json")
        fs, path = file_system(url)
        with translated(url):
            if fs.get_file_info(path).type != pafs.FileType.File:
                return {}
            with fs.open_input_stream(path) as stream:
                text = stream.read()
        try:
            return {nome: BulkFile(nome, **values) for nome, values in json.loads(text).items()}
        except (ValueError, TypeError, AttributeError) as error:
            raise DataError(f"O índice de arquivos da versão {versao} não tem a forma esperada: {error}") from error

    def _open(self, file: BulkFile) -> BinaryIO:
        url = join(self._url, *file.objeto.split("/"))
        with translated(url):
            if url.startswith("file:"):
                return cast("BinaryIO", io.FileIO(Path(unquote(urlsplit(url).path))))
            fs, path = file_system(url)
            return cast("BinaryIO", fs.open_input_stream(path))
