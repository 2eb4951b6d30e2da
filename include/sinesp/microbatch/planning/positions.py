"""Where each partition's reading resumes, what is given up to get there, and why it may not be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sinesp.domain.errors import ConfigurationError, DataLossError, TransientError
from sinesp.domain.offsets import Offsets, TopicPartition
from sinesp.microbatch.model.batch import Checkpoint, Loss, LossCause
from sinesp.microbatch.model.modes import Mode
from sinesp.microbatch.planning.request import PlanRequest


@dataclass(frozen=True, slots=True)
class Ground:
    """What Kafka holds. `closed` is where a range may end (no millisecond split), `latest` where the topic ends."""

    topic_ids: Mapping[str, str]
    earliest: Offsets
    closed: Offsets
    latest: Offsets


@dataclass(frozen=True, slots=True)
class Start:
    """One partition: the offset to resume at, the loss on the way there and, if it may not be, the words that say so.

    `lost` stops the run as a loss of data, `refused` as an edit of the checkpoint that cannot be obeyed,
    `doubtful` as an answer of Kafka's that contradicts what it said before.
    """

    offset: int
    loss: Loss | None = None
    lost: str = ""
    refused: str = ""
    doubtful: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """One partition before the decision: `old` is the checkpoint's offset, `seen` the furthest ever read."""

    tp: TopicPartition
    old: int
    seen: int
    edit: int | None

    @property
    def wanted(self) -> int:
        return self.old if self.edit is None else self.edit

    def loss_until(self, until: int, cause: LossCause) -> Loss | None:
        """Only what was never read, from `seen` on, can be lost."""
        return Loss(*self.tp, self.seen, until, cause) if until > self.seen else None


def find_starts(
    request: PlanRequest, checkpoint: Checkpoint, edits: Offsets, ground: Ground
) -> dict[TopicPartition, Start]:
    """Decide every partition on its own; all problems are reported together.

    Raises:
        ConfigurationError: an operator's edit asks for what cannot be, or skips what was never read.
        DataLossError: offsets nobody read are gone and the policy is to stop.
        TransientError: a topic that is still the same seems to end before the checkpoint.
    """
    # By identity: a topic made anew may already be longer than the checkpoint, and its first records be passed over.
    recreated = checkpoint.recreated(ground.topic_ids)
    starts: dict[TopicPartition, Start] = {}
    for tp in sorted(ground.closed):
        old = checkpoint.offsets.get(tp)
        # By the topic's identity, never by its offsets: those a broker gives right after another died may lie behind.
        if old is not None and tp.topic in recreated:
            starts[tp] = _restart(request, tp, old, ground)
        else:
            position = ground.earliest[tp] if old is None else old
            seen = max(position, checkpoint.high.get(tp, 0))
            starts[tp] = _resume(request, _Place(tp, position, seen, edits.get(tp)), ground)
    strangers = [f"{tp}: a Variable cita uma partição que o tópico não tem" for tp in sorted(edits.keys() - starts)]
    _raise_problems(starts.values(), strangers)
    return starts


def _restart(request: PlanRequest, tp: TopicPartition, old: int, ground: Ground) -> Start:
    """The offsets began anew: the policy decides, and an edit of the old ones means nothing."""
    until = ground.closed[tp] if request.skips_to_latest else ground.earliest[tp]
    span = f"{ground.earliest[tp]} a {ground.latest[tp]}"
    lost = f"{tp}: o checkpoint está em {old}, mas o tópico foi recriado e vai de {span}"
    return Start(until, Loss(*tp, old, until, LossCause.RECREATED), lost if request.stops_at_loss else "")


def _resume(request: PlanRequest, place: _Place, ground: Ground) -> Start:
    if request.mode == Mode.INITIAL:
        # Asked for all there is: an edit does not matter, and what is gone unread is recorded but stops nothing.
        earliest = ground.earliest[place.tp]
        return Start(earliest, place.loss_until(earliest, LossCause.RETENTION))
    if place.wanted > ground.latest[place.tp]:
        return _beyond_the_end(place, ground.latest[place.tp])
    if place.wanted < ground.earliest[place.tp]:
        return _behind_retention(request, place, ground)
    if place.wanted > place.seen:
        return _skip(request, place, place.wanted)
    # Where reading stopped, or an edit back to offsets that are still there: a replay loses nothing.
    return Start(place.wanted)


def _beyond_the_end(place: _Place, latest: int) -> Start:
    """No policy helps: the offset does not exist, and waiting for it would skip whatever is written until then."""
    if place.edit is None:
        return Start(place.old, doubtful=_cut_off(place, latest))
    where = f"{place.tp}: a Variable pede o offset {place.wanted}, além do fim do tópico ({latest})"
    return Start(place.wanted, refused=f"{where}; corrija-a (accept_gap não basta)")


def _cut_off(place: _Place, latest: int) -> str:
    """Mostly a replica that lags for a moment; where the log really was cut, only a person can say what comes next."""
    seems = f"{place.tp}: o checkpoint está em {place.old}, mas o mesmo tópico parece terminar em {latest}"
    return f"{seems} (líder recém-eleito? Se persistir, o log foi cortado: edite a Variable para {latest})"


def _skip(request: PlanRequest, place: _Place, until: int) -> Start:
    """An edit forward gives up what was never read: it is asked for twice, in the Variable and in the run's Params."""
    span = f"{place.seen} para {place.wanted} ({place.wanted - place.seen} offsets nunca lidos)"
    gap = f"{place.tp}: a Variable pula de {span}"
    refused = "" if request.accept_gap else f"{gap}; para aceitar, rode com accept_gap=true"
    return Start(until, place.loss_until(until, LossCause.SKIPPED), refused=refused)


def _behind_retention(request: PlanRequest, place: _Place, ground: Ground) -> Start:
    """Kafka no longer has the offset wanted: the policy says where to go on, and whether to go on at all.

    A replay that retention overtakes goes on behind it in silence, unless an operator has just asked for exactly those
    offsets.
    """
    earliest = ground.earliest[place.tp]
    until = ground.closed[place.tp] if request.skips_to_latest else earliest
    span = f"os offsets {place.wanted} a {earliest} já foram apagados pela retenção (o tópico começa em {earliest})"
    cause = LossCause.POLICY_LATEST if request.skips_to_latest else LossCause.RETENTION
    start = Start(until, place.loss_until(until, cause))
    if place.wanted > place.old and until > place.seen:
        start = _skip(request, place, until)
    stops = (start.loss is not None or place.edit is not None) and request.stops_at_loss
    return Start(until, start.loss, f"{place.tp}: {span}" if stops else "", start.refused)


def _raise_problems(starts: Iterable[Start], strangers: list[str]) -> None:
    starts = tuple(starts)
    lost = [s.lost for s in starts if s.lost]
    doubtful = [s.doubtful for s in starts if s.doubtful]
    if doubtful:
        raise TransientError(f"Kafka em contradição. {'; '.join(doubtful)}. Nada foi movido.")
    refused = strangers + [s.refused for s in starts if s.refused]
    if refused:
        raise ConfigurationError(f"Checkpoint editado à mão. {'; '.join(refused + lost)}. Nada foi movido.")
    if lost:
        msg = (
            f"Perda de dados no Kafka. {'; '.join(lost)}. Nada foi movido. Para seguir adiante, rode com "
            "on_data_loss=earliest (lê o que resta) ou latest (só o que vier); o intervalo perdido fica registrado em "
            "tb_perdas."
        )
        raise DataLossError(msg)
