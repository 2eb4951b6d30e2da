"""From official files to records in Kafka: read, sum, compare with the last published version, send what changed."""
