"""Cassandra: one node, from the library jar alone (no distribution)."""

from typing import Final

from sinesp_stack.environment import base_environment
from sinesp_stack.errors import NotReadyError
from sinesp_stack.maven import CASSANDRA_JARS
from sinesp_stack.ports import PortClaim, claim
from sinesp_stack.prerequisites import JAVA_MINIMUM, find_java, java_version
from sinesp_stack.processes import Command
from sinesp_stack.service import Site
from sinesp_stack.services.cassandra.configuration import LOGBACK, MODULE_FLAGS, cassandra_yaml
from sinesp_stack.services.cassandra.session import open_session

_FACTORY_LOGIN: Final = ("cassandra", "cassandra")


class CassandraService:
    """The node."""

    name = "cassandra"
    optional_program = ""
    process_names = ("cassandra",)
    jar_sets = (CASSANDRA_JARS,)

    def __init__(self, site: Site) -> None:
        self._site = site
        self._settings = site.settings

    def claims(self) -> tuple[PortClaim, ...]:
        """CQL, gossip and JMX; the encrypted gossip port is only named in the configuration."""
        settings = self._settings
        return (
            claim("Cassandra", "cassandra_port", settings.cassandra_port),
            claim("Cassandra, gossip", "cassandra_storage_port", settings.cassandra_storage_port),
            claim("Cassandra, gossip TLS", "cassandra_ssl_storage_port", settings.cassandra_ssl_storage_port),
            claim("Cassandra, JMX", "cassandra_jmx_port", settings.cassandra_jmx_port),
        )

    def prepare(self) -> None:
        """Write cassandra.yaml and logback.xml."""
        folder = self._site.folder("cassandra")
        (folder / "cassandra.yaml").write_text(cassandra_yaml(self._settings, folder))
        (folder / "logback.xml").write_text(LOGBACK)

    def commands(self) -> tuple[Command, ...]:
        """The node's JVM."""
        folder, java = self._site.folder("cassandra"), find_java()
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
            f"-Dcassandra.jmx.local.port={self._settings.cassandra_jmx_port}",
            # A node alone has nobody to wait for.
            "-Dcassandra.skip_wait_for_gossip_to_settle=0",
            "-Dcassandra.ring_delay_ms=100",
            "-Dcassandra.superuser_setup_delay_ms=0",
            # Chronicle, the library of Cassandra's audit log, reports its use otherwise.
            "-Dchronicle.analytics.disable=true",
        ]
        if java_version(java) > JAVA_MINIMUM:
            options.append("-Djava.security.manager=allow")
        classes = ("-cp", self._site.class_path(CASSANDRA_JARS), "org.apache.cassandra.service.CassandraDaemon")
        return (Command("cassandra", (str(java), *options, *MODULE_FLAGS, *classes), base_environment(), folder),)

    def check(self) -> None:
        """Run a query as a client would; with authentication on, create the client's role first."""
        try:
            with open_session(self._site) as session:
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
        with open_session(self._site) as session:
            session.execute("ALTER ROLE cassandra WITH SUPERUSER = false AND LOGIN = false")
