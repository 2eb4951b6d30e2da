"""Why a record is refused: stable codes (kept in tb_quarentena, never reworded) and the sentence a person reads."""

from enum import StrEnum

from sinesp.domain.contract import MAX_RECORD_BYTES


class Reason(StrEnum):
    """A record carries all the reasons that apply to it."""

    UTF8_INVALIDO = "utf8_invalido"
    JSON_INVALIDO = "json_invalido"
    JSON_NAO_OBJETO = "json_nao_objeto"
    CAMPO_REPETIDO = "campo_repetido"
    TIPO_ERRADO = "tipo_errado"
    ID_AUSENTE = "id_ausente"
    CHAVE_DIFERENTE = "chave_diferente"
    NUMERO_INVALIDO = "numero_invalido"
    ANO_INVALIDO = "ano_invalido"
    MES_INVALIDO = "mes_invalido"
    MES_ANO_INVALIDO = "mes_ano_invalido"
    MES_ANO_CONTRADITORIO = "mes_ano_contraditorio"
    UF_DESCONHECIDA = "uf_desconhecida"
    UF_NOME_CONTRADITORIO = "uf_nome_contraditorio"
    MUNICIPIO_DESCONHECIDO = "municipio_desconhecido"
    MUNICIPIO_DE_OUTRA_UF = "municipio_de_outra_uf"
    REGISTRO_GRANDE = "registro_grande"
    TEXTO_RECUSADO = "texto_recusado"
    INSTANTE_IMPOSSIVEL = "instante_impossivel"
    RECUSADO_PELO_CASSANDRA = "recusado_pelo_cassandra"


DESCRIPTIONS: dict[Reason, str] = {
    Reason.UTF8_INVALIDO: "O valor não é texto UTF-8 válido",
    Reason.JSON_INVALIDO: "O valor não é um JSON bem formado, ou tem mais de 100 níveis",
    Reason.JSON_NAO_OBJETO: "O valor é JSON, mas não é um objeto",
    Reason.CAMPO_REPETIDO: "O mesmo campo do contrato aparece mais de uma vez no objeto",
    Reason.TIPO_ERRADO: "Um campo do contrato não é texto nem nulo",
    Reason.ID_AUSENTE: "Sem id: ausente, nulo, vazio, só espaços ou de outro tipo (para exclusões: sem chave)",
    Reason.CHAVE_DIFERENTE: "A chave da mensagem não é igual ao campo id",
    Reason.NUMERO_INVALIDO: "Vítimas, ocorrências ou coluna de crime que não é inteiro não negativo (até 18 dígitos)",
    Reason.ANO_INVALIDO: "Ano que não tem quatro dígitos entre 1900 e 2099",
    Reason.MES_INVALIDO: "Mês que não é um número de 1 a 12",
    Reason.MES_ANO_INVALIDO: "mes_ano que não tem a forma MM/AAAA",
    Reason.MES_ANO_CONTRADITORIO: "mes_ano que não corresponde aos campos mes e ano",
    Reason.UF_DESCONHECIDA: "Sigla ou nome que não é de nenhuma das 27 unidades da federação",
    Reason.UF_NOME_CONTRADITORIO: "uf_nome que é o nome de outra uf",
    Reason.MUNICIPIO_DESCONHECIDO: "codigo_municipio que não está na tabela do IBGE",
    Reason.MUNICIPIO_DE_OUTRA_UF: "codigo_municipio que pertence a outra uf",
    Reason.REGISTRO_GRANDE: f"Valor maior que o limite por registro ({MAX_RECORD_BYTES // 2**20} MiB)",
    Reason.TEXTO_RECUSADO: "Texto que o Cassandra não guarda (substituto UTF-16 isolado, id acima de 65.535 bytes)",
    Reason.INSTANTE_IMPOSSIVEL: (
        "Instante do Kafka anterior a 1970 ou posterior ao presente (gravado sob CreateTime, em µs ou ns?): a linha "
        "nunca mais poderia ser corrigida"
    ),
    Reason.RECUSADO_PELO_CASSANDRA: "O Cassandra recusou a linha no momento da escrita; o detalhe traz a mensagem dele",
}
