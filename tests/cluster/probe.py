"""Open a session and say how it went: `python -m tests.cluster.probe REMOTE MASTER`."""

import sys

from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.spark import SparkEndpoint, open_session
from sinesp.domain.errors import SinespError
from sinesp.domain.offsets import OffsetRange
from sinesp.microbatch.adapters.spark_read import read_ranges


def main(remote: str, master: str) -> None:
    """The versions are compared when the session opens; a frame of Kafka's source needs its jars."""
    try:
        session = open_session(SparkEndpoint(remote, master))
        read_ranges(session, KafkaEndpoint("127.0.0.1:1"), [OffsetRange("t", 0, 0, 1)]).schema  # noqa: B018
    except SinespError as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print("ABERTA")


if __name__ == "__main__":
    main(*sys.argv[1:])
