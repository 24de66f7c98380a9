"""The model as Mesa knows it: a `mesa.Model` around a simulation, with its agents, collector and graph."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol, SupportsInt, runtime_checkable

import mesa  # type: ignore[import-untyped]
import networkx as nx
import numpy as np
import pandas as pd
from mesa.experimental.scenarios import Scenario  # type: ignore[import-untyped]

from abm.agents import OrganizationAgent, StateAgent
from abm.calendar import format_quarter
from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.events import Event
from abm.measures import means, names
from abm.networkx_graphs import bipartite
from abm.recording import Series, Story
from abm.simulation import Simulation
from abm.state.world import Array, World

DEFAULT = "us-exit-2026"
AGENT_MEASURES = {StateAgent: names("state"), OrganizationAgent: names("body")}
"""Measures that are recorded of each agent, by its type."""


@runtime_checkable
class SeedSequence(Protocol):
    """What numpy's SeedSequence offers."""

    def generate_state(self, n_words: int, dtype: Any = ...) -> Any:
        """Return that many words of a seed."""


class NamedScenario(Scenario):  # type: ignore[misc]
    """Mesa's place for a scenario while ours is `model.experiment`.

    It is falsy, so that Reset on Mesa's page builds the new model from its controls. In place of a truthy one, Mesa
    would make another of the same class and forget which scenario was chosen.
    """

    def __bool__(self) -> bool:
        return False


class MultilateralModel(mesa.Model):  # type: ignore[misc]
    """A run of a scenario: `step()` runs one quarter; `running` is False after the last."""

    def __init__(
        self,
        scenario: str | Path | Mapping[str, Any] | Experiment | Scenario = DEFAULT,
        rng: SupportsInt | SeedSequence | str | None = None,
        collect_agents: bool = True,
        **values: Any,
    ) -> None:
        """Build the world.

        `scenario` is a shipped name, a path, an experiment, a mapping of a config's keys, or a Mesa Scenario whose
        items are such values, with the name under `scenario`. `rng` is the seed, by default the scenario's own; the
        run is its replicate 0. `values` are further values by path, such as `membership.contagion_log_odds`,
        `quarters` or `world.start`; `__` may replace a dot. `collect_agents=False` records no individual states and
        organizations. Raises ConfigError if any of them is wrong.
        """
        given = scenario if isinstance(scenario, Scenario) else None
        self.experiment = experiment_of(scenario, rng, values)
        super().__init__(rng=self.experiment.seed)
        self.scenario = NamedScenario(rng=self.experiment.seed) if given is None else given
        self.simulation = Simulation(self.experiment, (self.experiment.seed, 0))
        self.series, self.story = Series(), Story()
        self.series.begin(self.simulation)
        self.measured: dict[str, float] = {}
        self.recorded: dict[type, list[list[float]]] = {}
        self._organizations: dict[int, OrganizationAgent] = {}
        world = self.world
        for row, (code, name) in enumerate(zip(world.state_codes, world.state_names, strict=True)):
            StateAgent(self, row, code, name)
        self._update_organizations()
        self.datacollector = _collector(bool(self.simulation.shocked.any()), collect_agents)

    def __repr__(self) -> str:
        """Return one line that names the scenario and says how far it is run."""
        world, run = self.world, self.quarters
        when = f"run to {run[-1]}" if run else f"before {self.experiment.world.start}"
        held = f"{len(world.state_codes)} states, {int(world.alive.sum())} organizations"
        return f"<MultilateralModel {self.experiment.heading!r}: {when}, {held}>"

    @property
    def world(self) -> World:
        """The state of the world."""
        return self.simulation.world

    @property
    def quarters(self) -> list[str]:
        """Quarters run so far, such as "2026Q1", one for each row of the collector's frame."""
        return [format_quarter(index) for index in self.series.quarters]

    def step(self) -> None:
        """Run one quarter; do nothing after the last."""
        if self.simulation.finished:
            return
        self.simulation.step((self.series, self.story))
        self._update_organizations()
        self.measured = measured(self.series, self.simulation.shocked)
        values = {StateAgent: self.series.states[-1], OrganizationAgent: self.series.bodies[-1]}
        self.recorded = {kind: rows.T.tolist() for kind, rows in values.items()}
        self.datacollector.collect(self)
        self.running = not self.simulation.finished

    def run_for(self, duration: float) -> None:
        """Run that many quarters, or as many as are left."""
        self.run_until(self.time + duration)

    def run_until(self, end_time: float) -> None:
        """Run until that many quarters have been run, or to the end."""
        last = min(end_time, self.experiment.quarters)
        if last > self.time:
            super().run_until(last)

    def graph(self) -> "nx.Graph[str]":
        """Return states and organizations as nodes and memberships as edges; see `abm.networkx_graphs.bipartite`."""
        return bipartite(self.world)

    def events(self) -> pd.DataFrame:
        """Return the story so far, one row per event: quarter, kind, names of actor and organization, detail, codes."""
        world = self.world
        codes, labels = list(world.organization_codes), list(world.organization_names)
        codes[world.built :] = labels[world.built :] = [""] * (len(codes) - world.built)
        rows = []
        for index, event in self.story.events:
            if event.kind == "founded":  # from here on the slot belongs to the new organization
                codes[event.organization] = labels[event.organization] = event.code
            rows.append((format_quarter(index), *_told(event, world, labels, codes)))
        columns = ["quarter", "kind", "actor", "organization", "detail", "actor_code", "organization_code"]
        return pd.DataFrame(rows, columns=columns)

    def _update_organizations(self) -> None:
        """Give new organizations an agent and remove those of dead ones."""
        for row, agent in list(self._organizations.items()):
            if not agent.alive:
                agent.remove()
                del self._organizations[row]
        world = self.world
        for row in np.flatnonzero(world.alive).tolist():
            if row not in self._organizations:
                code, name = world.organization_codes[row], world.organization_names[row]
                self._organizations[row] = OrganizationAgent(self, row, code, name)


def experiment_of(scenario: Any, rng: Any, values: Mapping[str, Any]) -> Experiment:
    """Return the experiment that the model's arguments describe, including its seed. Raises ConfigError."""
    if isinstance(scenario, Scenario):
        items = {key: value for key, value in scenario if key != "rng"}
        if rng is not None and scenario.rng not in (None, rng):
            raise ValueError("rng and scenario.rng are two different seeds; give one of them")
        rng = scenario.rng if rng is None else rng
        scenario = items.pop("scenario", DEFAULT)
        values = items | dict(values)
    paths = {name.replace("__", "."): _plain(value) for name, value in values.items()}
    if rng is not None:
        paths["seed"] = _seed(rng)
    experiment = load_experiment(scenario)
    return experiment.with_values(paths) if paths else experiment


def _plain(value: Any) -> Any:
    """Return a NumPy number as a Python number; samplers give the former."""
    return value.item() if isinstance(value, np.generic) else value


def _seed(rng: SupportsInt | SeedSequence | str) -> int:
    """Return the seed that an integer, its text or a SeedSequence stands for."""
    if isinstance(rng, SeedSequence):
        return int(rng.generate_state(1, np.uint64)[0]) >> 1
    return int(rng)


def measured(series: Series, shocked: Array) -> dict[str, float]:
    """Return the measures of the last quarter run: of the system, means over organizations, means over shocked ones."""
    found = dict(zip(names("system"), series.system[-1].tolist(), strict=True))
    values, counted = series.bodies[-1], series.in_scope[-1]
    found |= dict(zip(names("body"), means(values, counted).tolist(), strict=True))
    if shocked.any():
        found |= dict(zip(_shocked_names(), means(values, _within(shocked, counted)).tolist(), strict=True))
    return found


def _within(shocked: Array, counted: Array) -> Array:
    """Return 1 for organizations that count and that shocks aim at; none of those founded in the run is.

    Shape (organization,).
    """
    aimed = np.zeros_like(counted)
    aimed[: len(shocked)] = shocked
    return aimed * counted


def _shocked_names() -> tuple[str, ...]:
    """Return the names of organization measures as means over shocked organizations."""
    return tuple(f"shocked.{name}" for name in names("body"))


def _collector(shocked: bool, agents: bool) -> mesa.DataCollector:
    """Return a collector that copies what the simulation has recorded."""
    reported = (*names("system"), *names("body"), *(_shocked_names() if shocked else ()))
    by_type = {
        kind: {name: partial(kind.recorded, position=position) for position, name in enumerate(measures)}
        for kind, measures in AGENT_MEASURES.items()
    }
    return mesa.DataCollector(
        model_reporters={name: partial(_reported, name=name) for name in reported},
        agenttype_reporters=by_type if agents else None,
    )


def _reported(model: MultilateralModel, name: str) -> float:
    """Return a measure of the last quarter run."""
    return model.measured[name]


def _told(event: Event, world: World, labels: list[str], codes: list[str]) -> tuple[str, ...]:
    """Return kind, names, detail and codes of one event."""
    who, where = event.actor, event.organization
    actor, actor_code = (world.state_names[who], world.state_codes[who]) if who >= 0 else ("", "")
    organization, code = (labels[where], codes[where]) if where >= 0 else ("", "")
    return event.kind, actor, organization, event.detail, actor_code, code
