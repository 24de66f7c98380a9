"""What can be set on the page: stories, parameters, and the parts of a shock, in the words of a language."""

import csv
from functools import cache
from typing import Any, get_args

import numpy as np

from abm.calendar import format_quarter, parse_quarter
from abm.config.experiment import Experiment
from abm.config.reader import shipped
from abm.data.reading import data_folder
from abm.data.table import Table, number
from abm.data.world_tables import read_tables
from abm.schedule import PROCESSES
from abm.shocks.kinds import LASTING, SHOCKS
from abm.shocks.targets import world_names
from viz.page_state import PageState, shipped_experiment, value_of
from viz.words import words

TODAY = parse_quarter("2026Q1")
"""Quarter whose groups of states a shock can be made of; a run takes those of its start."""

STORIES = {
    "now": ("us-exit-2026", "who-2025", "unesco-2025", "aid-freeze-2025", "review-2025", "sanction-icc-2025"),
    "ways": (
        "bargain",
        "threat",
        "threat-agencies",
        "threat-all",
        "batch",
        "staggered",
        "selective",
        "article-19",
        "climate-exit",
        "obstruct",
        "foundation-exit",
        "unilateral-act",
        "rhetoric",
    ),
    "back": ("return-2029", "revolving-door"),
    "past": ("unesco-1984", "unesco-2011", "unesco-2017", "paris-2017", "unrwa-2018", "upu-2018"),
    "doubt": ("total-exit", "china-exit", "eu-exit", "placebo-small-state", "base"),
}
"""Shipped scenarios by theme; those of no theme are listed last."""
PARAMETERS = {
    "membership.contagion_log_odds": 0.05,
    "membership.legitimacy_log_odds": 0.05,
    "legitimacy.blame_weight": 0.05,
    "legitimacy.peer_rate": 0.01,
    "funding.appeal": 0.05,
    "funding.slack_share": 0.01,
    "funding.private_share": 0.05,
    "operations.money_weight": 0.05,
    "operations.expertise_weight": 0.05,
    "commitment.example_weight": 0.05,
    "clubs.opening_log_odds": 0.5,
    "trust.betrayal_weight": 0.05,
    "membership.new_party_return_rate": 0.05,
}
"""The parameters that matter most, each with the step of its slider."""
KINDS = (
    "exit", "threaten", "stop_participation", "freeze", "defund", "withhold_dues", "redirect", "refuse", "obstruct",
    "press", "sanction", "rhetoric", "unilateral_act", "discipline", "found_club", "shift_position",
    "change_government", "review",
)  # fmt: skip
"""Kinds of shock that the composer offers, in its order: all but the return, with which an exit or a threat can end,
and the exit from treaties only."""
RETURNING = ("exit", "threaten")
"""Kinds after which the actor comes back by a return; others end by themselves, or stay."""
SET = frozenset({
    "organizations", "issue_area", "position", "notice_quarters", "mode", "action", "club", "government", "fraction",
    "strength", "share", "bar", "until",
})  # fmt: skip
"""Fields of shocks that the composer sets; all others keep their defaults."""
WORDED = ("mode", "action", "club", "government")
"""Those of them that are one of a few words."""


@cache
def stories(language: str) -> list[dict[str, Any]]:
    """Return the shipped scenarios: name, theme, title and text."""
    texts = words(language)
    themes = {name: theme for theme, names in STORIES.items() for name in names}
    found = []
    for entry in shipped():
        if entry.kind != "scenario":
            continue
        experiment = shipped_experiment(entry.name)
        found.append({
            "name": entry.name,
            "theme": themes.get(entry.name, "more"),
            "title": texts.get(f"story.{entry.name}.title", experiment.title),
            "text": texts.get(f"story.{entry.name}.text", experiment.description),
        })  # fmt: skip
    order = [name for names in STORIES.values() for name in names]
    return sorted(found, key=lambda story: order.index(story["name"]) if story["name"] in order else len(order))


@cache
def parameters(language: str) -> list[dict[str, Any]]:
    """Return the parameters that matter, with range, unit, explanation and source."""
    texts, sources = words(language), _bibliography()
    found = []
    for path, step in PARAMETERS.items():
        process, _, name = path.partition(".")
        field = PROCESSES[process].parameters.model_fields[name]
        extra: Any = field.json_schema_extra
        bounds = {type(limit).__name__: limit for limit in field.metadata}
        source = str(extra["source"])
        found.append({
            "path": path, "step": step, "low": bounds["Ge"].ge, "high": bounds["Le"].le,
            "unit": texts.get(f"unit.{extra['unit']}", extra["unit"]),
            "title": texts[f"parameter.{path}.title"], "text": texts[f"parameter.{path}.text"],
            "meaning": field.description if language == "en" else "",
            "source": texts["assumption"] if source == "assumption" else sources.get(source, source),
        })  # fmt: skip
    return found


@cache
def composer(language: str) -> dict[str, Any]:
    """Return what a shock can be made of: states and groups, kinds, and ways to name organizations."""
    texts, names, tables = words(language), world_names(None, TODAY), read_tables()
    bodies = tables.organizations
    return {
        "actors": [
            *((group, texts.get(f"group.{group}", group)) for group in names.groups),
            *sorted(
                ((code, texts.get(f"name.{code}", name))
                 for code, name in zip(tables.states["code"], tables.states["name"], strict=True)),
                key=lambda pair: pair[1] if language == "en" else pair[0],
            ),
        ],
        "organizations": [
            (code, f"{code} · {texts.get(f'name.{code}', name)}")
            for code, name in zip(bodies["code"], bodies["name"], strict=True)
        ],
        "lists": [(name, texts.get(f"list.{name}", name)) for name in names.lists],
        "issues": [(name, texts.get(f"issue.{name}", name)) for name in dict.fromkeys(names.issue_areas)],
        "types": [(name, texts.get(f"type.{name}", name)) for name in dict.fromkeys(names.kinds)],
        "positions": _positions(tables.states),
        "kinds": KINDS,
        "returning": RETURNING,
        "fields": {kind: sorted(SET & _fields(kind)) for kind in KINDS},
        "choices": {name: get_args(field.annotation) for kind in KINDS
                    for name, field in SHOCKS[kind].model_fields.items() if name in WORDED},
    }  # fmt: skip


def _fields(kind: str) -> set[str]:
    """Return the fields of a kind of shock; one that nothing but another shock reverses has no end."""
    return set(SHOCKS[kind].model_fields) - ({"until"} if kind in LASTING else set())


def _positions(states: Table) -> dict[str, list[float]]:
    """Return positions of states in the policy space, of those for which both are known."""
    first, second = (number(states, f"position_{axis}", blank=np.nan) for axis in (1, 2))
    return {
        code: [float(x), float(y)]
        for code, x, y in zip(states["code"], first, second, strict=True)
        if np.isfinite(x + y)
    }


def catalogue(language: str) -> dict[str, Any]:
    """Return all that the controls of a language offer."""
    return {
        "language": language,
        "stories": stories(language),
        "parameters": parameters(language),
        "composer": composer(language),
    }


def values(state: PageState) -> dict[str, Any]:
    """Return what the controls stand at: the chosen values and, to go back to, the scenario's own."""
    experiment, own = state.experiment, shipped_experiment(state.scenario)
    return {
        "scenario": state.scenario,
        "second": state.second,
        "tab": state.tab,
        "presentation": state.presentation,
        "changed": bool(state.config),
        "title": _title(state),
        "lesson": state.lesson,
        "digest": state.digest,
        "values": {path: value_of(experiment, path) for path in PARAMETERS},
        "own": {path: value_of(own, path) for path in PARAMETERS},
        "quarters": experiment.quarters,
        "seed": experiment.seed,
        "dates": _dates(experiment),
        "shocks": [shock.model_dump(mode="json") for shock in experiment.shocks],
        "world": experiment.world.source,
    }


def titled(name: str, language: str) -> str:
    """Return the title of a shipped scenario, "" for none."""
    return next((story["title"] for story in stories(language) if story["name"] == name), "")


def _title(state: PageState) -> str:
    """Return the title of what is shown: the config's own, or the story's with a word where it was changed."""
    if "title" in state.config:
        return str(state.config["title"])
    title = titled(state.scenario, state.language)
    return words(state.language)["story.altered"].format(title=title) if state.config else title


def _dates(experiment: Experiment) -> list[str]:
    """Return the quarters of a run."""
    first = parse_quarter(experiment.world.start)
    return [format_quarter(first + number) for number in range(experiment.quarters)]


@cache
def _bibliography() -> dict[str, str]:
    """Return short references by key."""
    with (data_folder() / "bibliography.csv").open(encoding="utf-8", newline="") as file:
        return {row["key"]: row["reference"] for row in csv.DictReader(file)}
