"""The task of `sinesp_publish` that only checks."""

from pathlib import Path

import pytest

from sinesp.domain.errors import DataError
from sinesp.domain.territory import UFS
from sinesp.publication.adapters.source_files import find_sources
from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.model.publishing import PublishReport
from sinesp.publication.publish import check
from sinesp_airflow import tasks
from tests.unit.publishing import VDE, vde_row, write_csv


def report(folder: Path, value: int) -> PublishReport:
    months = [f"2024-{m:02d}-01" for m in range(1, 5)]
    rows = [vde_row(uf, "NÃO INFORMADO", "Furto de veículo", m, total=value) for m in months for uf in UFS]
    (source,) = find_sources(str(write_csv(folder / "vde.csv", VDE, rows)))
    return check(source, VersionStore((folder / "state").as_uri()))


def test_a_check_returns_its_counts_and_logs_what_would_be_sent(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        (short,) = tasks._checked([report(tmp_path, 5)])
    assert (short["new"], short["retained"], short["version"]) == (112, 0, 0)
    assert "A publicação passaria." in caplog.text


def test_a_check_fails_when_the_publication_would_stop(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="zero ou em branco"):
        tasks._checked([report(tmp_path, 0)])
