"""The competitors: what each of them is, known before anything is started."""

from dataclasses import dataclass

NAIVE_ROWS = 5_000
"""The naive way is measured on so many rows; more would only take longer."""


@dataclass(frozen=True, slots=True)
class Competitor:
    """One competitor: its name for the command line and its label for the report.

    `slow` ones run once per size however often the others do; `guarded` ones validate, route, quarantine and keep a
    ledger; `rows` is how many one writes when that is not everything.
    """

    name: str
    label: str
    slow: bool = False
    guarded: bool = False
    rows: int | None = None


OURS = Competitor("ours", "pipeline, Kafka → committed", guarded=True)
CONNECTOR_TUNED = Competitor("connector-tuned", "connector, best tuning")
CONNECTOR_REPLACING = Competitor("connector-replacing", "connector, best tuning, nulls written")
CONNECTOR_DEFAULT = Competitor("connector-default", "connector, defaults")
LANES = Competitor("lanes", "pipeline's write lanes alone, from staged files", guarded=True)
CONNECTOR_STAGED = Competitor("connector-staged", "connector, best tuning, from the same files")
CEILING = Competitor("ceiling", "raw ceiling: rows in memory, 2 processes, no Spark")
DRIVER = Competitor("driver", "Python driver in Spark, 128 concurrent", slow=True)
NAIVE = Competitor("naive", "collect() and one INSERT text per row", slow=True, rows=NAIVE_ROWS)

COMPETITORS = (
    OURS,
    CONNECTOR_TUNED,
    CONNECTOR_REPLACING,
    CONNECTOR_DEFAULT,
    LANES,
    CONNECTOR_STAGED,
    CEILING,
    DRIVER,
    NAIVE,
)
"""In the order of the report."""

NAMES = tuple(c.name for c in COMPETITORS)
FACING_FAULTS = (OURS, CONNECTOR_TUNED, CONNECTOR_DEFAULT, DRIVER)
"""Those that are meant for real use."""

FULL_LOADERS = (CONNECTOR_TUNED, CONNECTOR_REPLACING, CONNECTOR_DEFAULT)
"""Those that can be asked for a full load beside the pipeline."""
