"""Publication on the real broker: what arrives, what is remembered, what a broker that fails midway leaves behind."""

import os
import struct
import zipfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Consumer, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType  # type: ignore[attr-defined]
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_fixed
from typer.testing import CliRunner

from sinesp.cli import app
from sinesp.domain.contract import TOPICS, Destination
from sinesp.domain.errors import TransientError
from sinesp.publication.adapters.producer import RecordProducer
from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.fetch import fetch_sources, publish_files
from sinesp.publication.model.publishing import PublishReport
from sinesp.publication.model.sources import SourceKey, SourceKind
from sinesp.publication.publish import PublishOptions, publish
from sinesp.wiring import Services
from sinesp_stack.stack import Stack
from tests.files.official import UF_2023_04, UF_2023_09, source_of
from tests.pipeline import Pipeline
from tests.unit.publishing import MUNICIPAL, VDE, MemoryProducer, apply, vde_row, write_csv, write_uf
from tests.unit.site import body, serve

PARTITIONS = 3
Store = dict[str, dict[str, str | None]]


class Broker:
    """Looks at what lies in the three topics."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.admin = AdminClient({"bootstrap.servers": address, "log_level": 0})

    def delete_topics(self) -> None:
        known = [t for t in TOPICS if t in self.admin.list_topics(timeout=20).topics]
        for deleted in self.admin.delete_topics(known, operation_timeout=30).values() if known else ():
            deleted.result(timeout=30)

    def messages(self) -> list[Message]:
        """Every message, in the order of its partition."""
        consumer = Consumer(
            {"bootstrap.servers": self.address, "group.id": "tests", "enable.auto.commit": False, "log_level": 0}
        )
        found: list[Message] = []
        try:
            places = [TopicPartition(t, p, 0) for t in TOPICS for p in range(PARTITIONS)]
            left = sum(_end(consumer, place) for place in places)
            consumer.assign(places)
            while left:
                read = consumer.consume(min(left, 10_000), timeout=20)
                assert read, f"{left} messages are missing"
                found += read
                left -= len(read)
        finally:
            consumer.close()
        return found

    def store(self) -> Store:
        """What a consumer holds that applied every message: the last value of each key stands, null deletes."""
        store: Store = {}
        for message in self.messages():
            key = _bytes(message.key()).decode()
            if message.value() is None:
                store.pop(key, None)
            else:
                store[key] = _content(message)
        return store


@retry(stop=stop_after_attempt(50), wait=wait_fixed(0.2), retry=retry_if_exception_type(KafkaException), reraise=True)
def _end(consumer: Consumer, place: TopicPartition) -> int:
    """A partition that was just created, or whose broker just came back, has no leader for a moment."""
    return int(consumer.get_watermark_offsets(place, timeout=20)[1])


def _bytes(data: str | bytes | None) -> bytes:
    assert isinstance(data, bytes)
    return data


def _content(message: Message) -> dict[str, str | None]:
    return {k: v for k, v in orjson.loads(_bytes(message.value())).items() if k != "data_extracao"}


@pytest.fixture
def services(stack: Stack, tmp_path: Path) -> Services:
    """Services over a broker that has none of the topics."""
    pipeline = Pipeline(stack, tmp_path)
    Broker(stack.settings.kafka_broker).delete_topics()
    return pipeline.connect(topic_partitions=PARTITIONS, downloads=tmp_path / "downloads")


@pytest.fixture
def broker(services: Services) -> Broker:
    return Broker(services.settings.kafka_broker)


def send(path: Path, services: Services) -> PublishReport:
    return publish(source_of(path), services.record_producer(), services.versions, now=datetime.now(UTC))


def fresh(*paths: Path, folder: Path) -> Store:
    """What a consumer of a first publication of these files holds."""
    store: Store = {}
    for number, path in enumerate(paths):
        producer = MemoryProducer()
        publish(source_of(path), producer, VersionStore((folder / f"fresh-{number}").as_uri()), now=datetime.now(UTC))
        apply(store, producer)
    return store


def test_two_official_releases_leave_every_record_once_and_only_what_changed_twice(
    stack: Stack, services: Services, broker: Broker, tmp_path: Path
) -> None:
    first, second, third = (send(path, services) for path in (UF_2023_04, UF_2023_09, UF_2023_09))
    assert (first.sent, second.sent, third.sent) == (23_888, 124, 0)

    messages = broker.messages()
    assert len(messages) == 23_888 + 124
    assert all(_bytes(m.key()).decode() == _content(m)["id"] for m in messages)
    assert all(
        m.topic()
        == {"estado": Destination.ESTADO, "brasil": Destination.GERAL}[str(_content(m)["granularidade"])].topic
        for m in messages
    )
    assert {m.timestamp()[0] for m in messages} == {TIMESTAMP_LOG_APPEND_TIME}
    assert {(m.topic(), m.partition()) for m in messages} == {
        (d.topic, p) for d in (Destination.ESTADO, Destination.GERAL) for p in range(PARTITIONS)
    }
    sent_twice = [key for key, n in Counter(_bytes(m.key()) for m in messages).items() if n == 2]
    assert len(sent_twice) == 124
    assert broker.store() == fresh(UF_2023_09, folder=tmp_path)

    # As the broker stored it: lz4 (3), its own clock (bit 3), and a producer that can be told apart (idempotence).
    log = next(stack.settings.home.rglob(f"{Destination.ESTADO.topic}-0/00000000000000000000.log"))
    attributes, producer_id = struct.unpack_from(">21xH20xq", log.read_bytes())
    assert (attributes & 0b111, attributes >> 3 & 1) == (3, 1)
    assert producer_id >= 0


def test_topics_are_created_as_configured(services: Services, broker: Broker, tmp_path: Path) -> None:
    send(write_csv(tmp_path / "vde.csv", VDE, [vde_row("SP", "SANTOS", "Suicídio", total_vitima=1)]), services)
    found = broker.admin.list_topics(timeout=20).topics
    assert {t: len(found[t].partitions) for t in TOPICS} == dict.fromkeys(TOPICS, PARTITIONS)
    described = broker.admin.describe_configs([ConfigResource(ResourceType.TOPIC, t) for t in TOPICS]).values()
    assert {f.result()["message.timestamp.type"].value for f in described} == {"LogAppendTime"}
    assert {f.result()["min.insync.replicas"].value for f in described} == {"1"}


class Interrupted(RecordProducer):
    """Loses its broker once the records of the first topic are acknowledged."""

    def __init__(self, stack: Stack, services: Services, how: str) -> None:
        super().__init__(services.endpoints.kafka, services.topics, PARTITIONS, 1, delivery_seconds=2.0)
        self._stack = stack
        self._how = how

    def send(self, topic: str, keys: Sequence[str], values: Sequence[str | None], on_progress: Any) -> None:
        if self.acknowledged and self._how:
            getattr(self._stack, self._how)("kafka")
            self._how = ""
        super().send(topic, keys, values, on_progress)
        if self._how:
            assert self.flush(on_progress) > 0


@pytest.mark.parametrize(("how", "back"), [("pause", "resume"), ("kill", "start")])
def test_a_broker_lost_in_the_middle_leaves_nothing_remembered_and_the_next_run_repairs_it(
    stack: Stack, services: Services, broker: Broker, tmp_path: Path, how: str, back: str
) -> None:
    key = SourceKey(SourceKind.UF)
    try:
        with pytest.raises(
            TransientError, match=r"Kafka em 127\.0\.0\.1:\d+ não confirmou a publicação .* rode de novo"
        ):
            publish(source_of(UF_2023_04), Interrupted(stack, services, how), services.versions, now=datetime.now(UTC))
    finally:
        getattr(stack, back)("kafka")
    stack.wait_healthy("kafka")
    assert broker.store(), "something had arrived"
    left = services.versions.load(key)
    assert (left.number, left.records, left.pending.height) == (0, None, 23_888)

    # Even another release repairs it: what the dead run sent and this one lacks is deleted, the rest is sent again.
    report = send(UF_2023_09, services)
    assert (report.version, services.versions.load(key).pending.height) == (1, 0)
    assert broker.store() == fresh(UF_2023_09, folder=tmp_path)
    assert send(UF_2023_09, services).sent == 0


def test_everything_in_a_folder_is_published_group_by_group(services: Services, broker: Broker, tmp_path: Path) -> None:
    folder = tmp_path / "fontes"
    crime = ("Bahia", "Homicídio doloso", 2021, "março")
    write_uf(folder, [(*crime, 1)], [(*crime, "Feminino", 2)])
    write_csv(folder / "ac.csv", MUNICIPAL, [(1200138, "Bujari", "AC", "NORTE", "Jan-18", 1)])
    with zipfile.ZipFile(folder / "vde.zip", "w") as archive:
        for year in (2023, 2024):
            row = vde_row("AC", "BUJARI", "Suicídio", f"{year}-01-01", total_vitima=1)
            archive.write(write_csv(tmp_path / f"{year}.csv", VDE, [row]), f"BancoVDE {year}.csv")

    groups = fetch_sources(services.publication_ports, folder.as_uri())
    told: list[tuple[int, int]] = []
    reports = [
        r
        for paths in groups
        for r in publish_files(services.publication_ports, paths, PublishOptions(), lambda *now: told.append(now))
    ]

    assert [[Path(p).name for p in paths] for paths in groups] == [
        ["ac.csv"],
        ["ocorrencias.csv", "vitimas.csv"],
        ["vde.zip"],
    ]
    sent = {str(r.source): r.sent for r in reports}
    assert {source: n for source, n in sent.items() if source != "sinesp-uf"} == {
        "sinesp-municipio": 2,
        "sinesp-vde-2023": 2,
        "sinesp-vde-2024": 2,
    }
    assert len(broker.store()) == sum(sent.values()) == len(broker.messages())
    assert told[-1] == (2, 2)


def test_a_zip_behind_a_url_is_downloaded_and_published(services: Services, broker: Broker, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "vde.zip", "w") as archive:
        row = vde_row("AC", "BUJARI", "Suicídio", total_vitima=1)
        archive.write(write_csv(tmp_path / "2024.csv", VDE, [row]), "BancoVDE 2024.csv")
    with serve() as site:
        url = site.at("/basededadosvde.zip", body((tmp_path / "vde.zip").read_bytes(), Content_Type="application/zip"))
        (paths,) = fetch_sources(services.publication_ports, url)
    (report,) = publish_files(services.publication_ports, paths, PublishOptions())
    assert Path(paths[0]).parent == services.settings.downloads
    assert (str(report.source), len(broker.store())) == ("sinesp-vde-2024", 2)


def test_the_command_says_what_was_sent_and_what_was_not_understood(
    services: Services, broker: Broker, tmp_path: Path
) -> None:
    rows = [
        vde_row("AC", "BUJARI", "Suicídio", total_vitima=1),
        vde_row("AC", "BUJARY", "Suicídio", total_vitima=1),
        vde_row("AC", "NÃO INFORMADO", "Apreensão de Cocaína", total_peso=1.5),
    ]
    path = write_csv(tmp_path / "vde.csv", VDE, rows)

    def run(*options: str) -> tuple[int, str]:
        s = services.settings
        env = {"KAFKA_BROKER": s.kafka_broker, "SINESP_STATE_URL": s.state, "SINESP_TOPIC_PARTITIONS": str(PARTITIONS)}
        result = CliRunner().invoke(app, ["publish", *options], env={**os.environ, **env})
        return result.exit_code, result.output

    code, said = run(str(path))
    assert code == 0
    assert "sinesp-vde-2024 (vde.csv)" in said
    assert "3 linhas lidas, 2 registros, 1 retidos." in said
    assert "2 enviados (2 novos, 0 alterados, 0 excluídos, 0 reenviados); 0 iguais, 0 mantidos sem confirmação." in said
    assert "1 × evento medido só em kg: sem campo no contrato, não publicado" in said
    assert "1 × nome que não é de município da UF: conta só na soma do estado" in said
    assert "por exemplo vde.csv, linha 3: AC | BUJARY" in said
    problems = Path(said.split("Lista completa: file://")[1].split()[0])
    assert problems.read_text(encoding="utf-8").splitlines()[0] == "planilha,linha,motivo,valor"
    assert len(broker.messages()) == 2

    assert run(str(path))[0] == 0
    assert len(broker.messages()) == 2
    # The topics were lost: everything again.
    broker.delete_topics()
    assert run(str(path), "--everything")[0] == 0
    assert len(broker.store()) == 2

    code, said = run(str(tmp_path / "nada"))
    assert code == 1
    assert "nada: arquivo ou pasta inexistente. Confira SINESP_SOURCES ou a origem pedida" in said
