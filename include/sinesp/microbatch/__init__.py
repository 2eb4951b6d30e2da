"""From offset ranges in Kafka to rows in Cassandra: plan, stage, write in lanes, commit."""
