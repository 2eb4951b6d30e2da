"""Parts of the pages that need no browser: addresses, words, classes, maps, what a build left behind."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from sinesp.domain.territory import UF_CODES, UFS, municipality_codes
from sinesp.query.model.cells import ABSENT, BLANK, informed
from sinesp.query.model.refusals import RefusedError
from sinesp.query.model.rows import Revision
from sinesp.query.transforms.windows import total
from sinesp_api.pages import revised, shown
from sinesp_api.pages.asked import asked
from sinesp_api.pages.assets import assets
from sinesp_api.pages.brazilian import day, moment, month, number, signed
from sinesp_api.pages.charts import rolling
from sinesp_api.pages.drawing import CLASSES, ZERO, Mark, palette
from sinesp_api.pages.links import Here, address
from sinesp_api.pages.maps import TILES, shapes
from sinesp_api.pages.profile import find_places
from sinesp_api.pages.rendering import _environment
from sinesp_api.pages.scale import class_of, thresholds
from sinesp_stack.settings import REPOSITORY as ROOT

BUILD = ROOT / "include/sinesp_api/pages/build"


def mark(value: float | None, situation: str = "informado") -> Mark:
    return Mark("35", "SP", value, situation, "", "", "")


def test_numbers_months_and_days_are_written_as_in_brazil() -> None:
    assert number(1_234_567) == "1.234.567"
    assert number(16.55, 1) == "16,6"
    assert signed(-1234.5, 1) == "\u22121.234,5"
    assert month("2024-02") == "fev/2024"
    # Two in the morning in UTC is still the evening before in Brasília.
    instant = datetime(2025, 1, 1, 2, 5, tzinfo=UTC)
    assert day(instant) == "31/12/2024"
    assert moment(instant) == "31/12/2024 às 23:05 (horário de Brasília)"


def test_a_cell_is_never_empty_and_zero_is_a_number() -> None:
    assert [shown.cell(c).texto for c in (informed(0), informed(12), BLANK, ABSENT)] == [
        "0",
        "12",
        "em branco",
        "sem registro",
    ]
    assert shown.total(total([informed(3), BLANK, informed(4)])).texto == "7 (2 meses)"
    assert shown.change(None, 3).texto == "sem comparação"
    assert shown.change(10, 13).texto == "+3"
    assert shown.change(100, 113).texto == "+13 (+13,0%)"


def test_classes_hold_equal_counts_and_zero_is_alone() -> None:
    ends = thresholds([0, 0, *range(1, 11)])
    assert [class_of(v, ends) for v in (0, 1, 2, 3, 10)] == [0, 1, 1, 2, 5]
    assert thresholds([0, 0]) == ()
    assert thresholds([7, 7, 7]) == (7,)


def test_a_legend_names_only_what_is_drawn_and_the_numbers_that_are_there() -> None:
    marks = [mark(0), mark(5), mark(900), mark(None, "ausente")]
    colours = palette(marks, number)
    assert [(k.cor, k.texto) for k in colours.legend(marks)] == [
        (ZERO, "zero"),
        (CLASSES[3], "5"),
        (CLASSES[4], "900"),
        ("url(#ausente)", "sem registro"),
    ]


def test_an_address_keeps_its_state_and_what_is_changed_in_it() -> None:
    here = Here("lugar", {"fonte": "sinesp-uf", "codigo": "35", "versao": None})
    assert here.to(codigo="29") == "/lugar?fonte=sinesp-uf&codigo=29"
    assert here.as_file("csv") == "/lugar.csv?fonte=sinesp-uf&codigo=35"
    assert here.keeping("comparar", "fonte", lugares="35,29") == "/comparar?fonte=sinesp-uf&lugares=35,29"
    assert address("/lugar", {"busca": "a&b=c"}) == "/lugar?busca=a%26b%3Dc"


@pytest.mark.parametrize(
    "pairs",
    [
        [("nada", "1")],
        [("fonte", "sinesp-uf"), ("fonte", "sinesp-uf")],
        [("fonte", "outra")],
        [("tipo_crime", "roubo_de_sono")],
        [("versao", "um")],
        [("versao", "²")],
        [("em", "2024-02-30")],
        [("codigo", "9999999")],
    ],
)
def test_what_an_address_says_wrongly_is_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(RefusedError):
        _read(pairs)


def _read(pairs: list[tuple[str, str]]) -> None:
    question = asked(pairs, ("fonte", "tipo_crime", "codigo"))
    _ = (question.fonte, question.crime, question.moment, question.place())


def test_a_mean_of_twelve_months_needs_twelve_numbers_of_one_definition() -> None:
    cells = [informed(12)] * 14
    assert rolling(cells) == [None] * 11 + [12.0] * 3
    assert rolling([*cells[:5], BLANK, *cells[:11]]) == [None] * 17
    assert rolling(cells, breaks=[2]) == [None] * 13 + [12.0]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (("informado", {"vitimas": 40}), ("informado", {"vitimas": 44}), "+4 (+10,0%)"),
        (("ausente", {}), ("informado", {"vitimas": 4}), "apareceu"),
        (("informado", {"vitimas": 4}), ("ausente", {}), "desapareceu"),
        (("informado", {"vitimas": 4}), ("em_branco", {}), "perdeu o número"),
        (("em_branco", {}), ("informado", {"vitimas": 0}), "ganhou número"),
    ],
)
def test_a_revision_in_words(
    before: tuple[str, Mapping[str, int]], after: tuple[str, Mapping[str, int]], said: str
) -> None:
    found = Revision(
        "sinesp-uf", "p/2", "BA", "estado", "29", "estupro", "2021-12", "Bahia",
        *before, *after, "p/1", datetime(2023, 9, 18, tzinfo=UTC),
    )  # fmt: skip
    assert revised.difference(found).texto == said


def test_a_place_is_found_whatever_its_accents_and_with_its_state() -> None:
    assert [p.codigo for p in find_places("sao paulo")[:2]] == ["35", "3550308"]
    assert [p.nome for p in find_places("Campo Grande/MS")] == ["Campo Grande"]
    assert find_places("  ") == []
    assert find_places("<script>") == []


def test_what_somebody_typed_is_text_in_the_page() -> None:
    field = {"nome": "x", "titulo": "<b>", "atual": "", "grupos": [("", [{"valor": '"><script>', "texto": "<i>"}])]}
    made = str(_environment().get_template("parts.html").module.campo(field))  # type: ignore[attr-defined]
    assert "<script>" not in made
    assert "&lt;i&gt;" in made


def test_every_state_has_a_square_and_every_municipality_a_shape_but_the_newest() -> None:
    assert set(TILES) == set(UFS)
    assert len(set(TILES.values())) == 27
    assert set(shapes("BR").paths) == set(UF_CODES.values())
    for uf, code in UF_CODES.items():
        assert set(shapes(code).paths) == municipality_codes(uf) - {"5101837"}


def test_shapes_lie_inside_their_box() -> None:
    for code in ("BR", *UF_CODES.values()):
        drawn = shapes(code)
        starts = [tuple(map(int, m.groups())) for p in drawn.paths.values() for m in re.finditer(r"M(\d+) (\d+)", p)]
        assert max(x for x, _ in starts) <= drawn.width
        assert max(y for _, y in starts) <= drawn.height
        assert max(drawn.width, drawn.height) in {1_000, 1_001}


def test_the_licences_name_what_is_in_the_bundle_in_the_version_that_is_locked() -> None:
    wanted = json.loads((BUILD / "package.json").read_text())["devDependencies"]
    locked = json.loads((BUILD / "package-lock.json").read_text())["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    told = assets()["vendor/LICENCES.txt"].plain.decode()
    for name in ("echarts", "zrender", "tslib"):
        assert f"{name} {locked[f'node_modules/{name}']['version']} (" in told


def test_no_file_of_the_pages_names_another_server() -> None:
    for name, asset in assets().items():
        if not name.startswith("vendor/"):
            assert not re.search(rb"https?://(?!www\.w3\.org/2000/svg)", asset.plain), name
