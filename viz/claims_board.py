"""The claims board: the stored verdicts of `abm claims`, read as files; a missing verdict is empty."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from viz.page_state import LANGUAGES
from viz.words import words

COUNT = 46
VERDICTS = ("supported", "conditional", "assumed", "refuted", "undecided")
SHARES = ("holds_calibrated", "holds_space", "holds_without_rule")


@cache
def claim_rows() -> tuple[dict[str, Any], ...]:
    """Return the claims in order, each with texts by language, verdict ("" where none is stored) and its run."""
    stored = _stored()
    return tuple(_row(f"C{number:02d}", stored.get(f"C{number:02d}", {})) for number in range(1, COUNT + 1))


def _row(name: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return one claim as the page needs it."""
    verdict = stored.get("verdict")
    english = _text(stored, "hypothesis") or _text(stored, "title")
    return {
        "id": name,
        "title": {"en": english, "zh": _text(stored, "title_zh") or english},
        "verdict": verdict if verdict in VERDICTS else "",
        "conditions": {
            language: tell_conditions(stored.get("conditions_data", []), f"rule.{name}", language)
            for language in LANGUAGES
        },
        "scenario": _text(stored, "scenario"),
        "values": _values(stored),
        "runs": stored.get("runs"),
        **{share: _number(stored.get(share)) for share in SHARES},
    }


def tell_conditions(conditions: Sequence[Mapping[str, Any]], rule: str, language: str) -> str:
    """Return what decides a claim, from stored kinds and details, in a language; `rule` is the key of its rule's name.

    Kinds and details are declared in `experiments/claims/conditions.py`.
    """
    texts = words(language)
    found = []
    for condition in conditions:
        said = {name: _said(name, value, texts) for name, value in condition["details"].items()}
        if "rule" in said:
            said["rule"] = texts.get(rule, said["rule"])
        found.append(texts[f"condition.{condition['kind']}"].format(**said))
    return texts["condition.and"].join(found)


def _said(name: str, value: Any, texts: Mapping[str, str]) -> str:
    """Return one detail of a condition in words."""
    match name:
        case "share" | "uniform":
            return _percent(value, texts)
        case "verdict":
            return texts[f"verdict.{value}"]
        case "settings":
            return texts["condition.both"].join(_parameter("is", one, texts) for one in value)
        case "bounds":
            return texts["condition.both"].join(_bound(one, texts) for one in value)
    return str(value)


def _bound(bound: Mapping[str, Any], texts: Mapping[str, str]) -> str:
    """Return in words on which side of a split a claim holds, and how often on the other."""
    elsewhere = texts["condition.elsewhere"].format(share=_percent(bound["elsewhere"], texts))
    return _parameter(bound["relation"], bound, texts) + elsewhere


def _parameter(relation: str, given: Mapping[str, Any], texts: Mapping[str, str]) -> str:
    """Return in words what a parameter is; one without words of its own keeps its name."""
    path, value = given["path"], given["value"]
    process, _, name = path.partition(".")
    title = texts.get(f"parameter.{path}.title") or f"{name.replace('_', ' ')} ({process.replace('_', ' ')})"
    is_number = isinstance(value, int | float)
    told = f"{value:.3g}".replace("-", "−") if is_number else texts["condition.or"].join(value)
    return texts[f"condition.{relation}"].format(parameter=title, value=told)


def _percent(share: float | None, texts: Mapping[str, str]) -> str:
    """Return a share in per cent, as the language writes it; a dash where no number was found."""
    return "–" if share is None else texts["percent"].format(value=f"{100 * share:.0f}")


def _text(stored: Mapping[str, Any], key: str) -> str:
    """Return a text, joined if it is a list, "" where there is none."""
    value = stored.get(key)
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _values(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values, by path, that the claim's first case puts on its scenario."""
    cases = stored.get("cases")
    first: Mapping[str, Any] = next(iter(cases.values()), {}) if isinstance(cases, dict) else {}
    return dict(first.get("values", {}))


def _number(value: Any) -> float | None:
    """Return a share, None for what is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _stored() -> dict[str, Mapping[str, Any]]:
    """Return stored claims by id; later files (by name) replace earlier ones."""
    found: dict[str, Mapping[str, Any]] = {}
    for file in _result_files():
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        rows = content.get("claims", []) if isinstance(content, dict) else []
        found |= {str(row["id"]): row for row in rows if isinstance(row, dict) and "id" in row}
    return found


def _result_files() -> list[Traversable]:
    """Return the stored results: data beside the package of claims, read without importing it."""
    try:
        folder = files("abm").joinpath("..", "experiments", "claims", "results")
        return sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda file: file.name)
    except (OSError, ModuleNotFoundError):
        return []
