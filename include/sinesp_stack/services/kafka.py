"""Kafka: one KRaft process, broker and controller, no ZooKeeper."""

import base64
import subprocess
import uuid
from pathlib import Path
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from sinesp_stack.environment import base_environment, kafka_security
from sinesp_stack.errors import NotReadyError, StackError
from sinesp_stack.maven import KAFKA_JARS
from sinesp_stack.ports import PortClaim, claim
from sinesp_stack.prerequisites import find_java
from sinesp_stack.processes import Command
from sinesp_stack.service import Site
from sinesp_stack.settings import HOST

_LOG4J: Final = """\
status = error
appender.stdout.type = Console
appender.stdout.name = stdout
appender.stdout.layout.type = PatternLayout
appender.stdout.layout.pattern = %d{HH:mm:ss} %-5p %c{1} %m%n
rootLogger.level = INFO
rootLogger.appenderRef.stdout.ref = stdout
# Every client's configuration dump, each time it connects.
logger.configs.name = org.apache.kafka.common.config
logger.configs.level = WARN
"""


class KafkaService:
    """The broker."""

    name = "kafka"
    optional_program = ""
    process_names = ("kafka",)
    jar_sets = (KAFKA_JARS,)

    def __init__(self, site: Site) -> None:
        self._site = site
        self._settings = site.settings

    def claims(self) -> tuple[PortClaim, ...]:
        """Client port and controller port."""
        settings = self._settings
        return (
            claim("Kafka", "kafka_port", settings.kafka_port),
            claim("Kafka, controlador", "kafka_controller_port", settings.kafka_controller_port),
        )

    def prepare(self) -> None:
        """Write server.properties and format the log folder once."""
        folder = self._site.folder("kafka")
        (folder / "log4j2.properties").write_text(_LOG4J)
        properties = folder / "server.properties"
        properties.touch(mode=0o600)
        properties.write_text(self.properties())
        if not (self._data / "meta.properties").exists():
            self._format(properties)

    def properties(self) -> str:
        """The broker's configuration."""
        settings = self._settings
        client = "SASL_PLAINTEXT" if settings.kafka_sasl else "PLAINTEXT"
        controller = f"{HOST}:{settings.kafka_controller_port}"
        listeners = f"{client}://{HOST}:{settings.kafka_port},CONTROLLER://{controller}"
        lines = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.bootstrap.servers": controller,
            "listeners": listeners,
            "advertised.listeners": listeners,
            "listener.security.protocol.map": f"CONTROLLER:PLAINTEXT,{client}:{client}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": client,
            "log.dirs": str(self._data),
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "4",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "auto.create.topics.enable": "false",
            # The default of five minutes would make a retention test wait as long.
            "log.retention.check.interval.ms": "30000",
        }
        if settings.kafka_sasl:
            user, password = self._site.credentials.service_user, self._site.credentials.service_password
            lines |= {
                "sasl.enabled.mechanisms": "PLAIN",
                "sasl.mechanism.inter.broker.protocol": "PLAIN",
                "listener.name.sasl_plaintext.plain.sasl.jaas.config": (
                    "org.apache.kafka.common.security.plain.PlainLoginModule required "
                    f'username="{user}" password="{password}" user_{user}="{password}";'
                ),
            }
        return "".join(f"{key}={value}\n" for key, value in lines.items())

    def commands(self) -> tuple[Command, ...]:
        """The broker's JVM."""
        folder = self._site.folder("kafka")
        argv = (*self._java(f"-Xmx{self._settings.kafka_heap_mb}m"), "kafka.Kafka", str(folder / "server.properties"))
        return (Command("kafka", argv, base_environment(), folder),)

    def check(self) -> None:
        """Ask for the list of topics, with the credentials a client would use."""
        security = kafka_security(self._settings, self._site.credentials)
        client = AdminClient({"bootstrap.servers": self._settings.kafka_broker, "log_level": 0, **security})
        try:
            client.list_topics(timeout=2)
        except KafkaException as error:
            raise NotReadyError(str(error)) from error

    @property
    def _data(self) -> Path:
        return self._settings.home / "kafka" / "data"

    def _java(self, *options: str) -> tuple[str, ...]:
        log4j = f"-Dlog4j2.configurationFile={self._settings.home / 'kafka' / 'log4j2.properties'}"
        return (str(find_java()), *options, log4j, "-Djava.awt.headless=true", "-cp", self._site.class_path(KAFKA_JARS))

    def _format(self, properties: Path) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
        tool = (*self._java("-Xmx128m"), "kafka.tools.StorageTool")
        command = [*tool, "format", "--standalone", "-t", cluster, "-c", str(properties)]
        done = subprocess.run(command, capture_output=True, text=True, env=base_environment(), check=False)
        if done.returncode:
            msg = f"O Kafka não formatou {self._data}:\n{(done.stdout + done.stderr)[-1500:]}"
            raise StackError(msg)
