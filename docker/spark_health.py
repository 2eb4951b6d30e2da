"""Health of the Connect server: `spark_health.py <connect port> <master URL> <web port of a master>`; 0 if well.

An open port says too little: a server whose master has forgotten its application answers, and every job waits for ever.
The master is asked instead of running a job, which would wait behind the pipeline's and fail a server that is busy.
"""

import json
import socket
import sys
import urllib.request
from typing import Any
from urllib.parse import urlsplit

APPLICATION = "sinesp-connect"
SECONDS = 3.0


def hosts_of(master: str) -> list[str]:
    """Hosts of a standalone master, `spark://a:7077,b:7077`; none of any other kind of cluster, whose page differs."""
    url = urlsplit(master)
    return [address.rpartition(":")[0] for address in url.netloc.split(",")] if url.scheme == "spark" else []


def state_of(host: str, port: int) -> dict[str, Any]:
    """What a master says of itself; nothing when it does not answer."""
    # Without the proxy an engine may hand its containers.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{host}:{port}/json/", timeout=SECONDS) as answer:
            state: dict[str, Any] = json.load(answer)
            return state
    except (OSError, ValueError):
        return {}


def works(application: dict[str, Any]) -> bool:
    """Whether it is ours and has cores: without a worker it has none."""
    return bool(application["name"] == APPLICATION and application["state"] == "RUNNING" and application["cores"])


def main(connect_port: str, master: str, web_port: str) -> str | None:
    """What is wrong, if anything."""
    try:
        socket.create_connection(("localhost", int(connect_port)), SECONDS).close()
    except OSError as error:
        return f"O Spark Connect não responde na porta {connect_port}: {error}"
    hosts = hosts_of(master)
    applications = [a for host in hosts for a in state_of(host, int(web_port)).get("activeapps", [])]
    if hosts and not any(map(works, applications)):
        return (
            f"O master {master} não tem a aplicação {APPLICATION} em execução, com núcleos: nenhum trabalho andaria. "
            "Se ficar assim: docker compose restart spark-master spark-worker spark-connect"
        )
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
