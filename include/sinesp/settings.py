"""Settings: the only reader of the environment. `.env.example` documents every variable; a test keeps the two equal."""

import tempfile
from functools import cached_property
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from sinesp.microbatch.model.modes import LossPolicy
from sinesp.microbatch.planning.request import MAX_BYTES, MAX_RECORDS

_SHIPPED_DATA = Path(__file__).parents[2] / "data"


class Settings(BaseSettings):
    """Everything that can be configured, read once from the environment (defaults are docker-compose's names).

    The four historic variables have no prefix (KAFKA_BROKER, CASSANDRA_HOST, CASSANDRA_PORT, SPARK_MASTER, and
    SPARK_REMOTE beside it); the rest begin with SINESP_.
    """

    # An empty variable is one left at its default: `.env.example` writes defaults that depend on the machine that way.
    model_config = SettingsConfigDict(env_prefix="SINESP_", frozen=True, populate_by_name=True, env_ignore_empty=True)

    kafka_broker: str = Field("broker:29092", validation_alias="KAFKA_BROKER")
    cassandra_host: str = Field("cassandra", validation_alias="CASSANDRA_HOST")
    cassandra_port: int = Field(9042, validation_alias="CASSANDRA_PORT", ge=1, le=65535)
    spark_master: str = Field("spark://spark-master:7077", validation_alias="SPARK_MASTER")
    spark_remote: SecretStr = Field(SecretStr(""), validation_alias="SPARK_REMOTE", description="May hold a token")

    cassandra_username: str = ""
    cassandra_password: SecretStr = SecretStr("")
    cassandra_ca: str = Field("", description="File of the CA, or its PEM text; set, the connection is encrypted")
    cassandra_certificate: str = Field("", description="File of our certificate, or its PEM text")
    cassandra_key: SecretStr = Field(SecretStr(""), description="File of its key, or its PEM text")
    cassandra_key_password: SecretStr = SecretStr("")
    cassandra_check_host: bool = True
    spark_ca: str = Field("", description="File of the CA of the Connect server, or its PEM text")
    kafka_security: SecretStr = Field(
        SecretStr("{}"), description="JSON of extra librdkafka client settings (SASL, TLS)"
    )
    keyspace_replication: str = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
    topic_partitions: int = Field(6, ge=1)
    topic_replication: int = Field(1, ge=1)

    state_url: str = Field("", description="Folder or URL for staging and published versions; empty: .local/state")
    max_records: int = Field(MAX_RECORDS, ge=1)
    max_bytes: int = Field(MAX_BYTES, ge=1)
    quarantine_share: float = Field(0.20, ge=0, le=1)
    quarantine_minimum: int = Field(100, ge=1)
    on_data_loss: LossPolicy = LossPolicy.FAIL
    retention_warning_hours: float = Field(24.0, ge=0)
    staging_keep: int = Field(20, ge=0)
    consumer_group: str = "sinesp_microbatch"

    task_timeout_minutes: float = Field(60.0, gt=0, description="A try of an Airflow task ends after this long")

    write_tasks: int = Field(2, ge=1, description="Spark tasks a lane writes with")
    write_alone_rows: int = Field(10_000, ge=0, description="A lane of at most so many rows is written without Spark")
    # Below what a server as it comes warns of, 10 partitions or 5 KiB a batch: raise them with its thresholds.
    write_batch_rows: int = Field(8, ge=1, le=65_535)  # what a BATCH can count
    write_batch_bytes: int = Field(5_120, ge=1, description="As Cassandra counts them, overhead of cells included")
    write_in_flight: int = Field(32, ge=1)
    write_timeout_seconds: float = Field(12.0, gt=0)
    write_retry_seconds: float = Field(120.0, gt=0)

    sources: str = Field(
        str(_SHIPPED_DATA), description="Folder, file or URL of the official files, or the catalogue's URL"
    )
    downloads: Path = Field(
        Path(tempfile.gettempdir()) / "sinesp-downloads", description="Where files behind a URL are brought to"
    )
    catalogue_url: str = "https://dados.gov.br/dados/api/publico/conjuntos-dados"
    catalogue_key: SecretStr = SecretStr("")

    reader_username: str = Field("sinesp_leitura", pattern="^[a-z_][a-z0-9_]{0,47}$", description="Role of the API")
    reader_password: SecretStr = Field(
        SecretStr(""), description="Its password; empty: the API logs in as the rest does"
    )

    api_host: str = Field("127.0.0.1", description="Where the API listens")
    api_port: int = Field(8000, ge=1, le=65535)
    api_public_url: str = Field("", description="Where people reach the API and its pages; empty: no links to them")
    grafana_url: str = Field("", description="Where people reach Grafana; empty: no links to it")
    api_workers: int = Field(1, ge=1, le=64)
    api_metrics_port: int = Field(8001, ge=0, le=65535, description="/metrics, on a listener of its own; 0: none")
    api_metrics_host: str = "127.0.0.1"
    api_rate_per_minute: int = Field(600, ge=0, description="Requests per address and minute; 0: no limit")
    api_cache_mb: int = Field(64, ge=1)
    api_trusted_proxies: str = Field("", description="Addresses and networks (by commas) whose X-Forwarded-For counts")
    api_cursor_key: SecretStr = Field(SecretStr(""), description="Signs cursors; empty: a new one at each start")
    redis_url: SecretStr = Field(SecretStr(""), description="Cache and limits that processes share; empty: none")

    @cached_property
    def state(self) -> str:
        """URL of the state folder, without a trailing slash."""
        return (self.state_url or (Path.cwd() / ".local" / "state").as_uri()).rstrip("/")
