"""The image files, as far as a machine without Docker can judge them."""

import base64
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sinesp_stack.settings import REPOSITORY

DOCKERFILES = {p.name: p.read_text(encoding="utf-8") for p in sorted((REPOSITORY / "docker").glob("*.Dockerfile"))}

# ENV PATH of the official Python image.
BASE_PATH = "/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Where Debian bookworm, or that image, has what our RUN lines call.
PROGRAMS = {
    "apt-get": "/usr/bin",
    "install": "/usr/bin",
    "pip": "/usr/local/bin",
    "rm": "/bin",
    "useradd": "/usr/sbin",
}


def _last_stage(text: str) -> str:
    return "FROM" + text.rsplit("\nFROM", 1)[-1]


def _image_path(text: str) -> list[str]:
    declared = re.search(r"\bPATH=(\S+)", re.sub(r"\bPYTHONPATH=\S+", "", _last_stage(text)))
    value = declared[1].replace("$PATH", BASE_PATH) if declared else BASE_PATH
    return value.split(":")


def _run_programs(text: str) -> Iterator[str]:
    joined = _last_stage(text).replace("\\\n", " ")
    for line in re.findall(r"^RUN (.+)$", joined, re.MULTILINE):
        yield from (shlex.split(command)[0] for command in line.split("&&"))


@pytest.mark.parametrize("name", sorted(DOCKERFILES))
def test_every_program_a_run_line_calls_is_on_the_image_s_path(name: str) -> None:
    programs = set(_run_programs(DOCKERFILES[name]))

    assert programs <= set(PROGRAMS), "say in PROGRAMS where the new one is"
    assert {p for p in programs if PROGRAMS[p] not in _image_path(DOCKERFILES[name])} == set()


def test_command_line_is_on_the_image_s_path(tmp_path: Path) -> None:
    assert "COPY docker/sinesp /usr/local/bin/\n" in DOCKERFILES["airflow.Dockerfile"]
    assert "/usr/local/bin" in _image_path(DOCKERFILES["airflow.Dockerfile"])
    # The image's python3; on a developer's machine that name may be another one's.
    (tmp_path / "python3").symlink_to(sys.executable)
    shutil.copy(REPOSITORY / "docker" / "sinesp", tmp_path)

    done = subprocess.run(
        ["sinesp", "--help"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "PYTHONPATH": f"{REPOSITORY / 'include'}:{':'.join(sys.path)}"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert "replay-quarantine" in done.stdout


def test_generated_secrets_are_as_long_as_their_algorithms_want(tmp_path: Path) -> None:
    """Airflow signs with HMAC-SHA-512, whose key is 64 bytes, and encrypts with Fernet, whose key is exactly 32."""
    (tmp_path / "docker").mkdir()
    shutil.copy(REPOSITORY / "docker" / "make-env.sh", tmp_path / "docker")
    shutil.copy(REPOSITORY / ".env.example", tmp_path)

    said = subprocess.run([tmp_path / "docker" / "make-env.sh"], capture_output=True, text=True, check=True).stdout

    file = tmp_path / ".env"
    written = dict(re.findall(r"^(SINESP_\w+)=(.*)$", file.read_text(encoding="utf-8"), re.MULTILINE))
    assert set(written) == set(re.findall(r"^(SINESP_\w+)=$", (tmp_path / ".env.example").read_text(), re.MULTILINE))
    assert len(base64.urlsafe_b64decode(written["SINESP_FERNET_KEY"])) == 32
    assert min(len(written[name]) for name in ("SINESP_JWT_SECRET", "SINESP_API_SECRET")) >= 64
    assert len(set(written.values())) == len(written)
    assert f"admin do Airflow: {written['SINESP_AIRFLOW_PASSWORD']}\n" in said
    assert file.stat().st_mode & 0o077 == 0
    before = file.read_bytes()
    subprocess.run([tmp_path / "docker" / "make-env.sh"], capture_output=True, check=True)
    assert file.read_bytes() == before
