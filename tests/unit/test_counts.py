"""Each record read has exactly one fate, per partition."""

import pytest

from sinesp.domain.errors import ConservationError
from sinesp.domain.offsets import TopicPartition
from sinesp.microbatch.model.counts import Counts, add_up, check_conservation, from_json, to_json, total_of

A, B = TopicPartition("t", 0), TopicPartition("t", 1)


def test_parts_of_several_steps_add_up_per_partition() -> None:
    parts = [{A: Counts(read=3)}, {A: Counts(inserted=2), B: Counts(deleted=1)}, {A: Counts(superseded=1)}]
    assert add_up(parts) == {A: Counts(read=3, inserted=2, superseded=1), B: Counts(deleted=1)}
    assert total_of(add_up(parts)) == Counts(3, 2, 1, 1, 0)


def test_counts_come_back_from_the_ledger_as_they_went() -> None:
    counts = {A: Counts(1, 2, 3, 4, 5), B: Counts()}
    assert from_json(to_json(counts)) == counts


def test_every_fate_is_part_of_the_balance() -> None:
    check_conservation("lote", {A: Counts(read=4, inserted=1, superseded=1, deleted=1, quarantined=1), B: Counts()})


@pytest.mark.parametrize(
    "counts", [Counts(read=1), Counts(inserted=1), Counts(read=2, inserted=1), Counts(read=1, inserted=1, deleted=1)]
)
def test_partition_out_of_balance_is_named_with_its_numbers(counts: Counts) -> None:
    with pytest.raises(ConservationError, match=rf"t\[1\]: lidos {counts.read} ≠ inseridos {counts.inserted}"):
        check_conservation("lote", {A: Counts(read=1, inserted=1), B: counts})


def test_surplus_of_one_partition_does_not_pay_for_another() -> None:
    with pytest.raises(ConservationError):
        check_conservation("lote", {A: Counts(read=2, inserted=1), B: Counts(read=1, inserted=2)})
