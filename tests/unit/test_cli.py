"""`sinesp` without services: help that suffices, errors in one line."""

import pytest
import typer.main
from typer.testing import CliRunner

from sinesp.cli import app

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def test_the_commands_are_the_use_cases() -> None:
    groups = {"api", "lake", "views"}
    cases = {"schema", "publish", "plan", "consume", "status", "ledger", "verify", "replay-quarantine"}
    assert set(COMMANDS) == cases | groups


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_every_option_is_explained(name: str) -> None:
    command = COMMANDS[name]
    assert len(command.help) > 30
    assert [p.name for p in command.params if not p.help and p.name != "help"] == []
    assert CliRunner().invoke(app, [name, "--help"]).exit_code == 0


def test_wrong_setting_is_one_line_and_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASSANDRA_PORT", "nove mil")
    result = CliRunner().invoke(app, ["status"])
    assert result.exit_code == 1
    assert result.output.startswith("Erro: Configuração inválida. CASSANDRA_PORT='nove mil'")
    assert result.output.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [["consume", "--mode", "tudo"], ["consume", "--max-records", "0"], ["plan", "--on-data-loss", "x"], ["verify"]],
)
def test_wrong_option_is_refused_before_anything_connects(words: list[str]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 2
