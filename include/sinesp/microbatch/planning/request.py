"""What one run asks for."""

from dataclasses import dataclass, replace
from datetime import datetime

from sinesp.microbatch.model.modes import LossPolicy, Mode

MAX_RECORDS = 500_000
MAX_BYTES = 512 * 1024 * 1024
"""Bounds of a batch unless a run or the settings say otherwise.

Some ten seconds of work, to be done again after a failure.
"""


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What one run asks for.

    `interval` (UTC) makes it a backfill; `continue_from` is the batch a large backfill goes on from.
    """

    run: str
    now: datetime
    mode: Mode = Mode.APPEND
    max_records: int = MAX_RECORDS
    max_bytes: int = MAX_BYTES
    accept_gap: bool = False
    on_data_loss: LossPolicy = LossPolicy.FAIL
    interval: tuple[datetime, datetime] | None = None
    continue_from: str = ""

    @property
    def stops_at_loss(self) -> bool:
        """Whether a lost interval stops the run; `initial` asked for what is there."""
        return self.on_data_loss == LossPolicy.FAIL and self.mode != Mode.INITIAL

    @property
    def skips_to_latest(self) -> bool:
        """Whether a lost interval makes the run go on with what is still to come; `initial` wants all that is there."""
        return self.on_data_loss == LossPolicy.LATEST and self.mode != Mode.INITIAL


def following(request: PlanRequest, now: datetime) -> PlanRequest:
    """The request that goes on after a batch: what was asked for once (`initial`, an accepted gap) is not asked again.

    `now` is the next batch's own: it dates the batch, and everything measured from it is of that batch alone.
    """
    return replace(request, mode=Mode.APPEND, accept_gap=False, now=now)
