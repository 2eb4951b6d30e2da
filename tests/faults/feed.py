"""Records that flow in during a drill, and the dictionary that says what must become of them."""

import json
import random
import threading
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaError, Message, Producer

from sinesp.domain.contract import FIELD_NAMES, Destination, columns_of
from sinesp.publication.model.sources import SourceKind
from tests.pipeline import Record, record

_IDS = 80
_DELETED, _POISON = 0.08, 0.01
_PLACES = {Destination.MUNICIPIO: {"codigo_municipio": "3550308", "municipio": "São Paulo"}}
_LAST_YEAR = 2024

Place = tuple[str, int, int]
"""Topic, partition, offset."""


@dataclass
class Model:
    """What must be there in the end: the last version of every id by table, the poison and all else by its place.

    Of what is accepted the lake keeps every record: its 24 fields, or of a deletion only the id.
    """

    rows: dict[Destination, dict[str, dict[str, str]]] = field(default_factory=lambda: {d: {} for d in Destination})
    poison: dict[Place, bytes] = field(default_factory=dict)
    accepted: dict[Place, Record] = field(default_factory=dict)
    sent: int = 0
    failed: list[str] = field(default_factory=list)


class Feed:
    """Sends a reproducible sequence of records: new versions, deletions and 1 % that must be refused.

    A key goes to one partition, an idempotent producer keeps the order, so the model is simply what was sent last.
    """

    def __init__(self, broker: str, seed: int) -> None:
        self.model = Model()
        self._random = random.Random(f"feed-{seed}")
        self._producer = Producer(
            {
                "bootstrap.servers": broker,
                "enable.idempotence": True,
                "delivery.timeout.ms": 600_000,
                "linger.ms": 2,
                "log_level": 0,
            }
        )

    def send(self, count: int) -> None:
        """Queue records."""
        for _ in range(count):
            self._send_one()
        self._producer.poll(0)

    def trickle(self, count: int, pause: float) -> threading.Thread:
        """Queue records one by one in the background; join the thread before sending more."""

        def flow() -> None:
            for _ in range(count):
                self.send(1)
                quiet.wait(pause)

        quiet = threading.Event()
        thread = threading.Thread(target=flow)
        thread.start()
        return thread

    def settle(self) -> None:
        """Wait until every record is acknowledged."""
        left = self._producer.flush(120)
        if left or self.model.failed:
            self.model.failed.append(f"{left} registros sem confirmação")

    def _send_one(self) -> None:
        pick = self._random
        destination = pick.choice(list(Destination))
        key = f"{destination}-{pick.randrange(_IDS)}"
        self.model.sent += 1
        chance = pick.random()
        if chance < _POISON:
            self._produce(destination, key, self._poison(destination, key), poison=True)
        elif chance < _POISON + _DELETED:
            self.model.rows[destination].pop(key, None)
            self._produce(destination, key, None)
        else:
            made = self._record(destination, key)
            self.model.rows[destination][key] = {name: made[name] or "" for name in columns_of(destination)}
            self._produce(destination, key, json.dumps(made).encode())

    def _record(self, destination: Destination, key: str) -> Record:
        pick = self._random
        level = "brasil" if destination is Destination.GERAL else destination.value
        # Cells come and go between versions: a row must equal its newest record cell by cell.
        numbers = {
            name: pick.choice([None, str(pick.randrange(10_000))]) for name in ("vitimas", "ocorrencias", "roubo_carga")
        }
        return record(key, level, **{**_PLACES.get(destination, {}), **_month_of(key), **numbers})

    def _poison(self, destination: Destination, key: str) -> bytes:
        good = self._record(destination, key)
        return self._random.choice(
            [
                b'{"id": "' + key.encode() + b'", "ano": ',
                b"\xff\xfe" + key.encode(),
                json.dumps({**good, "vitimas": "-1"}).encode(),
                json.dumps({**good, "uf": "XX"}).encode(),
                json.dumps({**good, "id": "another"}).encode(),
                json.dumps({**good, "mes": ["1"]}).encode(),
            ]
        )

    def _produce(self, destination: Destination, key: str, value: bytes | None, *, poison: bool = False) -> None:
        def delivered(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                self.model.failed.append(str(error))
                return
            place: Any = (message.topic(), message.partition(), message.offset())
            if poison:
                self.model.poison[place] = value or b""
            else:
                said = {"id": key} if value is None else json.loads(value)
                self.model.accepted[place] = {**dict.fromkeys(FIELD_NAMES), **said}

        self._producer.produce(destination.topic, value, key.encode(), on_delivery=delivered)


def _month_of(key: str) -> dict[str, str | None]:
    """A month of its own for each id, as one figure has one record: the views show all of them."""
    years, month = divmod(int(key.rpartition("-")[2]), 12)
    year = str(_LAST_YEAR - years)
    return {
        "resource_id": SourceKind.VDE.resource_id,
        "ano": year,
        "mes": f"{month + 1:02d}",
        "mes_ano": f"{month + 1:02d}/{year}",
    }
