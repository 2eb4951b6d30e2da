"""One question to the API, answered beside the same figure from the official file."""

from pathlib import Path
from typing import Final

import httpx
import polars as pl

from sinesp_stack.demo.source_figures import CRIME, read_vde
from sinesp_stack.errors import StackError

PLACE: Final = "São Paulo (SP)"
_CODE, _UF, _NAME, _YEAR = "3550308", "SP", "SÃO PAULO", "2024"
QUESTION: Final = (
    f"/api/v1/series?fonte=sinesp-vde&tipo_crime=homicidio_doloso&codigo={_CODE}"
    f"&inicio={_YEAR}-01&fim={_YEAR}-12&janela=ano"
)
_SECONDS: Final = 30.0


def answer(api_url: str) -> int:
    """Victims of homicide in the city of São Paulo in 2024, as the API tells them.

    Raises:
        StackError: it does not answer, or has no number.
    """
    try:
        found = httpx.get(f"{api_url}{QUESTION}", timeout=_SECONDS).raise_for_status().json()
    except httpx.HTTPError as error:
        raise StackError(f"A API em {api_url} não respondeu à pergunta do fim ({error}).") from error
    values = [row["valor"] for row in found["dados"]]
    if len(values) != 1 or values[0] is None:
        raise StackError(f"A API em {api_url} não tem o número: {found['dados']}")
    return int(values[0])


def in_file(data: Path) -> int:
    """The same straight from the VDE file, by a way that shares no code with the pipeline."""
    rows = read_vde(data / "vde" / f"BancoVDE_{_YEAR}.csv.xz", ("uf", "municipio", "evento", "total_vitima"))
    mine = (pl.col("uf") == _UF) & (pl.col("municipio") == _NAME) & (pl.col("evento") == CRIME)
    return int(rows.filter(mine)["total_vitima"].cast(pl.Float64).sum())
