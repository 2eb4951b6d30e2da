"""Which publication said what: the header on every message, its columns in the lake, and the date of extraction."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinesp.domain.contract import Destination
from sinesp.domain.errors import ConfigurationError, DataError
from sinesp.domain.publications import HEADER, Publication
from sinesp.microbatch.model.origin import HEADER as ORIGIN
from sinesp.microbatch.model.refused import Refused
from sinesp.microbatch.transforms.staged_rows import Staged, stage
from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.model.options import PublishOptions, extraction_instant
from sinesp.publication.publish import check, publish
from tests.files.official import source_of
from tests.unit.kafka_rows import Row, batch_of, upsert
from tests.unit.publishing import MemoryProducer, vde_file, vde_row

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PUBLICATION = Publication("sinesp-vde-2024", 3, "2025-08-28T00:00:00Z", "0123456789abcdef")


@pytest.fixture
def versions(tmp_path: Path) -> VersionStore:
    return VersionStore((tmp_path / "state").as_uri())


def sent(path: Path, versions: VersionStore, extracted_at: datetime, *, accept_older: bool = False) -> MemoryProducer:
    producer = MemoryProducer()
    options = PublishOptions(accept_vanished=True, accept_older=accept_older, extracted_at=extracted_at)
    publish(source_of(path), producer, versions, now=extracted_at, options=options)
    return producer


def vde(folder: Path, *victims: int) -> Path:
    """One municipality a number."""
    folder.mkdir(exist_ok=True)
    places = ("RIO BRANCO", "BUJARI", "ACRELÂNDIA")
    rows = [vde_row("AC", p, "Homicídio doloso", total_vitima=n) for p, n in zip(places, victims, strict=False)]
    return vde_file(folder, *rows)


def carried(producer: MemoryProducer) -> Publication:
    ((name, value),) = producer.headers
    assert name == HEADER
    found = Publication.decode(value)
    assert found is not None
    return found


def test_a_publication_is_named_by_its_source_its_number_and_its_files(tmp_path: Path, versions: VersionStore) -> None:
    first = carried(sent(vde(tmp_path / "a", 1, 2), versions, NOW - timedelta(days=30)))
    second = carried(sent(vde(tmp_path / "b", 1, 3), versions, NOW))
    assert (first.source, first.number, first.extracted_at) == ("sinesp-vde-2024", 1, "2026-10-26T12:00:00Z")
    assert (second.number, second.extracted_at) == (2, "2026-11-25T12:00:00Z")
    assert first.files != second.files
    assert second.name == f"sinesp-vde-2024/2-{second.files[:8]}"


def test_the_date_of_extraction_is_in_the_records_too(tmp_path: Path, versions: VersionStore) -> None:
    producer = sent(vde(tmp_path / "a", 1), versions, datetime(2023, 4, 14, tzinfo=UTC))
    assert {r["data_extracao"] for r in producer.records} == {"2023-04-14T00:00:00Z"}


def test_deletions_are_sent_under_the_header_of_their_publication(tmp_path: Path, versions: VersionStore) -> None:
    sent(vde(tmp_path / "a", 1, 2), versions, NOW - timedelta(days=30))
    producer = sent(vde(tmp_path / "b", 1), versions, NOW)
    assert len(producer.deleted) == 1
    assert carried(producer).number == 2


def test_files_extracted_before_the_published_ones_are_refused_until_accepted(
    tmp_path: Path, versions: VersionStore
) -> None:
    before = NOW - timedelta(days=30)
    sent(vde(tmp_path / "a", 1, 2), versions, NOW)
    old = vde(tmp_path / "b", 1, 3)
    with pytest.raises(DataError, match=r"2026-10-26 12:00.*anterior à do publicado \(2026-11-25T12:00:00Z\)"):
        sent(old, versions, before)
    assert "anterior" in check(source_of(old), versions, PublishOptions(extracted_at=before)).refusal
    assert carried(sent(old, versions, before, accept_older=True)).number == 2


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("", None),
        (" ", None),
        ("2023-04-14", datetime(2023, 4, 14, tzinfo=UTC)),
        ("2023-04-14T09:00:00-03:00", datetime(2023, 4, 14, 12, tzinfo=UTC)),
    ],
)
def test_a_date_of_extraction_is_a_date_or_an_instant(text: str, instant: datetime | None) -> None:
    assert extraction_instant(text, NOW) == instant


@pytest.mark.parametrize("text", ["14/04/2023", "ontem", "2026-11-26", "1999-01-01"])
def test_any_other_text_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ConfigurationError, match="2023-04-14"):
        extraction_instant(text, NOW)


@pytest.mark.parametrize(
    "value",
    [
        None, b"", b"\xff", b"{}", b"sinesp-vde-2024/3/ontem/0123456789abcdef",
        b"sinesp-vde-2024/3/2025-99-99T00:00:00Z/0123456789abcdef", PUBLICATION.encode() + b"\n",
    ],
)  # fmt: skip
def test_anything_else_under_that_name_is_no_publication(value: bytes | None) -> None:
    assert Publication.decode(value) is None


@given(st.binary(max_size=60))
def test_no_header_stops_a_batch(value: bytes) -> None:
    assert staged(Row(b"a", upsert("a"), headers=[(HEADER, value)])).rows[Destination.ESTADO].num_rows == 1


def staged(*rows: Row) -> Staged:
    return stage([batch_of(rows)])


def test_values_and_deletions_bring_their_publication_and_others_have_none() -> None:
    headers = [("x", b"1"), (HEADER, PUBLICATION.encode()), (HEADER, b"outro")]
    rows = [
        Row(b"a", upsert("a"), 0, headers=headers), Row(b"b", None, 1, headers=headers), Row(b"c", upsert("c"), 2)
    ]  # fmt: skip
    found = {r["id"]: r for r in staged(*rows).rows[Destination.ESTADO].to_pylist()}
    said = (PUBLICATION.name, datetime(2025, 8, 28, tzinfo=UTC), PUBLICATION.files)
    assert [(r["publicacao"], r["extraido_em"], r["arquivos"]) for r in map(found.get, "abc") if r] == [
        said, said, (None, None, None),
    ]  # fmt: skip


def test_a_record_republished_from_quarantine_keeps_its_publication() -> None:
    (bad,) = staged(Row(b"a", b"{", headers=[(HEADER, PUBLICATION.encode())])).quarantine.to_pylist()
    refused = Refused(
        bad["topic"], bad["partition"], bad["offset"], bad["timestamp"], bad["key"], bad["value"], bad["headers"],
        ("json_invalido",), "lote",
    )  # fmt: skip
    again = refused.republished_headers()
    assert (HEADER, PUBLICATION.encode()) in again
    assert [name for name, _ in again] == [HEADER, ORIGIN]
    (row,) = staged(Row(b"a", upsert("a"), headers=again)).rows[Destination.ESTADO].to_pylist()
    assert row["publicacao"] == PUBLICATION.name


def test_the_name_of_a_publication_follows_its_files() -> None:
    other = replace(PUBLICATION, files="fedcba9876543210")
    assert other.name != PUBLICATION.name
