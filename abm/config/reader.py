"""Configs: the only reader of YAML. A file, what it extends and options on top become one Experiment."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from abm.config.ensemble import extend
from abm.config.errors import ConfigError, KeyPath, dotted, nearest, one_of
from abm.config.experiment import Experiment, build, with_value
from abm.config.json_schema import base_yaml, describe, json_schema
from abm.config.layers import MAXIMAL_DEPTH, MAXIMAL_VALUES, Layer, origins_of, placed, plain_layer
from abm.config.plugins import Finder, find_process
from abm.config.refusals import OTHER, NotYaml, Refusal, TooLong, UnknownScenario
from abm.config.sections import ParameterSections, WorldSettings
from abm.config.untrusted import refuse_files

__all__ = [
    "ConfigError", "Experiment", "ParameterSections", "Shipped", "WorldSettings", "base_yaml", "config_text",
    "configs_folder", "describe", "json_schema", "load_experiment", "load_study", "load_text", "read_layer",
    "shipped", "write_base",
]  # fmt: skip
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAXIMAL_BYTES = 1_000_000
STUDY_KEYS = ("scenario", "design", "factors", "outcomes", "twins")
FOLDERS = {"scenario": "scenarios", "study": "studies"}
INTEGER = re.compile(r"[-+]?\d+")
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False, ".nan": math.nan}
WORDS |= {".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf}


class Shipped(NamedTuple):
    """A config that comes with the package."""

    name: str
    kind: str
    title: str


def load_experiment(
    source: str | Path | Mapping[str, Any] | Experiment, overrides: Sequence[str] = (), find: Finder | None = None
) -> Experiment:
    """Return a checked experiment.

    `source` is the name of a shipped scenario, a path, a mapping of the same keys, or an experiment;
    `overrides` are texts `PATH=VALUE` put on top. `find(use, folder)` loads the class of a user's process, so
    that its parameters are checked too. Raises ConfigError with one clear message for whatever is wrong.
    """
    if isinstance(source, Experiment):
        layer, folder = source.layer(), source.folder
    else:
        layer, folder = read_layer(source)
    for text in overrides:
        layer = _overridden(layer, text)
    study = [key for key in STUDY_KEYS if key in layer.values]
    if study:
        raise layer.error((study[0],), "this is a study, not a scenario")
    return build(layer, folder, find or find_process)


def load_text(text: str, name: str = "config") -> Experiment:
    """Return the checked experiment of a config that comes as text, from someone who may not name files.

    It may extend shipped scenarios only, and have no processes and no world of tables. `name` stands for the file
    in messages. Raises ConfigError with one clear message.
    """
    _check_length(text.encode(), name)
    layer = _Reader(text, name).layer()
    scenarios = [entry.name for entry in shipped() if entry.kind == "scenario"]
    asked = layer.values.get("extends", "base")
    if asked not in scenarios:
        refusal = UnknownScenario(asked) if isinstance(asked, str) else OTHER
        raise layer.error(("extends",), f"must be a shipped scenario here: {one_of(scenarios)}", refusal)
    refuse_files(layer)
    if "extends" in layer.values:
        base, _ = read_layer(str(layer.values["extends"]))
        own = {key: value for key, value in layer.values.items() if key != "extends"}
        layer = extend(base, Layer(own, layer.origins))
    return build(layer)


def config_text(values: Mapping[str, Any]) -> str:
    """Return a config as YAML that `load_experiment` reads back to the same values.

    `values` are plain: mappings, lists, texts, numbers, truth values and nothing.
    """
    return str(yaml.dump(values, Dumper=_Writer, allow_unicode=True, sort_keys=False, width=100))


def load_study(
    source: str | Path | Mapping[str, Any],
    overrides: Sequence[str] = (),
    folder: Path | None = None,
    find: Finder | None = None,
) -> tuple[Experiment, Layer]:
    """Return the scenario of a study with the study's own keys over it, and the layer with the rest.

    The layer holds scenario, design, factors, outcomes and twins as written, unchecked; its `error(path, message)`
    names file and line. `overrides` reach both; a mapping is read as if it stood in `folder`. `find` is as in
    `load_experiment`. Raises ConfigError.
    """
    study, folder = read_layer(source, folder)
    scenario = study.values.get("scenario")
    if not isinstance(scenario, str):
        raise study.error(("scenario",), "is missing: the shipped name or the path of the scenario to study")
    base, _ = read_layer(scenario, folder)
    own = {key: value for key, value in study.values.items() if key not in STUDY_KEYS}
    origins = {path: place for path, place in study.origins.items() if not path or path[0] not in STUDY_KEYS}
    layer = extend(base, Layer(own, origins))
    rest = Layer({key: study.values[key] for key in STUDY_KEYS if key in study.values}, study.origins)
    for text in overrides:
        path, value = setting(text)
        keys = tuple(path.split("."))
        if keys[0] in STUDY_KEYS:
            rest = Layer(_within(rest.values, keys, value), rest.origins | origins_of(value, keys, "--set"))
        else:
            layer = with_value(layer, path, value, "--set")
    return build(layer, folder.resolve(), find or find_process), rest


def configs_folder() -> Path:
    """Return the folder of the shipped configs: inside an installed package, else beside the package."""
    package = Path(__file__).resolve().parents[1]
    packaged = package / "_configs"
    return packaged if packaged.is_dir() else package.parent / "configs"


def shipped() -> list[Shipped]:
    """Return all shipped configs: base, then scenarios and studies by name."""
    found = []
    for path in _shipped_files():
        kind = "study" if path.parent.name == FOLDERS["study"] else "scenario"
        title = _parsed(path).values.get("title", "")
        found.append(Shipped(path.stem, kind, str(title)))
    return found


def write_base() -> Path:
    """Write configs/base.yaml anew from the defaults that the processes declare; return its path."""
    path = configs_folder() / "base.yaml"
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(base_yaml(), encoding="utf-8")
    partial.replace(path)  # so that it is never half-written
    return path


def _shipped_files() -> list[Path]:
    """Return the files of the shipped configs."""
    folder = configs_folder()
    return [
        folder / "base.yaml",
        *(path for name in FOLDERS.values() for path in sorted((folder / name).glob("*.yaml"))),
    ]


def read_layer(
    source: str | Path | Mapping[str, Any], folder: Path | None = None, chain: tuple[str, ...] = ()
) -> tuple[Layer, Path]:
    """Return the merged values of a config and of what it extends, unchecked, and the folder it stands in.

    Raises ConfigError for files that cannot be read and for a chain of `extends` that comes back to itself.
    """
    if isinstance(source, Mapping):
        layer, place = plain_layer(source), folder or Path()
    else:
        path = _located(source, folder)
        if str(path.resolve()) in chain:
            names = " -> ".join(Path(name).stem for name in (*chain, str(path.resolve())))
            raise ConfigError(f"{_displayed(path)}: extends: a config cannot extend itself: {names}")
        layer, place, chain = _parsed(path), path.parent, (*chain, str(path.resolve()))
    layer = _absolute_folder(layer, place)
    if "extends" not in layer.values:
        return layer, place
    below = layer.values["extends"]
    if not isinstance(below, str) or not below:
        raise layer.error(("extends",), "must be the name of a shipped scenario or a path")
    try:
        base, _ = read_layer(below, place, chain)
    except ConfigError as error:
        if isinstance(error.refusal, UnknownScenario) and not error.path:
            raise layer.error(("extends",), str(error), error.refusal) from None
        raise
    values = {key: value for key, value in layer.values.items() if key != "extends"}
    return extend(base, Layer(values, layer.origins)), place


def _absolute_folder(layer: Layer, place: Path) -> Layer:
    """Return a layer whose `world.folder` no longer depends on where the program was started."""
    world = layer.values.get("world")
    if not isinstance(world, dict) or not isinstance(world.get("folder"), str):
        return layer
    absolute = str((place / world["folder"]).resolve()) if "\0" not in world["folder"] else world["folder"]
    return Layer(layer.values | {"world": world | {"folder": absolute}}, layer.origins)


def _located(source: str | Path, folder: Path | None) -> Path:
    """Return the file of a config: a shipped name, or a path relative to `folder`."""
    text = str(source)
    files = {path.stem: path for path in _shipped_files()}
    if text in files and isinstance(source, str):
        return files[text]
    path = Path(folder or ".") / Path(text).expanduser()
    try:
        if path.is_file():
            return path
        if path.is_dir():
            raise ConfigError(f"{text}: is a folder, not a config file")
    except (OSError, ValueError):
        pass
    hint = nearest(text, files) or "; `abm configs` lists the shipped ones"
    raise ConfigError(f"no config file and no shipped config {text[:200]!r}{hint}", UnknownScenario(text))


def _displayed(path: Path) -> str:
    """Return a path as messages show it, short where it lies below the working folder."""
    absolute, here = path.resolve(), Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)


def _parsed(path: Path) -> Layer:
    """Return the values of one file with their lines."""
    name = _displayed(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{name}: cannot be read: {error.strerror}") from None
    _check_length(content, name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError(f"{name}:{line}: is not UTF-8 text", NotYaml()) from None
    return _Reader(text, name).layer()


def _check_length(content: bytes, name: str) -> None:
    """Raise ConfigError for a text that no config needs."""
    if len(content) > MAXIMAL_BYTES:
        raise ConfigError(f"{name}: is larger than a config can be ({MAXIMAL_BYTES // 1000} kB)", TooLong())


def _overridden(layer: Layer, text: str) -> Layer:
    """Return the layer with one `PATH=VALUE` on top."""
    return with_value(layer, *setting(text), "--set")


def _within(values: dict[str, Any], keys: KeyPath, value: Any) -> dict[str, Any]:
    """Return a study's own values with `value` at `keys`. Raises ConfigError where they lead through a plain value."""
    try:
        return placed(values, keys, value)
    except KeyError as error:
        raise ConfigError(f"--set {dotted(keys)}: leads nowhere at {error}", path=keys) from None


def setting(text: str) -> tuple[str, Any]:
    """Return path and value of a text `PATH=VALUE`. Raises ConfigError."""
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise ConfigError(f"--set {text}: write PATH=VALUE, for example membership.contagion_log_odds=3")
    return path.strip(), _Reader(value, f"--set {path.strip()}").value()


class _Reader:
    """Turns YAML into plain values with lines: duplicate keys, tags and endless nesting are errors."""

    def __init__(self, text: str, name: str) -> None:
        self._text, self._name = text, name
        self._origins: dict[KeyPath, str] = {}
        self._anchors: dict[str, Any] = {}
        self._count = 0

    def layer(self) -> Layer:
        """Return the values of a whole file, which must be a mapping."""
        values = self.value()
        if values is None:
            raise ConfigError(f"{self._name}: is empty; the shortest config is `extends: base`", NotYaml())
        if not isinstance(values, dict):
            raise self._error(1, (), f"must be a mapping of keys to values, not {type(values).__name__}", NotYaml())
        return Layer(values, self._origins)

    def value(self) -> Any:
        """Return the value of the text, None for an empty one. Raises ConfigError."""
        try:
            events = yaml.parse(self._text, Loader=LOADER)
            content = (event for event in events if not isinstance(event, _FRAME))
            first = next(content, None)
            value = None if first is None else self._read(first, content, ())
            if next(content, None) is not None:
                raise ConfigError(f"{self._name}: holds several documents; write one", NotYaml())
        except yaml.YAMLError as error:
            raise self._syntax(error) from None
        return value

    def _read(self, event: Any, events: Iterator[Any], path: KeyPath) -> Any:
        """Return the value that begins with an event."""
        line = event.start_mark.line + 1
        self._origins.setdefault(path, f"{self._name}:{line}")
        self._spend(1, path, line)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise self._error(line, path, f"unknown alias *{event.anchor}")
            value = self._anchors[event.anchor]
            copies = origins_of(value, path, f"{self._name}:{line}")
            self._spend(len(copies), path, line)
            self._origins |= copies
            return value
        if event.tag is not None:
            raise self._error(line, path, f"the tag {event.tag} is not supported; write a plain value")
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event.value, event.implicit[0], path, line)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._sequence(events, path)
        else:
            value = self._mapping(events, path)
        if event.anchor:
            self._anchors[event.anchor] = value
        return value

    def _sequence(self, events: Iterator[Any], path: KeyPath) -> tuple[Any, ...]:
        """Return the list whose first member is the next event."""
        members: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            members.append(self._read(event, events, (*path, len(members))))
        return tuple(members)

    def _mapping(self, events: Iterator[Any], path: KeyPath) -> dict[str, Any]:
        """Return the mapping whose first key is the next event."""
        values: dict[str, Any] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            line = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent):
                raise self._error(line, path, "a key must be a plain word")
            key = event.value
            if key in values:
                raise self._error(line, (*path, key), "is given twice; keep one")
            self._origins[(*path, key)] = f"{self._name}:{line}"
            values[key] = self._read(next(events), events, (*path, key))
        return values

    def _scalar(self, text: str, plain: bool, path: KeyPath, line: int) -> Any:
        """Return a text, number, true, false or null; quoted scalars are texts, so are yes, no, on, off."""
        if not plain:
            return text
        if text.lower() in WORDS:
            return WORDS[text.lower()]
        if INTEGER.fullmatch(text):
            if len(text) > 40:
                raise self._error(line, path, "this number has too many digits")
            return int(text)
        return float(text) if NUMBER.fullmatch(text) else text

    def _spend(self, count: int, path: KeyPath, line: int) -> None:
        """Count values; refuse texts whose aliases or nesting unfold without end."""
        self._count += count
        if self._count > MAXIMAL_VALUES or len(path) > MAXIMAL_DEPTH:
            raise self._error(line, path[:3], "too many or too deeply nested values")

    def _error(self, line: int, path: KeyPath, message: str, refusal: Refusal = OTHER) -> ConfigError:
        """Return the error of a line."""
        parts = (f"{self._name}:{line}", dotted(path), message)
        return ConfigError(": ".join(part for part in parts if part), refusal, path)

    def _syntax(self, error: yaml.YAMLError) -> ConfigError:
        """Return what is wrong with the YAML itself."""
        mark = getattr(error, "problem_mark", None)
        if mark is None:
            return ConfigError(f"{self._name}: is not YAML: {str(error).splitlines()[0]}", NotYaml())
        lines = self._text.splitlines()
        row = min(mark.line, len(lines) - 1)
        if "\t" in lines[row]:
            return self._error(row + 1, (), "a tab; indent with spaces", NotYaml())
        context = getattr(error, "context", None)
        problem = f"{getattr(error, 'problem', error)}" + (f" ({context})" if context else "")
        return self._error(row + 1, (), f"is not YAML: {problem}", NotYaml())


class _Writer(yaml.SafeDumper):
    """Writes texts in quotes wherever the reader would take them for something else, and no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write every value out."""
        return True

    def text(self, data: str) -> Any:
        """Return the scalar of a text."""
        ambiguous = data.lower() in WORDS or NUMBER.fullmatch(data) or INTEGER.fullmatch(data)
        return self.represent_scalar("tag:yaml.org,2002:str", data, style='"' if ambiguous else None)


_Writer.add_representer(str, _Writer.text)
_FRAME = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)
