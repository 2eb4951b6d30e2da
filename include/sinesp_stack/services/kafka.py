"""Kafka: KRaft processes, each broker and controller, no ZooKeeper; one, or the members of a cluster."""

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
from sinesp_stack.service import ALONE, Member, Site

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
    """A broker. Of three, one may be away: everything is kept thrice and confirmed by two."""

    name: str = "kafka"
    optional_program = ""
    jar_sets = (KAFKA_JARS,)

    def __init__(self, site: Site, member: Member = ALONE) -> None:
        self._site = site
        self._settings = site.settings
        self._member = member
        self.name = member.named("kafka")
        self.process_names: tuple[str, ...] = (self.name,)

    def claims(self) -> tuple[PortClaim, ...]:
        """Client port and controller port."""
        settings = self._settings
        return (
            claim("Kafka", "kafka_port", settings.kafka_port, self._member.host),
            claim("Kafka, controlador", "kafka_controller_port", settings.kafka_controller_port, self._member.host),
        )

    def prepare(self) -> None:
        """Write server.properties and format the log folder once."""
        folder = self._site.folder(self.name)
        (folder / "log4j2.properties").write_text(_LOG4J)
        properties = folder / "server.properties"
        properties.touch(mode=0o600)
        properties.write_text(self.properties())
        if not (self._data / "meta.properties").exists():
            self._format(properties)

    def properties(self) -> str:
        """The broker's configuration."""
        settings, member = self._settings, self._member
        client = "SASL_PLAINTEXT" if settings.kafka_sasl else "PLAINTEXT"
        controller = f"{member.host}:{settings.kafka_controller_port}"
        listeners = f"{client}://{member.host}:{settings.kafka_port},CONTROLLER://{controller}"
        copies, confirmed = str(member.count), str(max(1, member.count - 1))
        lines = {
            "process.roles": "broker,controller",
            "node.id": str(member.number),
            **self._quorum(),
            "listeners": listeners,
            "advertised.listeners": listeners,
            "listener.security.protocol.map": f"CONTROLLER:PLAINTEXT,{client}:{client}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": client,
            "log.dirs": str(self._data),
            "min.insync.replicas": confirmed,
            "offsets.topic.replication.factor": copies,
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": confirmed,
            "transaction.state.log.num.partitions": "4",
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": confirmed,
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

    def _quorum(self) -> dict[str, str]:
        port, hosts = self._settings.kafka_controller_port, self._member.everybody
        if len(hosts) == 1:
            return {"controller.quorum.bootstrap.servers": f"{hosts[0]}:{port}"}
        return {"controller.quorum.voters": ",".join(f"{n}@{host}:{port}" for n, host in enumerate(hosts, 1))}

    def commands(self) -> tuple[Command, ...]:
        """The broker's JVM."""
        folder = self._site.folder(self.name)
        argv = (*self._java(f"-Xmx{self._settings.kafka_heap_mb}m"), "kafka.Kafka", str(folder / "server.properties"))
        return (Command(self.name, argv, base_environment(), folder),)

    def check(self) -> None:
        """Ask for the list of topics, with the credentials a client would use."""
        security = kafka_security(self._settings, self._site.credentials)
        broker = f"{self._member.host}:{self._settings.kafka_port}"
        client = AdminClient({"bootstrap.servers": broker, "log_level": 0, **security})
        try:
            client.list_topics(timeout=2)
        except KafkaException as error:
            raise NotReadyError(str(error)) from error

    @property
    def _data(self) -> Path:
        return self._settings.home / self.name / "data"

    def _java(self, *options: str) -> tuple[str, ...]:
        log4j = f"-Dlog4j2.configurationFile={self._settings.home / self.name / 'log4j2.properties'}"
        return (str(find_java()), *options, log4j, "-Djava.awt.headless=true", "-cp", self._site.class_path(KAFKA_JARS))

    def _format(self, properties: Path) -> None:
        # By the folder: the members of a cluster must be given the same one.
        identity = uuid.uuid5(uuid.NAMESPACE_URL, self._settings.home.as_uri()).bytes
        cluster = base64.urlsafe_b64encode(identity).decode().rstrip("=").replace("-", "A")
        tool = (*self._java("-Xmx128m"), "kafka.tools.StorageTool")
        quorum = ["--standalone"] if self._member.count == 1 else []
        command = [*tool, "format", *quorum, "-t", cluster, "-c", str(properties)]
        done = subprocess.run(command, capture_output=True, text=True, env=base_environment(), check=False)
        if done.returncode:
            msg = f"O Kafka não formatou {self._data}:\n{(done.stdout + done.stderr)[-1500:]}"
            raise StackError(msg)
