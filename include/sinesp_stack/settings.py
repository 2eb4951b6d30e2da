"""Settings of the local stack: every one is an environment variable that begins with SINESP_STACK_."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

HOST = "127.0.0.1"
REPOSITORY = Path(__file__).resolve().parents[2]

# The order in which `on_block` hands out ports; each name is also a field of the settings.
PORT_FIELDS = (
    "kafka_port",
    "kafka_controller_port",
    "cassandra_port",
    "cassandra_storage_port",
    "cassandra_ssl_storage_port",
    "cassandra_jmx_port",
    "spark_connect_port",
    "airflow_port",
    "redis_port",
    "prometheus_port",
    "api_port",
    "metrics_port",
)


Port = Annotated[int, Field(ge=1024, le=65535)]


class StackSettings(BaseSettings):
    """Where the stack lives, on which ports and how large each process may grow."""

    model_config = SettingsConfigDict(env_prefix="SINESP_STACK_", frozen=True, env_ignore_empty=True)

    home: Path = Field(
        default=REPOSITORY / ".local" / "stack", description="State: data, configuration, logs, pid files"
    )
    jars: Path = Field(default=REPOSITORY / ".local" / "jars", description="Shared by every stack of this checkout")

    kafka_port: Port = 29092
    kafka_controller_port: Port = 29093
    cassandra_port: Port = 29042
    cassandra_storage_port: Port = 27000
    cassandra_ssl_storage_port: Port = 27001
    cassandra_jmx_port: Port = 27199
    spark_connect_port: Port = 15002
    airflow_port: Port = 8080
    redis_port: Port = 26380
    prometheus_port: Port = 29090
    api_port: Port = 8000
    metrics_port: Port = 8001

    kafka_heap_mb: int = Field(default=768, ge=256)
    cassandra_heap_mb: int = Field(default=1024, ge=512)
    spark_memory_mb: int = Field(default=1024, ge=512)
    spark_master: str = "local[2]"
    redis_memory_mb: int = Field(default=64, ge=8, description="What the cache keeps at most")
    prometheus_days: int = Field(default=30, ge=1, description="How long Prometheus keeps what it read")

    kafka_sasl: bool = Field(
        default=False, description="SASL_PLAINTEXT with PLAIN, to prove that credentials pass through"
    )
    cassandra_commitlog_sync: Literal["periodic", "batch"] = Field(
        default="periodic",
        description="batch: no answered write is lost to a SIGKILL, which on one node no replica makes up for",
    )
    cassandra_batch_thresholds: Literal["raised", "default"] = Field(
        default="raised", description="default: warn and refuse as any Cassandra does, to prove that we give no reason"
    )
    cassandra_auth: bool = Field(default=False, description="PasswordAuthenticator, for the same reason")
    service_user: str = "sinesp"
    service_password: SecretStr = Field(default=SecretStr(""), description="Empty: one is generated on the first start")

    start_timeout_seconds: float = Field(default=180.0, gt=0)
    stop_timeout_seconds: float = Field(default=25.0, gt=0)

    @field_validator("home", "jars")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        # The processes run in other folders than the shell that starts them.
        return path.expanduser().absolute()

    @classmethod
    def on_block(cls, base: int, home: Path, **other: object) -> Self:
        """Settings for a second stack: consecutive ports from `base`, own folder, the same jars."""
        ports = {name: base + i for i, name in enumerate(PORT_FIELDS)}
        return cls.model_validate({"home": home, **ports, **other})

    @property
    def kafka_broker(self) -> str:
        """Address for Kafka clients."""
        return f"{HOST}:{self.kafka_port}"

    @property
    def cassandra_host(self) -> str:
        """Address for Cassandra clients."""
        return HOST

    @property
    def spark_remote(self) -> str:
        """Address for Spark Connect clients."""
        return f"sc://{HOST}:{self.spark_connect_port}"

    @property
    def airflow_url(self) -> str:
        """Address of the UI and of the REST API."""
        return f"http://{HOST}:{self.airflow_port}"

    @property
    def redis_url(self) -> str:
        """Address for Redis clients."""
        return f"redis://{HOST}:{self.redis_port}/0"

    @property
    def api_url(self) -> str:
        """Address of the API and of its pages."""
        return f"http://{HOST}:{self.api_port}"

    @property
    def metrics_address(self) -> str:
        """Where the API's figures are read."""
        return f"{HOST}:{self.metrics_port}"

    @property
    def prometheus_url(self) -> str:
        """Address of Prometheus' pages and of its API."""
        return f"http://{HOST}:{self.prometheus_port}"

    @property
    def state_url(self) -> str:
        """Staging and published versions, shared by Airflow's tasks and Spark's workers."""
        return (self.home / "state").as_uri()
