"""The page: three widgets in a grid, and the session that moves them. Solara gives sessions and the way to them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import reacton
from reacton import ipyvuetify
from solara.routing import use_router
from solara.server import kernel_context

from viz.page_state import Choice
from viz.permalink import AddressError, language_of, read
from viz.player import Stage
from viz.run_queue import Pool
from viz.session import Session
from viz.sidebar import Board, Desk
from viz.words import words

_POOL: list[Pool] = []


@dataclass
class PageWidgets:
    """The widgets of one page."""

    stage: Any
    desk: Any
    board: Any


def use_pool(pool: Pool) -> None:
    """Give the pages of this process the pool that carries out their runs."""
    _POOL[:] = [pool]


def opened(query: str) -> tuple[Choice, str]:
    """Return what a link asks for; of a bad one the default world, and what is wrong with it in words."""
    try:
        return read(query), ""
    except AddressError as error:
        language = language_of(query)
        return replace(Choice(), language=language), f"{words(language)['status.link']} ({error})"


@reacton.component
def Page() -> None:  # noqa: N802 - Solara looks for a component of this name
    """Show the page that the address asks for."""
    query = use_router().search or ""
    session = reacton.use_memo(lambda: _session(query), [])
    reacton.use_effect(lambda: _closing(session), [])
    widgets = session.widgets
    with ipyvuetify.Html(tag="div", class_="abm-page"):
        ipyvuetify.Html(tag="div", class_="abm-top", children=[widgets.desk])
        ipyvuetify.Html(tag="main", class_="abm-middle", children=[widgets.stage])
        ipyvuetify.Html(tag="section", class_="abm-bottom", children=[widgets.board])


@reacton.component
def Layout(children: list[Any]) -> None:  # noqa: N802 - Solara looks for a component of this name
    """Show the page alone, without Solara's bars and menus."""
    ipyvuetify.Html(tag="div", class_="abm-shell", children=children)


def _session(query: str) -> Session:
    """Return the session of a new page."""
    if not _POOL:
        raise RuntimeError("the server has no pool: start it with `abm view`")
    choice, problem = opened(query)
    pool = _POOL[0]
    session = Session(pool, PageWidgets(Stage(), Desk(), Board()), choice, _entering(), problem)
    pool.watchers.add(session.queue_moved)
    return session


def _entering() -> Callable[[], AbstractContextManager[Any]]:
    """Return what opens the context of the page in another thread."""
    context = kernel_context.get_current_context()
    return lambda: context


def _closing(session: Session) -> Callable[[], None]:
    """Return what is to be done when the page goes."""

    def close() -> None:
        session.pool.watchers.discard(session.queue_moved)
        session.close()

    return close
