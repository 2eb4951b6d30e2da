"""What operators and retention do to topics, with Kafka's own administration."""

from collections.abc import Mapping

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicCollection
from confluent_kafka import TopicPartition as KafkaTopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # re-exported without saying so
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)
from tenacity import Retrying, retry_if_result, stop_after_delay

from sinesp.domain.offsets import Offsets, TopicPartition
from tests.pipeline import Pipeline


def _admin(pipeline: Pipeline) -> AdminClient:
    """Keep it until the answer is there: its futures die with it."""
    return AdminClient({"bootstrap.servers": pipeline.settings.kafka_broker, "log_level": 0})


def delete_records(pipeline: Pipeline, until: Offsets) -> None:
    """What retention does: offsets below are gone."""
    asked = [KafkaTopicPartition(tp.topic, tp.partition, o) for tp, o in until.items()]
    admin = _admin(pipeline)
    for future in admin.delete_records(asked).values():
        future.result(timeout=30)


def recreate(pipeline: Pipeline, topic: str, partitions: int = 2) -> None:
    """Delete the topic and create it again, empty; returns when the broker knows the new one."""
    admin = _admin(pipeline)
    before = _topic_id(admin, topic)
    admin.delete_topics([topic], operation_timeout=30)[topic].result(timeout=30)
    config = {"message.timestamp.type": "LogAppendTime"}
    for _ in range(50):
        try:
            created = admin.create_topics([NewTopic(topic, partitions, 1, config=config)], operation_timeout=30)
            created[topic].result(timeout=30)
        except KafkaException:
            continue
        # The controller confirms a topic before the broker has heard of it, which a busy machine shows. Asked without a
        # pause: right after that the partitions have no leader yet, and the pipeline must bear it.
        not_yet = retry_if_result(lambda now: now in {None, before})
        Retrying(retry=not_yet, stop=stop_after_delay(30))(_topic_id, admin, topic)
        return
    raise AssertionError(topic)


def _topic_id(admin: AdminClient, topic: str) -> str | None:
    try:
        described = admin.describe_topics(TopicCollection([topic]))[topic].result(timeout=30)
    except KafkaException:
        return None
    return str(described.topic_id)


def add_partitions(pipeline: Pipeline, topic: str, total: int) -> None:
    """Grow the topic."""
    admin = _admin(pipeline)
    admin.create_partitions([NewPartitions(topic, total)])[topic].result(timeout=30)


def configure(pipeline: Pipeline, topic: str, settings: Mapping[str, str]) -> None:
    """Change the topic's configuration."""
    entries = [ConfigEntry(k, v, incremental_operation=AlterConfigOpType.SET) for k, v in settings.items()]
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
    admin = _admin(pipeline)
    admin.incremental_alter_configs([resource])[resource].result(timeout=30)


def group_offsets(pipeline: Pipeline) -> Offsets:
    """Offsets of the mirrored consumer group."""
    group = pipeline.settings.consumer_group
    admin = _admin(pipeline)
    committed = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])[group].result(timeout=30)
    return {TopicPartition(p.topic, p.partition): p.offset for p in committed.topic_partitions}
