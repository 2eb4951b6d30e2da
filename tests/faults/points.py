"""Where a worker can be stopped: named functions of the library, wrapped from outside. The product has no hooks."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from sinesp.lake.adapters.delta_table import Snapshot
from sinesp.lake.add_batch import Lake
from sinesp.microbatch import insert_lane, stage_batch
from sinesp.microbatch.adapters import spark_read
from sinesp.microbatch.adapters.consumer_group import ConsumerGroup
from sinesp.microbatch.adapters.kafka_offsets import KafkaOffsets
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.adapters.quarantine_table import QuarantineTable
from sinesp.microbatch.adapters.staging import Staging
from sinesp.views import refresh
from sinesp.views.adapters.bulk_store import BulkStore
from sinesp.views.adapters.positions import Positions
from tests.faults.variables import FileVariables

When = Literal["before", "middle", "after"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Stop at the `nth` call of a point. SIGKILL is a dead task, SIGSTOP a zombie that may wake up later."""

    point: str
    when: When
    nth: int = 1
    signal: str = "SIGKILL"

    def __str__(self) -> str:
        return f"{self.signal} {self.when} {self.point}#{self.nth}"


POINTS: dict[str, tuple[Any, str]] = {
    "ends": (KafkaOffsets, "closed_ends"),
    "record_plan": (Ledger, "record_plan"),
    "open_batch": (Ledger, "open_batch"),
    "start_step": (Ledger, "start_step"),
    "read": (stage_batch, "_read"),
    "write": (insert_lane, "_write"),
    "store": (QuarantineTable, "store"),
    "finish_step": (Ledger, "finish_step"),
    "move": (Ledger, "move"),
    "record_losses": (Ledger, "record_losses"),
    "lake": (Lake, "add"),
    "lake_commit": (Snapshot, "commit"),
    "group": (ConsumerGroup, "mirror"),
    "variable": (FileVariables, "write"),
    "close": (Ledger, "close"),
    "views_slices": (refresh, "refresh"),
    "views_index": (BulkStore, "write_index"),
    "views_move": (Positions, "move"),
    "views_announce": (Positions, "announce"),
    "forget_old": (Staging, "forget_old"),
}


def arm(fault: Fault) -> None:
    """Wrap the fault's point in this process."""
    owner, name = POINTS[fault.point]
    original = getattr(owner, name)
    middle = {"read": _half_read, "write": _half_written}.get(fault.point)
    calls = 0

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls != fault.nth:
            return original(*args, **kwargs)
        if fault.when == "before":
            _stop(fault)
        if fault.when == "middle" and middle is not None:
            middle(original, *args, **kwargs)
            _stop(fault)
        result = original(*args, **kwargs)
        if fault.when == "after":
            _stop(fault)
        return result

    if fault.when == "middle":
        # One Spark task, and so one file, per partition: something is left to do after the first.
        spark_read._SMALL_BATCH = 0
    setattr(owner, name, wrapped)


def _stop(fault: Fault) -> None:
    os.kill(os.getpid(), signal.Signals[fault.signal])


def _half_read(original: Callable[..., Any], batch: Any, *args: Any) -> None:
    """Stage one range only: files nobody refers to stay behind."""
    original(replace(batch, ranges=batch.ranges[:1]), *args)


def _half_written(original: Callable[..., Any], files: Any, *args: Any) -> None:
    """Write one staged file only."""
    original(files[:1], *args)
