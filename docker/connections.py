"""What `airflow-init` writes: `connections.py passwords|connections` prints JSON made from the environment."""

import json
import os
import sys

from sinesp.settings import Settings


def connections(settings: Settings) -> dict[str, dict[str, object]]:
    """`kafka_default` and `cassandra_default`, the endpoints the DAGs use."""
    security = json.loads(settings.kafka_security.get_secret_value())
    kafka = {
        "bootstrap.servers": settings.kafka_broker,
        "group.id": settings.consumer_group,
        "enable.auto.commit": "false",
        **security,
    }
    cassandra: dict[str, object] = {
        "conn_type": "cassandra",
        "host": settings.cassandra_host,
        "port": settings.cassandra_port,
        "login": settings.cassandra_username,
        "password": settings.cassandra_password.get_secret_value(),
    }
    if settings.cassandra_ca:
        cassandra["extra"] = {"tls": cassandra_tls(settings)}
    return {"kafka_default": {"conn_type": "kafka", "extra": kafka}, "cassandra_default": cassandra}


def cassandra_tls(settings: Settings) -> dict[str, object]:
    """As the Connection has it; the files are those of the containers."""
    return {
        "ca": settings.cassandra_ca,
        "certificate": settings.cassandra_certificate,
        "key": settings.cassandra_key.get_secret_value(),
        "key_password": settings.cassandra_key_password.get_secret_value(),
        "check_host": settings.cassandra_check_host,
    }


def passwords() -> dict[str, str]:
    """The one user of Airflow's simple auth manager."""
    return {"admin": os.environ["SINESP_AIRFLOW_PASSWORD"]}


if __name__ == "__main__":
    json.dump(passwords() if sys.argv[1] == "passwords" else connections(Settings()), sys.stdout)
