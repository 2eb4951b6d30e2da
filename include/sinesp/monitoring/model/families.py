"""Every exported metric: its name, kind, labels and meaning, once. Names are stable: rules and dashboards use them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Name(StrEnum):
    """Name of a metric; it ends in its unit, counters in `_total` after that."""

    UP = "sinesp_up"
    COLLECTED = "sinesp_coleta_timestamp_seconds"
    LAG = "sinesp_atraso_registros"
    RETENTION = "sinesp_retencao_restante_seconds"
    CHECKPOINT = "sinesp_checkpoint_versao"
    OPEN_SINCE = "sinesp_lote_aberto_timestamp_seconds"
    COMMITTED_AT = "sinesp_ultima_confirmacao_timestamp_seconds"
    BATCH_SECONDS = "sinesp_ultimo_lote_duracao_seconds"
    BATCH_RECORDS = "sinesp_ultimo_lote_registros"
    READ = "sinesp_registros_lidos_total"
    INSERTED = "sinesp_registros_gravados_total"
    SUPERSEDED = "sinesp_registros_superados_total"
    DELETED = "sinesp_registros_excluidos_total"
    QUARANTINED = "sinesp_registros_rejeitados_total"
    QUARANTINE = "sinesp_quarentena_registros"
    QUARANTINE_PARTIAL = "sinesp_quarentena_parcial"
    LOST_INTERVALS = "sinesp_perdas_intervalos"
    LOST_RECORDS = "sinesp_perdas_registros"
    PUBLISHED_AT = "sinesp_ultima_publicacao_timestamp_seconds"
    PUBLISHED_VERSION = "sinesp_publicacao_versao"
    REVISED = "sinesp_publicacao_registros"
    REVISED_BASE = "sinesp_publicacao_base_registros"
    VIEWS_VERSION = "sinesp_visoes_versao"
    VIEWS_AT = "sinesp_visoes_timestamp_seconds"
    VIEWS_LAKE = "sinesp_visoes_lake_versao"
    VIEWS_WAITING = "sinesp_visoes_pendentes_arquivos"
    VIEWS_MONTH = "sinesp_visoes_ultimo_mes_timestamp_seconds"
    LAKE_VERSION = "sinesp_lake_versao"
    LAKE_BYTES = "sinesp_lake_bytes"
    LAKE_FILES = "sinesp_lake_arquivos"


class Kind(StrEnum):
    """A counter only grows; a gauge is the value of the moment."""

    COUNTER = "counter"
    GAUGE = "gauge"


@dataclass(frozen=True, slots=True)
class Family:
    """What a metric says, in the words of those who read it."""

    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One value; `labels` in the order of its family's."""

    name: Name
    value: float
    labels: tuple[str, ...] = ()


def _counter(meaning: str) -> Family:
    return Family(Kind.COUNTER, meaning, ("topico",))


def _gauge(meaning: str, *labels: str) -> Family:
    return Family(Kind.GAUGE, meaning, labels)


FAMILIES: Mapping[Name, Family] = {
    Name.UP: _gauge("1 quando o serviço respondeu a esta coleta, 0 quando não", "servico"),
    Name.COLLECTED: _gauge("quando os números desta parte foram lidos", "parte"),
    Name.LAG: _gauge("registros por ler, somadas as partições", "topico"),
    Name.RETENTION: _gauge("menor tempo até a retenção apagar um registro não lido; ausente: nada por ler", "topico"),
    Name.CHECKPOINT: _gauge("versão do checkpoint"),
    Name.OPEN_SINCE: _gauge("quando o lote aberto foi planejado; ausente: nenhum lote aberto"),
    Name.COMMITTED_AT: _gauge("quando o último lote foi confirmado; ausente: nenhum até agora"),
    Name.BATCH_SECONDS: _gauge("do plano à confirmação do último lote"),
    Name.BATCH_RECORDS: _gauge("registros do último lote confirmado, por destino", "destino"),
    Name.READ: _counter("registros lidos do Kafka por lotes confirmados"),
    Name.INSERTED: _counter("registros gravados nas três tabelas"),
    Name.SUPERSEDED: _counter("versões mais antigas de um id que veio mais de uma vez no lote"),
    Name.DELETED: _counter("exclusões (valores nulos)"),
    Name.QUARANTINED: _counter("registros recusados, guardados em tb_quarentena"),
    Name.QUARANTINE: _gauge(
        "registros em quarentena nos últimos três meses; um registro conta em cada um dos seus motivos",
        "motivo",
        "estado",
    ),
    Name.QUARANTINE_PARTIAL: _gauge("1 quando há mais registros em quarentena do que se conta"),
    Name.LOST_INTERVALS: _gauge("intervalos de offsets nunca lidos", "causa"),
    Name.LOST_RECORDS: _gauge("offsets nunca lidos", "causa"),
    Name.PUBLISHED_AT: _gauge("quando a última publicação da fonte foi enviada ao Kafka", "fonte"),
    Name.PUBLISHED_VERSION: _gauge("número da última publicação da fonte", "fonte"),
    Name.REVISED: _gauge(
        "o que a última publicação da fonte mudou, por mudança (novos, alterados, excluidos); ausente para a primeira",
        "fonte",
        "mudanca",
    ),
    Name.REVISED_BASE: _gauge("registros que a fonte tinha antes da sua última publicação", "fonte"),
    Name.VIEWS_VERSION: _gauge("última versão anunciada das visões"),
    Name.VIEWS_AT: _gauge("quando ela foi anunciada"),
    Name.VIEWS_LAKE: _gauge("versão do lake até a qual as visões foram atualizadas; -1: nunca"),
    Name.VIEWS_WAITING: _gauge("arquivos do lake com registros que as visões ainda não têm"),
    Name.VIEWS_MONTH: _gauge("início do último mês com registro nas visões", "fonte"),
    Name.LAKE_VERSION: _gauge("versão do lake; -1: ainda não há"),
    Name.LAKE_BYTES: _gauge("tamanho dos arquivos da versão atual do lake"),
    Name.LAKE_FILES: _gauge("arquivos da versão atual do lake"),
}
