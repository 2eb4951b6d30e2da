"""A clean slate on a running stack, for tests and benchmarks: empty topics and tables, Airflow's Variables a dict."""

import json
from collections.abc import Mapping, MutableMapping

from confluent_kafka.admin import AdminClient
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from sinesp.domain.contract import KEYSPACE, TOPICS, Destination
from sinesp.domain.errors import ConfigurationError, TransientError
from sinesp.domain.view_tables import VIEW_TABLES
from sinesp.microbatch import schema
from sinesp.microbatch.model.variables import variable_name
from sinesp.wiring import Services

_TABLES = (*(d.table for d in Destination), *schema.LEDGER_TABLES, *VIEW_TABLES)
_ANSWER_SECONDS = 30


class Variables:
    """Airflow's Variables, as a dict an operator may edit."""

    topics = TOPICS

    def __init__(self) -> None:
        self.texts: MutableMapping[str, str] = {}

    def read(self, topic: str) -> str | None:
        """Text of the topic's Variable."""
        return self.texts.get(variable_name(topic))

    def write(self, topic: str, text: str) -> None:
        """Replace it."""
        self.texts[variable_name(topic)] = text

    def offsets(self, topic: str) -> dict[int, int]:
        """The Variable's offsets by partition."""
        return {int(p): o for p, o in json.loads(self.texts[variable_name(topic)])["offsets"].items()}

    def edit(self, topic: str, offsets: Mapping[int, int]) -> None:
        """What an operator does in the UI: other offsets, same version."""
        name = variable_name(topic)
        variable = json.loads(self.texts[name])
        variable["offsets"] |= {str(p): o for p, o in offsets.items()}
        self.texts[name] = json.dumps(variable)


def apply_schema(services: Services) -> schema.SchemaReport:
    """As the DAG does."""
    return schema.apply_schema(services.schema_ports)


def recreate_topics(services: Services) -> None:
    """Delete the topics with everything in them and create them again."""
    admin = AdminClient({**services.endpoints.kafka.librdkafka(), "log_level": 0})
    known = [t for t in TOPICS if t in admin.list_topics(timeout=_ANSWER_SECONDS).topics]
    for deleted in admin.delete_topics(known, operation_timeout=_ANSWER_SECONDS).values() if known else ():
        deleted.result(timeout=_ANSWER_SECONDS)
    # For a moment the broker still names topics that are gone, and then does not yet know those just created.
    retry = retry_if_exception_type((TransientError, ConfigurationError))
    Retrying(retry=retry, stop=stop_after_delay(_ANSWER_SECONDS), wait=wait_fixed(0.2), reraise=True)(
        _create_topics, services
    )


def truncate_tables(services: Services) -> None:
    """Empty the data and the ledger."""
    for table in _TABLES:
        services.cassandra.execute_text(f"TRUNCATE {KEYSPACE}.{table}")


def _create_topics(services: Services) -> None:
    apply_schema(services)
    services.broker.topic_ids(TOPICS)
    services.broker.latest(services.broker.partitions(TOPICS))
