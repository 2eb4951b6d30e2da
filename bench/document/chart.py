"""A bar chart as SVG text: few bars, no library."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _LABEL, _ROW, _TOP = 860, 330, 34, 44
_OURS, _OTHERS, _TEXT = "#0b6e4f", "#8aa0ad", "#57606a"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, its length in the chart's unit, and whether it is ours."""

    label: str
    value: float
    ours: bool


def bars(title: str, items: Sequence[Bar]) -> str:
    """The chart; readable on white and on black."""
    longest = max(item.value for item in items)
    scale = (_WIDTH - _LABEL - 90) / longest
    height = _TOP + _ROW * len(items) + 10
    rows = "".join(_row(n, item, scale) for n, item in enumerate(items))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(title)}" font-family="system-ui, sans-serif" font-size="13">\n'
        f'<text x="10" y="24" font-size="15" font-weight="600" fill="{_TEXT}">{escape(title)}</text>\n{rows}</svg>\n'
    )


def _row(number: int, item: Bar, scale: float) -> str:
    y, length = _TOP + _ROW * number, max(2.0, item.value * scale)
    colour = _OURS if item.ours else _OTHERS
    return (
        f'<text x="{_LABEL - 10}" y="{y + 16}" text-anchor="end" fill="{_TEXT}">{escape(item.label)}</text>'
        f'<rect x="{_LABEL}" y="{y}" width="{length:.0f}" height="22" rx="3" fill="{colour}"/>'
        f'<text x="{_LABEL + length + 8:.0f}" y="{y + 16}" fill="{_TEXT}">{item.value:,.0f}</text>\n'
    )
