"""The outside contract, once: fields, destinations, topics and the crime slugs.

Everything that needs a field list derives it from here: the Arrow and Spark schemas, the rules, the CQL check of the
live tables, the producers' JSON and `docs/data-dictionary.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

KEYSPACE = "dados_seguranca_publica"
PIPELINE = "sinesp_microbatch"


class Destination(StrEnum):
    """The three tables a record can go to."""

    MUNICIPIO = "municipio"
    ESTADO = "estado"
    GERAL = "geral"

    @property
    def table(self) -> str:
        """Name of the Cassandra table."""
        return f"tb_ocorrencias_{self.value}"

    @property
    def topic(self) -> str:
        """Name of the Kafka topic that carries this granularity by convention; routing never relies on it."""
        return f"sinesp_ocorrencias_{self.value}"


MAX_RECORD_BYTES = 1024 * 1024
"""Largest value that is accepted: far above any record of ours, well below what Cassandra takes in one write."""

TOPICS: tuple[str, ...] = tuple(d.topic for d in Destination)

ALL = frozenset(Destination)
PLACES = frozenset({Destination.MUNICIPIO, Destination.ESTADO})
MUNICIPIO_ONLY = frozenset({Destination.MUNICIPIO})


class FieldKind(StrEnum):
    """What a field holds. The kind alone decides the rule its values must obey (`microbatch.model.rules.CHECKS`)."""

    ID = "id"
    TEXTO = "texto"
    ANO = "ano"
    MES = "mes"
    MES_ANO = "mes_ano"
    UF = "uf"
    UF_NOME = "uf_nome"
    CODIGO_MUNICIPIO = "codigo_municipio"
    INTEIRO = "inteiro"


WORDING: Mapping[FieldKind, str] = MappingProxyType(
    {
        FieldKind.ID: "obrigatório, igual à chave da mensagem, até 65.535 bytes",
        FieldKind.TEXTO: "qualquer texto",
        FieldKind.ANO: "quatro dígitos, de 1900 a 2099",
        FieldKind.MES: "número de 1 a 12, com ou sem zero à esquerda",
        FieldKind.MES_ANO: "MM/AAAA, de acordo com ano e mes",
        FieldKind.UF: "sigla de uma das 27 unidades da federação",
        FieldKind.UF_NOME: "nome de uma das 27 unidades da federação, o da uf",
        FieldKind.CODIGO_MUNICIPIO: "código da tabela do IBGE, de um município da uf",
        FieldKind.INTEIRO: "inteiro não negativo, até 18 dígitos",
    }
)
"""The rule of each kind, as a person reads it. Null is allowed everywhere except in `id`."""


@dataclass(frozen=True, slots=True)
class Field:
    """One of a record's 24 fields: a nullable string in JSON, a TEXT column (empty string when null) in Cassandra."""

    name: str
    kind: FieldKind
    destinations: frozenset[Destination]
    meaning: str


FIELDS: tuple[Field, ...] = (
    Field("id", FieldKind.ID, ALL, "Identificador determinístico do registro; é também a chave da mensagem no Kafka"),
    Field("dataset_id", FieldKind.TEXTO, ALL, "Identificador do conjunto de dados no catálogo de dados abertos"),
    Field(
        "resource_id",
        FieldKind.TEXTO,
        ALL,
        "Recurso (fonte) dentro do conjunto; nunca some registros de recursos diferentes",
    ),
    Field("granularidade", FieldKind.TEXTO, ALL, "Nível do registro: municipio, estado ou brasil"),
    Field("ano", FieldKind.ANO, ALL, "Ano de referência, quatro dígitos"),
    Field("mes", FieldKind.MES, ALL, "Mês de referência, 1 a 12"),
    Field("mes_ano", FieldKind.MES_ANO, ALL, "Mês e ano de referência, MM/AAAA"),
    Field("uf", FieldKind.UF, ALL, "Sigla da unidade da federação"),
    Field("uf_nome", FieldKind.UF_NOME, ALL, "Nome da unidade da federação"),
    Field("codigo_municipio", FieldKind.CODIGO_MUNICIPIO, MUNICIPIO_ONLY, "Código IBGE de sete dígitos do município"),
    Field("municipio", FieldKind.TEXTO, MUNICIPIO_ONLY, "Nome do município, ou NÃO INFORMADO"),
    Field("regiao", FieldKind.TEXTO, MUNICIPIO_ONLY, "Grande região"),
    Field("tipo_crime", FieldKind.TEXTO, ALL, "Tipo de crime (slug)"),
    Field("vitimas", FieldKind.INTEIRO, ALL, "Número de vítimas"),
    Field("ocorrencias", FieldKind.INTEIRO, ALL, "Número de ocorrências"),
    Field("homicidio_doloso", FieldKind.INTEIRO, PLACES, "Vítimas de homicídio doloso"),
    Field("lesao_corp_morte", FieldKind.INTEIRO, PLACES, "Vítimas de lesão corporal seguida de morte"),
    Field("latrocinio", FieldKind.INTEIRO, PLACES, "Vítimas de roubo seguido de morte"),
    Field("roubo_veiculo", FieldKind.INTEIRO, PLACES, "Ocorrências de roubo de veículo"),
    Field("roubo_carga", FieldKind.INTEIRO, PLACES, "Ocorrências de roubo de carga"),
    Field("roubo_inst_financeira", FieldKind.INTEIRO, PLACES, "Ocorrências de roubo a instituição financeira"),
    Field("furto_veiculo", FieldKind.INTEIRO, PLACES, "Ocorrências de furto de veículo"),
    Field("estupro", FieldKind.INTEIRO, PLACES, "Estupro: ocorrências no Sinesp UF, vítimas no Sinesp VDE"),
    Field("data_extracao", FieldKind.TEXTO, ALL, "Instante da publicação, ISO 8601 em UTC"),
)
"""`estado` leaves out codigo_municipio, municipio and regiao; `geral` leaves out the eight wide columns too."""

FIELD_NAMES: tuple[str, ...] = tuple(f.name for f in FIELDS)
WIDE_COLUMNS: tuple[str, ...] = tuple(f.name for f in FIELDS if f.destinations == PLACES)
"""Only the column of the record's own tipo_crime is filled."""


def fields_of(kind: FieldKind) -> tuple[str, ...]:
    """Fields of a kind, in contract order."""
    return tuple(f.name for f in FIELDS if f.kind is kind)


def columns_of(destination: Destination) -> tuple[str, ...]:
    """Columns of the destination's table, in contract order (24, 21 or 13)."""
    return tuple(f.name for f in FIELDS if destination in f.destinations)


def route(granularidade: str | None) -> Destination:
    """Return a record's table: by its granularidade, never by its topic; anything unknown or null goes to geral."""
    if granularidade == Destination.MUNICIPIO:
        return Destination.MUNICIPIO
    if granularidade == Destination.ESTADO:
        return Destination.ESTADO
    return Destination.GERAL


DESTINATION_OF_TOPIC: Mapping[str, Destination] = MappingProxyType({d.topic: d for d in Destination})
