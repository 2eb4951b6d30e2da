"""Params as rows of a table: a kind with its title, and beside it, by the same name, the sentence under the field.

A kind is a Param still without its description. What the trigger form validates (type, choices, bounds) follows from
the kind alone.
"""

from collections.abc import Mapping
from functools import partial

from airflow.sdk import Param

Kind = partial[Param]


def form(descriptions: Mapping[str, str], **kinds: Kind) -> dict[str, Param]:
    """The Params of a DAG, in the order of `kinds`.

    Raises:
        KeyError: a Param has no description.
    """
    return {name: kind(description=descriptions[name]) for name, kind in kinds.items()}


def flag(title: str, *, default: bool = False) -> Kind:
    """Yes or no."""
    return partial(Param, default, type="boolean", title=title)


def choice(title: str, *values: str) -> Kind:
    """One of the values; the first unless another is chosen."""
    return partial(Param, values[0], type="string", enum=list(values), title=title)


def optional_choice(title: str, *values: str) -> Kind:
    """One of the values, or nothing."""
    return partial(Param, None, type=["null", "string"], enum=[None, *values], title=title)


def integer(title: str, default: int, *, maximum: int) -> Kind:
    """A number from 1 to `maximum`."""
    return partial(Param, default, type="integer", minimum=1, maximum=maximum, title=title)


def optional_integer(title: str, *, maximum: int) -> Kind:
    """A number from 1 to `maximum`, or nothing."""
    return partial(Param, None, type=["null", "integer"], minimum=1, maximum=maximum, title=title)


def optional_text(title: str) -> Kind:
    """Any text, or nothing."""
    return partial(Param, None, type=["null", "string"], title=title)
