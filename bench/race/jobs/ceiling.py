"""The raw ceiling: rows already in memory as Python tuples, the fastest client, nothing else.

No Spark, no Kafka, no counting.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from typing import Any

import acsylla
import orjson
from confluent_kafka import Consumer, TopicPartition

from bench.race.jobs.orders import Order, serve

_ROWS = 32
_IN_FLIGHT = 32

_Rows = dict[str, list[tuple[str, ...]]]


def main(site: dict[str, Any]) -> None:
    """Serve.

    Order `load` (tables and the partitions of this process) fills the memory, order `write` writes it into Cassandra.
    """
    loop = asyncio.new_event_loop()
    session = loop.run_until_complete(_open(site))
    memory: _Rows = {}

    def work(order: Order) -> Order:
        if "load" in order:
            memory.clear()
            memory.update(_load(site, order["load"], order["partitions"]))
        else:
            loop.run_until_complete(_write_all(session, memory))
        return {"rows": sum(map(len, memory.values()))}

    serve(work)


async def _open(site: dict[str, Any]) -> Any:
    return await acsylla.create_cluster([site["host"]], port=site["port"], log_level="critical").create_session()


def _load(site: dict[str, Any], tables: list[dict[str, Any]], partitions: list[int]) -> _Rows:
    memory: _Rows = {}
    for table in tables:
        marks = ", ".join("?" * len(table["columns"]))
        statement = f"INSERT INTO {site['keyspace']}.{table['table']} ({', '.join(table['columns'])}) VALUES ({marks})"
        values = (orjson.loads(raw) for raw in _values(site["broker"], table, partitions))
        memory[statement] = [tuple(value[name] or "" for name in table["columns"]) for value in values]
    return memory


def _values(broker: str, table: dict[str, Any], partitions: list[int]) -> Iterator[bytes]:
    consumer = Consumer({"bootstrap.servers": broker, "group.id": "bench-ceiling", "enable.auto.commit": False})
    ends = json.loads(table["ending"])[table["topic"]]
    left = {p: int(ends[str(p)]) for p in partitions if int(ends[str(p)])}
    consumer.assign([TopicPartition(table["topic"], p, 0) for p in left])
    message: Any
    while left:
        for message in consumer.consume(5_000, timeout=0.2):
            yield message.value()
            if message.offset() + 1 >= left.get(message.partition(), 0):
                left.pop(message.partition(), None)
    consumer.close()


async def _write_all(session: Any, memory: _Rows) -> None:
    for statement, rows in memory.items():
        prepared = await session.create_prepared(statement)
        pieces = iter([rows[n : n + _ROWS] for n in range(0, len(rows), _ROWS)])

        async def write(prepared: Any = prepared, pieces: Iterator[list[tuple[str, ...]]] = pieces) -> None:
            for piece in pieces:
                batch = acsylla.create_batch_unlogged()
                for row in piece:
                    batch.add_statement(prepared.bind(row))
                await session.execute_batch(batch)

        await asyncio.gather(*(write() for _ in range(_IN_FLIGHT)))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
