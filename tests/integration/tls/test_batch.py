"""One whole micro-batch over TLS on both sides: plan, stage with Spark, lanes, quarantine, commit."""

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path

from confluent_kafka import Producer

from sinesp.domain.contract import KEYSPACE, Destination
from sinesp.endpoints import endpoints_from_settings
from sinesp.microbatch.consume import consume
from sinesp.microbatch.planning.request import PlanRequest
from sinesp.settings import Settings
from sinesp.wiring import Services
from sinesp_stack import slate
from sinesp_stack.settings import HOST
from sinesp_stack.stack import Stack
from tests.pipeline import record
from tests.secured.authority import Identity
from tests.secured.services import SecuredServices


def settings_of(secured: SecuredServices, stack: Stack, folder: Path, identity: Identity) -> Settings:
    """As an operator sets them; `identity` is shown to Cassandra."""
    me = secured.authority.issue("operador", password="s3nha")
    kafka = {
        "security.protocol": "SSL",
        "ssl.ca.location": str(secured.authority.file),
        "ssl.certificate.location": str(me.certificate),
        "ssl.key.location": str(me.key),
        "ssl.key.password": "s3nha",
    }
    return Settings.model_validate(
        {
            "kafka_broker": secured.kafka.broker("mtls"),
            "kafka_security": json.dumps(kafka),
            "cassandra_host": HOST,
            "cassandra_port": secured.site.settings.cassandra_port,
            "cassandra_ca": str(secured.authority.file),
            "cassandra_certificate": str(identity.certificate),
            "cassandra_key": str(identity.key),
            "cassandra_key_password": "s3nha",
            "spark_remote": stack.settings.spark_remote,
            "state_url": (folder / "state").as_uri(),
            "topic_partitions": 2,
        }
    )


def test_a_batch_passes_over_tls_on_both_sides(secured: SecuredServices, stack: Stack, tmp_path: Path) -> None:
    identity = secured.authority.issue("executores", password="s3nha")
    settings = settings_of(secured, stack, tmp_path, identity)
    services = Services(settings, endpoints_from_settings(settings), slate.Variables())
    # The executors are given what was in them: on another machine there are no such files.
    identity.certificate.unlink()
    identity.key.unlink()
    slate.recreate_topics(services)
    producer = Producer({**services.endpoints.kafka.librdkafka(), "log_level": 0})
    for i in range(300):
        producer.produce(Destination.ESTADO.topic, json.dumps(record(f"e{i}")).encode(), f"e{i}".encode())
    producer.produce(Destination.ESTADO.topic, b"{", b"ruim")
    assert producer.flush(30) == 0

    request = PlanRequest(run=f"test/{uuid.uuid4().hex[:8]}", now=datetime.now(UTC))
    (report,) = consume(services.consume_ports, request)

    stored = services.cassandra.execute_text(f"SELECT id FROM {KEYSPACE}.{Destination.ESTADO.table}")
    quarantined = list(services.quarantine.listing([f"{datetime.now(UTC):%Y-%m}"]))
    services.close()
    assert (report.counts.inserted, report.counts.quarantined) == (300, 1)
    assert ({row["id"] for row in stored}, len(quarantined)) == ({f"e{i}" for i in range(300)}, 1)
