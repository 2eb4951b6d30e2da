"""What a commit looks at before it moves the checkpoint."""

from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

import pytest

from sinesp.domain.errors import DataError
from sinesp.domain.offsets import TopicPartition
from sinesp.microbatch.commit import commit_batch
from sinesp.microbatch.model.batch import EMPTY_CHECKPOINT, State
from sinesp.microbatch.model.counts import Counts
from sinesp.microbatch.model.staged import WrittenLane
from sinesp.microbatch.model.steps import LANES, Entry, Step, StepName
from tests.unit.test_lake import TOPIC, batch, lake_in, places, staged

NOW = datetime(2026, 11, 25, tzinfo=UTC)
P0 = TopicPartition(TOPIC, 0)


def written(folder: Path) -> Entry:
    """A batch of three records whose lanes are done."""
    b = batch(0, 3)
    s = staged(folder, b)
    read = {P0: Counts(read=3)}
    steps: dict[str, Step] = {StepName.STAGE: Step(StepName.STAGE, True, "r", s, read, 1, NOW, NOW)}
    for lane in LANES:
        counts = {P0: Counts(inserted=3)} if lane is StepName.INSERT_ESTADO else {}
        steps[lane] = Step(lane, True, "r", WrittenLane(0, s.digest(read)), counts, 1, NOW, NOW)
    return Entry(b, State.PLANNED, "", None, {}, steps)


def test_a_staged_file_that_is_gone_moves_nothing_and_no_step_counts_any_more(tmp_path: Path) -> None:
    entry = written(tmp_path)
    assert entry.staged is not None
    Path(entry.staged.accepted[0].path).unlink()
    ledger, lake, broker = Mock(), lake_in(tmp_path), Mock()
    ledger.entry.return_value, ledger.checkpoint.return_value = entry, EMPTY_CHECKPOINT
    broker.topic_ids.return_value = dict(entry.batch.topic_ids)
    broker.earliest.return_value = {r.tp: 0 for r in entry.batch.ranges}
    with pytest.raises(DataError, match=r"não existe.*prepara o lote append-0-3 de novo"):
        commit_batch(Mock(ledger=ledger, lake=lake, broker=broker), entry.batch.id)
    ledger.move.assert_not_called()
    assert [call.args[1] for call in ledger.undo_step.call_args_list] == [StepName.STAGE, *LANES]
    assert places(lake) == []
