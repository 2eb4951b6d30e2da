"""Text as the official files write it, reduced to a form in which equal things are equal."""

import unicodedata

_APOSTROPHES = str.maketrans("", "", "'’`´")


def normalise(text: str) -> str:
    """Reduce to lower case without accents, apostrophes, hyphens or repeated blanks.

    >>> normalise(" Santana  do Livramento") == normalise("SANT'ANA DO LIVRAMENTO")
    True
    """
    # The apostrophes go first: NFKD would turn "´" into a blank and a combining accent.
    bare = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return " ".join(letters.casefold().replace("-", " ").split())
