"""What a config can say: JSON Schema for editors, the text of configs/base.yaml, a resolved config."""

import json
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from abm.config.errors import allowed
from abm.config.experiment import Experiment
from abm.config.sections import ParameterSections

BASE_TITLE = "No shock"
BASE_DESCRIPTION = "No shock is scheduled: what happens, happens by itself."
HEADER = """\
# Every key with its default. Scenarios say `extends: base` and state their differences only.
# Written by `abm schema --write-base`; change a default where its process declares it.
"""


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a config file, with descriptions, units and ranges."""
    schema = Experiment.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Scenario of multilateral-abm"
    extends = {
        "type": "string",
        "description": "shipped scenario, or path of a file, to which this one is a difference",
    }
    schema["properties"] = {"extends": extends} | schema["properties"]
    return schema


def base_yaml() -> str:
    """Return the text of configs/base.yaml: every key with default, meaning, range, unit and source."""
    lines = [HEADER + f"title: {_text(BASE_TITLE)}", f"description: {_text(BASE_DESCRIPTION)}"]
    for name, field in Experiment.model_fields.items():
        if name in ("title", "description"):
            continue
        if name in ("world", "parameters"):
            lines += ["", f"{name}:  # {field.description}"]
            lines += _world_lines() if name == "world" else _parameter_lines()
        else:
            lines.append(_line(name, field.get_default(call_default_factory=True), field))
    return "\n".join(lines) + "\n"


def _world_lines() -> list[str]:
    """Return the lines of the section of the world."""
    annotation = Experiment.model_fields["world"].annotation
    model = annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else BaseModel
    return ["  " + _line(name, field.get_default(), field) for name, field in model.model_fields.items()] + [""]


def _parameter_lines() -> list[str]:
    """Return the lines of the parameters, process by process."""
    lines = []
    for process, section in ParameterSections.model_fields.items():
        values = section.get_default(call_default_factory=True)
        fields = type(values).model_fields
        lines.append(f"  {process}:{'' if fields else ' {}'}  # {section.description}")
        lines += ["    " + _line(name, getattr(values, name), field) for name, field in fields.items()]
    return [*lines, ""]


def _line(name: str, value: Any, field: FieldInfo) -> str:
    """Return `name: value  # meaning; allowed; source`."""
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    parts = [
        (field.description or "").rstrip("."),
        allowed(field),
        f"source: {extra['source']}" if "source" in extra else "",
    ]
    return f"{name}: {_text(value)}  # {'; '.join(str(part) for part in parts if part)}"


def _text(value: Any) -> str:
    """Return a plain value as YAML on one line; plain words need no quotes."""
    if isinstance(value, str) and value.replace("_", "").isalnum() and value[0].isalpha() and value != "null":
        return value
    if isinstance(value, str) and value and value[:4].isdigit() and value[4:5] == "Q":
        return value
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return json.dumps(value, ensure_ascii=False)


def describe(experiment: Experiment) -> str:
    """Return a resolved config as text: one line per value, and where it came from."""
    places = experiment.provenance
    rows = [(path, _text(_value(experiment.resolved(), path))) for path in places]
    width = min(52, max((len(path) for path, _ in rows), default=0))
    span = min(40, max((len(text) for _, text in rows), default=0))
    lines = [f"{experiment.heading} (digest {experiment.digest()[:8]})"]
    if experiment.description:
        lines.append(" ".join(experiment.description.split()))
    skipped = ("title", "description")
    lines += [f"{path:{width}}  {text:{span}}  {places[path]}" for path, text in rows if path not in skipped]
    return "\n".join(lines) + "\n"


def _value(values: Any, path: str) -> Any:
    """Return the value at a written path; a key may hold dots."""
    if not path:
        return values
    for key, inner in values.items() if isinstance(values, dict) else enumerate(values):
        if path == str(key):
            return inner
        if path.startswith(f"{key}.") and isinstance(inner, dict | list):
            return _value(inner, path[len(str(key)) + 1 :])
    raise KeyError(path)
