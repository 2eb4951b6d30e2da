"""The crimes and events of the official files: label as written there, slug, unit, level and wide column."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from sinesp.domain.text import normalise


class Unit(StrEnum):
    """What a number counts. `PESO` (kg) has no field in the contract, so such events are counted and reported only."""

    VITIMAS = "vitimas"
    OCORRENCIAS = "ocorrencias"
    PESO = "peso"


class Level(StrEnum):
    """Finest place a source gives a number for."""

    MUNICIPIO = "municipio"
    ESTADO = "estado"


@dataclass(frozen=True, slots=True)
class Crime:
    """One crime of one source. `unit` is that of the wide column too, where the crime has one."""

    label: str
    slug: str
    unit: Unit
    level: Level
    wide: str | None = None


def _of_municipality(label: str, slug: str, unit: Unit = Unit.VITIMAS, wide: str | None = None) -> Crime:
    return Crime(label, slug, unit, Level.MUNICIPIO, wide)


def _of_state(label: str, slug: str, unit: Unit, wide: str | None = None) -> Crime:
    return Crime(label, slug, unit, Level.ESTADO, wide)


def _by_label(crimes: Iterable[Crime]) -> Mapping[str, Crime]:
    return MappingProxyType({normalise(c.label): c for c in crimes})


_WIDE_OF_STATE = (
    _of_state("Furto de veículo", "furto_veiculo", Unit.OCORRENCIAS, "furto_veiculo"),
    _of_state("Roubo a instituição financeira", "roubo_inst_financeira", Unit.OCORRENCIAS, "roubo_inst_financeira"),
    _of_state("Roubo de carga", "roubo_carga", Unit.OCORRENCIAS, "roubo_carga"),
    _of_state("Roubo de veículo", "roubo_veiculo", Unit.OCORRENCIAS, "roubo_veiculo"),
)

UF_CRIMES = _by_label(
    (
        *_WIDE_OF_STATE,
        _of_state("Estupro", "estupro", Unit.OCORRENCIAS, "estupro"),
        _of_state("Homicídio doloso", "homicidio_doloso", Unit.VITIMAS, "homicidio_doloso"),
        _of_state("Lesão corporal seguida de morte", "lesao_corp_morte", Unit.VITIMAS, "lesao_corp_morte"),
        _of_state("Roubo seguido de morte (latrocínio)", "latrocinio", Unit.VITIMAS, "latrocinio"),
        _of_state("Tentativa de homicídio", "tentativa_homicidio", Unit.OCORRENCIAS),
    )
)
"""The nine crimes of the UF workbook, by normalised label."""

MUNICIPAL_CRIME = _of_municipality("Homicídio doloso", "homicidio_doloso", wide="homicidio_doloso")
"""The only crime of the municipal workbook, which never names it; the official dictionary does."""

VDE_EVENTS = _by_label(
    (
        *_WIDE_OF_STATE,
        MUNICIPAL_CRIME,
        _of_municipality("Feminicídio", "feminicidio"),
        _of_municipality("Lesão corporal seguida de morte", "lesao_corp_morte", wide="lesao_corp_morte"),
        _of_municipality("Morte no trânsito ou em decorrência dele (exceto homicídio doloso)", "morte_transito"),
        _of_municipality("Mortes a esclarecer (sem indício de crime)", "morte_esclarecer"),
        _of_municipality("Roubo seguido de morte (latrocínio)", "latrocinio", wide="latrocinio"),
        _of_municipality("Suicídio", "suicidio"),
        _of_municipality("Tentativa de feminicídio", "tentativa_feminicidio"),
        _of_municipality("Tentativa de homicídio", "tentativa_homicidio"),
        _of_municipality("Mandado de prisão cumprido", "mandado_prisao_cumprido", Unit.OCORRENCIAS),
        _of_state("Morte de Agente do Estado", "morte_agente_estado", Unit.VITIMAS),
        _of_state("Suicídio de Agente do Estado", "suicidio_agente_estado", Unit.VITIMAS),
        _of_state("Estupro", "estupro", Unit.VITIMAS, "estupro"),
        _of_state("Estupro de vulnerável", "estupro_vulneravel", Unit.VITIMAS),
        _of_state("Morte por intervenção de Agente do Estado", "morte_intervencao_agente_estado", Unit.VITIMAS),
        _of_state("Tráfico de drogas", "trafico_drogas", Unit.OCORRENCIAS),
        _of_state("Apreensão de Cocaína", "apreensao_cocaina", Unit.PESO),
        _of_state("Apreensão de Maconha", "apreensao_maconha", Unit.PESO),
        _of_state("Arma de Fogo Apreendida", "arma_fogo_apreendida", Unit.OCORRENCIAS),
        _of_state("Pessoa Desaparecida", "pessoa_desaparecida", Unit.VITIMAS),
        _of_state("Pessoa Localizada", "pessoa_localizada", Unit.VITIMAS),
        _of_state("Atendimento pré-hospitalar", "atendimento_pre_hospitalar", Unit.OCORRENCIAS),
        _of_state("Busca e salvamento", "busca_salvamento", Unit.OCORRENCIAS),
        _of_state("Combate a incêndios", "combate_incendio", Unit.OCORRENCIAS),
        _of_state("Emissão de Alvarás de licença", "emissao_alvara_licenca", Unit.OCORRENCIAS),
        _of_state("Realização de vistorias", "realizacao_vistoria", Unit.OCORRENCIAS),
        # Federal highway police only, in releases after the 30 events above.
        _of_state("Mortes no trânsito", "mortes_transito_federal", Unit.VITIMAS),
    )
)
"""The events of the Sinesp VDE, by normalised label."""
