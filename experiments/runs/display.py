"""How a result, a sweep or a comparison shows itself: at a prompt, in a notebook, and in figures."""

from collections.abc import Mapping, Sequence
from html import escape
from importlib import import_module
from typing import Any

import pandas as pd


def shown_text(kind: str, title: str, facts: Sequence[str]) -> str:
    """Return one line for the prompt: what it is, its title and some facts."""
    return f"<{kind} {title!r}: {', '.join(facts)}>"


def shown_html(title: str, facts: Sequence[str], tables: Mapping[str, pd.DataFrame], notes: Sequence[str]) -> str:
    """Return a title, facts, short tables by their captions and notes as HTML for a notebook."""
    body = f"<h4>{escape(title)}</h4><p>{escape(' · '.join(facts))}</p>"
    for caption, table in tables.items():
        if len(table):
            body += f"<p><b>{escape(caption)}</b></p>{table.to_html(float_format=_number, index_names=False, border=0)}"
    return f"<div>{body}{''.join(f'<p>{escape(note)}</p>' for note in notes)}</div>"


def _number(value: float) -> str:
    """Return a number with four digits that count, large ones with separators."""
    return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}"


class PlotAccessor:
    """`result.plot`: gives the figures of the object that it is an attribute of, as pandas gives those of a frame.

    `place` names their class as "module:Class". It is imported at the first use only: matplotlib takes longer to load
    than a small run takes, and workers never draw.
    """

    def __init__(self, place: str) -> None:
        self._module, self._name = place.split(":")

    def __get__(self, owner: object | None, kind: type) -> Any:
        """Return the figures of an object, or the class of figures where a class is asked."""
        figures = getattr(import_module(self._module), self._name)
        return figures if owner is None else figures(owner)
