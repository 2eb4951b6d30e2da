"""The competitors at work: how each is made ready, what one run of it does, which processes do it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.harness import Harness
from bench.race.competitors import (
    CEILING,
    CONNECTOR_DEFAULT,
    CONNECTOR_REPLACING,
    CONNECTOR_STAGED,
    CONNECTOR_TUNED,
    DRIVER,
    LANES,
    NAIVE,
    OURS,
    Competitor,
)
from bench.race.connector import FAST_READ, REPLACING, TUNED, Connector
from bench.race.drivers import Drivers
from bench.race.ours import Ours


def _nothing() -> None:
    """Most competitors need no preparation."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A competitor that can be run.

    `run` is what is timed: it takes its time-out and returns the rows it attempted, None when it does not know.
    `ready` prepares a run, untimed.
    """

    competitor: Competitor
    run: Callable[[float], int | None]
    pids: Callable[[], Iterable[int]]
    ready: Callable[[], None] = _nothing

    @property
    def name(self) -> str:
        """As the command line has it."""
        return self.competitor.name


class Field:
    """Every competitor's processes, started once and kept warm; nothing runs but the one whose turn it is."""

    def __init__(self, harness: Harness) -> None:
        self.ours = Ours(harness)
        self._connector = Connector(harness, self.ours)
        self._drivers = Drivers(harness)

    def peers(self, wanted: Sequence[Competitor]) -> list[Peer]:
        """Those wanted, in the order given."""
        ours, connector, drivers = self.ours, self._connector, self._drivers
        every = (
            Peer(OURS, ours.consume, ours.pids),
            Peer(CONNECTOR_TUNED, connector.from_kafka(TUNED, FAST_READ), connector.pids),
            Peer(CONNECTOR_REPLACING, connector.from_kafka(REPLACING, FAST_READ), connector.pids),
            Peer(CONNECTOR_DEFAULT, connector.from_kafka({}, {}), connector.pids),
            Peer(LANES, ours.write_lanes, ours.pids, ours.stage),
            Peer(CONNECTOR_STAGED, connector.from_files, connector.pids, ours.stage),
            Peer(CEILING, drivers.run_ceiling, drivers.ceiling_pids, drivers.load_ceiling),
            Peer(DRIVER, drivers.run("driver"), drivers.pids),
            Peer(NAIVE, drivers.run("naive"), drivers.pids),
        )
        by_competitor = {peer.competitor: peer for peer in every}
        return [by_competitor[competitor] for competitor in wanted]

    def close(self) -> None:
        """End every competitor's process."""
        self._connector.close()
        self._drivers.close()
