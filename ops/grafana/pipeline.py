"""Dashboard "Pipeline": is everything read, in time, and does the API answer."""

from panels import Json, Panel, dashboard, placed, prom

STATES: Json = {
    "mappings": [
        {"type": "value", "options": {"0": {"text": "fora", "color": "red"}, "1": {"text": "no ar", "color": "green"}}}
    ]
}
LAST: Json = {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}}
_QUANTILE = "histogram_quantile({q}, sum by ({by}, le) (rate({name}_bucket[$__rate_interval])))"


def _quantile(q: float, by: str, name: str) -> str:
    return _QUANTILE.format(q=q, by=by, name=name)


def pipeline() -> Json:
    """From Kafka to the API."""
    stat, series = "stat", "timeseries"
    rows = [
        [
            Panel(
                "Serviços",
                stat,
                [prom("min by (servico) (sinesp_up)", "{{servico}}")],
                "none",
                8,
                options=LAST,
                defaults=STATES,
            ),
            Panel(
                "Atraso",
                stat,
                [prom("sinesp:atraso_registros:soma", "registros")],
                "locale",
                4,
                "Registros por ler",
                LAST,
            ),
            Panel(
                "Última confirmação",
                stat,
                [prom("time() - max(sinesp_ultima_confirmacao_timestamp_seconds)", "há")],
                "s",
                4,
                options=LAST,
            ),
            Panel("Versão das visões", stat, [prom("max(sinesp_visoes_versao)", "versão")], "none", 4, options=LAST),
            Panel(
                "Idade da versão",
                stat,
                [prom("time() - max(sinesp_visoes_timestamp_seconds)", "idade")],
                "s",
                4,
                options=LAST,
            ),
        ],
        [
            Panel(
                "Atraso por tópico", series, [prom("max by (topico) (sinesp_atraso_registros)", "{{topico}}")], "locale"
            ),
            Panel(
                "Folga até a retenção",
                series,
                [prom("min by (topico) (sinesp_retencao_restante_seconds)", "{{topico}}")],
                "s",
                description="Sem linha: nada por ler",
            ),
            Panel(
                "Registros por minuto",
                series,
                [
                    prom(f"60 * sum(rate(sinesp_registros_{fate}_total[$__rate_interval]))", fate, ref)
                    for ref, fate in zip(
                        "ABCDE", ("lidos", "gravados", "superados", "excluidos", "rejeitados"), strict=True
                    )
                ],
                "locale",
            ),
        ],
        [
            Panel(
                "Último lote por destino",
                "bargauge",
                [prom("max by (destino) (sinesp_ultimo_lote_registros)", "{{destino}}")],
                "locale",
                8,
                options=LAST,
            ),
            Panel(
                "Duração do último lote",
                series,
                [prom("max(sinesp_ultimo_lote_duracao_seconds)", "do plano à confirmação")],
                "s",
            ),
            Panel(
                "Lake e visões",
                series,
                [
                    prom("max(sinesp_lake_versao)", "versão do lake"),
                    prom("max(sinesp_visoes_lake_versao)", "nas visões", "B"),
                ],
                "none",
            ),
        ],
        [
            Panel(
                "API: perguntas por segundo",
                series,
                [prom("sum by (rota) (rate(sinesp_api_duracao_seconds_count[$__rate_interval]))", "{{rota}}")],
                "reqps",
            ),
            Panel(
                "API: p99 por rota",
                series,
                [prom(_quantile(0.99, "rota", "sinesp_api_duracao_seconds"), "{{rota}}")],
                "s",
            ),
            Panel(
                "API: por status",
                series,
                [prom("sum by (status) (rate(sinesp_api_duracao_seconds_count[$__rate_interval]))", "{{status}}")],
                "reqps",
            ),
        ],
        [
            Panel(
                "API: onde a resposta foi achada",
                series,
                [prom("sum by (resultado) (rate(sinesp_api_cache_total[$__rate_interval]))", "{{resultado}}")],
                "reqps",
            ),
            Panel(
                "Cassandra: p99 das leituras",
                series,
                [prom(_quantile(0.99, "consulta", "sinesp_cassandra_leitura_seconds"), "{{consulta}}")],
                "s",
            ),
            Panel(
                "Cache compartilhado",
                stat,
                [prom("min(sinesp_api_cache_disponivel)", "Redis")],
                "none",
                4,
                options=LAST,
                defaults=STATES,
            ),
            Panel(
                "Páginas abertas",
                stat,
                [prom("sum(sinesp_api_ouvintes)", "conexões em /eventos")],
                "none",
                4,
                options=LAST,
            ),
        ],
    ]
    return dashboard("sinesp-pipeline", "SINESP · Pipeline", placed(rows), refresh="15s")
