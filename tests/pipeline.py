"""A hand on the pipeline for tests on real services: produce, run, look. Variables are a dict; all else is real."""

import json
import re
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cassandra import ConsistencyLevel
from cassandra.query import SimpleStatement
from confluent_kafka import Producer

from sinesp.domain.contract import FIELD_NAMES, KEYSPACE, PIPELINE, Destination
from sinesp.domain.offsets import Offsets
from sinesp.endpoints import endpoints_from_settings
from sinesp.microbatch import schema
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.commit import CommitReport
from sinesp.microbatch.consume import consume
from sinesp.microbatch.insert_lane import insert_lane
from sinesp.microbatch.model.batch import Batch
from sinesp.microbatch.model.refused import Refused
from sinesp.microbatch.planning.plan import plan_batch
from sinesp.microbatch.planning.request import PlanRequest
from sinesp.microbatch.quarantine_lane import quarantine_lane
from sinesp.microbatch.stage_batch import stage_batch
from sinesp.settings import Settings
from sinesp.wiring import Services
from sinesp_stack import slate
from sinesp_stack.slate import Variables
from sinesp_stack.stack import Stack

PARTITIONS = 2
Record = dict[str, str | None]


def record(id: str, granularidade: str = "estado", **fields: str | None) -> Record:  # noqa: A002
    """A valid record; `fields` replace what matters to the test."""
    place = {"uf": "SP", "uf_nome": "São Paulo"} if granularidade in {"estado", "municipio"} else {}
    base: Record = {
        "ano": "2024",
        "mes": "01",
        "mes_ano": "01/2024",
        "tipo_crime": "homicidio_doloso",
        "vitimas": "1",
        **place,
    }
    return {**dict.fromkeys(FIELD_NAMES), **base, "id": id, "granularidade": granularidade, **fields}


def batch_complaints(stack: Stack) -> list[str]:
    """What Cassandra has logged about batches that are too large for it, or have too many partitions."""
    log = stack.processes.log_path("cassandra").read_text(encoding="utf-8", errors="replace")
    return re.findall(r"^.*(?:Batch for \[|Unlogged batch covering ).*$", log, re.MULTILINE)


class Pipeline:
    """One pipeline of a test."""

    def __init__(self, stack: Stack, folder: Path, **settings: Any) -> None:
        self.stack = stack
        self.variables = Variables()
        self.settings = Settings.model_validate(
            {
                "kafka_broker": stack.settings.kafka_broker,
                "cassandra_host": stack.settings.cassandra_host,
                "cassandra_port": stack.settings.cassandra_port,
                "spark_remote": stack.settings.spark_remote,
                "state_url": (folder / "state").as_uri(),
                "topic_partitions": PARTITIONS,
                **settings,
            }
        )
        self.services = self.connect()

    def connect(self, **settings: Any) -> Services:
        """Services of another process over the same ledger and Variables."""
        changed = self.settings.model_copy(update=settings)
        return Services(changed, endpoints_from_settings(changed), self.variables)

    def reset(self) -> None:
        """Empty everything: topics are deleted and created again."""
        slate.recreate_topics(self.services)
        slate.truncate_tables(self.services)

    def apply_schema(self) -> schema.SchemaReport:
        """As the DAG does."""
        return slate.apply_schema(self.services)

    def close(self) -> None:
        """Close the driver's connections."""
        self.services.cassandra.session.cluster.shutdown()

    # producing

    def produce(self, records: Iterable[Record], topic: str | None = None, partition: int | None = None) -> None:
        """Send records, each to the topic of its granularidade unless another is given."""
        for r in records:
            home = Destination(r["granularidade"]) if r["granularidade"] in set(Destination) else Destination.GERAL
            self.produce_raw([(str(r["id"]).encode(), json.dumps(r).encode())], topic or home.topic, partition)

    def delete(self, ids: Iterable[str], topic: str = Destination.ESTADO.topic) -> None:
        """Send null values."""
        self.produce_raw([(i.encode(), None) for i in ids], topic)

    def produce_raw(
        self, messages: Iterable[tuple[bytes | None, bytes | None]], topic: str, partition: int | None = None
    ) -> None:
        """Send bytes as they are and wait for the acknowledgement."""
        producer = Producer(
            {"bootstrap.servers": self.settings.kafka_broker, "message.max.bytes": 10_000_000, "linger.ms": 5}
        )
        place: dict[str, Any] = {} if partition is None else {"partition": partition}
        for key, value in messages:
            producer.produce(topic, value, key, **place)
        assert producer.flush(30) == 0

    # running

    def request(self, **wanted: Any) -> PlanRequest:
        """A run's request; each has a name of its own."""
        return PlanRequest(**{"run": f"test/{uuid.uuid4().hex[:8]}", "now": datetime.now(UTC), **wanted})

    def run(self, services: Services | None = None, **wanted: Any) -> list[CommitReport]:
        """Work batch after batch until nothing is left."""
        return list(consume((services or self.services).consume_ports, self.request(**wanted)))

    def plan(self, services: Services | None = None, **wanted: Any) -> Batch | None:
        """Plan only."""
        return plan_batch((services or self.services).checkpoint_ports, self.request(**wanted))

    def lanes(self, batch_id: str, run: str, services: Services | None = None) -> None:
        """Stage and write a batch without committing it."""
        s = services or self.services
        stage_batch(s.stage_ports, batch_id, run)
        for destination in Destination:
            insert_lane(s.insert_ports, batch_id, destination, run)
        quarantine_lane(s.quarantine_ports, batch_id, run)

    # looking

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        return Ledger(self.services.cassandra, PIPELINE)

    @property
    def offsets(self) -> Offsets:
        """The checkpoint."""
        return self.ledger.checkpoint().offsets

    def rows(self, destination: Destination = Destination.ESTADO) -> dict[str, dict[str, str]]:
        """A table by id; cells as Cassandra has them."""
        # As the pipeline reads: at the driver's LOCAL_ONE a replica that was away may not have caught up.
        select = SimpleStatement(
            f"SELECT * FROM {KEYSPACE}.{destination.table}", consistency_level=ConsistencyLevel.LOCAL_QUORUM
        )
        return {row.id: row._asdict() for row in self.services.cassandra.session.execute(select, timeout=60)}

    def victims(self, destination: Destination = Destination.ESTADO) -> dict[str, str]:
        """`vitimas` by id."""
        return {i: row["vitimas"] for i, row in self.rows(destination).items()}

    def quarantined(self) -> list[Refused]:
        """Everything quarantined this month."""
        return list(self.services.quarantine.listing([f"{datetime.now(UTC):%Y-%m}"]))
