"""What the shocks of a config can name in its world, and what they name in vain."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from abm.config.layers import nearest, one_of
from abm.data.tables import read_tables
from abm.shocks.kinds import Act, LeaveTreaty, Names, SelectionError, Shock, UnilateralAct, actors, select

GROUPS = ("eu", "g7", "brics", "oecd", "nato", "asean", "au", "sco", "g77", "p5")
"""Columns of the table of states that mark the members of a group."""


def world_names(folder: str | None, drawn: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())) -> Names:
    """Return what can be named in the built-in world or in that of a folder.

    `drawn` holds the codes of states and organizations of a synthetic world; they join the built-in ones, for
    which its rows stand in. Raises TablesError for a folder that cannot be read.
    """
    names = _table_names(folder)
    states, bodies = drawn
    if not states:
        return names
    blank = ("",) * len(bodies)
    columns = (names.kinds + blank, names.issue_areas + blank, names.exit_forms + blank)
    return Names(names.states + states, names.organizations + bodies, *columns, names.lists, names.groups)


@lru_cache(maxsize=8)
def _table_names(folder: str | None) -> Names:
    """Return the names of the built-in world or of a user's folder."""
    tables = read_tables(Path(folder) if folder else None)
    states, bodies = tables.states, tables.organizations
    flags = [name for name in GROUPS if name in states]
    groups = {name.upper(): tuple(states["code"][states[name] == 1]) for name in flags}
    columns = ("code", "kind", "issue_area", "exit_form")
    codes, kinds, issue_areas, exit_forms = (tuple(bodies[name]) for name in columns)
    return Names(tuple(states["code"]), codes, kinds, issue_areas, exit_forms, tables.lists, groups)


def wrong_names(shock: Shock, names: Names) -> Iterator[tuple[str, str]]:
    """Yield the keys of a shock that name nothing in this world, each with what is wrong."""
    for key, check in (
        ("actor", _check_actor),
        ("organizations", _check_bodies),
        ("issue_area", _check_issue),
    ):
        try:
            check(shock, names)
        except SelectionError as error:
            yield key, str(error)


def wrong_codes(codes: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return a sentence for each code that is not known."""
    return [f"unknown code {code!r}{nearest(code, known)}" for code in codes if code not in known]


def _check_actor(shock: Shock, names: Names) -> None:
    """Raise SelectionError for an unknown actor."""
    actors(shock.actor, names)


def _check_bodies(shock: Shock, names: Names) -> None:
    """Raise SelectionError for a selection that is unknown or empty."""
    if not isinstance(shock, Act):
        return
    chosen = select(shock.organizations, names)
    forms = dict(zip(names.organizations, names.exit_forms, strict=True))
    if isinstance(shock, LeaveTreaty) and not any(forms[code] == "treaty" for code in chosen):
        raise SelectionError("there is no treaty in the selection")


def _check_issue(shock: Shock, names: Names) -> None:
    """Raise SelectionError for an unknown issue area."""
    if isinstance(shock, UnilateralAct) and shock.issue_area not in names.issue_areas:
        known = sorted({area for area in names.issue_areas if area})
        hint = nearest(shock.issue_area, known) or f"; known are {one_of(known)}"
        raise SelectionError(f"unknown issue area {shock.issue_area!r}{hint}")


def states_standing_in(codes: Sequence[str], ranked: Sequence[str], available: Sequence[str]) -> tuple[str, ...]:
    """Return the states of a drawn world that stand for built-in `codes`: the largest for the largest.

    `ranked` holds the built-in codes, `available` the drawn ones, both by falling size; whoever ranks below
    the last drawn state is played by the last one. Codes of the drawn world stand for themselves.
    """
    rank = {code: min(place, len(available) - 1) for place, code in enumerate(ranked)}
    found = [code if code in available else available[rank[code]] for code in codes]
    return tuple(dict.fromkeys(found))


def organizations_standing_in(codes: Sequence[str], ranked: Sequence[str], available: Sequence[str]) -> tuple[str, ...]:
    """Return the organizations of a drawn world that stand for built-in `codes`: as many, alike in rank.

    Half of the built-in bodies become half of the drawn ones (at least one), evenly over the ranks of size of
    the wanted. Codes of the drawn world stand for themselves.
    """
    place_of = {code: place for place, code in enumerate(available)}
    rank_of = {code: rank for rank, code in enumerate(ranked)}
    own = [code for code in codes if code in place_of]
    ranks = sorted(rank_of[code] for code in codes if code not in place_of)
    count = max(1, round(len(ranks) * len(available) / len(ranked))) if ranks else 0
    free = set(place_of).difference(own)
    for place in range(count):
        rank = ranks[(2 * place + 1) * len(ranks) // (2 * count)]
        target = rank * len(available) // len(ranked)
        pick = min(free, key=lambda code: (abs(place_of[code] - target), code), default=None)
        if pick is not None:
            own.append(pick)
            free.remove(pick)
    return tuple(own)
