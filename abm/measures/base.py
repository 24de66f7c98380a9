"""What a measure is, where measures are registered, and the view of a world that they are taken from."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from abm.state.world import Array, Integers, World

INF = float("inf")


class Start(NamedTuple):
    """What measures remember of the start, for the organizations built with the world.

    `position` (organization, axis) are adopted positions, `leader` and `power` (organization,) the row of the state,
    and of the state or bloc, with most influence, `member` (state, organization) who belongs where.
    """

    position: Array
    leader: Integers
    power: Integers
    member: Array

    @classmethod
    def of(cls, world: World) -> "Start":
        """Return what measures remember of a world before its first quarter."""
        leader = world.agenda_share.argmax(axis=0)
        return cls(world.organization_position, leader, leading_power(world, leader)[0], world.member)


@dataclass
class Snapshot:
    """A world at the end of a quarter with what several measures share.

    `focus` (state,) is 1 for the actors of the shocks, or for the largest state where there are none; `aimed` (built
    organization,) is 1 for organizations that shocks aim at, or for all where there are none.
    """

    world: World
    focus: Array
    start: Start
    aimed: Array

    @cached_property
    def held_view(self) -> Array:
        """Legitimacy among members that take part, 0 elsewhere; shape (state, organization)."""
        return self.world.legitimacy * self.world.participation

    @cached_property
    def taking_part(self) -> Array:
        """Number of members that take part, at least a trifle; shape (organization,)."""
        return np.maximum(self.world.participation.sum(axis=0), 1e-9)

    @cached_property
    def given(self) -> Array:
        """All money by giver, USD per quarter; shape (state,)."""
        return self.money.sum(axis=1)

    @cached_property
    def dues_paid(self) -> Array:
        """Dues paid by state, USD per quarter; shape (state,)."""
        return self.world.paid.sum(axis=1)

    @cached_property
    def in_scope(self) -> Array:
        """1 for organizations that count in means; shape (organization,)."""
        return self.world.in_scope

    @cached_property
    def memberships(self) -> Array:
        """Counted organizations in which each state takes part; shape (state,)."""
        return self.world.participation @ self.in_scope

    @cached_property
    def held_commitment(self) -> Array:
        """Commitment of members that take part, 0 elsewhere; shape (state, organization)."""
        return self.world.commitment * self.world.participation

    @cached_property
    def trust_received(self) -> Array:
        """Mean trust of all states in each; shape (state,)."""
        return self.world.trust.mean(axis=0)

    @cached_property
    def trust_in_actor(self) -> Array:
        """Mean trust of each state in the states in focus; shape (state,)."""
        return self.world.trust @ self.focus / self.focus.sum()

    @cached_property
    def mean_agreement_with_actor(self) -> Array:
        """Mean roll-call agreement of each state with the states in focus; shape (state,)."""
        return self.world.agreement @ self.focus / self.focus.sum()

    @cached_property
    def programmes_lost_total(self) -> float:
        """Programme money missing against rest, USD per quarter."""
        return float((self.world.initial_budget - self.world.spending) @ (self.world.has_budget > 0))

    @cached_property
    def money(self) -> Array:
        """All money by giver, USD per quarter; shape (state, organization)."""
        return self.world.money

    @cached_property
    def camps(self) -> tuple[Array, Array]:
        """Sums of views and numbers of members by camp (rival, none, Western); each of shape (3, organization)."""
        inside = (self.world.camp == np.array([[-1.0], [0.0], [1.0]])).astype(float)
        return inside @ self.held_view, inside @ self.world.participation

    @cached_property
    def leader(self) -> Integers:
        """Row of the state with most influence on the agenda; shape (organization,)."""
        return self.world.agenda_share.argmax(axis=0)

    @cached_property
    def leading(self) -> tuple[Integers, Array]:
        """Row and influence of the leading power; both of shape (organization,)."""
        return leading_power(self.world, self.leader)

    @property
    def power(self) -> Integers:
        """Row of the state with most influence, a bloc counted as one in its first state; shape (organization,)."""
        return self.leading[0]

    @property
    def power_share(self) -> Array:
        """Influence of the leading power; shape (organization,)."""
        return self.leading[1]

    @cached_property
    def leavable(self) -> Array:
        """1 for organizations in scope of which one is a member or a party, clubs among them; (organization,)."""
        return self.in_scope * (self.world.exit_form < 2)

    @cached_property
    def clubs(self) -> Integers:
        """Rows of living clubs founded in the run."""
        return np.flatnonzero((self.world.founder >= 0) & (self.world.alive > 0))

    @cached_property
    def acting(self) -> Integers:
        """Rows of the states in focus."""
        return np.flatnonzero(self.focus)

    @cached_property
    def others(self) -> Array:
        """1 for states that are not in focus; shape (state,)."""
        return 1 - self.focus

    def of_focus(self, values: Array) -> Array:
        """Return the sum over the states in focus; shape (organization,)."""
        return values[self.acting].sum(axis=0)

    @cached_property
    def rest(self) -> Array:
        """Budget at rest, NaN for light organizations; what is divided by it is NaN there, too.

        Shape (organization,).
        """
        budget = self.world.initial_budget
        return np.where((self.world.has_budget > 0) & (budget > 0), budget, np.nan)

    def where_full(self, values: Array) -> Array:
        """Return values of organizations with money, NaN for light ones; shape (organization,)."""
        return np.where(self.world.has_budget > 0, values, np.nan)


class Measure(NamedTuple):
    """One measure: `function` of a snapshot gives one number per organization, per state, or one in all.

    A `yearly` one is taken in the first quarter and in every fourth quarter, and stands until the next time.
    """

    kind: str
    function: Callable[[Snapshot], Array | float]
    unit: str
    low: float
    high: float
    better: str
    doc: str
    yearly: bool = False


MEASURES: dict[str, Measure] = {}


@dataclass(frozen=True)
class Registry[Value: (Array, float)]:
    """Registers measures of one kind: `body("name", function, "meaning")`."""

    kind: str

    def __call__(
        self,
        name: str,
        function: Callable[[Snapshot], Value],
        doc: str,
        *,
        unit: str = "1",
        low: float = 0.0,
        high: float = INF,
        better: str = "",
        yearly: bool = False,
    ) -> None:
        """Register a measure under its name; `better` is "+" or "-" where more of it is better or worse."""
        MEASURES[name] = Measure(self.kind, function, unit, low, high, better, doc, yearly)


body = Registry[Array]("body")
state = Registry[Array]("state")
system = Registry[float]("system")


def leading_power(world: World, leader: Integers) -> tuple[Integers, Array]:
    """Return the row and the influence of the power that leads each organization, both of shape (organization,).

    A power is a state or a bloc, which stands in the row of its first state; `leader` is the leading state.
    """
    power, most = leader, np.take_along_axis(world.agenda_share, leader[None], axis=0)[0]
    for states in world.blocs:
        together = world.agenda_share[states].sum(axis=0)
        power, most = np.where(together >= most, states[0], power), np.maximum(together, most)
    return power, most


def ratio(part: Array, whole: Array) -> Array:
    """Return part / whole, 0 where the whole is nothing; shape as given."""
    return part / np.where(whole > 0, whole, 1.0)


def concentration(amounts: Array) -> Array:
    """Return the Herfindahl index of each column's shares, 0 where it is empty; shape (organization,)."""
    return ratio(np.einsum("so,so->o", amounts, amounts), np.square(amounts.sum(axis=0)))
