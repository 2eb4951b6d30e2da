"""What can be done to a run, and a reproducible choice of it."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tests.faults.points import Fault, When

SERVICES = ("kafka", "cassandra", "spark")
_MAX_RECORDS = (45, 200, 2_000)
"""Bounds of a run: small enough for several batches, or everything at once."""

_KILLS: tuple[tuple[str, tuple[When, ...], int], ...] = (
    ("record_plan", ("before", "after"), 1),
    ("open_batch", ("before", "after"), 1),
    ("start_step", ("before", "after"), 5),
    ("read", ("before", "middle", "after"), 1),
    ("write", ("before", "middle", "after"), 3),
    ("finish_step", ("before", "after"), 5),
    ("move", ("before", "after"), 1),
    ("record_losses", ("before", "after"), 1),
    ("lake", ("before", "after"), 1),
    ("lake_commit", ("before", "after"), 1),
    ("group", ("before", "after"), 1),
    ("variable", ("before", "after"), 3),
    ("close", ("before", "after"), 1),
    ("forget_old", ("before", "after"), 1),
)
"""Points, the moments at them, and how often a batch passes."""

_VIEWS_KILLS = ("views_slices", "views_index", "views_move", "views_announce")

_KINDS = {
    "morte": 44, "morte ao acaso": 6, "serviço": 16, "execução dupla": 8, "zumbi": 8,
    "visões": 8, "visões em dobro": 4, "visões ao lado": 6,
}  # fmt: skip
"""Kinds of injections with their weights."""


@dataclass(frozen=True, slots=True)
class Injection:
    """What is done to one run.

    Times in seconds; `how` is what happens to `service`; `work` is what the run does (see `worker.Job`), `beside` what
    a second one is asked for.
    """

    kind: str
    fault: Fault | None = None
    service: str = ""
    how: str = ""
    after: float = 0.0
    seconds: float = 0.0
    beside: str = ""
    max_records: int = 500
    work: str = "batches"

    def __str__(self) -> str:
        parts = [self.kind]
        if self.work == "views" and self.kind == "serviço":
            parts.append("visões")
        if self.service:
            parts.append(f"{self.how} {self.service} por {self.seconds:.0f} s")
        if self.kind == "morte ao acaso":
            parts.append(f"SIGKILL aos {self.after:.1f} s")
        if self.beside:
            parts.append(f"ao lado de outra ({self.beside})")
        if self.fault:
            parts.append(str(self.fault))
        return ": ".join([parts[0], ", ".join(parts[1:])]) if parts[1:] else parts[0]


def injections(seed: int, runs: int) -> list[Injection]:
    """The same list for the same seed."""
    pick = random.Random(seed)
    return [_injection(pick) for _ in range(runs)]


def _injection(pick: random.Random) -> Injection:
    kind = pick.choices(list(_KINDS), list(_KINDS.values()))[0]
    bound = pick.choice(_MAX_RECORDS)
    return replace(_CHOICES[kind](pick), max_records=bound)


def _death(pick: random.Random) -> Injection:
    return Injection("morte", _fault(pick, "SIGKILL"))


def _random_death(pick: random.Random) -> Injection:
    return Injection("morte ao acaso", after=pick.uniform(0.5, 6))


def _outage(pick: random.Random) -> Injection:
    service, how = pick.choice(SERVICES), pick.choice(("congela", "mata"))
    after, seconds = pick.uniform(0.5, 4), pick.uniform(5, 20)
    work = pick.choices(["batches", "views"], [3, 1])[0]
    return Injection("serviço", service=service, how=how, after=after, seconds=seconds, work=work)


def _double_run(pick: random.Random) -> Injection:
    beside = pick.choices(["append", "initial", "backfill"], [6, 1, 3])[0]
    return Injection("execução dupla", _fault(pick, "SIGKILL") if pick.random() < 0.5 else None, beside=beside)


def _zombie(pick: random.Random) -> Injection:
    return Injection("zumbi", _fault(pick, "SIGSTOP"))


def _views(pick: random.Random) -> Injection:
    return Injection("visões", _views_fault(pick), work="views")


def _two_refreshes(pick: random.Random) -> Injection:
    fault = _views_fault(pick) if pick.random() < 0.5 else None
    return Injection("visões em dobro", fault, beside="views", work="views")


def _refresh_beside(pick: random.Random) -> Injection:
    fault = _views_fault(pick) if pick.random() < 0.5 else None
    return Injection("visões ao lado", fault, beside=pick.choice(["append", "backfill"]), work="views")


def _views_fault(pick: random.Random) -> Fault:
    point = pick.choice(_VIEWS_KILLS)
    # The first announcement repeats that of the refresh before.
    return Fault(point, pick.choice(["before", "after"]), 2 if point == "views_announce" else 1)


_CHOICES: Mapping[str, Callable[[random.Random], Injection]] = {
    "morte": _death,
    "morte ao acaso": _random_death,
    "serviço": _outage,
    "execução dupla": _double_run,
    "zumbi": _zombie,
    "visões": _views,
    "visões em dobro": _two_refreshes,
    "visões ao lado": _refresh_beside,
}


def _fault(pick: random.Random, signal_name: str) -> Fault:
    point, moments, times = pick.choice(_KILLS)
    when = pick.choice(moments)
    # Half of a read or a write is given up on: a zombie would go on as if it were whole, which no process does.
    if signal_name == "SIGSTOP" and when == "middle":
        when = "before"
    return Fault(point, when, pick.randint(1, times), signal_name)
