"""What stands beside an answer's numbers: source, version, coverage, warnings."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sinesp.domain.crimes import Unit
from sinesp.query.model.answers import Meta
from sinesp.query.model.catalogue import Fonte, crimes, units
from sinesp.query.model.cells import Situacao
from sinesp.query.model.places import Nivel
from sinesp.query.model.refusals import refuse
from sinesp.query.state import State
from sinesp.query.transforms.rates import Rate, RateState

_WARNINGS = {
    RateState.POPULACAO_PEQUENA: (
        "Lugares com menos de 10 mil habitantes: a taxa de um só ano varia demais e foi retida; use a contagem e a "
        "taxa de três anos."
    ),
    RateState.PERIODO_PARCIAL: "Períodos incompletos não têm taxa: falta número em algum mês.",
    RateState.SEM_POPULACAO: "Sem população conhecida para algum lugar e ano: não há taxa.",
}
_OF_FEW = (
    "Lugares de 10 a 50 mil habitantes: a taxa de um só ano varia muito; leia antes a taxa de três anos e a contagem."
)
_CARRIED = "População repetida de outro ano onde não há estimativa do ano pedido; veja populacao_ano."
REGISTERED = "Os números são de registros policiais: dizem o que foi registrado, não o risco de cada pessoa."


_SUMMED = (
    "Regiões e país são somas dos estados que informaram: onde um estado não tem número, a soma é menor do que seria e "
    "não se compara com a de outro ano. Veja /cobertura e o nível estado."
)


def of_levels(levels: Iterable[str]) -> list[str]:
    """What must be said when sums of states are among the levels."""
    return [_SUMMED] if {Nivel.REGIAO, Nivel.BRASIL} & set(levels) else []


def partial_sums(partial: int) -> list[str]:
    """What must be said when some of the sums lack a month."""
    return [f"{partial} somas são parciais: falta número em algum mês do período."] if partial else []


def unit_of(fonte: Fonte, crime: str, asked: Unit | None) -> Unit:
    """The unit that is counted: the one asked for, else the crime's own.

    Raises:
        RefusedError: the source never counts the crime in that unit.
    """
    given = units(fonte, crimes(fonte)[crime])
    if asked is not None and asked not in given:
        names = [u.value for u in given]
        raise refuse("unidade", f"{fonte} não conta {crime} em {asked.value} (não se aplica)", names)
    return asked or given[0]


def coverage(situations: Iterable[str]) -> dict[str, int]:
    """How many of the asked cells are in each situation."""
    found = Counter(situations)
    return {s.value: found[s.value] for s in Situacao if s is not Situacao.NAO_SE_APLICA or found[s.value]}


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer counts: its unit, the situations of the asked cells, the rates in it, warnings of its own."""

    unidade: str | None = None
    situations: Iterable[str] | None = None
    rates: Sequence[Rate] = ()
    avisos: Sequence[str] = ()


PLAIN = Reading()


def meta(state: State, fonte: Fonte | None, reading: Reading = PLAIN) -> Meta:
    """The meta of an answer."""
    return Meta(
        fonte=fonte,
        versao=state.version.versao,
        atualizado_em=state.version.criado_em,
        unidade=reading.unidade,
        cobertura=None if reading.situations is None else coverage(reading.situations),
        populacao_ano=sorted({r.population.ano_base for r in reading.rates if r.population}),
        avisos=[*reading.avisos, *_rate_warnings(reading.rates)],
        em=state.day,
    )


def _rate_warnings(rates: Sequence[Rate]) -> list[str]:
    if not rates:
        return []
    states = {r.situacao for r in rates}
    found = [text for state, text in _WARNINGS.items() if state in states]
    if any(r.is_of_few for r in rates):
        found.append(_OF_FEW)
    if any(r.population and r.population.tipo == "repetida" for r in rates):
        found.append(_CARRIED)
    return [REGISTERED, *found]
