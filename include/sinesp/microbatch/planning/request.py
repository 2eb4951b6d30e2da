"""What one run asks for."""

from dataclasses import dataclass, replace
from datetime import datetime

from sinesp.microbatch.model.modes import LossPolicy, Mode


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What one run asks for. `interval` (UTC) makes it a backfill; `continue_from` is the batch a large backfill goes on from."""

    run: str
    now: datetime
    mode: Mode = Mode.APPEND
    max_records: int = 500_000
    max_bytes: int = 512 * 1024 * 1024
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


def following(request: PlanRequest) -> PlanRequest:
    """The request that goes on after a batch: what was asked for once (`initial`, an accepted gap) is not asked again."""
    return replace(request, mode=Mode.APPEND, accept_gap=False)
