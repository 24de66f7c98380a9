"""The error of a config, and its one sentence: the key, what is wrong with it, and what is allowed."""

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from math import inf
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from abm.config.refusals import OTHER, NotAChoice, OutOfRange, Refusal, UnknownKey
from abm.parameters import bounds

KeyPath = tuple[str | int, ...]
"""The keys that lead to a value, rows of lists as numbers."""
MAXIMAL_MESSAGE = 1000
EXPECTED = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "a text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
ENDLESS = 2**53
"""Limits from here on are not worth naming."""
LARGE = 1e4
"""Whole numbers from here on are written with commas."""
URGENCY = ("extra_forbidden", "union_tag_invalid", "union_tag_not_found")
"""A misspelt key is reported before the key that is missing because of it."""


class ConfigError(Exception):
    """A config that cannot be used; the message says where, which key, what is wrong and what is allowed.

    For whoever tells it in other words, `refusal` is its kind with details; `path` leads to the value, () for none.
    """

    def __init__(self, message: str, refusal: Refusal = OTHER, path: KeyPath = ()) -> None:
        """Keep the message on one line of bearable length, whatever a config holds."""
        super().__init__(bearable(message))
        self.refusal, self.path = refusal, path


class Problem(NamedTuple):
    """Something that is wrong with the value at a path: the parts of a `ConfigError`."""

    path: KeyPath
    message: str
    refusal: Refusal = OTHER


def bearable(message: str) -> str:
    """Return a message on one line, cut where it is long, with signs that control a terminal spelled out."""
    cut = message if len(message) <= MAXIMAL_MESSAGE else f"{message[:MAXIMAL_MESSAGE]} ..."
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in cut)


def dotted(path: KeyPath) -> str:
    """Return a path as text: `shocks.0.actor`."""
    return ".".join(str(part) for part in path)


def nearest(word: object, known: Iterable[object]) -> str:
    """Return "; did you mean X?" for the known word most like `word`, or "" if none is like it."""
    spelled = {str(name).lower(): str(name) for name in known}
    close = difflib.get_close_matches(str(word)[:80].lower(), list(spelled), n=1, cutoff=0.65)
    return f"; did you mean {spelled[close[0]]}?" if close else ""


def one_of(known: Collection[object]) -> str:
    """Return a short enumeration of what is allowed."""
    names = [str(name) for name in known]
    return ", ".join(names) if len(names) <= 24 else f"{', '.join(names[:20])} and {len(names) - 20} more"


def shown(value: object) -> str:
    """Return how a message names a value."""
    names = {dict: "a mapping", list: "a list", tuple: "a list", type(None): "nothing"}
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"the text {value[:60]!r}"
    return names.get(type(value)) or str(value)[:40]


def model_at(root: type[BaseModel], path: KeyPath, values: Any) -> type[BaseModel] | None:
    """Return the model that describes the mapping at `path` of `values`, or None where there is none."""
    found: type[BaseModel] | None = root
    annotation: Any = root
    for part in path:
        if isinstance(part, str):
            if found is None or part not in found.model_fields:
                return type(values[part]) if isinstance(_at(values, part), BaseModel) else None
            annotation = found.model_fields[part].annotation
        values = _at(values, part)
        found = _chosen(annotation, values)
    return found


def _at(values: Any, part: str | int) -> Any:
    """Return a member of a mapping or list, or None."""
    if isinstance(values, Mapping):
        return values.get(part)
    inside = isinstance(values, tuple) and isinstance(part, int) and 0 <= part < len(values)
    return values[part] if inside else None


def _chosen(annotation: Any, value: Any) -> type[BaseModel] | None:
    """Return the model in an annotation; among several that whose `kind` is the value's."""
    models = list(_models(annotation))
    if len(models) <= 1:
        return models[0] if models else None
    kind = _at(value, "kind")
    return next((model for model in models if kind in get_args(model.model_fields["kind"].annotation)), None)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield all models that an annotation contains."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def options(field: FieldInfo) -> tuple[str, ...]:
    """Return the values of a field that takes one of a few texts; empty otherwise."""
    parts = [field.annotation, *get_args(field.annotation)]
    texts = [text for part in parts if get_origin(part) is Literal for text in get_args(part)]
    optional = type(None) in get_args(field.annotation)
    return (*texts, "null") if texts and optional else tuple(texts)


def allowed(field: FieldInfo) -> str:
    """Return what a field takes: `0 to 6 log-odds`, `bargain, decouple`, or "" where its type says it all."""
    low, high = bounds(field)
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    unit = str(extra.get("unit", "1"))
    texts = options(field)
    if texts:
        return one_of(texts)
    if low == -inf and high == inf:
        return ""
    span = f"{_plain(low)} to {_plain(high)}" if high < ENDLESS else f"from {_plain(low)}"
    return span if unit in ("1", "choice") else f"{span} {unit}"


def _plain(number: float) -> str:
    """Return a number as one writes it: large whole ones with commas."""
    return f"{number:,.0f}" if abs(number) >= LARGE and number == int(number) else f"{number:g}"


def error_path(error: ErrorDetails, values: Any) -> KeyPath:
    """Return the path of an error within `values`, without the kinds that pydantic puts in."""
    path: list[str | int] = []
    for part in error["loc"]:
        missing = error["type"] == "missing" and part == error["loc"][-1]
        if isinstance(values, Mapping) and (part in values or missing):
            values = values.get(part)
        elif isinstance(values, tuple) and isinstance(part, int):
            values = values[part]
        else:
            continue
        path.append(part)
    return tuple(path)


def sentence(error: ErrorDetails, path: KeyPath, model: type[BaseModel] | None) -> str:
    """Return what is wrong with the value at `path`; `model` describes the mapping that holds it."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    field = _field(path, model)
    limits = allowed(field) if field else ""
    if kind == "extra_forbidden":
        return unknown(str(path[-1]), model.model_fields if model else {})
    if kind == "missing":
        return f"is missing: {field.description}" if field else "is missing"
    if kind == "union_tag_not_found":
        return "has no `kind`; write which kind of shock it is"
    if kind == "union_tag_invalid":
        tags = [tag.strip(" '") for tag in str(context["expected_tags"]).split(",")]
        return f"unknown kind {context['tag']!r}{nearest(context['tag'], tags)}; allowed: {one_of(tags)}"
    if kind == "literal_error":
        texts = options(field) if field else ()
        return f"{shown(value)} is not allowed{nearest(value, texts)}; allowed: {limits or context['expected']}"
    if kind == "finite_number":
        return f"{value} is not a finite number" + (f"; allowed {limits}" if limits else "")
    if kind in EXPECTED:
        return f"must be {EXPECTED[kind]}, not {shown(value)}{_remedy(kind, value)}" + _suffix(limits)
    if kind in ("greater_than_equal", "less_than_equal"):
        return f"{shown(value)} is out of range; allowed {limits or _bound(context)}"
    if kind == "string_pattern_mismatch":
        return f"{shown(value)} is not a name; begin with a letter, then letters, digits, - and _"
    return str(context.get("message") or context.get("error") or error["msg"])


def refusal_of(error: ErrorDetails, path: KeyPath, model: type[BaseModel] | None) -> Refusal:
    """Return the kind of what `sentence` says of the same value."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    field = _field(path, model)
    if kind == "extra_forbidden":
        return UnknownKey()
    if kind == "union_tag_invalid":
        return NotAChoice(str(context["tag"]))
    if kind == "literal_error" and isinstance(value, str):
        return NotAChoice(value)
    if kind in ("greater_than_equal", "less_than_equal"):
        low, high = bounds(field) if field else (float(context.get("ge", -inf)), float(context.get("le", inf)))
        return OutOfRange(value, low, inf if value < low and high >= ENDLESS else high)
    return OTHER


def _field(path: KeyPath, model: type[BaseModel] | None) -> FieldInfo | None:
    """Return what declares the value at a path, None where nothing does; `model` describes the mapping around it."""
    return model.model_fields.get(str(path[-1])) if model and path else None


def unknown(key: str, known: Mapping[str, Any]) -> str:
    """Return the sentence on a key that does not exist."""
    hint = nearest(key, known)
    return f"unknown key{hint}" if hint else f"unknown key; allowed: {one_of(sorted(known)) or 'none'}"


def _suffix(limits: str) -> str:
    """Return the end of a sentence that names what is allowed."""
    return f"; allowed {limits}" if limits else ""


def _bound(context: Mapping[str, Any]) -> str:
    """Return the limit that was passed."""
    return f"from {_plain(context['ge'])}" if "ge" in context else f"up to {_plain(context['le'])}"


def _remedy(kind: str, value: Any) -> str:
    """Return a hint for the usual slips: quoted numbers, numbers for texts."""
    if kind == "string_type" and isinstance(value, int | float):
        return "; put it in quotes"
    if kind.startswith(("int", "float")) and isinstance(value, str):
        return "; remove the quotes" if value.replace(".", "", 1).lstrip("+-").isdigit() else ""
    return ""
