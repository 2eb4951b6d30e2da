"""Sound files, damaged in every way people damage them: read rightly, withheld, or refused; never a wrong number.

Against the undamaged file, twice: the damaged file alone, as if it were the first, and against the last published
version.
"""

import os
import resource
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from sinesp.domain.errors import SinespError
from sinesp.publication.adapters.source_files import find_sources
from sinesp.publication.adapters.versions import PublishedVersion
from sinesp.publication.comparison import compare_source
from sinesp.publication.model.options import PublishOptions
from sinesp.publication.publish import SourceContent, read_source
from sinesp.publication.transforms.records import CONTENT_FIELDS
from tests.files.damage import KINDS, damage, damaged, each_kind
from tests.files.damage_slices import SLICES, Slice

EXAMPLES = int(os.environ.get("SINESP_DAMAGE_EXAMPLES", "26"))
"""Damaged files of each kind and slice."""

MEMORY_LIMIT_KB = 2 * 1024 * 1024
PENDING = pl.DataFrame(schema={"id": pl.String, "granularidade": pl.String})


def read(source: Slice) -> SourceContent | str:
    """What the product reads, or the sentence with which it refuses."""
    with TemporaryDirectory() as folder:
        try:
            contents = [read_source(found) for found in find_sources(str(source.write(Path(folder))))]
        except SinespError as refused:
            return str(refused)
    assert len(contents) == 1, "one source went in"
    return contents[0]


@cache
def control(source: str) -> SourceContent:
    content = read(SLICES[source]())
    assert isinstance(content, SourceContent), content
    return content


def wrong_alone(content: SourceContent, sound: SourceContent) -> list[str]:
    """What a first publication of the damaged file would tell wrongly."""
    if content.refusals:
        return []
    fields = list(CONTENT_FIELDS)
    strange = content.records.select(fields).join(sound.records.select(fields), on=fields, how="anti", nulls_equal=True)
    missing = sound.records.join(content.records, on="id", how="anti")
    unsaid = missing.head(3)["id"].to_list() if content.problems.is_empty() else []
    return [*_shown(strange), *(f"missing without a word: {key}" for key in unsaid)]


def wrong_after(content: SourceContent, sound: SourceContent) -> list[str]:
    """What publishing the damaged file after the sound one would change or delete: nothing may."""
    base = PublishedVersion(1, sound.records, PENDING, (), {})
    found = compare_source(content, base, PublishOptions())
    if found.refusal:
        return []
    changes = found.changes
    gone = [f"deleted: {line}" for line in _shown(changes.vanished)]
    return [*_shown(pl.concat([changes.new, changes.changed])), *gone]


def _shown(records: pl.DataFrame) -> list[str]:
    shown = records.select("granularidade", "uf", "municipio", "mes_ano", "tipo_crime", "vitimas", "ocorrencias").head(
        3
    )
    return [f"{row} of {records.height}" for row in shown.iter_rows()]


@pytest.mark.parametrize(("name", "source"), list(each_kind()))
def test_a_damaged_file_is_read_rightly_withheld_or_refused(name: str, source: str) -> None:
    sound = control(source)

    # A smaller seed is no simpler file: nothing to shrink.
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(damaged(name, source))
    def judge(given_slice: Slice) -> None:
        content = read(given_slice)
        if isinstance(content, str):
            return
        if KINDS[name].alone:
            assert wrong_alone(content, sound) == []
        assert wrong_after(content, sound) == []

    judge()


@pytest.mark.parametrize("source", sorted(SLICES))
def test_the_undamaged_slice_is_read_and_nothing_is_doubtful(source: str) -> None:
    content = control(source)
    assert content.refusals == ()
    assert set(content.report.problems) <= {"uf_ausente"}
    assert wrong_alone(content, control(source)) == wrong_after(content, control(source)) == []


def test_two_thousand_damaged_files_are_judged() -> None:
    assert len(list(each_kind())) * EXAMPLES >= 2_000


def test_damaged_files_take_no_more_memory_than_sound_ones() -> None:
    """In a process of its own: the whole range of kinds, and what it took at its peak."""
    done = subprocess.run([sys.executable, "-m", __name__], capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[-1]) < MEMORY_LIMIT_KB


if __name__ == "__main__":
    for kind_name, slice_name in each_kind():
        read(damage(kind_name, slice_name, 0))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
