"""Targets of shocks: who acts on which organizations, from the names in a config to rows of a world.

A config names states, groups, organizations and lists of the built-in world or of a folder. In a synthetic world rows
of like size stand in for the built-in ones. Checking a config and running it resolve names by the same functions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from abm.calendar import parse_quarter
from abm.config.errors import nearest, one_of
from abm.config.refusals import OTHER, NotAChoice, Refusal, UnknownCode
from abm.data.groups_and_alliances import in_group
from abm.data.world_tables import KEPT, ranked_codes, read_tables
from abm.shocks.kinds import LASTING, Act, FoundClub, LeaveTreaty, Selector, Shock, UnilateralAct
from abm.state.world import Array, World

GROUPS = ("eu", "g7", "brics", "oecd", "nato", "asean", "au", "sco", "g77", "p5")
"""Columns of the table of states that mark the members of a group."""
CODED = ("state or group", "state", "organization")
"""What has codes, of which any number can be named; of all else one is chosen."""


class SelectionError(ValueError):
    """An actor or a selector that names nothing in this world; `refusal` is as in `abm.config.errors.ConfigError`."""

    def __init__(self, message: str, refusal: Refusal = OTHER) -> None:
        super().__init__(message)
        self.refusal = refusal


class DatedAct(NamedTuple):
    """One act of one state on one organization (-1: none) in one quarter.

    `ends` marks the end of a reversible act; `share` is 1 / the number of organizations that the shock acts on.
    """

    quarter: int
    number: int
    shock: Any
    actor: int
    organization: int
    ends: bool = False
    share: float = 1.0

    @property
    def pair(self) -> tuple[int, int]:
        """The rows of the state and the organization."""
        return self.actor, self.organization


@dataclass(frozen=True)
class Names:
    """What the shocks of a config can name, in the order of the world's tables.

    `kinds`, `issue_areas` and `exit_forms` have one entry per organization; `groups` maps the name of a group of states
    (EU, BRICS) to their codes, `lists` the name of a list to codes of organizations. `issues` are all issue areas, also
    those in which no organization works yet. In a synthetic world these are the built-in ones, and `drawn_states` and
    `drawn_organizations` are its own codes, the largest first.
    """

    states: tuple[str, ...]
    organizations: tuple[str, ...]
    kinds: tuple[str, ...]
    issue_areas: tuple[str, ...]
    exit_forms: tuple[str, ...]
    lists: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, tuple[str, ...]]
    issues: tuple[str, ...]
    drawn_states: tuple[str, ...] = ()
    drawn_organizations: tuple[str, ...] = ()

    @property
    def known_states(self) -> tuple[str, ...]:
        """The codes of all states that can be named."""
        return self.states + self.drawn_states

    @property
    def known_organizations(self) -> tuple[str, ...]:
        """The codes of all organizations that can be named."""
        return self.organizations + self.drawn_organizations


def world_names(folder: str | None, start: int, drawn: tuple[int, int] = (0, 0)) -> Names:
    """Return what can be named in the built-in world or in that of a folder; groups are those of the quarter `start`.

    `drawn` holds the numbers of states and organizations of a synthetic world, (0, 0) for any other. Raises
    TablesError for a folder that cannot be read.
    """
    states, organizations = drawn
    names = _table_names(folder, start)
    if not states:
        return names
    return replace(names, drawn_states=drawn_codes("S", states), drawn_organizations=drawn_codes("O", organizations))


@lru_cache(maxsize=KEPT)
def _table_names(folder: str | None, start: int) -> Names:
    """Return the names of the built-in world or of a user's folder."""
    tables = read_tables(Path(folder) if folder else None)
    states, bodies = tables.states, tables.organizations
    flags = [name for name in GROUPS if name in states]
    groups = {name.upper(): tuple(states["code"][in_group(tables, name, start)]) for name in flags}
    columns = ("code", "kind", "issue_area", "exit_form")
    codes, kinds, issue_areas, exit_forms = (tuple(bodies[name]) for name in columns)
    issues = tuple(tables.issues["issue_area"])
    return Names(tuple(states["code"]), codes, kinds, issue_areas, exit_forms, tables.lists, groups, issues)


def drawn_codes(letter: str, count: int) -> tuple[str, ...]:
    """Return the codes of the states (S) or organizations (O) of a synthetic world, the largest first."""
    return tuple(f"{letter}{row:03d}" for row in range(1, count + 1))


# --- what a config names


def named_states(actor: str | tuple[str, ...], names: Names) -> tuple[str, ...]:
    """Return the codes of the states that act; a group stands for all its members in table order.

    Raises SelectionError for a code that is neither a state's nor a group's.
    """
    if isinstance(actor, str):
        _known((actor,), (*names.known_states, *names.groups), "state or group")
        return names.groups.get(actor, (actor,))
    return _known(actor, names.known_states, "state")


def named_organizations(selector: Selector, names: Names) -> tuple[str, ...]:
    """Return the codes of the selected organizations: in table order, or as a list or the codes go.

    Raises SelectionError for an unknown code, list, kind or issue area and for an empty selection.
    """
    if selector.by == "all":
        return names.known_organizations
    if selector.by == "codes":
        return _known(selector.names, names.known_organizations, "organization")
    if selector.by == "list":
        _known(selector.names, names.lists, "list")
        return names.lists[selector.names[0]]
    column = names.kinds if selector.by == "kind" else names.issue_areas
    label = "kind of organization" if selector.by == "kind" else "issue area"
    _known(selector.names, sorted(set(column)), label)
    return tuple(code for code, value in zip(names.organizations, column, strict=True) if value in selector.names)


def _known(wanted: tuple[str, ...], known: Mapping[str, Any] | Sequence[str], label: str) -> tuple[str, ...]:
    """Return `wanted` if all of it is known."""
    known = tuple(known)
    for name in wanted:
        if name not in known:
            hint = nearest(name, known) or f"; known are {one_of(known)}"
            refusal = UnknownCode(name) if label in CODED else NotAChoice(name)
            raise SelectionError(f"unknown {label} {name!r}{hint}", refusal)
    return wanted


def wrong_names(shock: Shock, names: Names) -> Iterator[tuple[str, SelectionError]]:
    """Yield the keys of a shock that name nothing in this world, each with what is wrong."""
    checks = {"actor": _check_actor, "organizations": _check_organizations, "issue_area": _check_issue}
    for key, check in checks.items():
        try:
            check(shock, names)
        except SelectionError as error:
            yield key, error


def _check_actor(shock: Shock, names: Names) -> None:
    """Raise SelectionError for an unknown actor."""
    named_states(shock.actor, names)


def _check_organizations(shock: Shock, names: Names) -> None:
    """Raise SelectionError for a selection that is unknown or empty."""
    if not isinstance(shock, Act):
        return
    chosen = named_organizations(shock.organizations, names)
    forms = dict(zip(names.organizations, names.exit_forms, strict=True))
    if isinstance(shock, LeaveTreaty) and not any(forms.get(code) == "treaty" for code in chosen):
        raise SelectionError("there is no treaty in the selection")


def _check_issue(shock: Shock, names: Names) -> None:
    """Raise SelectionError for an unknown issue area; obligations need one in which there are organizations."""
    if isinstance(shock, UnilateralAct):
        _known((shock.issue_area,), sorted(set(names.issue_areas)), "issue area")
    if isinstance(shock, FoundClub):
        _known((shock.issue_area,), names.issues, "issue area")


def wrong_codes(codes: Sequence[str], known: Sequence[str]) -> list[SelectionError]:
    """Return an error for each code that is not known."""
    unknown = [code for code in codes if code not in known]
    return [SelectionError(f"unknown code {code!r}{nearest(code, known)}", UnknownCode(code)) for code in unknown]


# --- who stands in for them in a synthetic world


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

    Half of the built-in organizations become half of the drawn ones (at least one), evenly over the ranks of size of
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


# --- from names to rows and dates


def state_rows(actor: str | tuple[str, ...], names: Names, world: World) -> list[int]:
    """Return the rows of the states that an actor names. Raises SelectionError for what the world does not have."""
    codes = named_states(actor, names)
    if names.drawn_states:
        codes = states_standing_in(codes, ranked_codes(read_tables())[0], names.drawn_states)
    return _rows(codes, world.state_codes)


def organization_rows(selector: Selector, names: Names, world: World) -> list[int]:
    """Return the rows of selected organizations. Raises SelectionError for what the world does not have."""
    codes = named_organizations(selector, names)
    if names.drawn_organizations:
        codes = organizations_standing_in(codes, ranked_codes(read_tables())[1], names.drawn_organizations)
    return _rows(codes, world.organization_codes)


def _rows(codes: Sequence[str], known: Sequence[str]) -> list[int]:
    """Return the rows of codes."""
    row_of = {code: row for row, code in enumerate(known)}
    missing = [code for code in codes if code not in row_of]
    if missing:
        raise SelectionError(f"{missing[0]} is not in this world")
    return [row_of[code] for code in codes]


def dated_acts(shocks: Sequence[Shock], names: Names, world: World) -> list[DatedAct]:
    """Return the dated acts of shocks on rows of a world, by quarter and then in the order of the config."""
    acts: list[DatedAct] = []
    for number, shock in enumerate(shocks):
        until = None if shock.until is None else parse_quarter(shock.until)
        actors = state_rows(shock.actor, names, world)
        rows = organization_rows(shock.organizations, names, world) if isinstance(shock, Act) else [-1]
        acts += expand_shock(number, shock, parse_quarter(shock.announced), until, actors, rows)
    return sorted(acts, key=lambda act: (act.quarter, act.number))


def expand_shock(
    number: int, shock: Shock, start: int, until: int | None, actors: Sequence[int], rows: Sequence[int]
) -> list[DatedAct]:
    """Return the acts of one shock: each actor on each row, staggered, with their ends; `rows` is [-1] for none.

    Organizations whose turn would come after the end are left alone.
    """
    gap = getattr(shock, "stagger_quarters", 0)
    first = start + getattr(shock, "audit_quarters", 0)
    last = None if shock.kind in LASTING else until
    begun = [
        DatedAct(first + gap * turn, number, shock, actor, row, share=1 / len(rows))
        for actor in actors
        for turn, row in enumerate(rows)
        if last is None or first + gap * turn < last
    ]
    return begun if last is None else begun + [act._replace(quarter=last, ends=True) for act in begun]


def deeds(acts: Sequence[DatedAct]) -> list[DatedAct]:
    """Return what states do themselves; what is done to them only where nobody does anything to an organization."""
    done = {act.organization for act in acts if not act.shock.suffered}
    return [act for act in acts if not act.shock.suffered or act.organization not in done]


def first_acts(world: World, acts: Sequence[DatedAct]) -> dict[str, int]:
    """Return the quarter of the first act on each organization that shocks aim at, by code."""
    first: dict[str, int] = {}
    for act in deeds(acts):
        if act.organization >= 0:
            first.setdefault(world.organization_codes[act.organization], act.quarter)
    return first


def aims(world: World, acts: Sequence[DatedAct]) -> tuple[Array, Array]:
    """Return which organizations shocks aim at, and which states act (the largest where none does); masks of 0 and 1.

    A review aims at all that it looks at, a freeze at all organizations unless some are named.
    """
    shocked, focus = np.zeros(world.built), np.zeros(len(world.gdp))
    for act in acts:
        if act.organization >= 0:
            shocked[act.organization] = 1.0
    for act in deeds(acts):
        focus[act.actor] = 1.0
    if not acts:
        focus[int(world.capability.argmax())] = 1.0
    return shocked, focus


def actors_on(world: World, acts: Sequence[DatedAct]) -> dict[str, tuple[int, ...]]:
    """Return the rows of the states that act on each organization that shocks aim at, by its code."""
    found: dict[str, set[int]] = {}
    for act in deeds(acts):
        if act.organization >= 0:
            found.setdefault(world.organization_codes[act.organization], set()).add(act.actor)
    return {code: tuple(sorted(states)) for code, states in found.items()}
