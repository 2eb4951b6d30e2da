"""First job on a Connect server, in the session the tasks will use.

`python -m sinesp_stack.services.spark.warmup sc://host:port`
"""

import sys
from collections.abc import Iterator

import pyarrow as pa

from sinesp.clients.spark import SparkEndpoint, open_session


def _same(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield from batches


def main(remote: str) -> None:
    """Count two rows that went through Python workers."""
    session = open_session(SparkEndpoint(remote, ""))
    counted = session.range(2, numPartitions=2).mapInArrow(_same, "id long").count()
    if counted != 2:
        sys.exit(f"contou {counted} de 2 linhas")


if __name__ == "__main__":
    main(sys.argv[1])
