"""Bulk files of a version, by name."""

from collections.abc import Mapping

from sinesp.query.model.bulk import BulkFile, BulkFiles
from sinesp.query.model.refusals import UnknownError


async def bulk_index(files: BulkFiles, versao: int) -> Mapping[str, BulkFile]:
    """Files of a version.

    Raises:
        UnknownError: there are none.
    """
    found = await files.index(versao)
    if not found:
        raise UnknownError(f"A versão {versao} não tem arquivos; veja as versões em /api/v1/versoes.")
    return found


async def bulk_file(files: BulkFiles, versao: int, nome: str) -> BulkFile:
    """One of them.

    Raises:
        UnknownError: the version has no such file.
    """
    found = (await bulk_index(files, versao)).get(nome)
    if found is None:
        raise UnknownError(
            f"A versão {versao} não tem o arquivo {nome[:100]!r}; a lista está em /api/v1/arquivos/{versao}."
        )
    return found
