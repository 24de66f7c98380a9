"""The page: four widgets in a grid, and the session that drives them. Solara provides the sessions."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import reacton
from reacton import ipyvuetify
from solara.routing import use_router
from solara.server import kernel_context

from viz.gallery import Gallery
from viz.permalink import read_link
from viz.player import Player
from viz.run_queue import RunQueue
from viz.session import PageSession
from viz.sidebar import Board, Sidebar
from viz.stage import Stage

_SERVED: list[tuple[RunQueue, Gallery]] = []


@dataclass
class PageWidgets:
    """The widgets of one page."""

    stage: Any
    player: Any
    sidebar: Any
    board: Any


def use_queue(queue: RunQueue, gallery: Gallery) -> None:
    """Give the pages of this process the queue that carries out their runs, and the cards of stories."""
    _SERVED[:] = [(queue, gallery)]


@reacton.component
def Page() -> None:  # noqa: N802 - Solara looks for a component of this name
    """Show the page that the address asks for."""
    query = use_router().search or ""
    session = reacton.use_memo(lambda: _session(query), [])
    reacton.use_effect(lambda: _closing(session), [])
    widgets = session.widgets
    with ipyvuetify.Html(tag="div", class_="abm-page"):
        ipyvuetify.Html(tag="div", class_="abm-top", children=[widgets.sidebar])
        ipyvuetify.Html(tag="section", class_="abm-first", children=[widgets.stage])
        ipyvuetify.Html(tag="main", class_="abm-middle", children=[widgets.player])
        ipyvuetify.Html(tag="section", class_="abm-bottom", children=[widgets.board])


@reacton.component
def Layout(children: list[Any]) -> None:  # noqa: N802 - Solara looks for a component of this name
    """Show the page alone, without Solara's bars and menus."""
    ipyvuetify.Html(tag="div", class_="abm-shell", children=children)


def _session(query: str) -> PageSession:
    """Return the session of a new page."""
    if not _SERVED:
        raise RuntimeError("the server has no queue: start it with `abm view`")
    state, problem = read_link(query)
    queue, gallery = _SERVED[0]
    session = PageSession(queue, PageWidgets(Stage(), Player(), Sidebar(), Board()), state, _entering(), problem)
    queue.watchers.add(session.queue_moved)
    gallery.watchers.add(session.show_cards)
    session.show_cards(gallery.cards)
    return session


def _entering() -> Callable[[], AbstractContextManager[Any]]:
    """Return what opens the context of the page in another thread."""
    context = kernel_context.get_current_context()
    return lambda: context


def _closing(session: PageSession) -> Callable[[], None]:
    """Return what is to be done when the page goes."""

    def close() -> None:
        for _, gallery in _SERVED:
            gallery.watchers.discard(session.show_cards)
        session.queue.watchers.discard(session.queue_moved)
        session.close()

    return close
