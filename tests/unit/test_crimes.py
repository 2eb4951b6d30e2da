"""Official labels and their slugs."""

import re

from sinesp.domain.contract import WIDE_COLUMNS
from sinesp.domain.crimes import UF_CRIMES, VDE_EVENTS, Unit
from sinesp.domain.record_id import record_id


def test_the_uf_workbook_has_nine_crimes_and_the_vde_thirty_one_events() -> None:
    assert (len(UF_CRIMES), len(VDE_EVENTS)) == (9, 31)


def test_slugs_are_unique_per_source_and_plain() -> None:
    for crimes in (UF_CRIMES, VDE_EVENTS):
        slugs = [c.slug for c in crimes.values()]
        assert len(set(slugs)) == len(slugs)
        assert all(re.fullmatch(r"[a-z_]+", s) for s in slugs)


def test_each_source_fills_the_eight_wide_columns() -> None:
    for crimes in (UF_CRIMES, VDE_EVENTS):
        assert {c.wide for c in crimes.values() if c.wide} == set(WIDE_COLUMNS)
        assert all(c.wide == c.slug for c in crimes.values() if c.wide)


def test_rape_counts_occurrences_in_one_source_and_victims_in_the_other() -> None:
    assert UF_CRIMES["estupro"].unit is Unit.OCORRENCIAS
    assert VDE_EVENTS["estupro"].unit is Unit.VITIMAS


def test_an_id_is_stable_across_releases_of_this_library() -> None:
    assert record_id("sinesp-uf", "estado", "BA", "2021-03", "estupro") == "c86693d106014fc8f1b2a2cd76fe8375"


def test_two_sources_never_share_an_id() -> None:
    one, other = (record_id(s, "estado", "BA", "2021-03", "estupro") for s in ("sinesp-uf", "sinesp-vde"))
    assert one != other
