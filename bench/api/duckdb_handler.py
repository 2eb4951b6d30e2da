"""What somebody writes in an afternoon: FastAPI, DuckDB, two handlers."""

import io
from pathlib import Path
from typing import Any

import duckdb
from fastapi import FastAPI
from fastapi.responses import ORJSONResponse, Response

FILE = Path.cwd() / "ocorrencias.duckdb"
app = FastAPI()
_db = duckdb.connect(str(FILE), read_only=True)


@app.get("/series")
def series(codigo: str, tipo_crime: str) -> ORJSONResponse:
    """One place, one crime, all months."""
    cursor = _db.cursor()
    found = cursor.execute(
        "SELECT mes, vitimas, ocorrencias, situacao FROM ocorrencias WHERE codigo = ? AND tipo_crime = ? ORDER BY mes",
        [codigo, tipo_crime],
    )
    names = [d[0] for d in found.description]
    return ORJSONResponse([dict(zip(names, row, strict=True)) for row in found.fetchall()])


@app.get("/linhas.csv")
def lines(uf: str, tipo_crime: str, ano: int) -> Response:
    """All municipalities of a state, one crime and year."""
    found: Any = _db.cursor().execute(
        "SELECT * FROM ocorrencias WHERE tipo_crime = ? AND ano = ? AND nivel = 'municipio' AND uf = ? "
        "ORDER BY codigo, mes",
        [tipo_crime, ano, uf],
    )
    text = io.StringIO()
    found.df().to_csv(text, index=False)
    return Response(text.getvalue(), media_type="text/csv")
