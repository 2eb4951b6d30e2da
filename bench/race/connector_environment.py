"""The connector's own environment: Spark 3.5.7 in a venv of its own, the connector's jars by Maven coordinates."""

import subprocess
import sys
from pathlib import Path

from bench.harness import Harness, folder
from bench.race.child import Child
from sinesp.domain.contract import FIELD_NAMES, KEYSPACE
from sinesp_stack.environment import base_environment
from sinesp_stack.maven import JarSet, ensure_jars
from sinesp_stack.prerequisites import find_java
from sinesp_stack.settings import HOST

SPARK = "3.5.7"
CONNECTOR = "3.5.1"
_PACKAGES = (f"pyspark=={SPARK}", "numpy<2", "pandas<3")
# Without their transitive dependencies, which bring a second Scala; these are the ones the write path needs.
_JARS = JarSet(
    "bench-connector",
    (
        f"org.apache.spark:spark-sql-kafka-0-10_2.12:{SPARK}",
        f"org.apache.spark:spark-token-provider-kafka-0-10_2.12:{SPARK}",
        "org.apache.kafka:kafka-clients:3.4.1",
        "org.apache.commons:commons-pool2:2.11.1",
        f"com.datastax.spark:spark-cassandra-connector_2.12:{CONNECTOR}",
        f"com.datastax.spark:spark-cassandra-connector-driver_2.12:{CONNECTOR}",
        "org.apache.cassandra:java-driver-core-shaded:4.18.1",
        "org.apache.cassandra:java-driver-query-builder:4.18.1",
        "org.apache.cassandra:java-driver-mapper-runtime:4.18.1",
        "com.datastax.oss:native-protocol:1.5.1",
        "com.datastax.oss:java-driver-shaded-guava:25.1-jre-graal-sub-1",
        "com.typesafe:config:1.4.1",
        "io.dropwizard.metrics:metrics-core:4.1.18",
        "org.hdrhistogram:HdrHistogram:2.1.12",
        "org.reactivestreams:reactive-streams:1.0.3",
        "com.thoughtworks.paranamer:paranamer:2.8",
        "org.scala-lang:scala-reflect:2.12.19",
        "com.esri.geometry:esri-geometry-api:1.2.1",
    ),
    transitive=False,
)


def prepare() -> None:
    """Create the environment and download the jars, where they are missing."""
    ensure_jars(folder("jars"), _JARS)
    python, marker = _python(), folder("connector-venv") / ".packages"
    if marker.exists() and marker.read_text() == "\n".join(_PACKAGES):
        return
    uv = Path(".local/uv/bin/uv")
    subprocess.run(
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder("connector-venv"))], check=True
    )
    subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), *_PACKAGES], check=True)
    marker.write_text("\n".join(_PACKAGES))


def start(harness: Harness) -> Child:
    """Start the connector's Spark with as many cores and as much memory as ours has."""
    settings = harness.stack.settings
    jars = sorted((folder("jars") / _JARS.name).glob("*.jar"))
    conf = {
        "spark.jars": ",".join(map(str, jars)),
        "spark.driver.memory": f"{settings.spark_memory_mb}m",
        "spark.driver.host": HOST,
        "spark.driver.bindAddress": HOST,
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.local.dir": str(folder("connector-spark")),
        "spark.cassandra.connection.host": HOST,
        "spark.cassandra.connection.port": str(settings.cassandra_port),
        "spark.cassandra.connection.localDC": "datacenter1",
    }
    site = {
        "master": settings.spark_master,
        "conf": conf,
        "broker": settings.kafka_broker,
        "keyspace": KEYSPACE,
        "fields": FIELD_NAMES,
    }
    environment = base_environment() | {
        "JAVA_HOME": str(find_java().resolve().parents[1]),
        "SPARK_LOCAL_IP": HOST,
        "PYSPARK_PYTHON": str(_python()),
    }
    return Child(_python(), "connector", site, environment, folder("logs") / "connector.log")


def _python() -> Path:
    return folder("connector-venv") / "bin" / "python"
