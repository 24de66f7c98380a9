"""What the reference shows of the code: its commands, the tables of its registries, its modules. All is Markdown."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pandas as pd
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from typer.main import get_command
from typer.testing import CliRunner

import abm
from abm.config.errors import allowed
from abm.config.experiment import Experiment
from abm.config.reader import load_experiment, shipped
from abm.config.sections import SECTIONS, UserProcess, WorldSettings
from abm.schedule import PROCESSES
from abm.shocks.kinds import SHOCKS
from experiments.cli import app
from experiments.documentation.gallery import scripts, section
from experiments.runs.data_dictionary import data_dictionary
from experiments.sweeps.study import Design, Factor, Study
from tests import odd_tables
from tests.markdown import table
from tests.odd_tables import summary

type Maker = Callable[[], str]
"""Makes a part of the reference."""
ROOT = Path(__file__).resolve().parents[2]
WIDE = {"COLUMNS": "92", "TERMINAL_WIDTH": "92"}
MEASURED = {"system": "Of the whole system", "body": "Of an organization", "state": "Of a state"}
DIMENSIONS = {
    "state": "Of a state",
    "organization": "Of an organization",
    "pair": "Of a state in an organization",
    "tie": "Of two states",
    "year": "Of a year of the run",
}


def commands() -> str:
    """Return the help of `abm` and of every command, as it is printed."""
    runner, found = CliRunner(), get_command(app).commands  # type: ignore[attr-defined]
    names = sorted(name for name, command in found.items() if not command.hidden)
    calls = {"abm": ["--help"]} | {f"abm {name}": [name, "--help"] for name in names}
    texts = {call: runner.invoke(app, given, env=WIDE, prog_name="abm").output for call, given in calls.items()}
    return "\n".join(f"## {call}\n\n```text\n{text.strip()}\n```\n" for call, text in texts.items())


def config_keys() -> str:
    """Return the keys of a scenario, of its world and of a process of one's own; then those of a study."""
    parts: dict[str, type[BaseModel]] = {
        "A scenario": Experiment,
        "The world": WorldSettings,
        "A process of your own": UserProcess,
        "A study": Study,
        "Its factors": Factor,
        "Its design": Design,
    }
    return "\n".join(f"## {title}\n\n{keys(model)}" for title, model in parts.items())


def keys(model: type[BaseModel]) -> str:
    """Return the table of the keys of a part of a config."""
    rows = [(f"`{name}`", kind(one), default(one), one.description or "") for name, one in model.model_fields.items()]
    return table(("key", "takes", "default", "meaning"), rows)


def kind(info: FieldInfo) -> str:
    """Return what a key takes: its range or choices where it has them, else its type."""
    return allowed(info) or plain(info.annotation)


def plain(annotation: Any) -> str:
    """Return a type in words."""
    if get_origin(annotation) in (Union, UnionType):
        return " or ".join(dict.fromkeys(plain(part) for part in get_args(annotation) if part is not type(None)))
    words = {str: "text", int: "whole number", float: "number", bool: "true or false", tuple: "list", dict: "mapping"}
    origin = get_origin(annotation) or annotation
    if hasattr(annotation, "__metadata__"):
        return plain(get_args(annotation)[0])
    return words.get(origin, ", ".join(map(str, get_args(annotation))) if get_args(annotation) else "section")


def default(info: FieldInfo) -> str:
    """Return the default of a key as a config holds it; nothing where it is a section of its own."""
    if info.is_required():
        return "must be given"
    value = info.get_default(call_default_factory=True)
    if isinstance(value, BaseModel) or value is None:
        return ""
    return f"`{list(value)}`" if isinstance(value, tuple) else f"`{value!r}`" if value == "" else f"`{value}`"


def parameters() -> str:
    """Return the parameters of every section, those of the start first and then process by process."""
    return "\n".join(f"## {name}\n\n{_about(name)}{_parameters(name)}" for name in SECTIONS)


def _about(name: str) -> str:
    """Return the sentence about a process, and where its equation stands."""
    if name not in PROCESSES:
        return ""
    return f"{summary(PROCESSES[name])} The equation: [ODD, submodels](../explanation/odd.md#{anchor(name)}).\n\n"


def anchor(name: str) -> str:
    """Return the anchor of the equation of a process in the ODD."""
    number = 1 + list(PROCESSES).index(name)
    return f"7{number}-{name}"


def _parameters(name: str) -> str:
    """Return the table of a section, or say that it has none."""
    if not SECTIONS[name].model_fields:
        return "It has no parameters.\n"
    return odd_tables.parameters(name)


def measures() -> str:
    """Return all measures by what they are of."""
    return "\n".join(f"## {title}\n\n{odd_tables.measures(one)}" for one, title in MEASURED.items())


def fields() -> str:
    """Return all fields of the world's state."""
    return "\n".join(f"## {title}\n\n{odd_tables.fields(one)}" for one, title in DIMENSIONS.items())


def outcomes() -> str:
    """Return all outcomes that are one number."""
    return odd_tables.outcomes()


def events() -> str:
    """Return all kinds of events."""
    return odd_tables.events()


def schedule() -> str:
    """Return all processes in their order."""
    return odd_tables.schedule()


def shocks() -> str:
    """Return all kinds of shocks, first what all have, then each with its own keys."""
    common = set.intersection(*(set(record.model_fields) for record in SHOCKS.values())) - {"kind"}
    shared = {name: SHOCKS["exit"].model_fields[name] for name in SHOCKS["exit"].model_fields if name in common}
    parts = [odd_tables.shocks(), "## Keys of all kinds\n", _shock_keys(shared)]
    for name, record in SHOCKS.items():
        own = {key: info for key, info in record.model_fields.items() if key not in common | {"kind"}}
        parts.append(f"## `{name}`\n\n{summary(record)}\n\n{_shock_keys(own) if own else ''}")
    return "\n".join(parts)


def _shock_keys(found: Mapping[str, FieldInfo]) -> str:
    """Return the table of keys of a shock."""
    rows = [(f"`{name}`", kind(one), default(one), one.description or "") for name, one in found.items()]
    return table(("key", "takes", "default", "meaning"), rows)


def scenarios() -> str:
    """Return the shipped scenarios with what happens in each."""
    rows = []
    for one in shipped():
        if one.kind == "scenario":
            said = load_experiment(one.name)
            rows.append((f"`{one.name}`", one.title, said.description))
    return table(("name", "title", "what happens"), rows)


def studies() -> str:
    """Return the shipped studies."""
    return table(("name", "title"), [(f"`{one.name}`", one.title) for one in shipped() if one.kind == "study"])


def source_tables() -> str:
    """Return every column of the tables that a world is read from, table by table."""
    declared = pd.read_csv(ROOT / "abm" / "data" / "columns.csv", keep_default_na=False, dtype=str)
    first, *rest = declared.columns
    parts = []
    for name, rows in declared.groupby(first, sort=False):
        cells = [(f"`{row[0]}`", *row[1:]) for row in rows[rest].itertuples(index=False)]
        parts.append(f"## {name}.csv\n\n{table(rest, cells)}")
    return "\n".join(parts)


def result_tables() -> str:
    """Return every column of the tables of results, table by table."""
    parts = []
    for name, rows in data_dictionary().groupby("table", sort=False):
        cells = [(f"`{one.column}`", one.unit, one.meaning) for one in rows.itertuples()]
        parts.append(f"## {name}\n\n{table(('column', 'unit', 'meaning'), cells)}")
    return "\n".join(parts)


def public_names() -> str:
    """Return the documentation of every name that `abm` itself holds."""
    parts = ["```{eval-rst}"]
    for name in abm.__all__:
        what = "class" if isinstance(getattr(abm, name), type) else "function"
        members = "   :members:\n" if what == "class" else ""
        parts.append(f".. auto{what}:: abm.{name}\n   :no-index:\n{members}")
    return "\n".join([*parts, "```\n"])


def gallery() -> str:
    """Return the scripts of the gallery with their figures."""
    return "\n".join(section(script) for script in scripts())


def modules(package: str) -> str:
    """Return the documentation of every module of a package; modules of its subpackages are not among them."""
    found = importlib.import_module(package)
    inside = [f"{package}.{one.name}" for one in pkgutil.iter_modules(found.__path__) if not one.ispkg]
    names = inside if package == "abm" else [package, *inside]  # what `abm` itself holds, other modules define
    return "\n".join(_module(name) for name in names)


def _module(name: str) -> str:
    """Return the section of a module."""
    return f"## {name}\n\n```{{eval-rst}}\n.. automodule:: {name}\n   :members:\n   :show-inheritance:\n```\n"
