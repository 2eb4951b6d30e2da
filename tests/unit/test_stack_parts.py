"""The supervisor's parts that need no service."""

import json
import os
import socket
import stat
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from sinesp.domain.contract import TOPICS
from sinesp_stack.cli import app, cache_of
from sinesp_stack.credentials import load_credentials
from sinesp_stack.demo.backlog import unread
from sinesp_stack.environment import base_environment, client_environment
from sinesp_stack.errors import StackError
from sinesp_stack.maven import CASSANDRA_JARS, KAFKA_JARS, SPARK_JARS, ensure_jars, is_complete, jar_folder
from sinesp_stack.ports import PortClaim, check_ports
from sinesp_stack.prerequisites import check_prerequisites
from sinesp_stack.service import Site
from sinesp_stack.services import every
from sinesp_stack.services.airflow.service import AirflowService
from sinesp_stack.services.redis import RedisService
from sinesp_stack.settings import PORT_FIELDS, StackSettings
from sinesp_stack.sockets import Listener
from sinesp_stack.stack import Stack


def _site(home: Path, **settings: object) -> Site:
    wanted = StackSettings.on_block(19900, home, **settings)
    return Site(wanted, load_credentials(wanted))


def test_second_stack_has_a_block_of_ports_and_a_folder_of_its_own(tmp_path: Path) -> None:
    settings = StackSettings.on_block(19900, tmp_path)
    assert [getattr(settings, name) for name in PORT_FIELDS] == list(range(19900, 19912))
    assert (settings.home, settings.jars) == (tmp_path, StackSettings().jars)


@pytest.mark.parametrize(("field", "value"), [("kafka_port", 80), ("airflow_port", 70_000), ("cassandra_heap_mb", 1)])
def test_impossible_setting_is_refused(field: str, value: int, tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        StackSettings.on_block(19900, tmp_path, **{field: value})


def test_taken_and_twice_claimed_ports_are_named_together() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        claims = [PortClaim(port, "Kafka", "A_PORT"), PortClaim(port, "Airflow", "B_PORT")]
        with pytest.raises(StackError) as caught:
            check_ports(claims)

    message = str(caught.value)
    assert f"A porta {port} (Kafka) está em uso pelo processo {os.getpid()}" in message
    assert f"A porta {port} foi pedida duas vezes (Airflow). Outra porta: B_PORT=<porta>" in message


def test_passwords_are_generated_once_for_their_owner_only(tmp_path: Path) -> None:
    settings = StackSettings.on_block(19900, tmp_path / "home")
    first = load_credentials(settings)

    assert load_credentials(settings) == first
    assert len(first.airflow_password) >= 12
    assert first.airflow_password not in repr(first)
    assert first.service_password not in repr(first)
    assert stat.S_IMODE((settings.home / "credentials.json").stat().st_mode) == 0o600


def test_clients_get_credentials_only_when_the_services_ask_for_them(tmp_path: Path) -> None:
    plain, asking = _site(tmp_path / "a"), _site(tmp_path / "b", kafka_sasl=True, cassandra_auth=True)

    assert (
        not {"SINESP_KAFKA_SECURITY", "SINESP_CASSANDRA_PASSWORD"}
        & client_environment(plain.settings, plain.credentials).keys()
    )
    found = client_environment(asking.settings, asking.credentials)
    assert json.loads(found["SINESP_KAFKA_SECURITY"])["sasl.password"] == asking.credentials.service_password
    assert found["SINESP_CASSANDRA_USERNAME"] == "sinesp"
    connections = AirflowService(asking).connections()
    assert connections["cassandra_default"]["password"] == asking.credentials.service_password


def test_what_another_installation_left_in_the_shell_stays_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AIRFLOW_HOME", "SPARK_HOME", "PYTHONPATH", "JAVA_TOOL_OPTIONS"):
        monkeypatch.setenv(name, "/elsewhere")
    assert "/elsewhere" not in {v for k, v in base_environment().items() if k != "PATH"}


def test_jars_count_as_complete_only_with_exactly_these_coordinates(tmp_path: Path) -> None:
    for jars in (KAFKA_JARS, CASSANDRA_JARS, SPARK_JARS):
        assert all(len(c.split(":")) == 3 and c.rsplit(":", 1)[1][0].isdigit() for c in jars.coordinates)
        jar_folder(tmp_path, jars).mkdir()
        marker = jar_folder(tmp_path, jars) / ".coordinates"
        marker.write_text("another:version:1")
        assert not is_complete(tmp_path, jars)
        marker.write_text(jars.fingerprint)
        assert is_complete(tmp_path, jars)
        assert ensure_jars(tmp_path, jars) == jar_folder(tmp_path, jars)


def test_missing_java_and_maven_are_named_together_with_what_installs_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "java").write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    (tmp_path / "java").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/nowhere")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(StackError) as caught:
        check_prerequisites(downloads=True, installed=tmp_path / "jvm")

    java, maven = str(caught.value).splitlines()
    assert "Falta o Java 17" in java
    assert "é a versão 11" in java
    assert "apt-get install -y openjdk-17-jre-headless" in java
    assert "apt-get install -y maven" in maven


def test_stack_that_was_never_started_says_so(tmp_path: Path) -> None:
    stack = Stack(StackSettings.on_block(19900, tmp_path))
    assert {s.state for s in stack.status()} == {"parado"}
    assert stack.down() == []
    with pytest.raises(StackError, match="não está rodando nesta stack"):
        stack.kill("kafka")
    with pytest.raises(StackError, match="Serviço desconhecido: postgres"):
        stack.up(["postgres"])


@pytest.mark.parametrize(
    ("address", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", False),
        ("::", False),
    ],
)
def test_only_the_loopback_counts_as_such(address: str, loopback: bool) -> None:
    assert Listener(1, address, 80).is_loopback is loopback


def test_partition_without_a_checkpoint_is_wholly_unread() -> None:
    assert unread({TOPICS[0]: {0: 5, 1: 7}}, {TOPICS[0]: {0: 5}}) == 7


def test_status_names_no_address_where_nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SINESP_STACK_HOME", str(tmp_path))
    said = CliRunner().invoke(app, ["status"])
    assert said.exit_code == 0
    assert "Airflow não está rodando: sinesp-stack up" in said.output
    assert "http://" not in said.output


@pytest.mark.parametrize(
    ("ready", "said"),
    [
        ({"cache": "redis", "redis": True}, "Redis"),
        ({"cache": "redis", "redis": False}, "memória de cada processo (o Redis não responde)"),
        ({"cache": "processo", "redis": None}, "memória de cada processo (sem Redis)"),
        (None, "a API não respondeu"),
    ],
)
def test_the_cache_that_is_named_is_the_one_the_api_says_is_on(
    ready: dict[str, object] | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = httpx.Response(503, json=ready) if ready else httpx.Response(200, text="<html>")
    monkeypatch.setattr(httpx, "get", lambda *_, **__: answer)
    assert cache_of("http://127.0.0.1:1") == said


def test_what_is_optional_is_left_out_with_the_line_that_installs_it_and_missed_when_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(every, "find_optional", lambda program: None if program == "redis-server" else Path(program))
    said: list[tuple[str, str]] = []
    stack = Stack(StackSettings.on_block(19900, tmp_path), lambda name, message: said.append((name, message)))

    assert stack._installed() == ("kafka", "cassandra", "spark", "api", "prometheus", "airflow")
    assert said == [("redis", "não instalado (opcional): sudo apt-get install -y redis-server")]
    with pytest.raises(StackError, match=r"Falta o programa de redis\. Instale: sudo apt-get install -y redis-server"):
        stack.up(["redis"])


def test_the_cache_keeps_nothing_on_disk_and_is_bounded(tmp_path: Path) -> None:
    (command,) = RedisService(_site(tmp_path, redis_memory_mb=32)).commands()
    options = dict(zip(command.argv[1::2], command.argv[2::2], strict=True))

    assert (options["--save"], options["--appendonly"]) == ("", "no")
    assert (options["--maxmemory"], options["--maxmemory-policy"]) == ("32mb", "allkeys-lru")
    assert options["--bind"] == "127.0.0.1"
