"""What `make bench` is asked for, checked before anything starts: a misspelt name costs no minute."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.race.competitors import COMPETITORS, FULL_LOADERS, NAMES, Competitor

PARTS = ("race", "poison", "stall", "profile", "airflow", "indices", "views")
_QUICK_SIZE = 3_000
_FULL_FROM = 1_000_000
_LISTED = 12


@dataclass(frozen=True, slots=True)
class Options:
    """What to measure.

    Sizes are records per run, ascending; `vde` is a folder of official files for one more full load; `full_peers` do
    every full load too.
    """

    sizes: tuple[int, ...]
    competitors: tuple[Competitor, ...] = COMPETITORS
    parts: frozenset[str] = frozenset(PARTS)
    repeats: int = 3
    vde: Path | None = None
    full_peers: tuple[Competitor, ...] = ()
    quick: bool = False

    def quickly(self) -> "Options":
        """The same competitors, once each, on few records, and nothing else of the race's parts."""
        return replace(self, sizes=(_QUICK_SIZE,), parts=frozenset({"race"}), repeats=1, quick=True)

    @property
    def races(self) -> tuple[int, ...]:
        """Sizes at which everybody runs."""
        return tuple(s for s in self.sizes if s <= _FULL_FROM)

    @property
    def full_loads(self) -> tuple[int, ...]:
        """Sizes that only the pipeline loads, and who is asked to beside it."""
        return tuple(s for s in self.sizes if s > _FULL_FROM)


def chosen_sizes(text: str) -> tuple[int, ...]:
    """`--size`, ascending.

    Raises:
        SystemExit: something in it is no number of records.
    """
    wanted = _words(text)
    if not wanted or not all(word.isdecimal() and int(word) for word in wanted):
        raise SystemExit(
            f"--size espera números de registros separados por vírgula, como 300,10000, e recebeu {text!r}."
        )
    return tuple(sorted(map(int, wanted)))


def chosen_competitors(text: str) -> tuple[Competitor, ...]:
    """`--peers`; nothing means all.

    Raises:
        SystemExit: one of them does not exist.
    """
    wanted = _known("--peers", text, NAMES) or NAMES
    return tuple(c for c in COMPETITORS if c.name in wanted)


def chosen_full_peers(text: str) -> tuple[Competitor, ...]:
    """`--full-peers`; nothing means none.

    Raises:
        SystemExit: one of them does not exist, or does no full load.
    """
    wanted = _known("--full-peers", text, tuple(c.name for c in FULL_LOADERS))
    return tuple(c for c in FULL_LOADERS if c.name in wanted)


def chosen_parts(text: str) -> frozenset[str]:
    """`--parts`; nothing means none, which leaves the full loads.

    Raises:
        SystemExit: one of them does not exist.
    """
    return frozenset(_known("--parts", text, PARTS))


def chosen_folder(folder: Path | None) -> Path | None:
    """`--vde`, with at least one official file in it.

    Raises:
        SystemExit: there is no such folder, or nothing in it that could be published.
    """
    if folder is None:
        return None
    if not folder.is_dir():
        raise SystemExit(f"--vde espera uma pasta e {folder} não é uma; {_contents(_nearest(folder))}.")
    # Imported here: readers and what they need are heavy, and seldom asked for.
    from sinesp.domain.errors import SourceError
    from sinesp.publication.adapters.source_files import find_sources

    try:
        find_sources(str(folder))
    except SourceError as error:
        raise SystemExit(f"--vde espera arquivos oficiais do Sinesp; {_contents(folder)} ({error})") from error
    return folder


def _known(option: str, text: str, existing: Sequence[str]) -> tuple[str, ...]:
    wanted = _words(text)
    unknown = sorted(set(wanted) - set(existing))
    if unknown:
        raise SystemExit(f"{option} não conhece {', '.join(unknown)}; existem: {', '.join(existing)}.")
    return wanted


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _nearest(path: Path) -> Path:
    """The closest folder above that exists."""
    return next(folder for folder in path.absolute().parents if folder.is_dir())


def _contents(folder: Path) -> str:
    names = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))
    if not names:
        return f"{folder} está vazia"
    more = f" e mais {len(names) - _LISTED}" if len(names) > _LISTED else ""
    return f"em {folder} existem: {', '.join(names[:_LISTED])}{more}"
