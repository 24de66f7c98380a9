"""The state of a page as one immutable value: the scenario with changes, what it is compared with, and the view."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from typing import Any

from abm.config.experiment import Experiment
from abm.config.reader import ConfigError, config_text, load_experiment, load_text, shipped
from abm.config.refusals import TooLarge, UnknownKey, UnknownScenario
from abm.config.untrusted import load_changes

DEFAULT_SCENARIO = "us-exit-2026"
LANGUAGES = ("en", "zh")
TABS = ("story", "shock", "parameters", "lessons")
MOST_QUARTERS = 120
MOST_STATES = 300
MOST_ORGANIZATIONS = 250
REPLICATES = 8
MOST_REPLICATES = 16
MOST_SHOCKS = 60
CACHE_SIZE = 256


@dataclass(frozen=True)
class PageState:
    """All that a link restores. `config` holds the differences from the shipped scenario, in the form of a config."""

    scenario: str = DEFAULT_SCENARIO
    config: Mapping[str, Any] = field(default_factory=dict)
    second: str = ""
    language: str = "en"
    view: str = "map"
    table: bool = False
    colour: str = "exit"
    mode: str = "difference"
    quarter: int = 0
    selected: str = ""
    tab: str = "story"
    lesson: str = ""
    step: int = 0
    presentation: bool = False

    @cached_property
    def experiment(self) -> Experiment:
        """The experiment that is chosen. Raises ConfigError."""
        return change_scenario(self.scenario, self.config)

    @cached_property
    def digest(self) -> str:
        """What the runs of the experiment are kept under."""
        return self.experiment.digest()

    @cached_property
    def compared(self) -> Experiment | None:
        """The second scenario, with world, seed and (where its shocks allow) length of the first; None for none.

        Raises ConfigError.
        """
        if not self.second:
            return None
        shared = {key: self.config[key] for key in ("world",) if key in self.config}
        seed = {"seed": self.experiment.seed}
        try:
            length = {"quarters": self.experiment.quarters}
            return change_scenario(self.second, {**shared, **seed, **length})
        except ConfigError:  # the second story may need more time than the first has
            return change_scenario(self.second, {**shared, **seed})

    def text(self) -> str:
        """Return the config as YAML: what `abm run` needs to give the same numbers."""
        return config_text({"extends": self.scenario, **self.config})

    def with_parameter(self, path: str, value: Any) -> dict[str, Any]:
        """Return the config with another value of a parameter `process.name`; the scenario's own value is left out."""
        process, _, name = path.partition(".")
        config = plain(self.config)
        parameters = config.setdefault("parameters", {})
        section = parameters.setdefault(process, {})
        section[name] = value
        if value == value_of(shipped_experiment(self.scenario), path):
            del section[name]
        return without_empty(config)

    def with_key(self, key: str, value: Any) -> dict[str, Any]:
        """Return the config with another value of a key of the top level; the scenario's own value is left out."""
        config = plain(self.config)
        config[key] = value
        if value == shipped_experiment(self.scenario).resolved()[key]:
            del config[key]
        return config


@lru_cache(CACHE_SIZE)
def shipped_experiment(name: str) -> Experiment:
    """Return a shipped scenario. Experiments are immutable: all pages share one. Raises ConfigError for other names."""
    if name not in scenarios():
        raise ConfigError(f"no shipped scenario {name[:60]!r}", UnknownScenario(name))
    return load_experiment(name)


@cache
def scenarios() -> frozenset[str]:
    """Return the names of the shipped scenarios."""
    return frozenset(entry.name for entry in shipped() if entry.kind == "scenario")


def change_scenario(scenario: str, config: Mapping[str, Any]) -> Experiment:
    """Return a shipped scenario with changes, the same that `PageState.text` describes. Raises ConfigError."""
    return _changed(scenario, json.dumps(config))


@lru_cache(CACHE_SIZE)
def _changed(scenario: str, config: str) -> Experiment:
    """Return a scenario with changes given as JSON, which can be looked up: many pages ask for the same."""
    base = shipped_experiment(scenario)
    return _within_limits(load_changes(base, json.loads(config)))


def value_of(experiment: Experiment, path: str) -> Any:
    """Return the value of a parameter `process.name`. Raises ConfigError for a path that leads nowhere."""
    process, _, name = path.partition(".")
    try:
        return getattr(getattr(experiment.parameters, process), name)
    except AttributeError:
        raise ConfigError(f"{path}: unknown parameter", UnknownKey(), (process, name)) from None


def plain(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy that shares nothing with the original."""
    return dict(json.loads(json.dumps(config)))


def without_empty(config: dict[str, Any]) -> dict[str, Any]:
    """Return a config without sections of parameters that hold nothing."""
    parameters = {name: section for name, section in config.pop("parameters", {}).items() if section}
    return config | ({"parameters": parameters} if parameters else {})


def read_upload(text: str, name: str) -> tuple[str, dict[str, Any]]:
    """Return scenario and differences of a config that someone uploads. Raises ConfigError."""
    experiment = _within_limits(load_text(text, name[:80] or "config"))
    base = shipped_experiment("base").resolved()
    differences = _differences(experiment.resolved(), base)
    differences["title"] = experiment.title
    return "base", differences


def config_changes(scenario: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return as a config what values at paths change in a shipped scenario. Raises ConfigError."""
    own = shipped_experiment(scenario)
    return _differences(own.with_values(values).resolved(), own.resolved())


def _differences(values: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the values that are not in the base; sections are compared key by key."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        below = base.get(key)
        if isinstance(value, dict) and isinstance(below, dict) and key != "dues_share":
            inner = _differences(value, below)
            found |= {key: inner} if inner else {}
        elif value != below:
            found[key] = value
    return found


def _within_limits(experiment: Experiment) -> Experiment:
    """Return an experiment of a size that one server can run for many. Raises ConfigError."""
    world = experiment.world
    limits = {
        "quarters": (experiment.quarters, MOST_QUARTERS),
        "replicates": (experiment.replicates, 100_000),
        "shocks": (len(experiment.shocks), MOST_SHOCKS),
        "world.states": (world.states or 0, MOST_STATES),
        "world.organizations": (world.organizations or 0, MOST_ORGANIZATIONS),
    }
    for key, (value, most) in limits.items():
        if value > most:
            message = f"{key}: {value} is more than the browser runs, {most}; use `abm run`"
            raise ConfigError(message, TooLarge(value, most), tuple(key.split(".")))
    return experiment
