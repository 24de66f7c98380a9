"""The claims board: the stored verdicts of `abm claims`, read as files; a missing verdict is empty."""

import json
import re
from collections.abc import Mapping
from functools import cache, partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from viz.page_state import LANGUAGES
from viz.words import words

COUNT = 46
VERDICTS = ("supported", "conditional", "assumed", "refuted", "undecided")
CONDITIONS = {
    "condition.without_rule": re.compile(r"without its rule \((.*?)\) it holds in ([\d.]+) of replicates"),
    "condition.off": re.compile(r"mechanism off by default, tried with (.*?)(?=; |$)"),
    "condition.where": re.compile(r"holds where (.*?) \(([\d.]+) of (\d+) points\)(?=; |$)"),
    "condition.none": re.compile(r"no single parameter separates where it holds"),
    "condition.prior": re.compile(
        r"depends on the prior, with a triangular one: (\w+) \(([\d.]+) of points, not ([\d.]+)\)"
    ),
    "condition.filter": re.compile(
        r"depends on the quiet filter, without it: (\w+) \(([\d.]+) of points, not ([\d.]+)\)"
    ),
    "condition.missing": re.compile(r"([\d.]+) of measurements gave no number"),
}
"""The sentences in which `abm claims` stores what decides a claim, by the key of their words."""
BOUND = re.compile(r"([a-z_]+\.[a-z_.]+) (<|>|=|is) ([\w. -]+?)(?: \([\d.]+, else ([\d.]+)\))?(?= and |$)")
"""A parameter with what it is below, above or at, and the share in which the claim holds elsewhere."""
RELATIONS = {"<": "below", ">": "above", "=": "at", "is": "at"}
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
            language: translate_conditions(_conditions(name, stored, language), language) for language in LANGUAGES
        },
        "scenario": _text(stored, "scenario"),
        "values": _values(stored),
        "runs": stored.get("runs"),
        **{share: _number(stored.get(share)) for share in SHARES},
    }


def _conditions(name: str, stored: Mapping[str, Any], language: str) -> str:
    """Return stored conditions with the claim's rule in a language."""
    rule = _text(stored.get("rule") or {}, "text")
    return _text(stored, "conditions").replace(f"({rule})", f"({words(language).get(f'rule.{name}', rule)})")


def translate_conditions(conditions: str, language: str) -> str:
    """Return stored conditions in a language, shares in per cent; sentences of unknown form stay as they are."""
    texts = words(language)
    for key, form in CONDITIONS.items():
        conditions = form.sub(partial(_filled, texts[key], texts), conditions)
    return conditions.replace("; ", texts["condition.and"])


def _filled(text: str, texts: Mapping[str, str], found: re.Match[str]) -> str:
    """Return a sentence with what was found in the stored one."""
    return text.format(*(_said(part, texts) for part in found.groups()))


def _said(text: str, texts: Mapping[str, str]) -> str:
    """Return a verdict or the bounds of parameters in words, a share such as 0.25 in per cent; others as they are."""
    if text in VERDICTS:
        return texts[f"verdict.{text}"]
    return _percent(text, texts) if re.fullmatch(r"[01]\.\d\d", text) else BOUND.sub(partial(_bound, texts), text)


def _bound(texts: Mapping[str, str], found: re.Match[str]) -> str:
    """Return in words what a parameter is; one without words of its own keeps its name."""
    path, relation, value, elsewhere = found.groups()
    process, _, name = path.partition(".")
    title = texts.get(f"parameter.{path}.title") or f"{name.replace('_', ' ')} ({process.replace('_', ' ')})"
    said = texts[f"condition.{RELATIONS[relation]}"].format(title, value.replace("-", "−"))
    return said + (texts["condition.elsewhere"].format(_percent(elsewhere, texts)) if elsewhere else "")


def _percent(share: str, texts: Mapping[str, str]) -> str:
    """Return a share in per cent, as the language writes it."""
    return texts["percent"].format(value=f"{100 * float(share):.0f}")


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
