"""`sinesp publish --check`: what would be sent, without a broker; and the task's form of it."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sinesp.cli import app
from sinesp.domain.territory import UFS
from sinesp.publication.adapters.source_files import find_sources
from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.publish import publish
from tests.unit.publishing import VDE, MemoryProducer, vde_row, write_csv

MONTHS = tuple(f"2024-{m:02d}-01" for m in range(1, 5))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def release(path: Path, of_bahia: int) -> Path:
    values = {uf: of_bahia if uf == "BA" else 20 for uf in UFS}
    rows = [vde_row(uf, "NÃO INFORMADO", "Furto de veículo", m, total=values[uf]) for m in MONTHS for uf in UFS]
    unknown = vde_row("AC", "NÃO INFORMADO", "Crime do futuro", total=1)
    return write_csv(path, VDE, [*rows, unknown])


def check(path: Path, state: Path, *options: str) -> tuple[int, str]:
    # No broker listens there: a check that asked for one would fail.
    env = {**os.environ, "SINESP_STATE_URL": state.as_uri(), "KAFKA_BROKER": "127.0.0.1:9"}
    result = CliRunner().invoke(app, ["publish", str(path), "--check", *options], env=env)
    return result.exit_code, result.output


def test_a_first_release_is_shown_and_nothing_is_written(tmp_path: Path, state: Path) -> None:
    code, said = check(release(tmp_path / "vde.csv", 20), state)
    assert code == 0
    assert "só conferência, nada enviado; publicada a versão 0" in said
    assert "Seriam enviados 112:\n        112 novos\n          0 alterados\n" in said
    for kind in ("para vazio", "excluídos", "reenviados", "retidos", "mantidos sem confirmação", "iguais"):
        assert f" 0 {kind}" in said
    assert "1 × crime ou evento desconhecido: não publicado" in said
    assert said.endswith("A publicação passaria.\n")
    assert not state.exists()


def test_a_release_that_would_stop_ends_with_exit_code_1_and_the_largest_changes(tmp_path: Path, state: Path) -> None:
    (source,) = find_sources(str(release(tmp_path / "vde.csv", 20)))
    publish(source, MemoryProducer(), VersionStore(state.as_uri()), now=datetime.now(UTC))
    path = release(tmp_path / "vde.csv", 200)
    code, said = check(path, state)
    assert code == 1
    assert "  BA 01/2024 furto_veiculo (ocorrencias): 20 → 200" in said
    assert "A publicação pararia. sinesp-vde-2024: BA: valores mudariam por um fator mediano de 10.0" in said
    code, said = check(path, state, "--accept-changes")
    assert (code, "A publicação passaria." in said) == (0, True)
