"""Addresses seen before: what they asked for is known without reading their parameters again."""

from collections import OrderedDict
from typing import Final

from sinesp.query.state import QueryPorts
from sinesp_api.answering import Kept

_MOST: Final = 4_096
_LONGEST: Final = 1_024
Address = tuple[bytes, bytes, bytes]
"""Path, query, Accept."""


class Recent:
    """Kept answers by raw address, while the version they are of is the current one."""

    def __init__(self, ports: QueryPorts) -> None:
        self._ports = ports
        self._known: OrderedDict[Address, Kept] = OrderedDict()

    def get(self, address: Address) -> Kept | None:
        """What was kept of an address, if it is still the answer."""
        kept = self._known.get(address)
        current = self._ports.clock.current
        if kept is None or current is None or kept.current != current.edition or self._ports.clock.is_idle:
            return None
        return None if kept.asking.people and kept.people != self._ports.population.edition else kept

    def put(self, address: Address, kept: Kept) -> None:
        """Remember it."""
        if sum(map(len, address)) > _LONGEST:
            return
        self._known[address] = kept
        self._known.move_to_end(address)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
