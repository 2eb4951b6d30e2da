CREATE TABLE atuais AS SELECT * EXCLUDE (ordem) FROM (
  SELECT id, resource_id, granularidade, uf, codigo_municipio, tipo_crime, ano, mes, vitimas, ocorrencias, escrito,
    excluido, row_number() OVER (PARTITION BY id ORDER BY escrito DESC, "offset" DESC) AS ordem
  FROM lake
) WHERE ordem = 1
