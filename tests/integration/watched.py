"""A pipeline with a bit of everything, the API over it, and what is amiss with both: for rules and dashboards."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from sinesp.domain.contract import Destination
from sinesp.publication.model.sources import SourceKey, SourceKind
from sinesp.query.model.rows import Release, Version
from tests.api.load import create_tables, load, write_releases, write_versions
from tests.api.service import Service, serving
from tests.pipeline import Pipeline, record
from tests.sample_views import FIRST_DAY, THIRD_DAY, VDE, sample_reader

STATE = Destination.ESTADO.topic


@contextmanager
def watched(pipeline: Pipeline, port: int, folder: Path, **settings: str) -> Iterator[Service]:
    """`sinesp api serve` over the pipeline's services, with Redis and the sample's views."""
    stack = pipeline.stack
    stack.up(("redis",))
    session = pipeline.services.cassandra.session
    create_tables(session)
    load(session, sample_reader())
    addresses = {"SINESP_STATE_URL": pipeline.settings.state_url, "SINESP_REDIS_URL": stack.settings.redis_url}
    with serving(stack, port, folder, **addresses, **settings) as service:
        yield service


def work(pipeline: Pipeline) -> None:
    """Batches with records of every fate, and some left unread."""
    pipeline.produce([record("a"), record("a"), record("b"), record("bad", uf="ZZ")])
    pipeline.delete(["b"])
    pipeline.run()
    pipeline.produce([record(f"left-{n}") for n in range(5)])


def publish_long_ago(pipeline: Pipeline) -> None:
    """A publication of 2024, the last there was."""
    key, versions = SourceKey(SourceKind.VDE, 2024), pipeline.services.versions
    records = pl.DataFrame({"id": ["a"], "granularidade": ["estado"]})
    notes: Mapping[str, Any] = {"publicado_em": "2024-03-01T00:00:00Z"}
    versions.commit(key, versions.load(key), records, versions.begin(key, records), notes)


def announce(pipeline: Pipeline, number: int, lake: int, at: datetime) -> None:
    """Another version of the views."""
    version = Version(number, at, lake, frozenset(), {VDE: "2024-12"}, {"linhas": 13})
    write_versions(pipeline.services.cassandra.session, [version])


def revise_much(pipeline: Pipeline) -> None:
    """A publication that changed most of what there was."""
    releases = [
        Release(VDE, "sinesp-vde-2022/1-aaaaaaaa", FIRST_DAY, True, "a" * 64, 1000, 0, 0),
        Release(VDE, "sinesp-vde-2022/2-bbbbbbbb", THIRD_DAY, False, "b" * 64, 3, 500, 40),
    ]
    write_releases(pipeline.services.cassandra.session, releases)


def keep(pipeline: Pipeline, topic: str, hours: float) -> None:
    """What retention keeps of a topic."""
    admin = AdminClient({"bootstrap.servers": pipeline.settings.kafka_broker})
    entry = ConfigEntry("retention.ms", str(int(hours * 3_600_000)), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    for future in admin.incremental_alter_configs([resource]).values():
        future.result(10)


def lose(pipeline: Pipeline, offsets: int) -> None:
    """An interval of offsets in tb_perdas."""
    now = datetime.now(UTC)
    pipeline.services.cassandra.run(
        "loss_insert", "sinesp_microbatch", STATE, 0, 1, 0, offsets, "retencao", "lote-1", now
    )
