(SELECT id, escrito, vitimas, ocorrencias FROM ({newest}) WHERE NOT excluido)
