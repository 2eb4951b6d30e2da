"""Which nodes hold a row: the ring of token ranges, as the driver knows it."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from cassandra.metadata import Murmur3Token


@dataclass(frozen=True, slots=True)
class ReplicaMap:
    """Ring positions and, for each, the number of its replica set; one set only means grouping is free."""

    tokens: tuple[int, ...]
    owners: tuple[int, ...]

    @classmethod
    def of_ring(cls, ring: Iterable[tuple[int, frozenset[str]]]) -> Self:
        """Number the replica sets (addresses) of a ring's tokens, which come in ascending order."""
        numbers: dict[frozenset[str], int] = {}
        pairs = [(token, numbers.setdefault(hosts, len(numbers))) for token, hosts in ring]
        return cls(tuple(token for token, _ in pairs), tuple(owner for _, owner in pairs))

    @property
    def sets(self) -> int:
        """How many distinct replica sets there are."""
        return len(set(self.owners)) or 1

    def owner_of(self, key: bytes) -> int:
        """Number of the replica set that holds the row of this primary key."""
        token = Murmur3Token.hash_fn(key)
        # A token ends its range, and what lies behind the last one belongs to the first: the ring is closed.
        return self.owners[bisect_left(self.tokens, token) % len(self.owners)]
