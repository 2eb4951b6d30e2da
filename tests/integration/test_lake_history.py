"""What the lake says of publications, and what it cannot take, on the real services."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sinesp.domain.contract import Destination
from sinesp.domain.errors import DataError
from sinesp.lake import maintenance
from sinesp.lake.check import check
from sinesp.microbatch.commit import commit_batch
from sinesp.microbatch.model.counts import Counts
from sinesp.publication.publish import PublishOptions, publish
from tests.faults.checks import assert_sound, entries, lake_rows
from tests.files.official import source_of
from tests.pipeline import Pipeline, record
from tests.unit.publishing import vde_file, vde_row

FIRST, SECOND = datetime(2025, 1, 31, tzinfo=UTC), datetime(2025, 8, 28, tzinfo=UTC)


def published(pipeline: Pipeline, folder: Path, extracted_at: datetime, **victims: int) -> None:
    """Publish a file of the VDE with one municipality a number, and take in what was sent."""
    folder.mkdir()
    names = {"a": "RIO BRANCO", "b": "BUJARI"}
    path = vde_file(folder, *(vde_row("AC", names[p], "Suicídio", total_vitima=n) for p, n in victims.items()))
    s = pipeline.services
    options = PublishOptions(accept_vanished=True, extracted_at=extracted_at)
    publish(source_of(path), s.record_producer(), s.versions, now=extracted_at, options=options)
    pipeline.run()


def test_the_lake_says_which_publication_said_what(pipeline: Pipeline, tmp_path: Path) -> None:
    published(pipeline, tmp_path / "1", FIRST, a=1, b=2)
    published(pipeline, tmp_path / "2", SECOND, a=3)
    rows = sorted(lake_rows(pipeline), key=lambda r: r["escrito"])
    said = [
        (r["publicacao"].rsplit("-", 1)[0], r["extraido_em"], r["excluido"], r["vitimas"])
        for r in rows
        if r["topico"] == Destination.MUNICIPIO.topic
    ]
    one, two = "sinesp-vde-2024/1", "sinesp-vde-2024/2"
    assert sorted(said, key=str) == [
        (one, FIRST, False, "1"), (one, FIRST, False, "2"), (two, SECOND, False, "3"), (two, SECOND, True, None),
    ]  # fmt: skip
    assert {r["data_extracao"] for r in rows if not r["excluido"]} == {"2025-01-31T00:00:00Z", "2025-08-28T00:00:00Z"}
    # A number's name goes with the files; all messages of a publication have one.
    assert len({r["publicacao"] for r in rows}) == len({r["arquivos"] for r in rows}) == 2
    assert_sound(pipeline)


def test_a_batch_whose_staged_file_is_gone_is_done_again_before_anything_moves(pipeline: Pipeline) -> None:
    pipeline.produce([record("a"), record("b")], partition=0)
    batch = pipeline.plan()
    assert batch is not None
    pipeline.lanes(batch.id, "run")
    staged = entries(pipeline)[0].staged
    assert staged is not None
    Path(staged.accepted[0].path).unlink()
    before = pipeline.ledger.checkpoint()
    with pytest.raises(DataError, match="prepara o lote"):
        commit_batch(pipeline.services.checkpoint_ports, batch.id)
    assert pipeline.ledger.checkpoint() == before

    (report,) = pipeline.run()
    assert (report.batch_id, report.counts) == (batch.id, Counts(read=2, inserted=2))
    assert {r["id"] for r in lake_rows(pipeline)} == {"a", "b"}
    assert_sound(pipeline)


def test_the_check_names_the_batch_that_is_missing(pipeline: Pipeline) -> None:
    for name in ("a", "b"):
        pipeline.produce([record(name)], partition=0)
        pipeline.run()
    lake = pipeline.services.lake
    assert check(lake, entries(pipeline)) == []
    maintenance.compact(lake)
    assert check(lake, entries(pipeline)) == []
    newest = entries(pipeline)[0]
    assert newest.staged is not None
    Path(lake.table.files()[0].removeprefix("file://")).unlink()
    (fault,) = check(lake, entries(pipeline))
    assert "não existe" in fault
