SELECT * FROM lake
ORDER BY resource_id, ano, uf, tipo_crime, granularidade, codigo_municipio, mes, id, escrito
