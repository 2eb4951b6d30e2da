"""Cassandra from the library jar alone (no distribution): one node, or the members of a cluster."""

from typing import Final

from sinesp_stack.environment import base_environment
from sinesp_stack.errors import NotReadyError
from sinesp_stack.maven import CASSANDRA_JARS
from sinesp_stack.ports import PortClaim, claim
from sinesp_stack.prerequisites import JAVA_MINIMUM, find_java, java_version
from sinesp_stack.processes import Command
from sinesp_stack.service import ALONE, Member, Site
from sinesp_stack.services.cassandra.configuration import LOGBACK, MODULE_FLAGS, cassandra_yaml
from sinesp_stack.services.cassandra.session import open_session

_FACTORY_LOGIN: Final = ("cassandra", "cassandra")


class CassandraService:
    """A node. Members of a cluster are started one after the other: two cannot join a ring at the same time."""

    name: str = "cassandra"
    optional_program = ""
    jar_sets = (CASSANDRA_JARS,)

    def __init__(self, site: Site, member: Member = ALONE) -> None:
        self._site = site
        self._settings = site.settings
        self._member = member
        self.name = member.named("cassandra")
        self.process_names: tuple[str, ...] = (self.name,)
        # JMX is on 127.0.0.1 whatever the node's address is.
        self._jmx = self._settings.cassandra_jmx_port + 10 * (member.number - 1)

    def claims(self) -> tuple[PortClaim, ...]:
        """CQL, gossip and JMX; the encrypted gossip port is only named in the configuration."""
        settings, host = self._settings, self._member.host
        return (
            claim("Cassandra", "cassandra_port", settings.cassandra_port, host),
            claim("Cassandra, gossip", "cassandra_storage_port", settings.cassandra_storage_port, host),
            claim("Cassandra, gossip TLS", "cassandra_ssl_storage_port", settings.cassandra_ssl_storage_port, host),
            claim("Cassandra, JMX", "cassandra_jmx_port", self._jmx),
        )

    def prepare(self) -> None:
        """Write cassandra.yaml and logback.xml."""
        folder = self._site.folder(self.name)
        (folder / "cassandra.yaml").write_text(cassandra_yaml(self._settings, folder, self._member))
        (folder / "logback.xml").write_text(LOGBACK)

    def commands(self) -> tuple[Command, ...]:
        """The node's JVM."""
        folder, java = self._site.folder(self.name), find_java()
        heap = self._settings.cassandra_heap_mb
        options = [
            f"-Xms{heap}m",
            f"-Xmx{heap}m",
            f"-XX:MaxDirectMemorySize={heap // 2}m",
            "-Xss256k",
            "-Djava.net.preferIPv4Stack=true",
            "-Djdk.attach.allowAttachSelf=true",
            "-Dio.netty.tryReflectionSetAccessible=true",
            f"-Dcassandra.config={(folder / 'cassandra.yaml').as_uri()}",
            f"-Dcassandra.storagedir={folder}",
            f"-Dlogback.configurationFile={folder / 'logback.xml'}",
            "-Dcassandra-foreground=yes",
            # "local" makes JMX listen on the loopback only.
            f"-Dcassandra.jmx.local.port={self._jmx}",
            # A node alone has nobody to wait for; one of several hears of the others before it chooses tokens.
            "-Dcassandra.skip_wait_for_gossip_to_settle=0",
            f"-Dcassandra.ring_delay_ms={100 if self._member.count == 1 else 3000}",
            "-Dcassandra.superuser_setup_delay_ms=0",
            # Chronicle, the library of Cassandra's audit log, reports its use otherwise.
            "-Dchronicle.analytics.disable=true",
        ]
        if java_version(java) > JAVA_MINIMUM:
            options.append("-Djava.security.manager=allow")
        classes = ("-cp", self._site.class_path(CASSANDRA_JARS), "org.apache.cassandra.service.CassandraDaemon")
        return (Command(self.name, (str(java), *options, *MODULE_FLAGS, *classes), base_environment(), folder),)

    def check(self) -> None:
        """Run a query as a client would; with authentication on, create the client's role first."""
        try:
            with open_session(self._site, host=self._member.host) as session:
                session.execute("SELECT release_version FROM system.local")
        except NotReadyError:
            if not self._settings.cassandra_auth:
                raise
            self._create_role()
            raise

    def _create_role(self) -> None:
        """Replace the factory login with ours, which is why a stranger's `cassandra`/`cassandra` does not enter."""
        user, password = self._site.credentials.service_user, self._site.credentials.service_password
        with open_session(self._site, login=_FACTORY_LOGIN) as session:
            options = f"SUPERUSER = true AND LOGIN = true AND PASSWORD = '{password}'"
            session.execute(f'CREATE ROLE IF NOT EXISTS "{user}" WITH {options}')
        with open_session(self._site, host=self._member.host) as session:
            session.execute("ALTER ROLE cassandra WITH SUPERUSER = false AND LOGIN = false")
