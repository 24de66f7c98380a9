"""An experiment: everything that decides a run, checked to the last key, immutable, with a digest."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, PrivateAttr, ValidationError

from abm.calendar import format_quarter, parse_quarter
from abm.config.ensemble import CALIBRATED, held_in, holding, in_row, rows
from abm.config.errors import (
    URGENCY,
    ConfigError,
    KeyPath,
    Problem,
    dotted,
    error_path,
    model_at,
    nearest,
    one_of,
    refusal_of,
    sentence,
    unknown,
)
from abm.config.layers import Layer, origins_of, placed, plain_layer, untitled
from abm.config.plugins import Finder, UnreadParameters, unloaded
from abm.config.refusals import OTHER, OutsideRun, Refusal, UnknownKey
from abm.config.renamed import renamed
from abm.config.sections import (
    SECTIONS,
    USE,
    ParameterSections,
    StrictModel,
    UserProcess,
    WorldSettings,
    world_problems,
)
from abm.data.world_tables import TablesError
from abm.parameters import Parameters
from abm.processes.base import Process
from abm.schedule import PROCESSES
from abm.shocks.kinds import LASTING, Act, AnyShock, Shock
from abm.shocks.targets import wrong_codes, wrong_names


class Experiment(StrictModel):
    """A scenario with everything that decides its runs. Made by `abm.config.reader.load_experiment`."""

    title: str = Field("", description="one line for tables and figures")
    description: str = Field("", description="what happens, in one to three sentences")
    world: WorldSettings = Field(default_factory=WorldSettings, description="where and when")
    quarters: int = Field(60, ge=1, le=400, description="length of a run", json_schema_extra={"unit": "quarters"})
    seed: int = Field(
        20260107, ge=0, le=2**63 - 1, description="seed of all random numbers, common to the shipped scenarios"
    )
    replicates: int = Field(8, ge=1, le=100_000, description="runs with different random numbers")
    shocks: tuple[AnyShock, ...] = Field((), description="what happens, in any order")
    parameters: ParameterSections = Field(
        default_factory=ParameterSections, description="parameters of the start, and by process"
    )
    ensemble: Literal["calibrated", "off"] = Field(
        "calibrated",
        description="calibrated: what is not known is drawn, replicate by replicate; off: point defaults in all",
    )
    held: tuple[str, ...] = Field(
        (), description="further parameters that the ensemble does not draw; those that are set need not be listed"
    )
    processes: tuple[UserProcess, ...] = Field((), description="processes of your own")

    _layer: Layer = PrivateAttr(default_factory=Layer)
    _folder: Path = PrivateAttr(default_factory=Path)
    _find: Finder | None = PrivateAttr(None)

    def values_of(self, section: str | Process | type[Process]) -> Any:
        """Return the parameters of a section or process, an instance of its class of parameters."""
        return getattr(self.parameters, section if isinstance(section, str) else section.name)

    def own_processes(self) -> list[tuple[type[Process], str]]:
        """Return the user's processes, each with the name it follows. Raises ConfigError if read without code."""
        return [((self._find or unloaded)(entry.use, self._folder), entry.after) for entry in self.processes]

    def ensemble_row(self, replicate: int) -> int:
        """Return the row of the ensemble that a replicate and its twin take: 0, the point default, where it is off."""
        return replicate % len(rows()) if self.ensemble == CALIBRATED else 0

    def in_row(self, replicate: int) -> Self:
        """Return the experiment with the parameters of a replicate: those of its row, except for what is held."""
        row = self.ensemble_row(replicate)
        if row == 0:
            return self
        return self.model_copy(update={"parameters": in_row(self.parameters, row, self.held)})

    @property
    def folder(self) -> Path:
        """The folder of the config file, beside which a user's modules are looked up."""
        return self._folder

    @property
    def provenance(self) -> dict[str, str]:
        """Path of every value -> the file and line, or the option, that gave it; "default" otherwise."""
        origins = self._layer.origins
        paths = leaves(self.resolved(), ())
        return {dotted(path): origins.get(path, "default") or "mapping" for path in paths}

    def error(self, path: KeyPath, message: str, refusal: Refusal = OTHER) -> ConfigError:
        """Return the error of the value at `path`, with the place where it was written."""
        return self._layer.error(path, message, refusal)

    def layer(self) -> Layer:
        """Return the resolved values with their origins, to put further values on."""
        return Layer(plain_layer(self.resolved()).values, self._layer.origins)

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Pickle a user's processes by name and folder: their modules are not importable elsewhere."""
        if not self.processes:
            return super().__reduce_ex__(protocol)
        return _rebuilt, (self.resolved(), self._layer.origins, self._folder, self._find)

    @property
    def heading(self) -> str:
        """The title, or words in its place: a scenario whose shocks were replaced has none."""
        return self.title or "A run without a title"

    def twin(self) -> Self:
        """Return the same experiment without shocks."""
        return self.model_copy(update={"shocks": ()})

    def resolved(self) -> dict[str, Any]:
        """Return the experiment as plain, JSON-able values with everything explicit."""
        return self.model_dump(mode="json")

    def canonical_json(self) -> str:
        """Return `resolved()` as JSON with sorted keys and no spaces."""
        return canonical(self.resolved())

    def identity(self) -> dict[str, Any]:
        """Return `resolved()` without titles, and with the contents of a world's folder in place of its path."""
        return identity_of(self.resolved())

    def digest(self) -> str:
        """Return the SHA-256 of all that decides the results: without titles and places of folders."""
        return digest_of(self.resolved())

    def with_values(self, values: Mapping[str, Any], place: str = "given value") -> "Experiment":
        """Return the experiment with other values at paths such as `membership.contagion_log_odds`.

        `place` says in messages where the values were written. Raises ConfigError for an unknown path and for
        whatever the checks of a config refuse.
        """
        layer = self.layer()
        for path, value in values.items():
            layer = with_value(layer, path, value, place)
        return build(layer, self._folder, self._find)


def build(layer: Layer, folder: Path | None = None, find: Finder | None = None) -> Experiment:
    """Return the experiment that a layer describes.

    `folder` is where the config stands, `find` loads the classes of the user's own processes so that their
    parameters are checked like the built-in ones. Raises ConfigError with the first thing that is wrong.
    """
    values = layer.values
    try:
        own = _own_parameters(layer, folder or Path(), find)
        sections = values.get("parameters", {})
        if own and isinstance(sections, dict):
            values = values | {"parameters": sections | own}
        if isinstance(values.get("held", ()), tuple):
            values = values | {"held": held_in(layer)}
        experiment = Experiment.model_validate(values)
    except ValidationError as error:
        raise config_error(error, layer) from None
    for problem in _problems(experiment):
        raise layer.error(*problem)
    experiment._layer, experiment._folder, experiment._find = layer, folder or Path(), find
    return experiment


def _rebuilt(values: Mapping[str, Any], origins: Any, folder: Path, find: Finder | None) -> Experiment:
    """Return an experiment from what its pickle holds."""
    return build(Layer(plain_layer(values).values, origins), folder, find)


def _own_parameters(layer: Layer, folder: Path, find: Finder | None) -> dict[str, Parameters]:
    """Return the checked parameters of the user's processes; refuse unknown places and sections."""
    listed = layer.values.get("processes", ())
    uses = [use if isinstance(use, dict) else {} for use in listed] if isinstance(listed, list | tuple) else []
    texts = [str(use.get("use")) for use in uses]
    loading = find is not None and find is not unloaded
    readable = [row for row, text in enumerate(texts) if re.match(USE, text)]
    found = {row: find(texts[row], folder) for row in readable} if find and loading else {}
    classes = {process.name: process.parameters for process in found.values()}
    if loading:
        _check_places(uses, found, layer)
    sections = layer.values.get("parameters", {})
    if not isinstance(sections, dict):
        return {}
    if find is unloaded and uses:
        classes = {name: UnreadParameters for name in sections if name not in SECTIONS}
    known = SECTIONS | classes
    for name in sections:
        if name not in known:
            message = renamed("process", name) or unknown(name, known)
            raise layer.error(("parameters", name), message, UnknownKey())
    return {name: _validated(cls, sections.get(name, {}), layer, name) for name, cls in classes.items()}


def _check_places(uses: Sequence[Mapping[str, Any]], found: Mapping[int, type[Process]], layer: Layer) -> None:
    """Refuse a process whose name is taken, or which is to run after none of the model's and none listed above it."""
    above = [*PROCESSES]
    for row, use in enumerate(uses):
        after = use.get("after", above[0])
        if after not in above:
            own = after in [process.name for process in found.values()]
            message = f"{after} is not listed above this process" if own else _no_process(after, above)
            raise layer.error(("processes", row, "after"), message)
        if row not in found:
            continue
        name = found[row].name
        if name in SECTIONS or name in above:
            message = f"the name {name!r} is taken; give the class another `name`"
            raise layer.error(("processes", row, "use"), message)
        above.append(name)


def _no_process(name: object, known: Sequence[str]) -> str:
    """Return the sentence on a place in the order of a quarter that does not exist."""
    hint = nearest(name, known) or f"; it is one of {one_of(known)}"
    return f"{name} {renamed('process', name) or f'is not a process{hint}'}"


def _validated(parameters: type[Parameters], values: Any, layer: Layer, name: str) -> Parameters:
    """Return the parameters of one user process."""
    try:
        return parameters.model_validate(values)
    except ValidationError as error:
        raise config_error(error, layer, parameters, ("parameters", name)) from None


def config_error(
    error: ValidationError, layer: Layer, root: type[BaseModel] = Experiment, start: KeyPath = ()
) -> ConfigError:
    """Return the first of pydantic's errors on the values at `start` of a layer, which `root` describes."""
    values: Any = layer.values
    for part in start:
        values = values.get(part)
    first = min(error.errors(), key=lambda one: one["type"] not in URGENCY)
    path = error_path(first, values)
    model = model_at(root, path[:-1], values)
    return layer.error((*start, *path), sentence(first, path, model), refusal_of(first, path, model))


def with_value(layer: Layer, path: str, value: Any, place: str) -> Layer:
    """Return a layer with `value` at a path of the path language, written at `place`.

    Paths: `process.parameter`, `world.key`, `shocks.N.field` (N from 0, or the shock's id), top-level keys.
    Raises ConfigError when the path leads nowhere.
    """
    keys = keys_of(path, layer.values)
    layer = untitled(layer) if keys == ("shocks",) else layer
    value = plain_layer({"value": value}).values["value"]
    parent = model_at(Experiment, keys[:-1], layer.values)
    field = parent.model_fields.get(str(keys[-1])) if parent else None
    if field and field.annotation is int and isinstance(value, float) and value.is_integer():
        value = int(value)  # samplers give whole numbers as floats
    try:
        values = placed(layer.values, keys, value)
    except KeyError as error:
        raise ConfigError(f"{path}: leads nowhere at {error}", UnknownKey(), keys) from None
    origins = {key: where for key, where in layer.origins.items() if key[: len(keys)] != keys}
    changed = Layer(values, origins | origins_of(value, keys, place))
    return holding(changed, keys) if keys[0] == "parameters" else changed


def keys_of(path: str, values: Mapping[str, Any]) -> KeyPath:
    """Return the keys that a path of the path language stands for. Raises ConfigError for an unknown head."""
    head, *rest = path.split(".")
    # the parameters of a user's process are known to nobody before its class is loaded: building checks them
    own = values.get("processes") and rest and head not in Experiment.model_fields
    if head in SECTIONS or own:
        return ("parameters", head, *rest)
    if head not in Experiment.model_fields:
        known = [*Experiment.model_fields, *SECTIONS]
        hint = nearest(head, known) or f"; it begins with one of {one_of(known)}"
        message = f"{path}: {renamed('process', head) or f'unknown path{hint}'}"
        raise ConfigError(message, UnknownKey(), (head, *rest))
    if head != "shocks" or not rest:
        return (head, *rest)
    shocks = values.get("shocks", ()) if isinstance(values.get("shocks"), tuple) else ()
    rows = {str(row): row for row in range(len(shocks))}
    rows |= {str(shock["id"]): row for row, shock in enumerate(shocks) if isinstance(shock, dict) and shock.get("id")}
    if rest[0] not in rows:
        message = f"{path}: no shock {rest[0]!r}; there are {one_of(sorted(rows)) if shocks else 'none'}"
        raise ConfigError(message, UnknownKey(), (head, *rest))
    return ("shocks", rows[rest[0]], *rest[1:])


def _problems(experiment: Experiment) -> Iterator[Problem]:
    """Yield what is wrong between the parts of an experiment."""
    yield from world_problems(experiment.world, experiment.quarters)
    for row, path in enumerate(experiment.held):
        section, _, name = path.partition(".")
        if section not in SECTIONS or name not in SECTIONS[section].model_fields:
            yield Problem(("held", row), f"{path!r} is not a parameter; write one as process.parameter", UnknownKey())
    seen: set[str] = set()
    for row, shock in enumerate(experiment.shocks):
        if shock.id in seen:
            yield Problem(("shocks", row, "id"), f"the id {shock.id!r} is used twice")
        seen |= {shock.id} if shock.id else set()
        if shock.condition == "member" and not isinstance(shock, Act):
            message = f"a shock of kind {shock.kind} has no organization to be a member of"
            yield Problem(("shocks", row, "condition"), message)
        yield from _date_problems(row, shock, experiment)
    if experiment.shocks or experiment.world.dues_share or experiment.world.source == "tables":
        yield from _name_problems(experiment)


def _date_problems(row: int, shock: Shock, experiment: Experiment) -> Iterator[Problem]:
    """Yield what is wrong with the dates of a shock."""
    start, end = ("shocks", row, "announced"), ("shocks", row, "until")
    first = parse_quarter(experiment.world.start)
    last = first + experiment.quarters - 1
    announced = parse_quarter(shock.announced)
    if not first <= announced <= last:
        span = f"{format_quarter(first)} to {format_quarter(last)}"
        message = f"{shock.announced} is outside the run, which goes from {span}"
        yield Problem(start, message, OutsideRun(shock.announced))
    if shock.until is None:
        return
    if shock.kind in LASTING:
        yield Problem(end, f"nothing but another shock ends a shock of kind {shock.kind}; remove it")
    if parse_quarter(shock.until) <= announced:
        yield Problem(end, f"{shock.until} is not after {shock.announced}, when the shock is announced")


def _name_problems(experiment: Experiment) -> Iterator[Problem]:
    """Yield codes, lists and groups that the world does not have."""
    try:
        names = experiment.world.names()
    except TablesError as error:
        yield Problem(("world", "folder"), str(error))
        return
    for row, shock in enumerate(experiment.shocks):
        for key, wrong in wrong_names(shock, names):
            yield Problem(("shocks", row, key), str(wrong), wrong.refusal)
    for body, shares in experiment.world.dues_share.items():
        for wrong in wrong_codes((body,), names.known_organizations) + wrong_codes(tuple(shares), names.known_states):
            yield Problem(("world", "dues_share", body), str(wrong), wrong.refusal)


def leaves(value: Any, path: KeyPath) -> Iterator[KeyPath]:
    """Yield the paths of all plain values, and of empty lists and mappings."""
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    empty = True
    for key, inner in rows:
        empty = False
        yield from leaves(inner, (*path, key))
    if empty:
        yield path


def identity_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resolved config without titles, and with the contents of a world's folder in place of its path."""
    values = {key: value for key, value in config.items() if key not in ("title", "description")}
    world = config.get("world", {})
    if (folder := world.get("folder")) is not None:
        values["world"] = world | {"folder": _contents(Path(folder))}
    return values


def digest_of(config: Mapping[str, Any]) -> str:
    """Return the SHA-256 of all that decides the results in a resolved config, be it today's or one of long ago.

    A key that the model gained later is not in a config that was written before, so that its digest stays what it was.
    """
    return hashlib.sha256(canonical(identity_of(config)).encode()).hexdigest()


def canonical(values: Any) -> str:
    """Return JSON that is the same for equal values."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _contents(folder: Path) -> str:
    """Return the SHA-256 of the tables in a folder; of nothing when it is gone."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.csv")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
