SELECT * EXCLUDE (ordem) FROM (
  SELECT *, row_number() OVER (PARTITION BY id ORDER BY escrito DESC, "offset" DESC) AS ordem
  FROM lake WHERE excluido OR {routed}
) WHERE ordem = 1
