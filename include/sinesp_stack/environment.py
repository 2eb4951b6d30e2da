"""Environment variables of the started processes and of the people who use the stack."""

import json
import os
import sys
from pathlib import Path

from sinesp_stack.credentials import Credentials
from sinesp_stack.settings import HOST, REPOSITORY, StackSettings

# What another installation left in the shell would reach into ours.
_FOREIGN_PREFIXES = ("AIRFLOW_", "SPARK_", "PYSPARK_", "PYTHON", "SINESP_STACK_", "CLASSPATH", "JAVA_TOOL_OPTIONS")


REPOSITORY_PATH = "PYTHONPATH"
"""The variable by which processes of this checkout find the library without its being installed."""


def object_store_login() -> dict[str, str]:
    """What a client of the cluster's object store logs in with; the store lets everybody in."""
    return {"AWS_ACCESS_KEY_ID": "sinesp", "AWS_SECRET_ACCESS_KEY": "sinesp", "AWS_EC2_METADATA_DISABLED": "true"}


def base_environment() -> dict[str, str]:
    """The caller's environment without what steers other installations, and without proxies for the loopback."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN_PREFIXES)}
    local = f"{HOST},localhost"
    return kept | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', os.defpath)}",
        "NO_PROXY": local,
        "no_proxy": local,
        "PYTHONUNBUFFERED": "1",
        REPOSITORY_PATH: str(REPOSITORY / "include"),
        # One thread per process: the parallelism is in the processes, and the idle pools cost memory.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "DO_NOT_TRACK": "1",
        "SCARF_ANALYTICS": "false",
    }


def kafka_security(settings: StackSettings, credentials: Credentials) -> dict[str, str]:
    """Librdkafka properties a client needs besides the address; none without SASL."""
    if not settings.kafka_sasl:
        return {}
    return {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.username": credentials.service_user,
        "sasl.password": credentials.service_password,
    }


def client_environment(settings: StackSettings, credentials: Credentials) -> dict[str, str]:
    """What the pipeline reads to find this stack (see `sinesp.settings`)."""
    variables = {
        "KAFKA_BROKER": settings.kafka_broker,
        "CASSANDRA_HOST": settings.cassandra_host,
        "CASSANDRA_PORT": str(settings.cassandra_port),
        "SPARK_REMOTE": settings.spark_remote,
        "SINESP_STATE_URL": settings.state_url,
        "SINESP_API_PUBLIC_URL": settings.api_url,
    }
    # A Cassandra with the default thresholds would warn about batches of this size.
    if settings.cassandra_batch_thresholds == "raised":
        variables |= {"SINESP_WRITE_BATCH_ROWS": "64", "SINESP_WRITE_BATCH_BYTES": "48000"}
    if settings.kafka_sasl:
        variables["SINESP_KAFKA_SECURITY"] = json.dumps(kafka_security(settings, credentials))
    if settings.cassandra_auth:
        variables |= {
            "SINESP_CASSANDRA_USERNAME": credentials.service_user,
            "SINESP_CASSANDRA_PASSWORD": credentials.service_password,
        }
    return variables
