"""The executors' Python as on somebody's cluster: what `make wheel` leaves, and nothing of this checkout."""

import subprocess
import sys
from pathlib import Path

from sinesp_stack.settings import REPOSITORY

UV = REPOSITORY / ".local" / "uv" / "bin" / "uv"
DIST = REPOSITORY / "dist"


def executor_python(folder: Path) -> Path:
    """Build the wheel and install it under `folder`; its interpreter. Repeating brings it up to date."""
    python = folder / "executor" / "bin" / "python"
    _run("make", "wheel")
    if not python.exists():
        _run(UV, "venv", "--quiet", "--python", sys.executable, python.parents[1])
    install = (UV, "pip", "install", "--quiet", "--python", python)
    _run(*install, "--requirement", DIST / "executors.txt")
    _run(*install, "--no-deps", "--reinstall", *DIST.glob("*.whl"))
    return python


def _run(*words: str | Path) -> None:
    done = subprocess.run(
        [str(word) for word in words], cwd=REPOSITORY, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
