"""How a result, a sweep or a comparison shows itself at a prompt and in a notebook."""

from collections.abc import Mapping, Sequence
from html import escape

import pandas as pd


def shown_text(kind: str, title: str, facts: Sequence[str]) -> str:
    """Return one line for the prompt: what it is, its title and some facts."""
    return f"<{kind} {title!r}: {', '.join(facts)}>"


def shown_html(title: str, facts: Sequence[str], tables: Mapping[str, pd.DataFrame], notes: Sequence[str]) -> str:
    """Return a title, facts, short tables by their captions and notes as HTML for a notebook."""
    body = f"<h4>{escape(title)}</h4><p>{escape(' · '.join(facts))}</p>"
    for caption, table in tables.items():
        if len(table):
            body += f"<p><b>{escape(caption)}</b></p>{table.to_html(float_format=_number, border=0)}"
    return f"<div>{body}{''.join(f'<p>{escape(note)}</p>' for note in notes)}</div>"


def _number(value: float) -> str:
    """Return a number with four digits that count, large ones with separators."""
    return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}"
