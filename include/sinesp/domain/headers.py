"""Headers of a Kafka record."""

Headers = list[tuple[str, bytes | None]]
