"""Peer: the Spark Cassandra connector, in an environment and a Spark of its own. It imports nothing of ours.

It parses, drops what has no id and writes each topic to its table: no validation, no routing, no ledger.
"""

import json
import sys
from typing import Any

from pyspark.sql import DataFrame, SparkSession, functions

from bench.race.jobs.orders import Order, serve


def main(site: dict[str, Any]) -> None:
    """Open the session and serve.

    Order: `tables` (topic, starting, ending, or `files`, and columns, table), `options` of the connector, `read`
    options of Kafka.
    """
    builder = SparkSession.builder.master(site["master"]).appName("bench-connector")
    for name, value in site["conf"].items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    serve(lambda order: _write(spark, site, order))


def _write(spark: SparkSession, site: dict[str, Any], order: Order) -> Order:
    for table in order["tables"]:
        frame = _staged(spark, table) if "files" in table else _from_kafka(spark, site, table, order["read"])
        target = {"keyspace": site["keyspace"], "table": table["table"], "writetime": "wt"}
        frame.write.format("org.apache.spark.sql.cassandra").mode("append").options(**target, **order["options"]).save()
    return {}


def _from_kafka(spark: SparkSession, site: dict[str, Any], table: dict[str, Any], read: dict[str, str]) -> DataFrame:
    options = {
        "kafka.bootstrap.servers": site["broker"],
        "subscribe": table["topic"],
        "startingOffsets": table["starting"],
        "endingOffsets": table["ending"],
        **read,
    }
    schema = ", ".join(f"{name} string" for name in site["fields"])
    raw = spark.read.format("kafka").options(**options).load()
    parsed = raw.select(
        functions.from_json(functions.col("value").cast("string"), schema).alias("r"),
        functions.expr("unix_micros(timestamp)").alias("wt"),
    )
    return parsed.where("r.id IS NOT NULL").select(*(f"r.{c}" for c in table["columns"]), "wt")


def _staged(spark: SparkSession, table: dict[str, Any]) -> DataFrame:
    return spark.read.parquet(*table["files"]).select(*table["columns"], functions.col("escrito").alias("wt"))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
