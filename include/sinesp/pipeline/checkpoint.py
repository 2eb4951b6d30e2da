"""Ledger and Variables in agreement: what was cut off is repaired, what an operator edited is understood."""

import logging
from collections.abc import Mapping
from typing import Protocol

from sinesp.domain.batch import Checkpoint
from sinesp.domain.errors import ConfigurationError
from sinesp.domain.offsets import Offsets, TopicPartition
from sinesp.domain.variables import TopicCheckpoint, parse_variable, variable_name

log = logging.getLogger(__name__)


class CheckpointMirror(Protocol):
    """Where operators see and edit the checkpoint: Airflow Variables, or nowhere (command line)."""

    def read(self, topic: str) -> str | None:
        """Text of the topic's Variable; None when missing."""

    def write(self, topic: str, text: str) -> None:
        """Replace it."""


class NoMirror:
    """The command line without Airflow: the ledger alone is the checkpoint."""

    def read(self, topic: str) -> str | None:  # noqa: ARG002
        """Nothing is ever edited."""
        return None

    def write(self, topic: str, text: str) -> None:
        """The next Airflow run rewrites its Variables from the ledger."""


def read_edits(checkpoint: Checkpoint, topics: tuple[str, ...], mirror: CheckpointMirror) -> Offsets:
    """Offsets an operator changed by hand (same version, other number); Variables left behind are rewritten on the way.

    Raises:
        ConfigurationError: a Variable is malformed, or claims a version the ledger has not reached.
    """
    if isinstance(mirror, NoMirror):
        return {}
    edits: Offsets = {}
    for topic in topics:
        text = mirror.read(topic)
        ours = _topic_checkpoint(checkpoint, topic)
        found = None if text is None else parse_variable(topic, text)
        if found is None or found.version < checkpoint.version:
            if ours.offsets or found is not None:
                log.info("Log - Variable %s refeita a partir do ledger (versão %s)", variable_name(topic), checkpoint.version)
                mirror.write(topic, ours.as_json())
        elif found.version > checkpoint.version:
            msg = (
                f"A Variable {variable_name(topic)} está na versão {found.version}, à frente do ledger ({checkpoint.version}). "
                "O ledger foi restaurado ou é de outro ambiente? Confira com `sinesp status`; para seguir o ledger, apague a Variable."
            )
            raise ConfigurationError(msg)
        else:
            edits |= _differences(topic, ours.offsets, found.offsets)
    return edits


def write_mirror(before: Checkpoint, after: Checkpoint, topics: tuple[str, ...], mirror: CheckpointMirror) -> None:
    """Bring the Variables to `after`; an edit made since `before` is carried over, so that the next plan obeys it."""
    for topic in topics:
        text = mirror.read(topic)
        ours = _topic_checkpoint(after, topic)
        edited = _edited_since(before, topic, text)
        if edited:
            log.warning("Log - A Variable %s foi editada durante o batch; a edição vale para o próximo", variable_name(topic))
        mirror.write(topic, TopicCheckpoint(ours.version, {**ours.offsets, **edited}, ours.batch).as_json())


def _edited_since(before: Checkpoint, topic: str, text: str | None) -> Mapping[int, int]:
    if text is None:
        return {}
    try:
        found = parse_variable(topic, text)
    except ConfigurationError:
        return {}
    if found.version != before.version:
        return {}
    return {tp.partition: o for tp, o in _differences(topic, _topic_checkpoint(before, topic).offsets, found.offsets).items()}


def _topic_checkpoint(checkpoint: Checkpoint, topic: str) -> TopicCheckpoint:
    offsets = {tp.partition: o for tp, o in checkpoint.offsets.items() if tp.topic == topic}
    return TopicCheckpoint(checkpoint.version, offsets, checkpoint.last_batch)


def _differences(topic: str, ours: Mapping[int, int], found: Mapping[int, int]) -> Offsets:
    """A partition the operator left out keeps the ledger's offset."""
    return {TopicPartition(topic, p): o for p, o in found.items() if ours.get(p) != o}
