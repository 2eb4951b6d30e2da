"""First job on a Connect server: `python -m sinesp_stack.spark_warmup sc://host:port`."""

import sys
from collections.abc import Iterator

import pyarrow as pa
from pyspark.sql import SparkSession


def _same(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield from batches


def main(remote: str) -> None:
    """Count two rows that went through Python workers."""
    session = SparkSession.builder.remote(remote).create()
    try:
        counted = session.range(2, numPartitions=2).mapInArrow(_same, "id long").count()
    finally:
        session.stop()
    if counted != 2:
        sys.exit(f"contou {counted} de 2 linhas")


if __name__ == "__main__":
    main(sys.argv[1])
