"""SINESP micro-batches: official workbooks to Kafka, Kafka offset ranges to Cassandra."""
