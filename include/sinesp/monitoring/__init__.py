"""What Prometheus is told of the pipeline, read when it asks from ledger, Kafka, state folder and views."""
