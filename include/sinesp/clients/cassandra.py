"""Cassandra for rows, DDL, ledger and lightweight transactions, over the driver the Airflow provider brings."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, Session
from cassandra.policies import DCAwareRoundRobinPolicy, ExponentialReconnectionPolicy, TokenAwarePolicy
from cassandra.query import ConsistencyLevel, PreparedStatement

from sinesp.clients.cassandra_batches import BatchHandler
from sinesp.clients.cassandra_errors import TLS_WHERE, tls_advice, translated
from sinesp.clients.replicas import ReplicaMap
from sinesp.clients.statements import query
from sinesp.clients.tls import Tls, TlsFiles
from sinesp.clients.tls_errors import diagnose
from sinesp.domain.errors import ConfigurationError, TransientError

RECONNECTION = ExponentialReconnectionPolicy(0.25, 2.0)
"""By default the wait for a node grows to minutes, far beyond the time a lane insists for."""

TIMEOUT_SECONDS = 15.0
_DDL_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class CassandraEndpoint:
    """Where Cassandra is and who we are there; neither password nor key appears in `repr`."""

    hosts: tuple[str, ...]
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    tls: Tls | None = None

    def __str__(self) -> str:
        return f"{','.join(self.hosts)}:{self.port}"


def tls_of(files: TlsFiles, *, check_host: bool) -> Tls | None:
    """What is set of TLS; None when nothing is, and the connection is not encrypted.

    Raises:
        ConfigurationError: the CA is missing (the write path's client has none of its own), or as in `TlsFiles.read`.
    """
    if not (files.ca or files.certificate or files.key):
        return None
    if not files.ca:
        raise ConfigurationError(f"TLS do Cassandra: falta a CA. {TLS_WHERE}")
    return files.read(check_host=check_host)


class CassandraSession:
    """Prepared statements by name, errors in this library's terms.

    Raises (any method):
        TransientError: the cluster does not answer.
        ConfigurationError: it answers, but refuses who we are or what the schema holds.
    """

    def __init__(self, session: Session, endpoint: CassandraEndpoint) -> None:
        self.session = session
        self.endpoint = endpoint
        self.where = str(endpoint)
        self._prepared: dict[str, PreparedStatement] = {}
        session.client_protocol_handler = BatchHandler

    def run(self, name: str, *values: Any, serial: bool = False) -> list[dict[str, Any]]:
        """Execute `include/sql/queries/<name>.cql` with bound values; all rows, as dicts.

        `serial` reads through Paxos, so that a lightweight transaction in flight is seen.
        """
        return list(self.iterate(name, *values, serial=serial))

    def iterate(self, name: str, *values: Any, serial: bool = False) -> Iterator[dict[str, Any]]:
        """Like `run`, page by page."""
        with translated(self.where):
            bound = self._prepare(name).bind(values)
            if serial:
                bound.consistency_level = ConsistencyLevel.SERIAL
            rows = self.session.execute(bound)
            for row in rows:
                yield row._asdict()

    def applied(self, name: str, *values: Any) -> bool:
        """Execute a lightweight transaction; whether its condition held."""
        rows = self.run(name, *values)
        # By place: the column is called `[applied]`, which no field of a row can be.
        return bool(rows and next(iter(rows[0].values())))

    def run_many(self, name: str, rows: Sequence[Sequence[Any]], concurrency: int = 64) -> list[list[dict[str, Any]]]:
        """Execute one statement for many rows of values, the answers in their order; the first failure is raised."""
        from cassandra.concurrent import execute_concurrent_with_args

        with translated(self.where):
            results = execute_concurrent_with_args(self.session, self._prepare(name), rows, concurrency=concurrency)
            return [[row._asdict() for row in answer] for _, answer in results]

    def execute_text(self, text: str) -> list[dict[str, Any]]:
        """Execute a statement that cannot be prepared (DDL)."""
        with translated(self.where):
            # Longer than a query may take: DDL is answered when the nodes agree on the schema.
            return [row._asdict() for row in self.session.execute(text, timeout=_DDL_SECONDS)]

    def replica_map(self, keyspace: str) -> ReplicaMap:
        """Which replica set owns each token range of the keyspace."""
        token_map = self.session.cluster.metadata.token_map
        # The driver builds a keyspace's map when first asked to, and knows none of one it has not been asked about.
        token_map.rebuild_keyspace(keyspace, build_if_absent=True)
        hosts = token_map.tokens_to_hosts_by_ks.get(keyspace, {})
        return ReplicaMap.of_ring((int(t.value), frozenset(str(h.endpoint) for h in hosts[t])) for t in sorted(hosts))

    def prepared(self, name: str) -> PreparedStatement:
        """The statement `include/sql/queries/<name>.cql`, prepared once."""
        with translated(self.where):
            return self._prepare(name)

    def _prepare(self, name: str) -> PreparedStatement:
        if name not in self._prepared:
            statement = self.session.prepare(query(name))
            # The driver's default is LOCAL_ONE: a step recorded through one replica could be missed on another.
            statement.consistency_level = ConsistencyLevel.LOCAL_QUORUM
            self._prepared[name] = statement
        return self._prepared[name]


@cache
def shared_session(endpoint: CassandraEndpoint) -> CassandraSession:
    """The session of a process that lives on, as Spark's workers do: opened when first asked for.

    A new password, CA or certificate makes another endpoint, and so a session of its own.

    Raises:
        TransientError, ConfigurationError: as in `CassandraSession`.
    """
    return CassandraSession(connect(endpoint), endpoint)


def connect(endpoint: CassandraEndpoint, timeout: float = TIMEOUT_SECONDS) -> Session:
    """Open a session of our own (outside a task).

    Raises:
        TransientError, ConfigurationError: as in `CassandraSession`.
    """
    from cassandra.auth import PlainTextAuthProvider

    auth = PlainTextAuthProvider(endpoint.username, endpoint.password) if endpoint.username else None
    profile = ExecutionProfile(
        load_balancing_policy=TokenAwarePolicy(DCAwareRoundRobinPolicy()), request_timeout=timeout
    )
    cluster = Cluster(
        list(endpoint.hosts),
        port=endpoint.port,
        auth_provider=auth,
        ssl_context=endpoint.tls.context() if endpoint.tls else None,
        connect_timeout=min(5, timeout),
        reconnection_policy=RECONNECTION,
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
    )
    with opening(endpoint):
        return cluster.connect()


@contextmanager
def opening(endpoint: CassandraEndpoint) -> Iterator[None]:
    """As `translated`, for a connection that is made: a node that refuses our certificate may seem to be away.

    Raises:
        TransientError, ConfigurationError: as in `CassandraSession`.
    """
    try:
        with translated(str(endpoint)):
            yield
    except TransientError as error:
        refused = handshake_refusal(endpoint)
        if refused is None:
            raise
        raise refused from error


def handshake_refusal(endpoint: CassandraEndpoint) -> ConfigurationError | None:
    """Why no node lets us in, if certificates are why."""
    if endpoint.tls is None:
        return None
    found = (tls_advice(diagnose(host, endpoint.port, endpoint.tls)) for host in endpoint.hosts)
    advice = next(filter(None, found), None)
    return ConfigurationError(f"Cassandra em {endpoint} {advice}") if advice else None
