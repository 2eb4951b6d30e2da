-- Batches that read new ground tile a partition: each record belongs to the last that starts at it or before.
SELECT lotes.lote, lotes.topico, lotes.particao, count(*) AS registros
FROM lake ASOF JOIN lotes
  ON lake.topico = lotes.topico AND lake.incarnacao = lotes.incarnacao AND lake.particao = lotes.particao
  AND lake."offset" >= lotes.de
WHERE lake."offset" < lotes.ate
GROUP BY ALL
