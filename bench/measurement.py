"""One `make bench` from its first race to its last load; every part adds to the results and saves them."""

import time
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from bench import load
from bench.document import page
from bench.harness import Harness
from bench.options import Options
from bench.pipeline import full, scheduled, timings, views
from bench.race import suite
from bench.race.competitors import FACING_FAULTS, LANES
from bench.race.peers import Field, Peer
from bench.race.suite import Course, Say
from bench.results import Results
from sinesp.domain.contract import KEYSPACE, Destination
from sinesp.microbatch.indices import INDEXED, create_indices
from sinesp_stack.settings import REPOSITORY

_POISON_SHARE = 0.01
_UNPROFILED = 10_000
_SCHEDULED = {300: 5, 10_000: 2, 300_000: 2, 0: 3}
"""How often each number of new records is measured through Airflow, as far as it was asked for; 0 is the idle tick."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """The parts that were asked for, on a stack that is up. `kept` is the file of the raw results."""

    harness: Harness
    options: Options
    results: Results
    kept: Path
    say: Say

    def run(self) -> None:
        """Measure everything, the short parts first."""
        field = Field(self.harness)
        try:
            self._races(field.peers(self.options.competitors))
        finally:
            field.close()
        if "airflow" in self.options.parts:
            self._through_airflow()
        if "views" in self.options.parts:
            self._views()
        for size in self.options.full_loads:
            self._publish(size, remember=False)
            self._load_fully()
            self._load_by_peers(size)
        if self.options.vde:
            self._load_official_files(self.options.vde)
        self.harness.close()

    def _races(self, peers: list[Peer]) -> None:
        for size in self.options.races:
            self._race_and_profile(size, peers)
            self._save()
        if self.options.races and "indices" in self.options.parts:
            self._with_indices(self.options.races[-1], [p for p in peers if p.competitor == LANES])
        if self.options.races:
            self._faults(self.options.races[-1], [p for p in peers if p.competitor in FACING_FAULTS])
            self._save()

    def _race_and_profile(self, size: int, peers: list[Peer]) -> None:
        course = self._course("race", self._publish(size))
        if "race" in self.options.parts:
            suite.warm_up(self.harness, [p for p in peers if not p.competitor.slow], self.say)
            self.results.runs += suite.race(course, peers, self.options.repeats)
        if "profile" in self.options.parts and size != _UNPROFILED:
            self.say(f"perfil de um lote de {size}")
            self.results.steps += timings.profile(self.harness, size, self.options.repeats)
            self.results.inside, self.results.inside_size = timings.inside(self.harness), size

    def _with_indices(self, size: int, lanes: list[Peer]) -> None:
        """The write lanes once more, while every table has its secondary indexes."""
        course = self._course("indices", self._publish(size))
        create_indices(self.harness.services.cassandra)
        try:
            self.results.runs += suite.race(course, lanes, self.options.repeats)
        finally:
            for table, column in product((d.table for d in Destination), INDEXED):
                self.harness.services.cassandra.execute_text(f"DROP INDEX {KEYSPACE}.{table}_{column}")

    def _faults(self, size: int, peers: list[Peer]) -> None:
        """Poison and a stopped Cassandra, once for each peer that is meant for real use."""
        if "stall" in self.options.parts:
            course = self._course("stall", self._publish(size))
            for peer in peers:
                self.results.runs.append(suite.stalled(course, peer, self._usual_seconds(course, peer)))
        if "poison" in self.options.parts:
            course = self._course("poison", self._publish(size, _POISON_SHARE))
            self.results.runs += suite.race(course, peers, 1)

    def _usual_seconds(self, course: Course, peer: Peer) -> float:
        """How long the peer takes when nothing happens: as in the race, or one run more."""
        known = self.results.of("race", course.load.records, peer.name)
        return known[-1].seconds if known else suite.measure(course, peer).seconds

    def _through_airflow(self) -> None:
        wanted = {size: times for size, times in _SCHEDULED.items() if size in {0, *self.options.sizes}}
        self.results.scheduled += scheduled.measure(self.harness, wanted, self.say)
        self.harness.stack.stop("airflow")
        self._save()

    def _views(self) -> None:
        """The read side on the shipped year; the official files, if asked for, come later."""
        self.harness.empty_topics()
        full.publish_files(self.harness, (REPOSITORY / load.SHIPPED).parent)
        self.results.full.extend(full.load_everything(self.harness, self.say))
        self.results.refreshes.extend(views.measure(self.harness, range(1, 4), self.say))
        self.results.announced += scheduled.measure_announced(self.harness, range(11, 15), self.say)
        self._save()

    def _load_official_files(self, folder: Path) -> None:
        self.harness.empty_topics()
        publication = full.publish_files(self.harness, folder)
        self.results.published.append(publication)
        self.say(f"{publication.records} registros de {folder} publicados em {publication.seconds:.1f} s")
        self._load_fully()
        if "views" in self.options.parts:
            self.results.refreshes.extend(views.measure(self.harness, range(21, 24), self.say))
            self._save()
        self._load_by_peers(publication.records)

    def _load_fully(self) -> None:
        """A full load of what is in the topics; the results are those of the last one."""
        self.results.full.clear()
        self.results.full.extend(full.load_everything(self.harness, self.say))
        self._save()

    def _load_by_peers(self, records: int) -> None:
        self.results.full_peers.clear()
        field = Field(self.harness)
        try:
            for peer in field.peers(self.options.full_peers):
                self.say(f"carga completa por {peer.name}")
                self.results.full_peers.append(full.load_by(self.harness, peer, records))
                self._save()
        finally:
            field.close()

    def _publish(self, size: int, poison_share: float = 0.0, *, remember: bool = True) -> load.Load:
        """Fresh topics with `size` records."""
        started = time.monotonic()
        self.harness.empty_topics()
        published = load.publish(self.harness.services, size, poison_share, remember=remember)
        seconds = time.monotonic() - started
        self.say(f"{size} registros publicados em {seconds:.1f} s, {published.poison} deles com defeito")
        return published

    def _course(self, scenario: str, published: load.Load) -> Course:
        return Course(self.harness, published, scenario, self.say)

    def _save(self) -> None:
        self.results.save(self.kept)
        if not self.options.quick:
            self.results.save(REPOSITORY / "docs" / "benchmark.json")
            page.write(self.results, REPOSITORY / "docs" / "benchmark.md")
