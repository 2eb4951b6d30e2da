"""How a drill ended."""

from collections import Counter
from dataclasses import dataclass, field

from tests.faults.injections import Injection


@dataclass(frozen=True, slots=True)
class Finding:
    """One check at the end: what was compared, how much of it agreed, and every difference."""

    what: str
    figure: int
    problems: list[str]


@dataclass(slots=True)
class Outcome:
    """How a drill ended: what was injected with the workers' exits, figures, and every difference found."""

    injected: list[tuple[Injection, str]] = field(default_factory=list)
    checks: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, finding: Finding) -> None:
        """Note a check with its differences."""
        self.checks.append((finding.what, str(finding.figure)))
        self.problems += finding.problems


def tally(outcome: Outcome) -> Counter[str]:
    """Injections by kind, services by what happened to them."""
    return Counter(_kind(injection) for injection, _ in outcome.injected)


def _kind(injection: Injection) -> str:
    if injection.service:
        return f"{injection.kind}: {injection.how} {injection.service}"
    return f"{injection.kind} ({injection.beside})" if injection.beside else injection.kind
