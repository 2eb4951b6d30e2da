"""A driver session on the stack's Cassandra, for its health check, the demo's figures and tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from cassandra import DriverException, RequestExecutionException
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, NoHostAvailable, Session
from cassandra.policies import WhiteListRoundRobinPolicy

from sinesp_stack.errors import NotReadyError
from sinesp_stack.service import Site
from sinesp_stack.settings import HOST


@contextmanager
def open_session(
    site: Site, login: tuple[str, str] | None = None, timeout: float = 10.0, host: str = HOST
) -> Iterator[Session]:
    """A driver session with the stack's credentials (or another login), closed at the end.

    Raises:
        NotReadyError: the node does not answer, or refuses.
    """
    credentials = login or (site.credentials.service_user, site.credentials.service_password)
    provider = PlainTextAuthProvider(*credentials) if site.settings.cassandra_auth else None
    profile = ExecutionProfile(load_balancing_policy=WhiteListRoundRobinPolicy([host]), request_timeout=timeout)
    cluster = Cluster(
        [host],
        port=site.settings.cassandra_port,
        auth_provider=provider,
        # What Cassandra 5 speaks; found by trial otherwise, with a warning per step.
        protocol_version=5,
        connect_timeout=3,
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
    )
    try:
        yield cluster.connect()
    except (NoHostAvailable, DriverException, RequestExecutionException, OSError) as error:
        raise NotReadyError(str(error)) from error
    finally:
        cluster.shutdown()
