"""What the machine must have before anything is downloaded or started."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sinesp_stack.errors import StackError

# Cassandra 5.0 and Spark 4 meet at Java 17. Newer ones work until 24 removed the security manager Cassandra asks for.
JAVA_MINIMUM, JAVA_LIMIT = 17, 24
PYTHON_MINIMUM, PYTHON_LIMIT = (3, 11), (3, 14)
INSTALLED_JAVAS = Path("/usr/lib/jvm")


def java_version(binary: Path) -> int:
    """Major version of a `java`, 0 when it does not run."""
    try:
        done = subprocess.run([str(binary), "-version"], capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return 0
    version = re.search(r'version "(\d+)', done.stderr + done.stdout)
    return int(version[1]) if version else 0


def _java_candidates(installed: Path) -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if on_path := shutil.which("java"):
        yield Path(on_path)
    yield from sorted(installed.glob("*-17-*/bin/java"))


@cache
def find_java(installed: Path = INSTALLED_JAVAS) -> Path:
    """First usable `java`: JAVA_HOME, PATH, then a 17 under `installed` that is not the default.

    Raises:
        StackError: none; the message has the line that installs one.
    """
    seen = []
    for binary in _java_candidates(installed):
        version = java_version(binary)
        if JAVA_MINIMUM <= version < JAVA_LIMIT:
            return binary
        seen.append(f"{binary} é a versão {version}" if version else f"{binary} não executa")
    unusable = f" ({'; '.join(seen)})" if seen else ""
    msg = f"Falta o Java {JAVA_MINIMUM}{unusable}. Instale: sudo apt-get install -y openjdk-17-jre-headless"
    raise StackError(msg)


def check_prerequisites(*, downloads: bool, installed: Path = INSTALLED_JAVAS) -> None:
    """Name everything that is missing, at once; Maven is only needed while jars are to be downloaded.

    Raises:
        StackError: one line per missing piece, each with what installs it.
    """
    missing = []
    if not PYTHON_MINIMUM <= sys.version_info[:2] < PYTHON_LIMIT:
        missing.append(
            f"Python {sys.version_info[0]}.{sys.version_info[1]} não serve, é preciso 3.11 a 3.13. "
            "Instale: sudo apt-get install -y python3 python3-venv"
        )
    try:
        find_java(installed)
    except StackError as error:
        missing.append(str(error))
    if downloads and shutil.which("mvn") is None:
        missing.append("Falta o Maven (baixa os jars). Instale: sudo apt-get install -y maven")
    if missing:
        raise StackError("\n".join(missing))


OPTIONAL_PACKAGES = {"redis-server": "redis-server", "prometheus": "prometheus"}
"""Programs the stack starts where they are, each with the Debian package that has it."""


def find_optional(program: str) -> Path | None:
    """The program of an optional service; None when it is not installed."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin")
    return Path(found) if found else None


def how_to_install(program: str) -> str:
    """The line that installs an optional service."""
    return f"sudo apt-get install -y {OPTIONAL_PACKAGES[program]}"
