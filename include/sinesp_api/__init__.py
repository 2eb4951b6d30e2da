"""The HTTP API over the views; starts without Airflow and without Spark."""
