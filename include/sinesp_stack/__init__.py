"""The local stack: Kafka, Cassandra, Spark and Airflow as plain processes on 127.0.0.1, started and stopped by us.

No containers and no root. It knows nothing about the pipeline except its environment variables, and never imports airflow.
"""
