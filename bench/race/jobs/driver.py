"""Peer: what most examples do.

The plain Python driver inside Spark's `mapInArrow`, or, the naive way, collect() and INSERT texts.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession, functions

from bench.race.jobs.orders import Order, serve

_CONCURRENCY = 128
_TASKS = 2


def main(site: dict[str, Any]) -> None:
    """Serve.

    Order: `way` (driver or naive), `tables` (topic, starting, ending, columns, table), `limit` rows for the naive way.
    """
    spark = SparkSession.builder.remote(site["remote"]).getOrCreate()
    ways = {"driver": _concurrent, "naive": _naive}
    serve(lambda order: ways[order["way"]](spark, site, order))


def _concurrent(spark: SparkSession, site: dict[str, Any], order: Order) -> Order:
    done = 0
    for table in order["tables"]:
        statement = _insert(site, table, ", ".join("?" * len(table["columns"])))

        def write(batches: Iterator[pa.RecordBatch], statement: str = statement) -> Iterator[pa.RecordBatch]:
            from cassandra.cluster import Cluster
            from cassandra.concurrent import execute_concurrent_with_args

            with Cluster([site["host"]], port=site["port"]) as cluster:
                session = cluster.connect()
                prepared = session.prepare(statement)
                for batch in batches:
                    rows = list(zip(*(column.to_pylist() for column in batch.columns), strict=True))
                    execute_concurrent_with_args(session, prepared, rows, concurrency=_CONCURRENCY)
                    yield pa.RecordBatch.from_pydict({"n": pa.array([len(rows)], pa.int64())})

        counts = _frame(spark, site, table).coalesce(_TASKS).mapInArrow(write, "n long").collect()
        done += sum(row["n"] for row in counts)
    return {"rows": done}


def _naive(spark: SparkSession, site: dict[str, Any], order: Order) -> Order:
    """Quotes are doubled, or Santa Bárbara d'Oeste would already end it."""
    from cassandra.cluster import Cluster

    table = order["tables"][0]
    rows = _frame(spark, site, table).limit(order["limit"]).collect()
    with Cluster([site["host"]], port=site["port"]) as cluster:
        session = cluster.connect()
        for row in rows:
            values = ", ".join("'" + value.replace("'", "''") + "'" for value in row)
            session.execute(_insert(site, table, values))
    return {"rows": len(rows)}


def _insert(site: dict[str, Any], table: dict[str, Any], values: str) -> str:
    return f"INSERT INTO {site['keyspace']}.{table['table']} ({', '.join(table['columns'])}) VALUES ({values})"


def _frame(spark: SparkSession, site: dict[str, Any], table: dict[str, Any]) -> DataFrame:
    options = {
        "kafka.bootstrap.servers": site["broker"],
        "subscribe": table["topic"],
        "startingOffsets": table["starting"],
        "endingOffsets": table["ending"],
        "kafka.fetch.max.wait.ms": "10",
    }
    schema = ", ".join(f"{name} string" for name in site["fields"])
    raw = spark.read.format("kafka").options(**options).load()
    parsed = raw.select(functions.from_json(functions.col("value").cast("string"), schema).alias("r"))
    return parsed.where("r.id IS NOT NULL").select(
        *(functions.coalesce(functions.col(f"r.{c}"), functions.lit("")).alias(c) for c in table["columns"])
    )


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
