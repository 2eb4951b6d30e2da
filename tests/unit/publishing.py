"""Small official-looking tables, and a broker that only remembers."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson
import polars as pl

from sinesp.domain.contract import FIELD_NAMES
from sinesp.domain.errors import TransientError
from sinesp.domain.headers import Headers
from sinesp.domain.territory import UFS
from sinesp.publication.adapters.source_files import find_sources
from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.model.options import PublishOptions
from sinesp.publication.model.publishing import PublishReport
from sinesp.publication.publish import publish

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

UF_OCORRENCIAS = ("UF", "Tipo Crime", "Ano", "Mês", "Ocorrências")
UF_VITIMAS = ("UF", "Tipo Crime", "Ano", "Mês", "Sexo da Vítima", "Vítimas")
VDE = (
    "uf", "municipio", "evento", "data_referencia", "agente", "arma", "faixa_etaria", "feminino", "masculino",
    "nao_informado",
    "total_vitima", "total", "total_peso", "abrangencia", "formulario",
)  # fmt: skip
MUNICIPAL = ("Cód_IBGE", "Município", "Sigla UF", "Região", "Mês/Ano", "Vítimas")

Row = Sequence[object]


def write_csv(
    path: Path, header: Sequence[str], rows: Sequence[Row], separator: str = ",", encoding: str = "utf-8"
) -> Path:
    """Write a delimited file as spreadsheets export it."""
    lines = [separator.join("" if v is None else str(v) for v in row) for row in (header, *rows)]
    path.write_bytes("\r\n".join([*lines, ""]).encode(encoding))
    return path


def write_uf(folder: Path, ocorrencias: Sequence[Row], vitimas: Sequence[Row], *, whole_country: bool = True) -> Path:
    """Write a UF source as its two CSV exports; every state has at least one row unless told otherwise."""
    folder.mkdir(parents=True, exist_ok=True)
    rest = [(name, "Roubo de carga", 2015, "janeiro", 1) for name in UFS.values()] if whole_country else []
    write_csv(folder / "ocorrencias.csv", UF_OCORRENCIAS, [*ocorrencias, *rest], ";", "latin-1")
    write_csv(folder / "vitimas.csv", UF_VITIMAS, vitimas, ";", "utf-8-sig")
    return folder


def vde_row(uf: str, municipio: str, evento: str, mes: str = "2024-01-01", **columns: object) -> Row:
    """One row of the VDE, `Estadual` unless told otherwise."""
    known = {
        "uf": uf,
        "municipio": municipio,
        "evento": evento,
        "data_referencia": mes,
        "abrangencia": "Estadual",
        **columns,
    }
    return [known.get(name) for name in VDE]


def table(header: Sequence[str], rows: Sequence[Row]) -> pl.DataFrame:
    """A table as the readers hand it on."""
    texts = {name: [None if r[n] is None else str(r[n]) for r in rows] for n, name in enumerate(header)}
    frame = pl.DataFrame(texts, schema=dict.fromkeys(header, pl.String))
    return frame.with_columns(linha=pl.int_range(2, 2 + pl.len(), dtype=pl.Int64), truncada=pl.lit(False))


class MemoryProducer:
    """Keeps what was sent; may lose its broker after so many records."""

    def __init__(self, fail_after: int | None = None) -> None:
        self.sent: list[tuple[str, str, bytes | None]] = []
        self.created: tuple[str, ...] = ()
        self.headers: Headers = []
        self._fail_after = fail_after

    def create_topics(self, names: tuple[str, ...], /) -> list[str]:
        self.created = tuple(names)
        return list(names)

    def carry(self, headers: Headers, /) -> None:
        self.headers = headers

    def send(
        self, topic: str, keys: Sequence[str], values: Sequence[str | None], on_progress: Callable[[int], None], /
    ) -> None:
        for key, value in zip(keys, values, strict=True):
            if self._fail_after is not None and len(self.sent) >= self._fail_after:
                raise TransientError("sem broker")
            self.sent.append((topic, key, None if value is None else value.encode()))
        on_progress(len(self.sent))

    def flush(self, on_progress: Callable[[int], None], /) -> int:
        on_progress(len(self.sent))
        return len(self.sent)

    @property
    def records(self) -> list[dict[str, str | None]]:
        """Values sent, parsed."""
        parsed = [orjson.loads(v) for _, _, v in self.sent if v is not None]
        assert all(tuple(p) == FIELD_NAMES for p in parsed)
        return parsed

    @property
    def deleted(self) -> list[str]:
        """Keys sent with a null value."""
        return [k for _, k, v in self.sent if v is None]


def apply(store: dict[str, dict[str, str | None]], producer: MemoryProducer) -> None:
    """Do what a consumer does: the last value of each key stands, null deletes."""
    for _, key, value in producer.sent:
        if value is None:
            store.pop(key, None)
        else:
            store[key] = {k: v for k, v in orjson.loads(value).items() if k != "data_extracao"}


def run(
    path: Path, versions: VersionStore, options: PublishOptions | None = None
) -> tuple[PublishReport, MemoryProducer]:
    """Publish the one source in a file or folder."""
    producer = MemoryProducer()
    (source,) = find_sources(str(path))
    return publish(source, producer, versions, now=NOW, options=options), producer


def vde_file(folder: Path, *rows: Row, name: str = "vde.csv") -> Path:
    """A file of the VDE."""
    return write_csv(folder / name, VDE, rows)


def one_row_per_state(mes: str = "2024-01-01") -> list[Row]:
    """One vehicle stolen in every state."""
    return [vde_row(uf, "NÃO INFORMADO", "Furto de veículo", mes, total=1) for uf in UFS]
