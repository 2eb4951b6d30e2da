"""A cluster on the loopback: what one machine has once, on 127.0.0.1 to 127.0.0.3, for `make cluster`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Self

from sinesp_stack.service import Service, Site, members
from sinesp_stack.services.cassandra.service import CassandraService
from sinesp_stack.services.kafka import KafkaService
from sinesp_stack.services.object_store import BUCKET, ObjectStoreService
from sinesp_stack.services.spark.service import SparkService
from sinesp_stack.services.spark.standalone import SparkMasterService, SparkWorkerService
from sinesp_stack.settings import HOST, PORT_FIELDS, Port, StackSettings
from sinesp_stack.stack import Report, Stack

MACHINES = 3
WORKERS = 2
_OTHER_PORTS = ("spark_master_port", "spark_master_web_port", "spark_worker_web_port", "s3_port")


class ClusterSettings(StackSettings):
    """A stack's settings, small heaps, and the ports that only a cluster has.

    On each address the same ports, but JMX, which takes one more ten further on for each node.
    """

    kafka_heap_mb: int = 320
    cassandra_heap_mb: int = 512
    spark_memory_mb: int = 768
    spark_master: str = f"spark://{HOST}:28077"
    spark_master_port: Port = 28077
    spark_master_web_port: Port = 28078
    spark_worker_web_port: Port = 28079
    s3_port: Port = 28080
    executor_python: Path | None = None
    """Python of the executors, with the library installed; none: this one, and the library of this checkout."""

    @classmethod
    def on_block(cls, base: int, home: Path, **other: object) -> Self:
        """A stack's eight ports from `base`, the cluster's own from `base` + 50; none beyond `base` + 53."""
        stack = {name: base + i for i, name in enumerate(PORT_FIELDS)}
        own = {name: base + 50 + i for i, name in enumerate(_OTHER_PORTS)}
        master = f"spark://{HOST}:{own['spark_master_port']}"
        return cls.model_validate({"home": home, "spark_master": master, **stack, **own, **other})

    @property
    def kafka_broker(self) -> str:
        """Addresses of all brokers."""
        return ",".join(f"{m.host}:{self.kafka_port}" for m in members(MACHINES))

    @property
    def cassandra_host(self) -> str:
        """Addresses of all nodes."""
        return ",".join(m.host for m in members(MACHINES))

    @property
    def state_url(self) -> str:
        """Staging and published versions in the object store."""
        options = f"scheme=http&endpoint_override={HOST}:{self.s3_port}&region=us-east-1"
        return f"s3://{BUCKET}/state?{options}"


class Cluster(Stack):
    """A stack of many. Cassandra's nodes join one after the other, so `up` takes them in turn."""

    settings: ClusterSettings

    def __init__(self, settings: ClusterSettings, report: Report = lambda _service, _message: None) -> None:
        super().__init__(settings, report, lambda site: _services(site, settings))

    def up(self, only: Iterable[str] | None = None) -> list[str]:
        """As the stack's; returns what was started."""
        chosen = self.names if only is None else tuple(only)
        nodes = [name for name in chosen if name.startswith("cassandra")]
        started = super().up([name for name in chosen if name not in {*nodes, SparkService.name}])
        for name in nodes:
            started += super().up((name,))
        # Its check is a job, which needs the workers.
        return started + super().up([name for name in chosen if name == SparkService.name])


def _services(site: Site, settings: ClusterSettings) -> tuple[Service, ...]:
    master, python = settings.spark_master, settings.executor_python
    properties = {
        # One core in each of two executors: losing one leaves the other, and another driver finds room beside them.
        "spark.cores.max": str(WORKERS),
        "spark.executor.cores": "1",
        "spark.executor.memory": "512m",
    }
    workers = (
        # From the second machine on: the first has the master and the driver.
        SparkWorkerService(site, member, master, settings.spark_worker_web_port, python)
        for member in members(WORKERS + 1)[1:]
    )
    return (
        ObjectStoreService(site, settings.s3_port),
        *(KafkaService(site, member) for member in members(MACHINES)),
        *(CassandraService(site, member) for member in members(MACHINES)),
        SparkMasterService(site, settings.spark_master_port, settings.spark_master_web_port),
        *workers,
        SparkService(site, python, properties),
    )
