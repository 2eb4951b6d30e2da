"""Dashboard "Ocorrências": figures by region and period, as the API gives them; blanks stay gaps."""

from panels import Columns, Json, Panel, api, choice, dashboard, placed
from pipeline import LAST
from places import CRIMES, PLACES, YEARS

_PERIOD = "inicio=${__from:date:YYYY-MM}&fim=${__to:date:YYYY-MM}"
_SERIES: Columns = {"periodo": ("Mês", "timestamp"), "nome": ("Lugar", "string"), "valor": ("Registrado", "number")}
_PLACES: Columns = {
    "nome": ("Lugar", "string"),
    "valor": ("Registrado", "number"),
    "situacao": ("Situação", "string"),
    "meses_informados": ("Meses informados", "number"),
}
_BARS: Json = {"xField": "Lugar", "orientation": "horizontal", "showValue": "auto"}


def crimes() -> Json:
    """Places are never added up here: each figure is the source's."""
    whole, question = 24, "fonte=sinesp-vde&tipo_crime=${crime}"
    rows = [
        [
            Panel(
                "${crime:text} em ${lugar:text}, por mês",
                "timeseries",
                [api(f"/series?{question}&codigo=${{lugar}}&janela=mes&{_PERIOD}", _SERIES, "timeseries")],
                "locale",
                12,
                "Mês em branco ou sem registro é lacuna, não zero.",
                defaults={"custom": {"spanNulls": False}, "min": 0},
            ),
            Panel(
                "O mesmo mês um ano antes",
                "timeseries",
                [
                    api(
                        f"/series?{question}&codigo=${{lugar}}&janela=mes&{_PERIOD}",
                        {
                            "periodo": ("Mês", "timestamp"),
                            "valor": ("Registrado", "number"),
                            "valor_ano_anterior": ("Um ano antes", "number"),
                        },
                        "timeseries",
                    )
                ],
                "locale",
                12,
                defaults={"custom": {"spanNulls": False}, "min": 0},
            ),
        ],
        [
            Panel(
                "Regiões, por mês",
                "timeseries",
                [api(f"/series?{question}&codigo=1,2,3,4,5&janela=mes&{_PERIOD}", _SERIES, "timeseries")],
                "locale",
                whole,
                "Cada região é a soma dos estados que informaram o mês.",
                defaults={"custom": {"spanNulls": False}, "min": 0},
            ),
        ],
        [
            Panel(
                "Estados em ${ano}",
                "barchart",
                [api(f"/mapa?{question}&nivel=estado&ano=${{ano}}", _PLACES)],
                "locale",
                12,
                "Ano incompleto: veja os meses informados.",
                _BARS,
            ),
            Panel(
                "Maiores taxas por 100 mil habitantes em ${ano}",
                "table",
                [
                    api(
                        f"/ranking?{question}&nivel=estado&ano=${{ano}}&medida=taxa",
                        {
                            "posicao": ("Posição", "number"),
                            "nome": ("Lugar", "string"),
                            "taxa": ("Taxa", "number"),
                            "valor": ("Registrado", "number"),
                            "populacao": ("Habitantes", "number"),
                            "populacao_ano": ("Ano da população", "string"),
                        },
                    )
                ],
                "locale",
                12,
                "Registrado, não risco. A taxa vem sempre com contagem e população.",
            ),
        ],
        [
            Panel(
                "Total do ano em ${lugar:text}",
                "stat",
                [
                    api(
                        f"/series?{question}&codigo=${{lugar}}&janela=ano&inicio=${{ano}}-01&fim=${{ano}}-12",
                        {"valor": ("Registrado", "number"), "meses_informados": ("Meses informados", "number")},
                    )
                ],
                "locale",
                12,
                options={**LAST, "reduceOptions": {**LAST["reduceOptions"], "fields": "/.*/"}},
            ),
            Panel(
                "Doze meses até cada mês em ${lugar:text}",
                "timeseries",
                [api(f"/series?{question}&codigo=${{lugar}}&janela=12m&{_PERIOD}", _SERIES, "timeseries")],
                "locale",
                12,
                defaults={"custom": {"spanNulls": False}, "min": 0},
            ),
        ],
    ]
    variables = [
        choice("crime", "Crime", CRIMES, "homicidio_doloso"),
        choice("lugar", "Lugar", PLACES, "BR"),
        choice("ano", "Ano", YEARS, "2024"),
    ]
    when = {"from": "2015-01-01T00:00:00.000Z", "to": "now"}
    return dashboard("sinesp-ocorrencias", "SINESP · Ocorrências", placed(rows), variables, time=when)
