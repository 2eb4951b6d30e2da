"""Ledger and Variables in agreement: what was cut off is repaired, what an operator edited is understood."""

import logging
from collections.abc import Mapping

from sinesp.domain.errors import ConfigurationError
from sinesp.domain.offsets import Offsets, TopicPartition
from sinesp.microbatch.checkpoint import CheckpointMirror
from sinesp.microbatch.model.batch import Batch, Checkpoint
from sinesp.microbatch.model.variables import TopicCheckpoint, parse_variable, variable_name

log = logging.getLogger(__name__)


def read_variables(mirror: CheckpointMirror) -> dict[str, str | None]:
    """Texts by topic; read before the ledger, so that a Variable ahead of it is truly ahead and not just newer."""
    return {topic: mirror.read(topic) for topic in mirror.topics}


def reconcile_variables(
    texts: Mapping[str, str | None], checkpoint: Checkpoint, last: Batch | None, mirror: CheckpointMirror
) -> Offsets:
    """Rewrite the Variables left behind; return the offsets an operator changed by hand (same version, other number).

    Args:
        texts: the Variables as read before `checkpoint`.
        checkpoint: the ledger's.
        last: the batch that led to it, None when unknown.
        mirror: where to rewrite.

    Raises:
        ConfigurationError: a Variable is malformed, or claims a version the ledger has not reached.
    """
    edits: Offsets = {}
    for topic, text in texts.items():
        shown = None if text is None else parse_variable(topic, text)
        if shown is not None and shown.version > checkpoint.version:
            msg = (
                f"A Variable {variable_name(topic)} está na versão {shown.version}, "
                f"à frente do ledger ({checkpoint.version}). "
                "O ledger foi restaurado ou é de outro ambiente? Confira com `sinesp status`; "
                "para seguir o ledger, apague a Variable."
            )
            raise ConfigurationError(msg)
        if shown is not None and shown.version == checkpoint.version:
            edits |= _differences(topic, checkpoint.offsets, shown.offsets)
        elif shown is not None or any(tp.topic == topic for tp in checkpoint.offsets):
            log.info(
                "Log - Variable %s refeita a partir do ledger (versão %s)", variable_name(topic), checkpoint.version
            )
            edits |= bring_up(topic, last, checkpoint, mirror)
    return edits


def bring_up(topic: str, last: Batch | None, after: Checkpoint, mirror: CheckpointMirror) -> Offsets:
    """Bring the topic's Variable to `after`, where `last` led. Returns what an operator still wants otherwise.

    An edit made while `last` was being worked on is carried over, so that the next plan obeys it. What is already at
    this version or beyond, or is not understood, is an operator's or a later run's and stays.
    """
    # Read as late as can be: Variables have no compare-and-set, and an edit made after this reading is overwritten.
    text = mirror.read(topic)
    try:
        shown = None if text is None else parse_variable(topic, text)
    except ConfigurationError as error:
        # Only a warning: the checkpoint has moved already. The next plan reads the same text and stops there.
        log.warning("Log - %s", error)
        return {}
    if shown is not None and shown.version >= after.version:
        return _differences(topic, after.offsets, shown.offsets) if shown.version == after.version else {}
    edited: Offsets = {}
    # An older one was left behind (a crash, the command line): its offsets would come back as somebody's wish.
    if last is not None and shown is not None and shown.version == last.base_version:
        # Against what the plan found, not the ledger: a replay would ask for itself again at its own commit, for ever.
        edited = _differences(topic, last.found, shown.offsets)
    if edited:
        log.warning(
            "Log - A Variable %s foi editada durante o lote; a edição vale para o próximo", variable_name(topic)
        )
    offsets = {tp.partition: o for tp, o in {**after.offsets, **edited}.items() if tp.topic == topic}
    mirror.write(topic, TopicCheckpoint(after.version, offsets, after.last_batch).as_json())
    return edited


def _differences(topic: str, ours: Offsets, shown: Mapping[int, int]) -> Offsets:
    """A partition the operator left out keeps the ledger's offset."""
    edited = {TopicPartition(topic, p): o for p, o in shown.items()}
    return {tp: o for tp, o in edited.items() if ours.get(tp) != o}
