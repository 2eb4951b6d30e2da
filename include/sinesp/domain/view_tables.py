"""The tables of the views, once: what the schema files create and the live keyspace is checked against."""

VIEW_TABLES: tuple[str, ...] = (
    "tb_por_lugar",
    "tb_por_crime",
    "tb_cobertura",
    "tb_revisoes",
    "tb_revisoes_por_lugar",
    "tb_releases",
    "tb_versoes",
    "tb_populacao",
)
"""All of them a function of the lake, but `tb_versoes` (what was announced, and when) and `tb_populacao` (IBGE)."""
