"""Columns that several answers share, described once."""

from sinesp.query.model.answers import Column, Scalar
from sinesp.query.model.cells import Cell
from sinesp.query.model.places import Place
from sinesp.query.transforms.rates import Rate
from sinesp.query.transforms.windows import Total

FONTE = Column("fonte", "texto", "Fonte dos números; fontes diferentes nunca são somadas")
PLACE = (
    Column("nivel", "texto", "municipio, estado, regiao, brasil ou outro (forças federais)"),
    Column("codigo", "texto", "Código IBGE do lugar"),
    Column("nome", "texto", "Nome do lugar"),
    Column("uf", "texto", "Sigla do estado; vazia em região e país"),
)
CRIME = Column("tipo_crime", "texto", "Crime, como em /tipos-crime")
UNIT = Column("unidade", "texto", "O que o número conta: vitimas ou ocorrencias")
COUNT = (
    Column("valor", "inteiro", "Contagem; nulo quando não há número, e `situacao` diz por quê"),
    Column("situacao", "texto", "informado, zero, em_branco, ausente ou nao_se_aplica"),
    Column("meses_informados", "inteiro", "Meses com número que entraram na soma"),
    Column("parcial", "logico", "Verdadeiro quando falta número em algum mês da soma"),
)
RATE = (
    Column("taxa", "decimal", "Contagem por 100 mil habitantes; nula quando `situacao_taxa` diz por quê"),
    Column(
        "situacao_taxa",
        "texto",
        "publicada, retida_populacao_pequena, retida_periodo_parcial, sem_populacao ou sem_contagem",
    ),
    Column("populacao", "inteiro", "Habitantes usados na taxa"),
    Column("populacao_ano", "inteiro", "Ano a que a população se refere"),
    Column("populacao_tipo", "texto", "censo, estimativa ou repetida (de outro ano)"),
    Column("contagem_3anos", "inteiro", "Municípios: soma de três anos completos, até este"),
    Column("taxa_3anos", "decimal", "Municípios: taxa média anual desses três anos"),
)


def of_place(place: Place) -> tuple[Scalar, ...]:
    """Values of PLACE."""
    return (place.nivel.value, place.codigo, place.nome, place.uf)


def of_total(total: Total) -> tuple[Scalar, ...]:
    """Values of COUNT."""
    return (total.valor, total.situacao.value, total.meses_informados, total.parcial)


def of_cell(cell: Cell) -> tuple[Scalar, ...]:
    """Values of COUNT for a single month."""
    return (cell.valor, cell.situacao._value_, int(cell.valor is not None), False)


def of_rate(rate: Rate) -> tuple[Scalar, ...]:
    """Values of RATE."""
    people = rate.population
    basis = (people.habitantes, people.ano_base, people.tipo) if people else (None, None, None)
    return (rate.taxa, rate.situacao.value, *basis, rate.contagem_3anos, rate.taxa_3anos)
