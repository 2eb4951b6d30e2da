"""Cassandra's configuration files and the flags its JVM needs on Java 17."""

from pathlib import Path
from typing import Final

from sinesp_stack.service import ALONE, Member
from sinesp_stack.settings import StackSettings

_EXPORTS: Final = (
    "java.base/jdk.internal.misc",
    "java.base/jdk.internal.ref",
    "java.base/sun.nio.ch",
    "java.management.rmi/com.sun.jmx.remote.internal.rmi",
    "java.rmi/sun.rmi.registry",
    "java.rmi/sun.rmi.server",
    "java.sql/java.sql",
    "java.rmi/sun.rmi.transport.tcp",
)
_OPENS: Final = (
    "java.base/java.lang.module",
    "java.base/jdk.internal.loader",
    "java.base/jdk.internal.ref",
    "java.base/jdk.internal.reflect",
    "java.base/jdk.internal.math",
    "java.base/jdk.internal.module",
    "java.base/jdk.internal.util.jar",
    "java.base/sun.nio.ch",
    "java.base/java.io",
    "java.base/java.nio",
    "java.base/java.util",
    "java.base/java.lang",
    "java.base/java.util.concurrent",
    "java.base/java.util.concurrent.atomic",
    "jdk.management/com.sun.management.internal",
)
MODULE_FLAGS: Final = tuple(f"--add-exports={m}=ALL-UNNAMED" for m in _EXPORTS) + tuple(
    f"--add-opens={m}=ALL-UNNAMED" for m in _OPENS
)

_COMMITLOG_SYNC: Final = {
    "periodic": "commitlog_sync: periodic\ncommitlog_sync_period: 10000ms",
    "batch": "commitlog_sync: batch",
}

# Our local stack writes unlogged batches of 64 rows that all belong to one replica (there is only one), which is the
# case where such batches are cheap. The defaults, meant for batches over many replicas, would warn about each of them.
_BATCH_THRESHOLDS: Final = {
    "raised": """\
batch_size_warn_threshold: 64KiB
batch_size_fail_threshold: 256KiB
unlogged_batch_across_partitions_warn_threshold: 256
""",
    "default": "",
}

LOGBACK: Final = """\
<configuration>
  <appender name="STDOUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{HH:mm:ss} %-5level %logger{0} %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="STDOUT" /></root>
</configuration>
"""


def cassandra_yaml(settings: StackSettings, folder: Path, member: Member = ALONE) -> str:
    """A node that talks to nobody but this machine."""
    authenticator = "PasswordAuthenticator" if settings.cassandra_auth else "AllowAllAuthenticator"
    authorizer = "CassandraAuthorizer" if settings.cassandra_auth else "AllowAllAuthorizer"
    return f"""\
cluster_name: sinesp
num_tokens: 16
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters:
      - seeds: "{member.everybody[0]}:{settings.cassandra_storage_port}"
listen_address: {member.host}
rpc_address: {member.host}
storage_port: {settings.cassandra_storage_port}
ssl_storage_port: {settings.cassandra_ssl_storage_port}
native_transport_port: {settings.cassandra_port}
data_file_directories: ["{folder / "data"}"]
commitlog_directory: "{folder / "commitlog"}"
saved_caches_directory: "{folder / "saved_caches"}"
hints_directory: "{folder / "hints"}"
cdc_raw_directory: "{folder / "cdc_raw"}"
{_COMMITLOG_SYNC[settings.cassandra_commitlog_sync]}
authenticator: {authenticator}
authorizer: {authorizer}
role_manager: CassandraRoleManager
storage_compatibility_mode: NONE
memtable:
  configurations:
    default:
      class_name: TrieMemtable
sstable:
  selected_format: bti
# A dropped or truncated table of a local stack needs no copy.
auto_snapshot: false
{_BATCH_THRESHOLDS[settings.cassandra_batch_thresholds]}"""
