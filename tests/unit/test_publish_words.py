"""What a reading can report is said in one place and documented."""

from pathlib import Path

from sinesp.publication.model.publishing import PROBLEM_TEXT, Problem, ProblemExample

SOURCES = (Path(__file__).parents[2] / "docs/sources.md").read_text(encoding="utf-8")


def test_every_problem_has_a_sentence_and_a_line_in_the_documentation() -> None:
    assert set(PROBLEM_TEXT) == set(Problem)
    assert [p for p in Problem if f"`{p}`" not in SOURCES] == []


def test_a_problem_of_a_whole_sheet_names_no_row() -> None:
    assert (
        str(ProblemExample("GO", 7, Problem.MES_ILEGIVEL, "?")) == "GO, linha 7: mês ou ano ilegível: não publicada (?)"
    )
    assert ProblemExample("Notas", 0, Problem.PLANILHA_DESCONHECIDA, "1 linhas").place == "Notas"
