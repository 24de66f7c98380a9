"""The sheet: a self-contained HTML page of sections and figures, in the style that all reports share."""

from html import escape

from experiments.report.style import STYLE


def document(title: str, body: str, before: str = "") -> str:
    """Return a whole HTML page; `before` stands ahead of its main part, such as shapes that figures refer to."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{before}"
        f"<main>\n{body}</main>\n</body>\n</html>\n"
    )


def heading(title: str, kicker: str, lead: str) -> str:
    """Return the head of a page: a small line, its title and what it is about."""
    return (
        f'<header><p class="kicker">{escape(kicker)}</p><h1>{escape(title)}</h1>'
        f'<p class="lead">{escape(lead)}</p></header>\n'
    )


def section(name: str, title: str, body: str) -> str:
    """Return a section with its heading."""
    return f'<section aria-labelledby="{name}"><h2 id="{name}">{escape(title)}</h2>{body}</section>\n'


def figure(body: str, caption: str, basis: str) -> str:
    """Return a figure; `basis` says which scenario, runs and interval it rests on."""
    return (
        f'<figure>{body}<figcaption>{escape(caption)} <span class="basis">{escape(basis)}</span></figcaption></figure>'
    )
