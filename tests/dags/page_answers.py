"""Answers of the page's sections with figures as large as they come, to look at the page without Airflow."""

from typing import Any

from sinesp.domain.contract import TOPICS

LARGE = 1_234_567_890
AT = "2026-11-24T12:34:56.789000+00:00"
LANES = ("stage_batch", "insert_municipio", "insert_estado", "insert_geral", "quarantine")


def counts(n: int) -> dict[str, int]:
    """Of a batch with something of everything."""
    return {"read": n, "inserted": n, "superseded": n, "deleted": n, "quarantined": n}


def partition(topic: str, number: int) -> dict[str, Any]:
    """A partition far along and far behind."""
    return {
        "topic": topic,
        "partition": number,
        "checkpoint": LARGE,
        "end": 2 * LARGE,
        "lag": LARGE,
        "seconds_left": 3600.0 * 36 if number else None,
    }


def batch(number: int, state: str) -> dict[str, Any]:
    """A batch with all its lanes."""
    run = "sinesp_microbatch/manual__2026-11-24T12:00:00+00:00"
    link = "dags/sinesp_microbatch/runs/manual__2026-11-24T12%3A00%3A00%2B00%3A00"
    step = {"state": "concluido", "attempts": 2, "seconds": 1234.5, "run": run, "counts": counts(LARGE), "link": link}
    return {
        "id": f"{number:06d}-0123456789abcdef",
        "kind": "append",
        "state": state,
        "reason": "",
        "run": run,
        "planned_at": AT,
        "seconds": 4321.0,
        "offsets": LARGE,
        "counts": counts(LARGE),
        "steps": [{**step, "name": name} for name in LANES],
        "link": link,
    }


def sections() -> dict[str, dict[str, Any]]:
    """One answer per section."""
    sample = {
        "topic": TOPICS[0],
        "partition": 11,
        "offset": LARGE,
        "instant": AT,
        "reasons": ["uf_desconhecida", "municipio_desconhecido"],
        "state": "nova",
        "batch": "000001-0123456789abcdef",
        "detail": "",
        "key": "k" * 64,
        "value": '{"uf": "ZZ", "municipio": "' + "x" * 300 + '"}',
    }
    states = {"nova": LARGE, "reprocessada": LARGE, "descartada": LARGE}
    reason = {"reason": "granularidade_diferente_do_topico", "meaning": "…", "states": states, "total": 3 * LARGE}
    loss = {
        "version": LARGE,
        "topic": TOPICS[0],
        "partition": 11,
        "start": LARGE,
        "until": 2 * LARGE,
        "cause": "retencao",
    }
    return {
        "partitions": {
            "version": LARGE,
            "open_batch": None,
            "lag": 18 * LARGE,
            "partitions": [partition(topic, n) for topic in TOPICS for n in range(6)],
        },
        "batches": {"batches": [batch(2, "planejado"), batch(1, "confirmado")]},
        "views": {
            "version": LARGE,
            "announced_at": AT,
            "applied": LARGE,
            "months": {"sinesp-municipio": "2022-12", "sinesp-uf": "2022-12", "sinesp-vde": "2026-10"},
            "lake": {"version": 2 * LARGE, "files": LARGE, "bytes": LARGE},
            "behind": True,
            "links": {"Painel": "http://127.0.0.1:8000", "API": "http://127.0.0.1:8000/api/v1/docs"},
        },
        "quarantine": {
            "since": "2026-09",
            "partial": True,
            "waiting": LARGE,
            "reasons": [reason],
            "samples": [sample],
        },
        "losses": {"losses": [loss]},
    }
