"""`docs/drill.md` and its raw figures, from a drill's outcome."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict

from docs.sections import replace_section
from sinesp_stack.settings import REPOSITORY
from tests.faults.drill import RECORDS_PER_RUN
from tests.faults.outcome import Outcome, tally

_DOCUMENT = REPOSITORY / "docs" / "drill.md"


def write(
    outcome: Outcome,
    seed: int,
    section: str = "Last full drill",
    command: str = "make drill",
    figures: str = "drill.json",
) -> None:
    """Rewrite the section on the last drill, and the raw figures beside it."""
    replace_section(_DOCUMENT, section, "\n\n".join([_summary(outcome, seed, command), *_tables(outcome)]))
    raw = json.dumps(_raw(outcome, seed), ensure_ascii=False, indent=1)
    _DOCUMENT.with_name(figures).write_text(raw + "\n")


def _summary(outcome: Outcome, seed: int, command: str) -> str:
    runs = len(outcome.injected)
    return (
        f"`{command}` (seed {seed}): {runs} runs with a fault each while {runs * RECORDS_PER_RUN} records flowed in, "
        f"{outcome.seconds:.0f} s in all. **Differences found: {len(outcome.problems)}.**"
    )


def _tables(outcome: Outcome) -> list[str]:
    exits = Counter(exits for _, exits in outcome.injected)
    faults = Counter(str(injection.fault) for injection, _ in outcome.injected if injection.fault)
    return [
        _table("injected", "runs", sorted(tally(outcome).items())),
        _table("checked at the end", "figure", outcome.checks),
        _table("how the runs ended", "runs", exits.most_common()),
        _table("point of the fault", "runs", sorted(faults.items())),
    ]


def _table(what: str, figure: str, rows: Iterable[tuple[str, int | str]]) -> str:
    return "\n".join([f"| {what} | {figure} |", "|---|---:|", *(f"| {name} | {number} |" for name, number in rows)])


def _raw(outcome: Outcome, seed: int) -> dict[str, object]:
    return {
        "seed": seed,
        "runs": [{**asdict(injection), "exits": exits} for injection, exits in outcome.injected],
        "checks": outcome.checks,
        "problems": outcome.problems,
        "seconds": round(outcome.seconds, 1),
    }
