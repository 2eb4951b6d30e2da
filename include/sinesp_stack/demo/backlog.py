"""How far the pipeline's checkpoint is behind Kafka."""

import json
from collections.abc import Mapping

from confluent_kafka import Consumer, TopicPartition

from sinesp.domain.contract import TOPICS
from sinesp.microbatch.model.variables import variable_name
from sinesp_stack.environment import kafka_security
from sinesp_stack.service import Site
from sinesp_stack.services.airflow.api import AirflowApi

Offsets = Mapping[str, Mapping[int, int]]
"""Offset by topic and partition."""


def end_offsets(site: Site) -> Offsets:
    """Where each partition of the three topics ends now; topics that do not exist are left out."""
    security = kafka_security(site.settings, site.credentials)
    consumer = Consumer({"bootstrap.servers": site.settings.kafka_broker, "group.id": "sinesp_stack", **security})
    try:
        known = consumer.list_topics(timeout=10).topics
        return {
            topic: {
                p: consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=10)[1]
                for p in known[topic].partitions
            }
            for topic in TOPICS
            if topic in known
        }
    finally:
        consumer.close()


def checkpoint(api: AirflowApi) -> Offsets:
    """Next offset to read per partition, as the Variables have it."""
    texts = {topic: api.variable(variable_name(topic)) for topic in TOPICS}
    return {
        topic: {int(p): int(o) for p, o in json.loads(text)["offsets"].items()} for topic, text in texts.items() if text
    }


def unread(ends: Offsets, done: Offsets) -> int:
    """Records between the checkpoint and the end; a partition without a checkpoint is wholly unread."""
    return sum(
        max(0, end - done.get(topic, {}).get(p, 0))
        for topic, partitions in ends.items()
        for p, end in partitions.items()
    )
