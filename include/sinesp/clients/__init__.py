"""Connections only: Kafka, Cassandra, Spark, storage. What is done with them belongs to the capabilities."""
