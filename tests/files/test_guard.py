"""Every official release passes the guard, in the order in which they were published."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.model.publishing import Problem, PublishReport
from sinesp.publication.publish import publish
from tests.files.official import (
    MUNICIPAL_2020_03,
    MUNICIPAL_AC,
    MUNICIPAL_DF,
    MUNICIPAL_SP,
    UF_2020_03,
    UF_2021_10,
    UF_2023_04,
    UF_2023_09,
    UF_STALE,
    VDE_2024,
    content_of,
    source_of,
)
from tests.unit.publishing import MemoryProducer

OF_THE_GUARD = {
    Problem.BLOCO_INCOMPLETO,
    Problem.BLOCO_SUMIDO,
    Problem.BLOCO_ESVAZIADO,
    Problem.VALOR_DESPROPORCIONAL,
    Problem.PAIS_ZERADO,
}
ALL = (
    UF_2020_03,
    UF_STALE,
    UF_2021_10,
    UF_2023_04,
    UF_2023_09,
    MUNICIPAL_2020_03,
    MUNICIPAL_AC,
    MUNICIPAL_DF,
    MUNICIPAL_SP,
    VDE_2024,
)


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.stem)
def test_no_official_file_is_doubtful_by_itself(path: Path) -> None:
    content = content_of(path)
    assert content.refusals == ()
    assert set(content.report.problems).isdisjoint(OF_THE_GUARD)


def publish_in_order(versions: VersionStore, *paths: Path) -> list[PublishReport]:
    return [publish(source_of(path), MemoryProducer(), versions, now=datetime.now(UTC)) for path in paths]


def test_the_uf_releases_pass_unchanged_in_their_order(tmp_path: Path) -> None:
    reports = publish_in_order(
        VersionStore(tmp_path.as_uri()), UF_2020_03, UF_2021_10, UF_2023_04, UF_2023_09, UF_2023_09
    )
    assert [(r.new, r.changed, r.emptied, r.vanished, r.retained, r.kept) for r in reports] == [
        (15_751, 0, 0, 0, 0, 0),
        (3_764, 2_103, 1, 36, 0, 0),
        (4_425, 619, 1, 16, 0, 0),
        (0, 124, 0, 0, 0, 0),
        (0, 0, 0, 0, 0, 0),
    ]


def test_of_the_release_with_the_stale_tail_the_lost_blocks_are_withheld_and_the_next_one_settles_them(
    tmp_path: Path,
) -> None:
    _, stale, after = publish_in_order(VersionStore(tmp_path.as_uri()), UF_2020_03, UF_STALE, UF_2021_10)
    assert stale.read.problems[Problem.BLOCO_ESVAZIADO] == 3_163
    assert stale.read.problems[Problem.BLOCO_SUMIDO] == 35
    assert stale.retained > 3_163
    assert (after.retained, after.kept) == (0, 0)
