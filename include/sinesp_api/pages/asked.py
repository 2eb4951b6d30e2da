"""What an address asks for. What it leaves out has a default; what it says wrongly is refused, with what is allowed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sinesp.domain.territory import UFS
from sinesp.query.model.catalogue import Fonte, crimes
from sinesp.query.model.places import Nivel, Place, place
from sinesp.query.model.questions import Medida, Moment
from sinesp.query.model.refusals import Fault, RefusedError, refuse
from sinesp.query.model.rows import Release, Version

MOMENT = ("versao", "em")
FROM_FORM = "formulario"
"""A form says with it that its parts were chosen one by one, and may not go together."""

_COMMON = frozenset({*MOMENT, "separador", "quadro", FROM_FORM})
_LEVELS = (Nivel.BRASIL, Nivel.ESTADO, Nivel.REGIAO, Nivel.MUNICIPIO)
DEFAULT_CRIME = "homicidio_doloso"


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of one address, by name."""

    params: Mapping[str, str]

    def one_of(self, name: str, allowed: Sequence[str]) -> str:
        """The value of a choice; without one the first that is allowed.

        Raises:
            RefusedError: another value.
        """
        value = self.params.get(name) or allowed[0]
        if value not in allowed:
            raise refuse(name, f"{name}={value!r} não existe", allowed)
        return value

    def maybe(self, name: str, allowed: Sequence[str]) -> str | None:
        """The same for a choice that may be left open."""
        return self.one_of(name, allowed) if self.params.get(name) else None

    @property
    def from_form(self) -> bool:
        """Whether a form asks."""
        return bool(self.params.get(FROM_FORM))

    @property
    def fonte(self) -> Fonte:
        """The source."""
        return Fonte(self.one_of("fonte", [f.value for f in Fonte]))

    @property
    def crime(self) -> str:
        """The crime, of those the source tells."""
        known = list(crimes(self.fonte))
        return self.one_of("tipo_crime", sorted(known, key=lambda slug: slug != DEFAULT_CRIME))

    @property
    def medida(self) -> Medida:
        """Count or rate."""
        return Medida(self.one_of("medida", [m.value for m in Medida]))

    @property
    def uf(self) -> str | None:
        """A state's sigla."""
        return self.maybe("uf", sorted(UFS))

    @property
    def moment(self) -> Moment:
        """Which state of the views: a version's, a day's, or the newest."""
        version, day = self.params.get("versao"), self.params.get("em")
        return Moment(_whole(version, "versao") if version else None, _day(day) if day else None)

    def place(self, name: str = "codigo") -> Place | None:
        """A place by its code or sigla; None when the address names none."""
        text = self.params.get(name)
        return place_of(text, name) if text else None

    def year(self, years: Sequence[int]) -> int:
        """The year asked for; without one the last of those given."""
        text = self.params.get("ano")
        if not text:
            return years[-1]
        value = _whole(text, "ano")
        if value not in years:
            raise refuse("ano", f"a fonte não tem dados de {value}", [str(y) for y in years])
        return value


def asked(pairs: Iterable[tuple[str, str]], names: Iterable[str]) -> Asked:
    """The parameters of an address, none of them unknown or twice there.

    Raises:
        RefusedError: an unknown or repeated name.
    """
    known = {*names, *_COMMON}
    params: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            raise RefusedError(Fault(name, f"parâmetro {name!r} desconhecido", sorted(known)))
        if name in params:
            raise refuse(name, f"parâmetro {name!r} repetido")
        params[name] = value.strip()
    return Asked(params)


def place_of(text: str, name: str) -> Place:
    """A place by its code or sigla.

    Raises:
        RefusedError: there is none.
    """
    found = next((p for level in _LEVELS if (p := place(level, text))), None)
    if found is None:
        raise refuse(name, f"não há lugar com o código {text!r}", ["BR", "sigla ou código do estado", "código do IBGE"])
    return found


def years_of(fonte: Fonte, version: Version, releases: Sequence[Release]) -> list[int]:
    """Years with data: those released (the VDE is released year by year), else all up to the source's last month."""
    last = int(version.ultimo_mes.get(fonte, "0")[:4] or 0)
    released = {int(year) for r in releases if (year := r.source_key.removeprefix(f"{fonte}-")).isdigit()}
    first = _FIRST[fonte]
    return sorted(y for y in released if y <= last) or list(range(first, max(first, last) + 1))


_FIRST: Mapping[Fonte, int] = {Fonte.VDE: 2015, Fonte.UF: 2015, Fonte.MUNICIPIO: 2018}


def _whole(text: str, name: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise refuse(name, f"{name}={text!r} não é um número inteiro")
    return int(text)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise refuse("em", f"em={text!r} não é uma data AAAA-MM-DD") from None
