"""Where the views are: the row of tb_checkpoint that moves, and the versions that were announced."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sinesp.clients.cassandra import CassandraSession
from sinesp.clients.statements import query
from sinesp.domain.view_tables import VIEW_TABLES, VIEWS_PIPELINE
from sinesp.views.model.plan import Position

_KEPT = ("tb_versoes", "tb_populacao")


class Positions:
    """Errors are those of `CassandraSession`."""

    def __init__(self, cassandra: CassandraSession) -> None:
        self._db = cassandra

    def read(self) -> Position:
        """The row that moves; before the first refresh, where it begins."""
        rows = self._db.run("checkpoint_read", VIEWS_PIPELINE, serial=True)
        if not rows:
            self._db.applied("views_position_create", VIEWS_PIPELINE, json.dumps(asdict(Position())), datetime.now(UTC))
            rows = self._db.run("checkpoint_read", VIEWS_PIPELINE, serial=True)
        return Position(**json.loads(rows[0]["offsets"]))

    def move(self, base: Position, after: Position) -> bool:
        """Move from `base` to `after`; False when another refresh moved first."""
        return self._db.applied("views_position_move", after.turn, json.dumps(asdict(after)), VIEWS_PIPELINE, base.turn)

    def empty_views(self) -> None:
        """Empty the tables that a refresh fills; what was announced stays on record."""
        for table in VIEW_TABLES:
            if table not in _KEPT:
                self._db.execute_text(query(f"empty_{table}"))

    def announce(self, announcement: Mapping[str, Any]) -> None:
        """Write a version's row; repeating changes nothing."""
        if announcement:
            self._db.run(
                "views_version_insert", VIEWS_PIPELINE, announcement["versao"],
                datetime.fromisoformat(announcement["criado_em"]), announcement["lake_versao"],
                set(announcement["publicacoes"]), announcement["ultimo_mes"], announcement["contagens"],
            )  # fmt: skip
