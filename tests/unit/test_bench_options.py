"""What `make bench` is asked for is checked before anything starts, and who is asked for can be run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.harness import Harness
from bench.options import Options, chosen_competitors, chosen_folder, chosen_parts, chosen_sizes
from bench.race.competitors import COMPETITORS, NAMES
from bench.race.peers import Field
from sinesp_stack.settings import REPOSITORY


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--peers", "ours,conector"), f"--peers não conhece conector; existem: {', '.join(NAMES)}."),
        (
            ("--parts", "rase"),
            "--parts não conhece rase; existem: race, poison, stall, profile, airflow, indices, views.",
        ),
        (("--vde", "nowhere"), "--vde espera uma pasta e nowhere não é uma; {folder} está vazia."),
        (("--size", "300,many"), "--size espera números de registros separados por vírgula, como 300,10000, e recebeu"),
        (("--full-peers", "driver"), "--full-peers não conhece driver; existem: connector-tuned, connector-replacing,"),
        (("--quick", "--parts", "rase"), "--parts não conhece rase"),
    ],
)
def test_a_misspelt_option_is_one_sentence_and_nothing_is_started(
    options: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    # Without programs on the PATH a benchmark that goes on all the same fails at its first download.
    paths = {"PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'include'}", "PATH": "/nowhere"}
    command = [sys.executable, "-m", "bench.run", *options]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, **paths}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(sentence.format(folder=tmp_path))
    assert done.stderr.count("\n") == 1
    assert [*tmp_path.iterdir()] == []


def test_a_folder_without_official_files_is_refused_with_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "vde.md").write_text("not a table")
    with pytest.raises(SystemExit, match=r"espera arquivos oficiais do Sinesp; em .* existem: vde\.md"):
        chosen_folder(tmp_path)
    assert chosen_folder(REPOSITORY / "data" / "vde") == REPOSITORY / "data" / "vde"
    assert chosen_folder(None) is None


def test_what_exists_is_taken_whatever_its_order_and_spaces() -> None:
    assert [c.name for c in chosen_competitors("driver, ours")] == ["ours", "driver"]
    assert chosen_competitors("") == COMPETITORS
    assert chosen_parts("stall, race") == {"race", "stall"}
    assert chosen_parts("") == frozenset()
    assert chosen_sizes("7000000, 300,10000") == (300, 10_000, 7_000_000)


def test_more_than_a_million_records_are_a_full_load() -> None:
    options = Options(chosen_sizes("300,1000000,1000001"))
    assert (options.races, options.full_loads) == ((300, 1_000_000), (1_000_001,))


def test_quick_is_one_run_of_few_records_of_the_same_competitors() -> None:
    asked = Options((300,), chosen_competitors("ours"))
    quick = asked.quickly()
    assert quick == Options((3_000,), asked.competitors, frozenset({"race"}), repeats=1, quick=True)


def test_every_competitor_that_can_be_named_can_be_run() -> None:
    # A harness that was never started: nothing is asked of it before a run.
    peers = Field(Harness.__new__(Harness)).peers(COMPETITORS)
    assert [peer.competitor for peer in peers] == list(COMPETITORS)
