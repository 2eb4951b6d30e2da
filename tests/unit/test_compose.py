"""docker-compose.yaml, as far as a machine without Docker can judge it."""

import importlib.util
import json
import re
import tomllib
from typing import Any

import pytest
import yaml

from sinesp.settings import Settings
from sinesp_stack.maven import CASSANDRA_JARS, KAFKA_JARS, SPARK_JARS
from sinesp_stack.settings import REPOSITORY

COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILES = {p.name: p.read_text(encoding="utf-8") for p in sorted((REPOSITORY / "docker").glob("*.Dockerfile"))}
LOCKED = {
    p["name"]: p["version"] for p in tomllib.loads((REPOSITORY / "uv.lock").read_text(encoding="utf-8"))["package"]
}

ONE_SHOT = {"airflow-init"}

# VOLUME lines of the official images.
DECLARED = {
    "broker": {"/etc/kafka/secrets", "/mnt/shared/config", "/var/lib/kafka/data"},
    "cassandra": {"/var/lib/cassandra"},
    "postgres": {"/var/lib/postgresql/data"},
    "prometheus": {"/prometheus"},
    "redis": {"/data"},
}


def _version(jar_set_coordinate: str) -> str:
    return jar_set_coordinate.rsplit(":", 1)[1]


def test_the_pieces_are_those_of_the_local_stack() -> None:
    """No triggerer: nothing here is deferrable."""
    assert set(SERVICES) == {
        "broker", "cassandra", "spark-master", "spark-worker", "spark-connect", "postgres", "api",
        "redis", "prometheus", "grafana",
        "airflow-init", "airflow-apiserver", "airflow-scheduler", "airflow-dag-processor",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(SERVICES) - ONE_SHOT))
def test_service_is_watched_and_restarted(name: str) -> None:
    service = SERVICES[name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"
    assert service["networks"] == ["sinesp"]
    assert service["volumes"]


def test_init_runs_once_and_the_others_wait_for_its_success() -> None:
    """A container that ends has an exit code, not a health."""
    assert SERVICES["airflow-init"]["restart"] == "no"
    assert "healthcheck" not in SERVICES["airflow-init"]
    for name in ("airflow-apiserver", "airflow-scheduler", "airflow-dag-processor"):
        assert SERVICES[name]["depends_on"]["airflow-init"] == {"condition": "service_completed_successfully"}
    waits = [
        (n, target, wait["condition"]) for n, s in SERVICES.items() for target, wait in s.get("depends_on", {}).items()
    ]
    assert [w for w in waits if w[1] not in ONE_SHOT and w[2] != "service_healthy"] == []
    assert {target for _, target, _ in waits} <= set(SERVICES)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_published_ports_are_bound_to_the_loopback(name: str) -> None:
    assert [p for p in SERVICES[name].get("ports", []) if not p.startswith("127.0.0.1:")] == []


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_image_is_pinned(name: str) -> None:
    assert re.fullmatch(r"[a-z/-]+:v?\d[\w.-]+", SERVICES[name]["image"])


def test_versions_are_those_of_the_lock_and_of_the_local_stack() -> None:
    assert SERVICES["broker"]["image"] == f"apache/kafka:{_version(KAFKA_JARS.coordinates[0])}"
    assert SERVICES["cassandra"]["image"] == f"cassandra:{_version(CASSANDRA_JARS.coordinates[0])}"
    assert SERVICES["airflow-apiserver"]["image"] == f"sinesp-airflow:{LOCKED['apache-airflow']}"
    assert SERVICES["spark-connect"]["image"] == f"sinesp-spark:{LOCKED['pyspark']}"
    assert LOCKED["pyspark"] == _version(SPARK_JARS.coordinates[0])
    requirements = dict(
        re.findall(r"^([\w-]+)(?:\[\w+\])?==([\w.]+)", (REPOSITORY / "requirements.txt").read_text(), re.MULTILINE)
    )
    for package in ("apache-airflow", "pyspark", "acsylla", "asyncpg", "psycopg2-binary"):
        assert requirements[package] == LOCKED[package]


def test_images_install_the_lock_and_spark_the_same_jars() -> None:
    assert set(DOCKERFILES) == {"airflow.Dockerfile", "spark.Dockerfile"}
    for text in DOCKERFILES.values():
        assert "pip install --no-deps --requirement /tmp/requirements.txt" in text
        assert [i for i in re.findall(r"^FROM (\S+)", text, re.MULTILINE) if not re.search(r":\d", i)] == []
        assert "USER sinesp" in text
    assert (
        tuple(re.findall(r"^ +(org\S+:\S+:[\w.]+)", DOCKERFILES["spark.Dockerfile"], re.MULTILINE))
        == SPARK_JARS.coordinates
    )


def test_no_secret_is_written_down() -> None:
    """Each comes from a required variable: without it nothing starts."""
    secret = re.compile(r"PASSWORD|SECRET|FERNET|SQL_ALCHEMY_CONN")
    values = [
        (n, k, v)
        for n, s in SERVICES.items()
        for k, v in (s.get("environment") or {}).items()
        if secret.search(k) and v
    ]
    assert values
    assert [x for x in values if ":?" not in x[2] and not x[1].endswith("_FILE")] == []


def test_every_setting_of_the_pipeline_reaches_airflow() -> None:
    names = {str(f.validation_alias or f"SINESP_{n}").upper() for n, f in Settings.model_fields.items()}
    of_the_api = {name for name in names if name.startswith(("SINESP_API_", "SINESP_READER_", "SINESP_REDIS_"))}
    inside = {"SINESP_API_PORT", "SINESP_API_METRICS_PORT"}  # which of the container's ports is nobody's business
    assert names - of_the_api <= set(SERVICES["airflow-scheduler"]["environment"])
    assert of_the_api - inside <= set(SERVICES["api"]["environment"])


def test_init_writes_the_connections_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("docker_connections", REPOSITORY / "docker" / "connections.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setenv("KAFKA_BROKER", "broker:29092")
    monkeypatch.setenv("SINESP_KAFKA_SECURITY", '{"security.protocol": "SASL_SSL"}')
    monkeypatch.setenv("SINESP_CASSANDRA_PASSWORD", "x")
    monkeypatch.setenv("SINESP_CASSANDRA_CA", "/ca.pem")
    monkeypatch.setenv("SINESP_AIRFLOW_PASSWORD", "y")

    written = json.loads(json.dumps(module.connections(Settings())))

    extra = written["kafka_default"]["extra"]
    assert (extra["bootstrap.servers"], extra["security.protocol"]) == ("broker:29092", "SASL_SSL")
    assert written["cassandra_default"]["password"] == "x"
    tls = written["cassandra_default"]["extra"]["tls"]
    assert (tls["ca"], tls["certificate"], tls["check_host"]) == ("/ca.pem", "", True)
    assert module.passwords() == {"admin": "y"}


def test_worker_works_in_a_folder_of_its_user() -> None:
    """By default it would make one inside SPARK_HOME, which is root's."""
    command = SERVICES["spark-worker"]["command"]
    owned = re.search(r"install --directory --owner=sinesp ([^\n\\]+)", DOCKERFILES["spark.Dockerfile"])
    assert owned is not None
    assert command[command.index("--work-dir") + 1] in owned[1].split()


def test_master_that_crashes_remembers_its_applications() -> None:
    options = SERVICES["spark-master"]["environment"]["SPARK_MASTER_OPTS"].split()
    assert "-Dspark.deploy.recoveryMode=FILESYSTEM" in options
    assert "-Dspark.deploy.recoveryDirectory=/opt/spark-work/recovery" in options


def test_who_depends_on_the_master_is_started_again_with_it() -> None:
    again = {"condition": "service_healthy", "restart": True}
    assert SERVICES["spark-worker"]["depends_on"] == {"spark-master": again}
    assert SERVICES["spark-connect"]["depends_on"] == {"spark-master": again, "spark-worker": again}


def test_connect_server_is_well_only_while_its_application_is() -> None:
    """The name, the port and the master are those it is started with; the image has the script."""
    command, check = SERVICES["spark-connect"]["command"], SERVICES["spark-connect"]["healthcheck"]["test"]
    script = (REPOSITORY / "docker" / "spark_health.py").read_text(encoding="utf-8")
    assert f'APPLICATION = "{_value(command, "--name=")}"' in script
    assert check[-3:-1] == [_value(command, "--conf=spark.connect.grpc.binding.port="), _value(command, "--master=")]
    assert check[-1] == SERVICES["spark-master"]["command"][-1]
    assert "docker/spark_health.py /opt/sinesp/docker/" in DOCKERFILES["spark.Dockerfile"]


def test_logs_of_executors_are_bounded() -> None:
    command = SERVICES["spark-connect"]["command"]
    assert _value(command, "--conf=spark.executor.logs.rolling.strategy=") == "size"
    assert int(_value(command, "--conf=spark.executor.logs.rolling.maxRetainedFiles=")) < 10
    assert SERVICES["spark-worker"]["environment"]["SPARK_WORKER_OPTS"] == "-Dspark.worker.cleanup.enabled=true"


def _value(command: list[str], option: str) -> str:
    (value,) = [word.removeprefix(option) for word in command if word.startswith(option)]
    return value


def test_each_image_of_ours_is_built_by_one_service_and_pulled_by_none() -> None:
    for image, builder in (("sinesp-airflow", "airflow-init"), ("sinesp-spark", "spark-master")):
        users = {n: s for n, s in SERVICES.items() if s["image"].startswith(f"{image}:")}
        assert {n for n, s in users.items() if "build" in s} == {builder}
        assert {n for n, s in users.items() if s.get("pull_policy") == "never"} == set(users) - {builder}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_log_of_every_container_is_bounded(name: str) -> None:
    assert SERVICES[name]["logging"]["options"] == {"max-size": "10m", "max-file": "5"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_volume_has_a_name(name: str) -> None:
    """Those an image declares included: one without a name stays behind after `down`, and nobody knows whose it was."""
    mounted = dict(reversed(volume.removesuffix(":ro").split(":")) for volume in SERVICES[name]["volumes"])
    assert DECLARED.get(name, set()) <= set(mounted)
    assert {source for source in mounted.values() if not source.startswith("./ops/")} <= set(COMPOSE["volumes"])


def test_who_watches_finds_its_files_and_whom_it_watches() -> None:
    """Paths inside the containers are those the mounted files name; the API's listener is where they look for it."""
    prometheus, grafana = SERVICES["prometheus"], SERVICES["grafana"]
    assert "./ops/prometheus:/etc/prometheus:ro" in prometheus["volumes"]
    assert "--config.file=/etc/prometheus/prometheus.yml" in prometheus["command"]
    scraped = yaml.safe_load((REPOSITORY / "ops" / "prometheus" / "prometheus.yml").read_text())
    assert scraped["scrape_configs"][0]["static_configs"] == [
        {"targets": [f"api:{Settings.model_fields['api_metrics_port'].default}"]}
    ]
    assert SERVICES["api"]["environment"]["SINESP_API_METRICS_HOST"] == "0.0.0.0"
    provider = yaml.safe_load((REPOSITORY / "ops/grafana/provisioning/dashboards/sinesp.yaml").read_text())
    (path,) = [p["options"]["path"] for p in provider["providers"]]
    assert f"./ops/grafana/dashboards:{path}:ro" in grafana["volumes"]
    sources = (REPOSITORY / "ops/grafana/provisioning/datasources/sinesp.yaml").read_text()
    assert set(re.findall(r"\$\{(\w+)\}", sources)) <= set(grafana["environment"])


def test_api_only_reads_and_needs_neither_airflow_nor_redis_to_run() -> None:
    """Beside the others: the image is Airflow's, the process is not."""
    api = SERVICES["api"]
    assert api["entrypoint"] == ["python3", "-m", "sinesp.cli", "api", "serve"]
    assert api["read_only"]
    assert api["volumes"] == ["state:/opt/sinesp/state:ro"]
    assert api["environment"]["SINESP_REDIS_URL"] == "${SINESP_REDIS_URL:-redis://redis:6379/0}"
    assert set(api["depends_on"]) == {"airflow-init", "cassandra"}
    port = Settings.model_fields["api_port"].default
    assert api["ports"] == [f"127.0.0.1:${{SINESP_HOST_API_PORT:-8000}}:{port}"]
    assert f"http://localhost:{port}/api/v1/saude" in api["healthcheck"]["test"][-1]


def test_grafana_is_of_the_version_whose_types_were_checked() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    version = SERVICES["grafana"]["image"].partition(":")[2]
    assert f"@grafana/schema@{version}" in makefile
