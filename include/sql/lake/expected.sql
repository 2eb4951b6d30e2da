CREATE TABLE esperadas AS
WITH celulas AS (
  SELECT f.fonte, a.granularidade AS nivel, CASE a.granularidade
      WHEN 'municipio' THEN coalesce(a.codigo_municipio, u.codigo || '00000')
      WHEN 'estado' THEN u.codigo ELSE 'BR' END AS codigo,
    a.tipo_crime, CAST(a.ano AS SMALLINT) AS ano, CAST(a.mes AS TINYINT) AS mes,
    CAST(a.vitimas AS BIGINT) AS vitimas, CAST(a.ocorrencias AS BIGINT) AS ocorrencias, u.regiao
  FROM atuais a JOIN fontes f USING (resource_id) LEFT JOIN ufs u ON u.uf = a.uf
  WHERE NOT a.excluido AND a.granularidade IN ('municipio', 'estado', 'brasil')
    AND a.tipo_crime IS NOT NULL AND a.ano IS NOT NULL AND a.mes IS NOT NULL
)
SELECT * EXCLUDE (regiao) FROM celulas
UNION ALL
SELECT fonte, 'regiao', regiao, tipo_crime, ano, mes, CAST(sum(vitimas) AS BIGINT), CAST(sum(ocorrencias) AS BIGINT)
FROM celulas WHERE nivel = 'estado' GROUP BY ALL
