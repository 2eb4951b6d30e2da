"""The outside contract, once: fields, destinations, topics and the crime slugs.

Everything that needs a field list derives it from here: the Arrow and Spark schemas, the rules, the CQL check of the live
tables, the producers' JSON and `docs/data-dictionary.md`.
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


TOPICS: tuple[str, ...] = tuple(d.topic for d in Destination)

ALL = frozenset(Destination)
PLACES = frozenset({Destination.MUNICIPIO, Destination.ESTADO})
MUNICIPIO_ONLY = frozenset({Destination.MUNICIPIO})


@dataclass(frozen=True, slots=True)
class Field:
    """One of the 24 fields of a record: a nullable string in JSON, a TEXT column (empty string when null) in Cassandra."""

    name: str
    kind: str
    destinations: frozenset[Destination]
    meaning: str


FIELDS: tuple[Field, ...] = (
    Field("id", "id", ALL, "Identificador determinístico do registro; é também a chave da mensagem no Kafka"),
    Field("dataset_id", "texto", ALL, "Identificador do conjunto de dados no catálogo de dados abertos"),
    Field("resource_id", "texto", ALL, "Recurso (fonte) dentro do conjunto; nunca some registros de recursos diferentes"),
    Field("granularidade", "texto", ALL, "Nível do registro: municipio, estado ou brasil"),
    Field("ano", "ano", ALL, "Ano de referência, quatro dígitos"),
    Field("mes", "mes", ALL, "Mês de referência, 1 a 12"),
    Field("mes_ano", "mes_ano", ALL, "Mês e ano de referência, MM/AAAA"),
    Field("uf", "uf", ALL, "Sigla da unidade da federação"),
    Field("uf_nome", "uf_nome", ALL, "Nome da unidade da federação"),
    Field("codigo_municipio", "codigo_municipio", MUNICIPIO_ONLY, "Código IBGE de sete dígitos do município"),
    Field("municipio", "texto", MUNICIPIO_ONLY, "Nome do município, ou NÃO INFORMADO"),
    Field("regiao", "texto", MUNICIPIO_ONLY, "Grande região"),
    Field("tipo_crime", "texto", ALL, "Tipo de crime (slug)"),
    Field("vitimas", "inteiro", ALL, "Número de vítimas"),
    Field("ocorrencias", "inteiro", ALL, "Número de ocorrências"),
    Field("homicidio_doloso", "inteiro", PLACES, "Vítimas de homicídio doloso"),
    Field("lesao_corp_morte", "inteiro", PLACES, "Vítimas de lesão corporal seguida de morte"),
    Field("latrocinio", "inteiro", PLACES, "Vítimas de roubo seguido de morte"),
    Field("roubo_veiculo", "inteiro", PLACES, "Ocorrências de roubo de veículo"),
    Field("roubo_carga", "inteiro", PLACES, "Ocorrências de roubo de carga"),
    Field("roubo_inst_financeira", "inteiro", PLACES, "Ocorrências de roubo a instituição financeira"),
    Field("furto_veiculo", "inteiro", PLACES, "Ocorrências de furto de veículo"),
    Field("estupro", "inteiro", PLACES, "Estupro: ocorrências no Sinesp UF, vítimas no Sinesp VDE"),
    Field("data_extracao", "texto", ALL, "Instante da publicação, ISO 8601 em UTC"),
)
"""`estado` leaves out codigo_municipio, municipio and regiao; `geral` leaves out the eight wide columns too."""

FIELD_NAMES: tuple[str, ...] = tuple(f.name for f in FIELDS)
WIDE_COLUMNS: tuple[str, ...] = (
    "homicidio_doloso", "lesao_corp_morte", "latrocinio", "roubo_veiculo",
    "roubo_carga", "roubo_inst_financeira", "furto_veiculo", "estupro",
)  # fmt: skip
"""Only the column of the record's own tipo_crime is filled."""

INTEGER_FIELDS: tuple[str, ...] = tuple(f.name for f in FIELDS if f.kind == "inteiro")


def columns_of(destination: Destination) -> tuple[str, ...]:
    """Columns of the destination's table, in contract order (24, 21 or 13)."""
    return tuple(f.name for f in FIELDS if destination in f.destinations)


def route(granularidade: str | None) -> Destination:
    """Return the table of a record: by its granularidade, never by its topic; anything unknown or null goes to geral."""
    if granularidade == Destination.MUNICIPIO:
        return Destination.MUNICIPIO
    if granularidade == Destination.ESTADO:
        return Destination.ESTADO
    return Destination.GERAL


DESTINATION_OF_TOPIC: Mapping[str, Destination] = MappingProxyType({d.topic: d for d in Destination})
