"""The views' guards, and how each is removed."""

from tests.faults.mutation import Mutation

_VIEWS = "tests/integration/test_views.py"
_PROPERTY = "tests/views/test_property.py"

VIEW_MUTATIONS = (
    Mutation(
        "views: position fence",
        "two refreshes that start from the same position both announce",
        (
            (
                "views/adapters/positions.py",
                "json.dumps(asdict(after)), VIEWS_PIPELINE, base.turn)",
                "json.dumps(asdict(after)), VIEWS_PIPELINE, self.read().turn)",
            ),
        ),
        f"{_VIEWS}::test_of_two_refreshes_one_announces_and_the_rows_are_right",
    ),
    Mutation(
        "views: version written last",
        "a version is announced before its position has moved",
        (
            (
                "views/refresh.py",
                "    if not ports.positions.move(",
                "    ports.positions.announce(after.announcement)\n    if not ports.positions.move(",
            ),
        ),
        f"{_VIEWS}::test_the_next_refresh_finishes_what_a_killed_one_began",
    ),
    Mutation(
        "views: write time of a slow refresh",
        "rows of an older lake are as new as those of a newer one",
        (("views/refresh.py", "snapshot.created_ms * 1000 + snapshot.version", "snapshot.created_ms * 1000"),),
        f"{_VIEWS}::test_a_slow_refresh_of_an_older_lake_undoes_nothing",
    ),
    Mutation(
        "views: revisions made untidy",
        "a state that comes in between leaves revisions that are none",
        (
            (
                "views/slice_work.py",
                'pl.col("id").is_in(untidy_ids(states, self._content.shared).implode())',
                'pl.lit(value=False) & pl.col("id").is_in(untidy_ids(states, self._content.shared).implode())',
            ),
        ),
        "tests/views/test_any_order.py::test_batches_in_any_order_come_to_what_one_comes_to",
    ),
    Mutation(
        "views: two ids of one cell",
        "one of two records that claim a cell is shown",
        (("views/transforms/states.py", "newest.filter(~shared), ", "newest, "),),
        "tests/views/test_cells.py::test_a_cell_that_two_records_claim_is_withheld_and_counted",
    ),
    Mutation(
        "views: what was moved is announced",
        "a refresh that died between moving and announcing leaves readers a version behind",
        (("views/refresh.py", "    ports.positions.announce(base.announcement)\n", ""),),
        f"{_VIEWS}::test_the_next_refresh_finishes_what_a_killed_one_began",
    ),
    Mutation(
        "views: coverage of every crime",
        "a month that another crime told is no gap for those that were not touched",
        (
            (
                "views/slice_work.py",
                '        for r in rows:\n            key = (fonte, r["tipo_crime"], ano)\n',
                (
                    "        mine = set(self._content.touched['tipo_crime'])\n"
                    "        for r in (r for r in rows if r['tipo_crime'] in mine):\n"
                    '            key = (fonte, r["tipo_crime"], ano)\n'
                ),
            ),
        ),
        f"{_PROPERTY}::test_a_month_that_only_one_crime_tells_is_missing_for_the_others_at_once_or_later",
    ),
    Mutation(
        "views: revisions of a cell two ids claim",
        "those of one overwrite those of the other",
        (("views/slice_work.py", '.filter(~pl.col("id").is_in(shared.implode()))', ""),),
        f"{_PROPERTY}::test_a_cell_two_ids_claim_is_withheld_with_its_revisions_whoever_came_first",
    ),
    Mutation(
        "query: publications read after the question",
        "an answer shares a read of the publications that began before its rows were read",
        (
            (
                "query/release_book.py",
                "self._next.get(fonte)",
                "self._next.get(fonte) or self._under_way.get(fonte)",
            ),
        ),
        "tests/unit/test_release_book.py::test_a_read_that_began_before_the_question_does_not_answer_it",
    ),
)
