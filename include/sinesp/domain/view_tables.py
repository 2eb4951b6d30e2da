"""The tables of the views, once: what the schema files create and the live keyspace is checked against."""

from collections.abc import Mapping
from typing import Final

_MONTHS: Final = "frozen<map<tinyint, bigint>>"
_COUNTS: Final = "frozen<map<tinyint, int>>"
_NUMBERS: Final = "frozen<map<text, bigint>>"

VIEWS_PIPELINE: Final = "sinesp_views"
"""Their DAG, their row of tb_checkpoint, the partition of tb_versoes."""

VIEW_TABLES: Mapping[str, Mapping[str, str]] = {
    "tb_por_lugar": {
        "fonte": "text partition_key",
        "nivel": "text partition_key",
        "codigo": "text partition_key",
        "tipo_crime": "text",
        "ano": "smallint",
        "nome": "text",
        "uf": "text",
        "unidade": "text",
        "vitimas": _MONTHS,
        "ocorrencias": _MONTHS,
        "em_branco": "frozen<set<tinyint>>",
        "escrito": "timestamp",
        "versao": "bigint",
    },
    "tb_por_crime": {
        "fonte": "text partition_key",
        "tipo_crime": "text partition_key",
        "ano": "smallint partition_key",
        "nivel": "text partition_key",
        "uf": "text",
        "codigo": "text",
        "nome": "text",
        "unidade": "text",
        "vitimas": _MONTHS,
        "ocorrencias": _MONTHS,
        "em_branco": "frozen<set<tinyint>>",
        "escrito": "timestamp",
        "versao": "bigint",
    },
    "tb_cobertura": {
        "fonte": "text partition_key",
        "tipo_crime": "text partition_key",
        "ano": "smallint partition_key",
        "uf": "text",
        "nivel": "text",
        "lugares": "int",
        "informados": _COUNTS,
        "zeros": _COUNTS,
        "em_branco": _COUNTS,
        "ausentes": _COUNTS,
        "versao": "bigint",
    },
    "tb_revisoes": {
        "fonte": "text partition_key",
        "publicacao": "text partition_key",
        "uf": "text",
        "nivel": "text",
        "codigo": "text",
        "tipo_crime": "text",
        "mes": "text",
        "nome": "text",
        "situacao_antes": "text",
        "antes": _NUMBERS,
        "situacao_depois": "text",
        "depois": _NUMBERS,
        "publicacao_antes": "text",
        "instante": "timestamp",
    },
    "tb_revisoes_por_lugar": {
        "fonte": "text partition_key",
        "nivel": "text partition_key",
        "codigo": "text partition_key",
        "tipo_crime": "text",
        "mes": "text",
        "instante": "timestamp",
        "publicacao": "text",
        "uf": "text",
        "nome": "text",
        "situacao_antes": "text",
        "antes": _NUMBERS,
        "situacao_depois": "text",
        "depois": _NUMBERS,
        "publicacao_antes": "text",
    },
    "tb_releases": {
        "fonte": "text partition_key",
        "publicacao": "text",
        "ano": "smallint",
        "extraido_em": "timestamp",
        "primeira": "boolean",
        "arquivos": "text",
        "novos": "bigint",
        "alterados": "bigint",
        "excluidos": "bigint",
    },
    "tb_versoes": {
        "pipeline": "text partition_key",
        "versao": "bigint",
        "criado_em": "timestamp",
        "lake_versao": "bigint",
        "publicacoes": "frozen<set<text>>",
        "ultimo_mes": "frozen<map<text, text>>",
        "contagens": _NUMBERS,
    },
    "tb_populacao": {
        "nivel": "text partition_key",
        "codigo": "text",
        "ano": "smallint",
        "habitantes": "bigint",
        "tipo": "text",
        "ano_base": "smallint",
    },
}
"""Columns of each table in order, with Cassandra's type; those of the partition key say so.

All tables are a function of the lake, but `tb_versoes` (what was announced, and when) and `tb_populacao` (IBGE).
"""

REMADE: Final = "refeita"
"""Among `contagens` of a version: 1 when all records were read again, so that its `publicacoes` are all there are."""
