"""Secondary indexes: asked for, they answer analysts' questions; a server without them says so."""

from collections.abc import Iterator

import pytest

from sinesp.clients.statements import access_statement
from sinesp.domain.contract import KEYSPACE, Destination
from sinesp.domain.errors import ConfigurationError
from sinesp.microbatch.indices import create_indices
from sinesp.microbatch.schema import check_live
from tests.pipeline import Pipeline, record


@pytest.fixture
def indexed(pipeline: Pipeline) -> Iterator[Pipeline]:
    """The pipeline with indexes, which are dropped again."""
    made = create_indices(pipeline.services.cassandra)
    assert len(made) == 9
    yield pipeline
    for name in made:
        pipeline.services.cassandra.execute_text(f"DROP INDEX {KEYSPACE}.{name.replace('.', '_')}")


def test_a_filter_is_answered_without_allow_filtering(indexed: Pipeline) -> None:
    indexed.produce([record("a"), record("b", uf="RJ", uf_nome="Rio de Janeiro")])
    indexed.run()
    create_indices(indexed.services.cassandra)
    check_live(indexed.services.cassandra)
    rows = indexed.services.cassandra.execute_text(
        f"SELECT id FROM {KEYSPACE}.{Destination.ESTADO.table} WHERE uf = 'RJ' AND ano = '2024'"
    )
    assert [row["id"] for row in rows] == ["b"]


def test_a_server_that_has_none_is_told_in_a_sentence(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a server before 5.0 answers, which knows no class of that name."""
    monkeypatch.setattr(
        "sinesp.microbatch.indices.access_statement",
        lambda name, **parts: access_statement(name, **parts).replace("'sai'", "'no.such.Index'"),
    )
    with pytest.raises(ConfigurationError, match=r"não tem índices SAI: são da versão 5\.0"):
        create_indices(pipeline.services.cassandra)
