"""docs/queries.md is true: what it says is accepted is accepted, what is refused is refused, the equivalents answer."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from cassandra import InvalidRequest
from cassandra.protocol import SyntaxException

from sinesp_stack.settings import REPOSITORY
from tests.pipeline import Pipeline, record

BLOCKS = re.findall(
    r"^```(sql|python)( \w+)?\n(.*?)^```",
    (REPOSITORY / "docs" / "queries.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)
VDE, UF_WORKBOOK = "e9d6cc2b-33f1-468d-ab09-9aa8303c2eba", "feeae05e-faba-406c-8a4a-512aec91a9d1"


def _statements(mark: str) -> list[str]:
    return [
        s.strip()
        for kind, word, text in BLOCKS
        if (kind, word.strip()) == ("sql", mark)
        for s in text.split(";")
        if s.strip()
    ]


def _municipality(n: int, uf: str, code: str, name: str, **fields: str) -> dict[str, str | None]:
    return record(f"m{n}", "municipio", uf=uf, uf_nome=None, codigo_municipio=code, municipio=name, **fields)


@pytest.fixture
def ask(pipeline: Pipeline) -> Callable[[str], list[dict[str, Any]]]:
    """Cassandra with rows of both series, of every level, with missing and zero."""
    homicides = {"resource_id": VDE, "homicidio_doloso": "1"}
    pipeline.produce(
        [
            record("e-sp-2024-01", resource_id=VDE, vitimas="5", homicidio_doloso="5"),
            record("df-1", uf="DF", uf_nome="Distrito Federal", resource_id=VDE, vitimas="200", homicidio_doloso="200"),
            record(
                "df-2",
                uf="DF",
                uf_nome="Distrito Federal",
                mes="02",
                mes_ano="02/2024",
                resource_id=VDE,
                vitimas="7",
                homicidio_doloso="7",
            ),
            record(
                "df-3", uf="DF", uf_nome="Distrito Federal", mes="03", mes_ano="03/2024", resource_id=VDE, vitimas=None
            ),
            record(
                "df-4",
                uf="DF",
                uf_nome="Distrito Federal",
                resource_id=UF_WORKBOOK,
                vitimas="199",
                homicidio_doloso="199",
            ),
            record("ac-1", uf="AC", uf_nome="Acre", resource_id=VDE, vitimas="0", homicidio_doloso="0"),
            record(
                "rj-1",
                uf="RJ",
                uf_nome="Rio de Janeiro",
                tipo_crime="roubo_carga",
                vitimas=None,
                ocorrencias="9",
                roubo_carga="9",
            ),
            _municipality(1, "PI", "2201903", "Bom Jesus", **homicides),
            _municipality(2, "RS", "4302303", "Bom Jesus", **homicides),
            _municipality(3, "SP", "3550308", "São Paulo", **homicides),
            _municipality(4, "SP", "3550308", "São Paulo", mes="02", mes_ano="02/2024", **homicides),
            record("b", "brasil", resource_id=VDE, vitimas="212"),
        ]
    )
    pipeline.run()
    return pipeline.services.cassandra.execute_text


def test_accepted_queries_answer_and_refused_ones_are_refused(
    ask: Callable[[str], list[dict[str, Any]]], pipeline: Pipeline
) -> None:
    answers = {statement: ask(statement) for statement in _statements("")}

    assert len(answers) == 14
    (by_state,) = [rows for s, rows in answers.items() if "WHERE uf = 'SP'" in s]
    assert [(r["municipio"], r["vitimas"], r["ocorrencias"]) for r in by_state] == [("São Paulo", "1", "")] * 2
    (known,) = [rows for s, rows in answers.items() if "homicidio_doloso > ''" in s]
    assert sorted(r["homicidio_doloso"] for r in known) == ["0", "199", "200", "5", "7"]
    counts = [rows[0]["count"] for s, rows in answers.items() if "COUNT(*)" in s]
    assert counts == [4, 7, 1]

    refused = _statements("refused")
    assert len(refused) == 2
    for statement in refused:
        with pytest.raises((InvalidRequest, SyntaxException)):
            pipeline.services.cassandra.session.execute(statement)


def test_equivalents_in_python_answer(
    ask: Callable[[str], list[dict[str, Any]]],
    pipeline: Pipeline,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in pipeline.stack.env().items():
        monkeypatch.setenv(name, value)
    known: dict[str, Any] = {}
    blocks = [text for kind, _, text in BLOCKS if kind == "python"]
    for text in blocks:
        exec(text, known)
    known["cluster"].shutdown()

    grouped, summed, counted = capsys.readouterr().out.splitlines()
    assert known["per_municipality"] == {("PI", "Bom Jesus"): 1, ("RS", "Bom Jesus"): 1, ("SP", "São Paulo"): 2}
    assert grouped.startswith("[(('SP', 'São Paulo'), 2)")
    assert summed == "207 212"
    assert counted == "4"
