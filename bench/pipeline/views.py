"""The read side: all views built anew, and brought up after a few changed records, at whatever size the lake has."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench import load
from bench.harness import Harness, close
from bench.measure import Meter, Pids
from bench.race.ours import Ours
from sinesp.lake.contents import contents
from sinesp.lake.maintenance import compact
from sinesp.views.refresh import run_refresh

CHANGES = 300
REBUILD, FEW = "all views built anew", f"refresh of {CHANGES} changed records"
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Refresh:
    """One refresh with `records` in a lake of `lake_mb`; peaks are of the task's process with Spark."""

    what: str
    records: int
    lake_mb: float
    seconds: float
    client_cpu: float
    cassandra_cpu: float
    client_peak_mb: float


def measure(harness: Harness, turns: range, say: Callable[[str], None]) -> Iterator[Refresh]:
    """Compact the lake, build everything anew, then bring up the views once for each of the `turns`' changes."""
    services = harness.connect()
    ours = Ours(harness)
    groups: dict[str, Pids] = {"client": ours.pids, "cassandra": lambda: harness.pids("cassandra")}

    def one(what: str, *, everything: bool) -> Refresh:
        held = contents(services.lake)
        assert held is not None
        with Meter(groups) as meter:
            run_refresh(services.views_ports, everything=everything)
        say(f"visões, {what}, lake de {held.rows}: {meter.seconds:.1f} s")
        size, peak = held.size / _MEGABYTE, meter.peak["client"] / _MEGABYTE
        return Refresh(what, held.rows, size, meter.seconds, meter.cpu["client"], meter.cpu["cassandra"], peak)

    try:
        compact(services.lake)
        yield one(REBUILD, everything=True)
        for turn in turns:
            load.publish_changes(services, CHANGES, turn)
            ours.consume(0)
            yield one(FEW, everything=False)
    finally:
        close(services)
