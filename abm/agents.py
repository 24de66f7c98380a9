"""Mesa's agents: thin views of the rows of a world. They hold no state and copy nothing."""

from typing import Any

import mesa  # type: ignore[import-untyped]
import numpy as np

from abm.state.world import World


class _RowAgent(mesa.Agent):  # type: ignore[misc]
    """An agent that shows one row of the model's world."""

    def __init__(self, model: Any, row: int, code: str, name: str) -> None:
        """Register the agent of a row; `model` has a `simulation` and what it `recorded` last."""
        super().__init__(model)
        self.row = row
        self.code = code
        self.name = name

    @property
    def world(self) -> World:
        """The world whose row this is."""
        world: World = self.model.simulation.world
        return world

    def recorded(self, position: int) -> float:
        """Return a measure of the last quarter run, by its position among the measures of this kind of agent."""
        value: float = self.model.recorded[type(self)][self.row][position]
        return value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r})"


class StateAgent(_RowAgent):
    """A state."""

    @property
    def gdp(self) -> float:
        """Gross domestic product, USD/year."""
        return float(self.world.gdp[self.row])

    @property
    def sovereigntism(self) -> float:
        """Sovereigntism of the government in office, 0 to 1."""
        return float(self.world.sovereigntism[self.row])

    @property
    def credibility(self) -> float:
        """How far others rely on its commitments, 0 to 1."""
        return float(self.world.credibility[self.row])

    @property
    def position(self) -> tuple[float, float]:
        """Its ideal point on the two axes."""
        first, second = self.world.position[self.row]
        return float(first), float(second)

    @property
    def memberships(self) -> int:
        """Number of living organizations that it belongs to."""
        return len(self.organizations)

    @property
    def organizations(self) -> tuple[str, ...]:
        """Codes of the living organizations that it belongs to."""
        world = self.world
        rows = np.flatnonzero((world.member[self.row] > 0) & (world.alive > 0))
        return tuple(world.organization_codes[row] for row in rows)

    def trusts(self, other: "StateAgent") -> float:
        """Return its trust in another state, -1 to 1."""
        return float(self.world.trust[self.row, other.row])


class OrganizationAgent(_RowAgent):
    """An international organization, treaty, forum or club."""

    @property
    def alive(self) -> bool:
        """Whether it exists: it has not ended, and its slot has not gone to another one."""
        return bool(self.world.alive[self.row] > 0) and self.world.organization_codes[self.row] == self.code

    @property
    def issue_area(self) -> str:
        """The issue area that it works on."""
        return self.world.issues[int(self.world.issue[self.row])]

    @property
    def members(self) -> int:
        """Number of members."""
        return int(self.world.member[:, self.row].sum())

    @property
    def states(self) -> tuple[str, ...]:
        """Codes of its members."""
        return tuple(self.world.state_codes[row] for row in np.flatnonzero(self.world.member[:, self.row] > 0))

    @property
    def budget(self) -> float:
        """Planned spending, USD/year; 0 for organizations without money of their own."""
        return 4 * float(self.world.budget[self.row])

    @property
    def effectiveness(self) -> float:
        """Effectiveness relative to rest."""
        return float(self.world.effectiveness[self.row])

    @property
    def legitimacy(self) -> float:
        """Mean view of its members relative to rest, 0 without members."""
        seats = self.world.member[:, self.row]
        return float(seats @ self.world.legitimacy[:, self.row] / max(float(seats.sum()), 1.0))

    @property
    def leader(self) -> str:
        """Code of the state with the most influence on its agenda, "" where no state has any."""
        agenda = self.world.agenda_share[:, self.row]
        return self.world.state_codes[int(agenda.argmax())] if agenda.any() else ""
