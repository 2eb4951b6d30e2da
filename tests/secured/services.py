"""Kafka and Cassandra of the local stack with TLS that asks for the client's certificate, on ports of their own."""

import socket
from dataclasses import replace
from pathlib import Path

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from sinesp.clients.cassandra import CassandraEndpoint, connect
from sinesp.clients.tls import TlsFiles
from sinesp.domain.errors import SinespError
from sinesp_stack.credentials import load_credentials
from sinesp_stack.errors import NotReadyError
from sinesp_stack.maven import ensure_jars
from sinesp_stack.processes import Command, ProcessTable
from sinesp_stack.service import Service, Site
from sinesp_stack.services.cassandra.service import CassandraService
from sinesp_stack.services.kafka import KafkaService
from sinesp_stack.services.spark.service import SparkService
from sinesp_stack.settings import HOST, StackSettings
from tests.secured.authority import YESTERDAY, Authority
from tests.secured.tokens import AUDIENCE, TokenIssuer

_HEAP_MB = {"kafka_heap_mb": 384, "cassandra_heap_mb": 512, "spark_memory_mb": 512}


class SecuredKafka(KafkaService):
    """Beside the stack's own listener: one for certificates, one whose own has expired, one for OAUTHBEARER."""

    def __init__(self, site: Site, authority: Authority, tokens: TokenIssuer) -> None:
        super().__init__(site)
        self._good = authority.issue("broker", HOST).both
        self._expired = authority.issue("broker-vencido", HOST, ends_in=YESTERDAY).both
        self._renewed = authority.issue("broker-renovado", HOST, ends_in=YESTERDAY).both
        self._authority, self._tokens = authority, tokens
        base = site.settings.airflow_port  # the block's last one, which nothing here listens on
        self.ports = {"mtls": base, "expired": base + 1, "oauth": base + 2, "renewed": base + 3}

    def broker(self, listener: str) -> str:
        """Address of a listener."""
        return f"{HOST}:{self.ports[listener]}"

    def renew(self) -> Path:
        """A good certificate under the name of the one that has expired."""
        return self._authority.issue("broker-renovado", HOST).both

    def properties(self) -> str:
        lines = dict(line.split("=", 1) for line in super().properties().splitlines())
        ours = ",".join(f"{name.upper()}://{self.broker(name)}" for name in self.ports)
        lines["listeners"] += f",{ours}"
        lines["advertised.listeners"] += f",{ours}"
        lines["listener.security.protocol.map"] += ",MTLS:SSL,EXPIRED:SSL,RENEWED:SSL,OAUTH:SASL_SSL"
        for name, identity in self._identities().items():
            lines |= self._store(name, identity)
        oauth = "org.apache.kafka.common.security.oauthbearer"
        prefix = "listener.name.oauth"
        lines |= {
            "listener.name.mtls.ssl.client.auth": "required",
            "ssl.allow.dn.changes": "true",  # each certificate of the test's CA has a name of its own
            f"{prefix}.sasl.enabled.mechanisms": "OAUTHBEARER",
            f"{prefix}.oauthbearer.sasl.jaas.config": f"{oauth}.OAuthBearerLoginModule required;",
            f"{prefix}.oauthbearer.sasl.server.callback.handler.class": f"{oauth}.OAuthBearerValidatorCallbackHandler",
            f"{prefix}.sasl.oauthbearer.jwks.endpoint.url": self._tokens.keys.as_uri(),
            f"{prefix}.sasl.oauthbearer.expected.audience": AUDIENCE,
        }
        return "".join(f"{key}={value}\n" for key, value in lines.items())

    def _identities(self) -> dict[str, Path]:
        return {"mtls": self._good, "oauth": self._good, "expired": self._expired, "renewed": self._renewed}

    def commands(self) -> tuple[Command, ...]:
        (command,) = super().commands()
        java, *rest = command.argv
        allowed = f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={self._tokens.keys.as_uri()}"
        return (replace(command, argv=(java, allowed, *rest)),)

    def _store(self, listener: str, identity: Path) -> dict[str, str]:
        prefix = f"listener.name.{listener}.ssl"
        return {
            f"{prefix}.keystore.type": "PEM",
            f"{prefix}.keystore.location": str(identity),
            f"{prefix}.truststore.type": "PEM",
            f"{prefix}.truststore.location": str(self._authority.file),
        }


class SecuredCassandra(CassandraService):
    """Takes nobody without a certificate of the authority."""

    def __init__(self, site: Site, authority: Authority) -> None:
        super().__init__(site)
        self._authority = authority
        self._server = authority.issue("cassandra", HOST).both
        self.client = authority.issue("saude")

    def prepare(self) -> None:
        super().prepare()
        with (self._site.folder("cassandra") / "cassandra.yaml").open("a") as file:
            file.write(f"""
client_encryption_options:
  enabled: true
  optional: false
  require_client_auth: true
  keystore: "{self._server}"
  truststore: "{self._authority.file}"
  ssl_context_factory:
    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory
""")

    def check(self) -> None:
        files = TlsFiles("", self._authority.pem, str(self.client.certificate), str(self.client.key))
        try:
            connect(CassandraEndpoint((HOST,), self._settings.cassandra_port, tls=files.read())).cluster.shutdown()
        except SinespError as error:
            raise NotReadyError(str(error)) from error


class TokenSpark(SparkService):
    """A Connect server that asks for a token. It speaks no TLS itself: a front does."""

    name = "spark"
    token = "t0ken+com/sinais=="  # of the kind a secret store makes: all that a URL has to escape

    def commands(self) -> tuple[Command, ...]:
        (command,) = super().commands()
        environment = {**command.environment, "SPARK_CONNECT_AUTHENTICATE_TOKEN": self.token}
        return (replace(command, environment=environment),)

    def check(self) -> None:
        try:
            socket.create_connection((HOST, self._settings.spark_connect_port), timeout=1).close()
        except OSError as error:
            raise NotReadyError(str(error)) from error


class SecuredServices:
    """All of them, and the authorities: ours, and one that nobody trusts."""

    def __init__(self, base: int, folder: Path) -> None:
        settings = StackSettings.on_block(base, folder / "stack", cassandra_batch_thresholds="default", **_HEAP_MB)
        self.site = Site(settings, load_credentials(settings))
        self.authority = Authority(folder)
        self.stranger = Authority(folder, "outra-ca")
        self.tokens = TokenIssuer(folder, self.authority)
        self.kafka = SecuredKafka(self.site, self.authority, self.tokens)
        self.cassandra = SecuredCassandra(self.site, self.authority)
        self.spark = TokenSpark(self.site)
        self.processes = ProcessTable(settings.home)

    def up(self, *services: Service) -> None:
        """Start them and wait for them."""
        for service in services:
            for jars in service.jar_sets:
                ensure_jars(self.site.settings.jars, jars)
            service.prepare()
            for command in service.commands():
                self.processes.start(command)
        for service in services:
            self._wait(service)

    def down(self) -> None:
        """Stop everything."""
        self.tokens.close()
        self.processes.stop(["kafka", "cassandra", "spark"], self.site.settings.stop_timeout_seconds)

    def _wait(self, service: Service) -> None:
        patience = Retrying(
            retry=retry_if_exception_type(NotReadyError), stop=stop_after_delay(120), wait=wait_fixed(0.5), reraise=True
        )
        try:
            patience(service.check)
        except NotReadyError as error:
            raise AssertionError(f"{error}\n{self.processes.log_tail(service.name, 60)}") from error
