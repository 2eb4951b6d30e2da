"""A few rows of the views, readable at a glance: two versions of the VDE, one UF workbook with a silent revision.

* São Paulo and Acre report homicides of 2023 and 2024; Rio de Janeiro left July 2024 blank; Minas has no record.
* Version 2 changed São Paulo's March 2024 from 200 to 210 and made Acre's December 2023 appear.
"""

from datetime import UTC, datetime
from typing import Any

from sinesp.query.adapters.memory_reader import MemoryReader
from sinesp.query.model.places import Nivel, place
from sinesp.query.model.rows import CoverageRow, Key, Population, Release, Revision, Version, YearRow

VDE, UF = "sinesp-vde", "sinesp-uf"
FIRST_DAY = datetime(2024, 2, 1, 12, tzinfo=UTC)
SECOND_DAY = datetime(2025, 1, 20, 12, tzinfo=UTC)
THIRD_DAY = datetime(2025, 3, 10, 12, tzinfo=UTC)
VDE_2023_1, VDE_2024_1 = "sinesp-vde-2023/1-aaaaaaaa", "sinesp-vde-2024/1-bbbbbbbb"
VDE_2023_2, VDE_2024_2 = "sinesp-vde-2023/2-cccccccc", "sinesp-vde-2024/2-dddddddd"

RJ_MONTHS = {m: 300 for m in range(1, 13) if m != 7}
SP_MONTHS = dict.fromkeys(range(1, 13), 200) | {3: 210}
CAPITAL_MONTHS = dict.fromkeys(range(1, 13), 50)


def row(codigo: str, ano: int, vitimas: dict[int, int], **more: Any) -> YearRow:
    """A row of homicides of the VDE unless told otherwise."""
    nivel = Nivel(str(more.get("nivel", "estado")))
    somewhere = place(nivel, codigo)
    assert somewhere
    return YearRow(
        Key(str(more.get("fonte", VDE)), nivel, somewhere.codigo, str(more.get("crime", "homicidio_doloso")), ano),
        somewhere.nome,
        somewhere.uf,
        vitimas,
        dict(more.get("ocorrencias", {})),
        frozenset(more.get("em_branco", ())),
        2,
    )


def revision(codigo: str, mes: str, antes: int | None, depois: int, publicacao: str, **more: Any) -> Revision:
    """A revision of homicides; `antes` None: the cell was absent."""
    nivel = Nivel(str(more.get("nivel", "estado")))
    somewhere = place(nivel, codigo)
    assert somewhere
    known = antes is not None
    return Revision(
        str(more.get("fonte", VDE)),
        publicacao,
        somewhere.uf,
        nivel,
        somewhere.codigo,
        "homicidio_doloso",
        mes,
        somewhere.nome,
        "informado" if known else "ausente",
        {"vitimas": antes} if antes is not None else {},
        "informado",
        {"vitimas": depois},
        str(more["publicacao_antes"]) if "publicacao_antes" in more else None,
        more.get("instante", THIRD_DAY),
    )


def _rows() -> list[YearRow]:
    whole = dict.fromkeys(range(1, 13), 190)
    return [
        row("SP", 2023, whole),
        row("SP", 2024, SP_MONTHS),
        row("RJ", 2024, RJ_MONTHS, em_branco={7}),
        row("AC", 2023, dict.fromkeys(range(1, 13), 0)),
        row("AC", 2024, dict.fromkeys(range(1, 13), 10)),
        row("BR", 2024, dict.fromkeys(range(1, 13), 2000), nivel="brasil"),
        row("3", 2024, dict.fromkeys(range(1, 13), 500), nivel="regiao"),
        row("3550308", 2022, CAPITAL_MONTHS, nivel="municipio"),
        row("3550308", 2023, CAPITAL_MONTHS, nivel="municipio"),
        row("3550308", 2024, CAPITAL_MONTHS, nivel="municipio"),
        row("3500105", 2024, {1: 1, 2: 0}, nivel="municipio", em_branco={3}),
        row("3500000", 2024, {5: 2}, nivel="municipio"),
        row("SP", 2022, whole, fonte=UF, ocorrencias=dict.fromkeys(range(1, 13), 180)),
    ]


def _releases() -> list[Release]:
    return [
        Release(VDE, VDE_2023_1, FIRST_DAY, True, "a" * 64, 36, 0, 0),
        Release(VDE, VDE_2024_1, SECOND_DAY, True, "b" * 64, 60, 0, 0),
        Release(VDE, VDE_2023_2, THIRD_DAY, False, "c" * 64, 1, 0, 0),
        Release(VDE, VDE_2024_2, THIRD_DAY, False, "d" * 64, 0, 1, 0),
        Release(UF, "sinesp-uf/1-eeeeeeee", FIRST_DAY, True, "e" * 64, 24, 0, 0),
    ]


def sample_reader() -> MemoryReader:
    """A reader over the rows above."""
    months = {VDE: "2024-12", UF: "2022-12"}
    first = frozenset({VDE_2023_1, VDE_2024_1, "sinesp-uf/1-eeeeeeee"})
    second = frozenset({VDE_2023_2, VDE_2024_2})
    return MemoryReader(
        rows=_rows(),
        known_versions=[
            Version(1, datetime(2025, 1, 21, tzinfo=UTC), 10, first, months, {"linhas": 12}),
            Version(2, datetime(2025, 3, 11, tzinfo=UTC), 20, second, months, {"linhas": 13}),
        ],
        known_releases=_releases(),
        known_revisions=[
            revision("SP", "2024-03", 200, 210, VDE_2024_2, publicacao_antes=VDE_2024_1),
            revision("AC", "2023-12", None, 0, VDE_2023_2),
        ],
        known_coverage={
            (VDE, "homicidio_doloso", 2024): [
                CoverageRow("SP", "municipio", 645, {1: 600}, {1: 40, 2: 645}, {1: 3}, {1: 2}, 2),
            ]
        },
        inhabitants={
            "estado": {("35", 2024): Population(46_000_000, "estimativa", 2024)},
            "municipio": {
                **{("3550308", y): Population(12_000_000, "repetida", 2020) for y in (2022, 2023, 2024)},
                ("3500105", 2024): Population(9_000, "repetida", 2020),
            },
        },
    )
