"""Text as the official files write it, reduced to a form in which equal things are equal."""

import unicodedata

_APOSTROPHES = (
    "'`´\u2018\u2019\u201a\u201b\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02ca\u02cb"
    "\u2032\u2035\uff07\uff40\u055a\ua78b\ua78c\u05f3"
)
_HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d\u00b7\u30fb"
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e"
_MARKS = str.maketrans(dict.fromkeys(_APOSTROPHES + _INVISIBLE) | dict.fromkeys(_HYPHENS, " "))

_ERROR_STARTS = ("#", "=")


def normalise(text: str) -> str:
    r"""Reduce to lower case without accents, apostrophes, hyphens (in any of Unicode's forms) or repeated blanks.

    >>> normalise(" Santana  do Livramento") == normalise("SANT\u2019ANA\xa0DO LIVRAMENTO")
    True
    """
    # The apostrophes go first: NFKD would turn "´" into a blank and a combining accent.
    bare = unicodedata.normalize("NFKD", text.translate(_MARKS))
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return " ".join(letters.translate(_MARKS).casefold().split())


def is_error(text: str) -> bool:
    """Whether a cell holds a spreadsheet's error or a formula without result (`#N/D`, `=SOMA(…)`), so nothing known."""
    return text.lstrip().startswith(_ERROR_STARTS)
