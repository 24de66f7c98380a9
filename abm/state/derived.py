"""What follows from the arrays of a world.

Each value is computed when first asked for, and forgotten when an array that it uses is replaced: it cannot be stale.
"""

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any, TypeVar

import numpy as np

from abm.spatial import distances, pair_distances
from abm.state.fields import FIELDS, OF_MEMBERS, RULES, SIZES, Array, Fields, Integers, Mask

T = TypeVar("T")
Pairs = tuple[Integers, Integers]
"""Rows and columns of some cells of a table."""

LEAST_RATIO = 1e-3
"""Where a rule takes the logarithm of a share or of a ratio to rest, or divides by one, a smaller one counts as this.

A guard rather than an assumption to sweep: what has shrunk to a thousandth is as good as gone.
"""
DEPENDENTS: dict[str, list[str]] = {}
"""Field -> the derived values that use it."""


def derived(*inputs: str) -> Callable[[Callable[[Any], T]], "cached_property[T]"]:
    """Declare a value that is derived from the fields `inputs`; a test holds them against those it looks at."""

    def declared(compute: Callable[[Any], T]) -> "cached_property[T]":
        @wraps(compute)
        def frozen(world: Any) -> T:
            value = compute(world)
            arrays: Any = value if isinstance(value, tuple) else (value,)
            for array in arrays:
                array.flags.writeable = False
            return value

        for name in inputs:
            DEPENDENTS.setdefault(name, []).append(compute.__name__)
        return cached_property(frozen)

    return declared


def where_true(chosen: Mask) -> Pairs:
    """Return rows and columns where a table is true, row by row; much faster than np.nonzero where these are few."""
    rows, columns = np.divmod(np.flatnonzero(chosen), chosen.shape[1])
    return rows, columns


def with_values(array: Array, index: Any, value: Any) -> Array:
    """Return the array with another value in some cells; the array itself where `index` names none.

    `index` is an array of rows, or a tuple of such arrays and slices.
    """
    for part in index if isinstance(index, tuple) else (index,):
        if not isinstance(part, slice) and not part.size:
            return array
    changed = array.copy()
    changed[index] = value
    return changed


def released(world: "Derived", pairs: Pairs, names: tuple[str, ...] = OF_MEMBERS) -> dict[str, Array]:
    """Return what memberships leave behind when they end: nothing that only members have, and vacant posts.

    `names` are those fields of members that the organizations can have at all.
    """
    fields = {name: with_values(getattr(world, name), pairs, FIELDS[name].fill) for name in names}
    vacated = np.bincount(pairs[1], world.posts_share[pairs], len(world.vacancy))
    return fields | {"vacancy": world.vacancy + vacated}


def only(array: Array, index: Any, value: Any) -> Array:
    """Return zeros of the same shape with a value in some cells."""
    placed = np.zeros(array.shape)
    placed[index] = value
    return placed


def cleared(array: Array) -> Array:
    """Return zeros of the same shape; the array itself where it is zero all over."""
    return np.zeros_like(array) if array.any() else array


def year_of_run(world: Any, ahead: int = 0) -> int:
    """Return the place of the present year in what is dated by years since the start, or of one `ahead` of it."""
    return int(min(world.quarter // 4 - world.start // 4 + ahead, SIZES["year"] - 1))


def taken_by_purses(world: Any) -> Array:
    """Return what purses of donors take from gifts at rest by the present year; USD per quarter, (organization,).

    They are measured or announced, the same in every run of a world, and no drift of it.
    """
    return world.initial_voluntary.T @ (1 - world.purse_path[:, year_of_run(world)])


class Derived(Fields):
    """Quantities that more than one rule or measure uses. All are read only, as the fields are."""

    @derived("alive", "members_known")
    def in_scope(self) -> Array:
        """1 for organizations that are alive and whose members are known; shape (organization,)."""
        return self.alive * self.members_known

    @derived("member")
    def members(self) -> Array:
        """Number of members; shape (organization,)."""
        return np.asarray(self.member.sum(axis=0))

    @derived("council_size", "member")
    def counted_members(self) -> Array:
        """Number of members that size rules see: a council counts as its parent; shape (organization,)."""
        return np.maximum(self.council_size, self.members)

    @derived("capability", "participation")
    def presence(self) -> Array:
        """Capability of those who take part, as a share of the world's; shape (organization,)."""
        return np.asarray(self.capability @ self.participation)

    @derived("bloc")
    def blocs(self) -> tuple[Integers, ...]:
        """Rows of the states of each bloc that bids together, by its index."""
        return tuple(np.flatnonzero(self.bloc == index) for index in np.unique(self.bloc) if index >= 0)

    @derived("initial_voluntary")
    def gifts_at_rest(self) -> Array:
        """Gifts of donors to all organizations at rest, USD per quarter; shape (state,)."""
        return np.asarray(self.initial_voluntary.sum(axis=1))

    @derived("paid", "voluntary", "rescue", "redirected", "bought")
    def money(self) -> Array:
        """All money of states to organizations, USD per quarter; shape (state, organization)."""
        return self.paid + self.voluntary + self.rescue + self.redirected + self.bought

    @derived("private_at_rest", "private_withdrawn", "private_income", "alive")
    def private_money(self) -> Array:
        """Gifts of foundations, firms and people, as at rest and beyond, USD per quarter; shape (organization,)."""
        usual = self.private_at_rest.sum(axis=0) * self.alive
        return np.asarray(usual - self.private_withdrawn + self.private_income)

    @derived("voluntary", "rescue", "luck")
    def passing_money(self) -> Array:
        """Rescue of states, and gifts above or below those of a usual year, USD per quarter; shape (organization,)."""
        return np.asarray((self.voluntary * (1 - 1 / self.luck) + self.rescue).sum(axis=0))

    @derived("trust", "capability")
    def reliance(self) -> Array:
        """How far the row relies on the column: trust, if any, times capability; shape (state, state)."""
        return np.clip(self.trust, 0, 1) * self.capability

    @derived("pressing")
    def pressers(self) -> Integers:
        """Rows of the states that press on votes."""
        return np.flatnonzero(self.pressing.any(axis=1))

    @derived("capability", "trust", "pressing")
    def leverage(self) -> Array:
        """How far one that presses on votes can press the row without its trust; shape (state, presser).

        Trade, aid and protection follow the presser's weight, and bind the smaller side more. An ally is too sure of
        them, a rival too far: what counts is who is neutral.
        """
        weight = self.capability[self.pressers]
        both = np.maximum(self.capability[:, None] + weight, 1e-12)
        return weight**2 / both * (1 - np.abs(self.trust[:, self.pressers]))

    @derived("obstruction")
    def obstructed(self) -> Integers:
        """Rows of the organizations that somebody obstructs."""
        return np.flatnonzero(self.obstruction.any(axis=0))

    @derived("obstruction", "trust", "capability")
    def pressure(self) -> Array:
        """Pressure of obstructors on the states that rely on them; shape (state, organization)."""
        obstructors = np.flatnonzero(self.obstruction.any(axis=1))
        return np.asarray(self.reliance[:, obstructors] @ self.obstruction[obstructors])

    @derived("obstruction", "trust", "capability", "participation", "suspended", "voting_rule", "veto")
    def blocked(self) -> Array:
        """Share of decisions that an objection blocks, by the strongest who can; shape (organization,).

        All who vote can where decisions need consensus, veto players where they have a veto.
        """
        rows, blocked = self.obstructed, np.zeros(len(self.voting_rule))
        rule = self.voting_rule[rows]
        can = (rule == RULES.index("consensus")) + (rule == RULES.index("veto")) * self.veto[:, rows]
        votes = self.participation[:, rows] > self.suspended[:, rows]
        objection = np.clip(np.maximum(self.obstruction[:, rows], self.pressure[:, rows]), 0, 1)
        blocked[rows] = (can * votes * objection).max(axis=0)
        return blocked

    @derived("position", "participation")
    def distance_from_members(self) -> Array:
        """Distance from the mean position of those who take part, 0 where nobody does; shape (state, organization)."""
        present = self.participation.sum(axis=0)
        centre = (self.participation.T @ self.position) / np.maximum(present, 1e-9)[:, None]
        return distances(self.position, centre) * (present > 0)

    @derived("home_position")
    def distance_at_home(self) -> Array:
        """Distance between the positions of states with their first governments; shape (state, state)."""
        return pair_distances(self.home_position)

    @derived("salience", "issue")
    def interest(self) -> Array:
        """Weight that a state gives to the issue area of an organization; shape (state, organization)."""
        return self.salience[:, self.issue.astype(int)]

    @derived("programme_need", "initial_voluntary", "dues_rate")
    def net_receipts(self) -> Array:
        """A state's part of all gifts, as far as it is in need, less the organization's part in its own money.

        Shape (state, organization).
        """
        gifts = self.initial_voluntary.sum(axis=0)
        need = np.minimum(len(self.programme_need) * self.programme_need, 1)
        received = need[:, None] * gifts / max(float(gifts.sum()), 1.0)
        price = self.dues_rate + self.initial_voluntary
        return received - price / np.maximum(price.sum(axis=1, keepdims=True), 1.0)

    @derived(
        "salience", "issue", "initial_effectiveness", "effectiveness", "distance", "distance_aversion",
        "agenda_share", "posts_share", "programme_need", "initial_voluntary", "dues_rate",
    )  # fmt: skip
    def value(self) -> Array:
        """Value of an organization to a state; shape (state, organization).

        What it achieves in areas that matter to the state, as far as it fits and the state has a voice and posts there;
        and the money that it means for the state.
        """
        achieved = self.interest * (self.initial_effectiveness * self.effectiveness)
        voice = 1 + self.agenda_share + self.posts_share
        return achieved * np.exp(-self.distance_aversion[:, None] * self.distance) * voice + self.net_receipts

    @derived(
        "salience", "issue", "initial_effectiveness", "effectiveness", "distance", "distance_aversion",
        "agenda_share", "posts_share", "programme_need", "initial_voluntary", "dues_rate", "member", "alive",
        "members_known",
    )  # fmt: skip
    def relative_value(self) -> Array:
        """Value less the mean over the seats that the state holds; shape (state, organization)."""
        seats = np.maximum(self.member @ self.in_scope, 1)
        mean = np.einsum("so,so,o->s", self.value, self.member, self.in_scope) / seats
        return self.value - mean[:, None]

    @derived("capability", "participation", "member", "party_at_exit")
    def inside(self) -> Array:
        """Share of the others that ever belonged who take part now, by capability, for the pairs of `ever_left`.

        1 where nobody else has left, 0 where nobody else is there; shape (pair,).
        """
        rows, columns = self.ever_left
        own = self.capability[rows]
        gone = own * (self.member[rows, columns] == 0)
        ever = self.capability @ self.member + np.bincount(columns, gone, len(self.presence))
        others = np.maximum(ever[columns] - own, 1e-12)
        return np.clip((self.presence[columns] - own * self.participation[rows, columns]) / others, 0, 1)

    @derived("exit_form", "participation", "member", "notice", "alive", "members_known")
    def may_leave(self) -> Mask:
        """Whether a state is a member, in organs takes part, and has not announced its exit; (state, organization)."""
        bound = np.where(self.exit_form == 2, self.participation, self.member)
        return (bound > 0) & (self.notice < 0) & (self.in_scope > 0)

    @derived("example", "example_quarters")
    def followed(self) -> Array:
        """Weight of the exits that others may follow now; shape (state, organization)."""
        return self.example * (self.example_quarters > 0)

    @derived("example", "example_quarters")
    def contagion(self) -> Array:
        """Weight of the leading exit that others may follow now; shape (organization,)."""
        return np.asarray(self.followed.max(axis=0, initial=0.0))

    def affinity_to(self, states: Integers | slice) -> Array:
        """Affinity of governments in office to those of `states`; shape (state, one of them).

        How alike their sovereigntism is, times how far the row is the column's: 1 for allies under governments of one
        kind, 0 for rivals or opposite kinds.
        """
        alike = 1 - np.abs(self.sovereigntism[:, None] - self.sovereigntism[states])
        return alike * (1 + self.trust[:, states]) / 2

    @derived("sovereigntism", "trust")
    def affinity(self) -> Array:
        """Affinity of all governments in office to each other, 0 to 1; shape (state, state)."""
        return self.affinity_to(slice(None))

    @derived("voluntary_allowed", "participation")
    def allowed(self) -> Array:
        """Share of its voluntary money that a state's policy and absence leave; shape (state, organization)."""
        return self.voluntary_allowed * self.participation

    @derived("exited", "rhetoric")
    def speakers(self) -> Integers:
        """Rows of the states whose exit or rhetoric is heard this quarter."""
        return np.flatnonzero(self.exited.any(axis=1) | self.rhetoric.any(axis=1))

    @derived("redirection")
    def redirecting(self) -> Integers:
        """Rows of the states whose savings are moved elsewhere."""
        return np.flatnonzero(self.redirection.any(axis=1))

    @derived("problem_share", "issue")
    def share_of_problem(self) -> Array:
        """Share of each organization's problem that is the state's; shape (state, organization)."""
        return self.problem_share[:, self.issue.astype(int)]

    @derived("problem_share", "issue", "commitment")
    def coverage(self) -> Array:
        """Share of an organization's problem that the state commits to; shape (state, organization)."""
        return self.share_of_problem * self.commitment

    @derived("problem_share", "issue", "reference_commitment")
    def others_at_rest(self) -> Array:
        """Share of an organization's problem that all others commit to at rest; shape (state, organization)."""
        usual = self.share_of_problem * self.reference_commitment
        return usual.sum(axis=0) - usual

    @derived("notice")
    def on_notice(self) -> Pairs:
        """Rows and columns of all pairs in which an announced exit waits for its effect."""
        return where_true(self.notice >= 0)

    @derived("notice", "paid", "voluntary", "rescue", "redirected", "bought")
    def money_on_notice(self) -> Array:
        """Money of states that have announced their exit, USD per quarter; shape (organization,)."""
        rows, columns = self.on_notice
        return np.bincount(columns, self.money[rows, columns], self.money.shape[1])

    @derived("announced")
    def announcing(self) -> Pairs:
        """Rows and columns of all pairs in which an exit was announced this quarter."""
        return where_true(self.announced > 0)

    @derived("party_at_exit")
    def ever_left(self) -> Pairs:
        """Rows and columns of all pairs in which the state has ever left the organization."""
        return where_true(self.party_at_exit != 0)
