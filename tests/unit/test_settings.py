"""Settings: `.env.example` is their documentation, and secrets stay secret."""

import os
import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from sinesp.endpoints import endpoints_from_settings
from sinesp.settings import Settings
from sinesp_stack.settings import REPOSITORY, StackSettings

EXAMPLE = (REPOSITORY / ".env.example").read_text(encoding="utf-8")
DOCUMENTED = dict(re.findall(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", EXAMPLE, re.MULTILINE))
COMPOSE = (REPOSITORY / "docker-compose.yaml").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name in DOCUMENTED or name.startswith("SINESP_"):
            monkeypatch.delenv(name)


def _variable(settings: type[BaseSettings], name: str, field: FieldInfo) -> str:
    alias = field.validation_alias
    return alias if isinstance(alias, str) else f"{settings.model_config['env_prefix']}{name}".upper()


def _variables(settings: type[BaseSettings]) -> dict[str, str]:
    return {_variable(settings, name, field): name for name, field in settings.model_fields.items()}


def test_every_variable_is_documented_and_every_documented_one_exists() -> None:
    compose = set(re.findall(r"\$\{([A-Z0-9_]+)", COMPOSE))
    assert set(DOCUMENTED) == {*_variables(Settings), *_variables(StackSettings), *compose}


@pytest.mark.parametrize("settings", [Settings, StackSettings])
def test_documented_values_are_the_defaults(settings: type[BaseSettings], monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty value stands for a path that depends on the machine, or for nothing."""
    for variable in _variables(settings):
        if DOCUMENTED[variable]:
            monkeypatch.setenv(variable, DOCUMENTED[variable])
    documented = settings()
    for variable in _variables(settings):
        monkeypatch.delenv(variable, raising=False)
    assert documented == settings()


@pytest.mark.parametrize("settings", [Settings, StackSettings])
def test_variable_left_empty_is_at_its_default(settings: type[BaseSettings], monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a line of `.env.example` loses its # and nothing else."""
    default = settings()
    for variable in _variables(settings):
        monkeypatch.setenv(variable, "")
    assert settings() == default


def test_historic_variables_have_the_names_of_the_compose_services() -> None:
    s = Settings()
    assert (s.kafka_broker, s.cassandra_host, s.cassandra_port) == ("broker:29092", "cassandra", 9042)
    assert s.spark_master == "spark://spark-master:7077"


def test_secrets_show_in_no_text_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SINESP_CASSANDRA_USERNAME", "ana")
    monkeypatch.setenv("SINESP_CASSANDRA_PASSWORD", "s3gredo-c")
    monkeypatch.setenv("SINESP_KAFKA_SECURITY", '{"sasl.username": "ana", "sasl.password": "s3gredo-k"}')
    monkeypatch.setenv("SINESP_CATALOGUE_KEY", "s3gredo-d")
    monkeypatch.setenv("SINESP_API_CURSOR_KEY", "s3gredo-a")
    monkeypatch.setenv("SINESP_READER_PASSWORD", "s3gredo-l")
    monkeypatch.setenv("SINESP_REDIS_URL", "redis://ana:s3gredo-r@127.0.0.1/0")
    monkeypatch.setenv("SPARK_REMOTE", "sc://spark:15002/;use_ssl=true;token=s3gredo-t")
    monkeypatch.setenv("SINESP_STACK_SERVICE_PASSWORD", "s3gredo-s")
    settings, stack = Settings(), StackSettings()
    endpoints = endpoints_from_settings(settings)

    ours = f"{settings!r} {settings} {settings.model_dump_json()} {endpoints!r} {endpoints}"
    shown = f"{ours} {stack!r} {stack.model_dump_json()}"

    assert "s3gredo" not in shown
    assert endpoints.cassandra.password == "s3gredo-c"
    assert endpoints.kafka.librdkafka()["sasl.password"] == "s3gredo-k"
    secret = {name for name in Settings.model_fields if isinstance(getattr(settings, name), SecretStr)}
    services = {"cassandra_password", "kafka_security", "reader_password", "redis_url", "spark_remote"}
    keys = {"cassandra_key", "cassandra_key_password", "catalogue_key", "api_cursor_key"}
    assert secret == services | keys


@pytest.mark.parametrize(
    ("variable", "value"), [("CASSANDRA_PORT", "0"), ("SINESP_QUARANTINE_SHARE", "1.5"), ("SINESP_ON_DATA_LOSS", "x")]
)
def test_impossible_value_is_refused(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValidationError):
        Settings()


def test_state_is_one_folder_of_this_checkout_unless_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings().state == (tmp_path / ".local" / "state").as_uri()
    monkeypatch.setenv("SINESP_STATE_URL", "s3://bucket/sinesp/")
    assert Settings().state == "s3://bucket/sinesp"


def test_only_the_settings_read_the_environment() -> None:
    """Apart from naming Spark's interpreter and kind of session, and from asking whether a Variable is shadowed."""
    allowed = {
        "include/sinesp/clients/spark.py",
        "include/sinesp/clients/spark_channel.py",
        "include/sinesp_airflow/variables.py",
    }
    readers = {
        str(path.relative_to(REPOSITORY))
        for package in ("sinesp", "sinesp_airflow")
        for path in (REPOSITORY / "include" / package).rglob("*.py")
        if re.search(r"os\.(environ|getenv)", path.read_text(encoding="utf-8"))
    }
    assert readers <= allowed
