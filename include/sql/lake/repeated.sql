SELECT topico, particao, incarnacao, count(*) - count(DISTINCT "offset") AS a_mais
FROM lake GROUP BY ALL HAVING a_mais > 0 ORDER BY ALL
