"""A local Spark in its own process: `python -m tests.spark.local ROWS FOLDER` stages rows and prints the summaries."""

import json
import sys
from functools import partial

from pyspark.sql import SparkSession
from pyspark.sql.functions import lit

from sinesp.clients.spark_tasks import run_over_rows
from sinesp.microbatch import stage_batch as stage


def main(rows: str, folder: str) -> None:
    """One Spark task per partition of Kafka, as the Kafka source gives them."""
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "50")
        .getOrCreate()
    )
    target = stage.StagingTarget(folder, f"{folder}/lake", "lote", 10**12, {})
    plain = session.read.parquet(rows).withColumn("headers", lit(None).cast("string"))
    frame = plain.repartitionByRange(2, "partition").sortWithinPartitions("partition", "offset")
    print("SUMMARIES", json.dumps(run_over_rows(frame, partial(stage.stage_rows, target=target))))


main(*sys.argv[1:])
