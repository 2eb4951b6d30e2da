"""Bulk files of a version, by name."""

from collections.abc import Mapping

from sinesp.query.model.answers import Column
from sinesp.query.model.bulk import BulkFile, BulkFiles
from sinesp.query.model.refusals import UnknownError
from sinesp.query.model.rows import Version

FILE_COLUMNS = (
    Column("nome", "texto", "Nome do arquivo"),
    Column("bytes", "inteiro", "Tamanho"),
    Column("linhas", "inteiro", "Linhas de dados"),
    Column("sha256", "texto", "Resumo do conteúdo"),
    Column("endereco", "texto", "Onde está"),
)


async def bulk_index(files: BulkFiles, version: Version) -> Mapping[str, BulkFile]:
    """Files of a version.

    Raises:
        UnknownError: there are none.
    """
    found = await files.index(version.versao, version.edition)
    if not found:
        raise UnknownError(f"A versão {version.versao} não tem arquivos; veja as versões em /api/v1/versoes.")
    return found


async def bulk_file(files: BulkFiles, version: Version, nome: str) -> BulkFile:
    """One of them.

    Raises:
        UnknownError: the version has no such file.
    """
    found = (await bulk_index(files, version)).get(nome)
    if found is None:
        n = version.versao
        raise UnknownError(f"A versão {n} não tem o arquivo {nome[:100]!r}; a lista está em /api/v1/arquivos/{n}.")
    return found
