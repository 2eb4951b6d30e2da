"""What the figures were measured on."""

import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from bench.race.connector_environment import CONNECTOR, SPARK
from sinesp_stack.maven import CASSANDRA_JARS, KAFKA_JARS

_PACKAGES = ("pyspark", "acsylla", "cassandra-driver", "confluent-kafka", "pyarrow", "apache-airflow")


def describe() -> dict[str, str]:
    """Machine and versions, by name."""
    return {
        "measured": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "CPU": f"{psutil.cpu_count()} × {_processor()}",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": platform.freedesktop_os_release()["PRETTY_NAME"],
        "Python": platform.python_version(),
        "Kafka": KAFKA_JARS.coordinates[0].rpartition(":")[2],
        "Cassandra": CASSANDRA_JARS.coordinates[0].rpartition(":")[2],
        **{name: version(name) for name in _PACKAGES},
        "connector": f"{CONNECTOR} on Spark {SPARK}",
    }


def load_average() -> float:
    """How many processes wanted a core in the last minute: above one before the start, the machine was busy."""
    return psutil.getloadavg()[0]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
