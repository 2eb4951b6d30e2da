SELECT tabela.*
FROM tabela ANTI JOIN lake ON tabela.id = lake.id AND tabela.escrito = lake.escrito
