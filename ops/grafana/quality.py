"""Dashboard "Qualidade dos dados": what was refused, lost, revised, and who reported."""

from panels import Json, Panel, api, choice, dashboard, placed, prom
from pipeline import LAST
from places import CRIMES, YEARS


def quality() -> Json:
    """Of records and of figures."""
    instant = {"id": "labelsToFields", "options": {"mode": "columns"}}
    rows = [
        [
            Panel(
                "Recusados em um dia",
                "stat",
                [prom("sinesp:rejeitados:parte1d", "parte dos lidos")],
                "percentunit",
                6,
                options=LAST,
            ),
            Panel(
                "Em quarentena por motivo",
                "bargauge",
                [
                    prom(
                        'sum by (motivo) (max by (motivo, estado) (sinesp_quarentena_registros{estado="nova"}))',
                        "{{motivo}}",
                    )
                ],
                "locale",
                9,
                options=LAST,
            ),
            Panel(
                "Offsets nunca lidos",
                "bargauge",
                [prom("max by (causa) (sinesp_perdas_registros)", "{{causa}}")],
                "locale",
                9,
                options=LAST,
            ),
        ],
        [
            Panel(
                "Idade da última publicação",
                "table",
                [
                    prom(
                        "time() - max by (fonte) (sinesp_ultima_publicacao_timestamp_seconds)",
                        "{{fonte}}",
                        instant=True,
                    )
                ],
                "s",
                8,
                transformations=[instant],
            ),
            Panel(
                "O que a última publicação mudou",
                "table",
                [prom("max by (fonte, mudanca) (sinesp_publicacao_registros)", instant=True)],
                "locale",
                8,
                transformations=[instant],
            ),
            Panel("Tamanho do lake", "timeseries", [prom("max(sinesp_lake_bytes)", "bytes")], "bytes", 8),
        ],
        [
            Panel(
                "Quem informou, por estado e mês",
                "table",
                [
                    api(
                        "/cobertura?fonte=sinesp-vde&tipo_crime=${crime}&ano=${ano}",
                        {
                            "uf": ("UF", "string"),
                            "mes": ("Mês", "string"),
                            "lugares": ("Lugares", "number"),
                            "informados": ("Informados", "number"),
                            "zeros": ("Zero", "number"),
                            "em_branco": ("Em branco", "number"),
                            "ausentes": ("Ausentes", "number"),
                        },
                    )
                ],
                "locale",
                12,
                "Em branco: há registro sem número. Ausente: não há registro.",
            ),
            Panel(
                "O que mudou na versão mais nova",
                "table",
                [
                    api(
                        "/revisoes?fonte=sinesp-vde",
                        {
                            "instante": ("Conhecida em", "instant"),
                            "nome": ("Lugar", "string"),
                            "uf": ("UF", "string"),
                            "tipo_crime": ("Crime", "string"),
                            "mes": ("Mês", "string"),
                            "situacao_antes": ("Era", "string"),
                            "vitimas_antes": ("Vítimas antes", "number"),
                            "situacao_depois": ("É", "string"),
                            "vitimas_depois": ("Vítimas depois", "number"),
                            "publicacao": ("Publicação", "string"),
                        },
                    )
                ],
                "locale",
                12,
            ),
        ],
        [
            Panel(
                "Versões",
                "table",
                [
                    api(
                        "/versoes",
                        {
                            "versao": ("Versão", "number"),
                            "criado_em": ("Anunciada", "instant"),
                            "publicacoes": ("Publicações", "string"),
                        },
                    )
                ],
                "none",
                12,
            ),
            Panel(
                "Fontes",
                "table",
                [
                    api(
                        "/fontes",
                        {
                            "fonte": ("Fonte", "string"),
                            "nome": ("Nome", "string"),
                            "ultimo_mes": ("Último mês", "string"),
                            "conhecida_desde": ("Conhecida desde", "instant"),
                        },
                    )
                ],
                "none",
                12,
            ),
        ],
    ]
    variables = [choice("crime", "Crime", CRIMES, "homicidio_doloso"), choice("ano", "Ano", YEARS, "2024")]
    return dashboard("sinesp-qualidade", "SINESP · Qualidade dos dados", placed(rows), variables)
