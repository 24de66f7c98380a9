"""What a list of shocks from the composer must not say, in the words of the page; the rest is checked as in a file."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from abm.calendar import parse_quarter

Dated = list[tuple[int, str]]


def problem_of(shocks: Sequence[Any], texts: Mapping[str, str]) -> str:
    """Return what is wrong with a list of shocks, "" for nothing: no target, an early end, a wrong order of acts."""
    acts: dict[tuple[str, str], Dated] = {}
    for shock in filter(_readable, shocks):
        if shock.get("organizations") == []:
            return texts["shock.problem.none"]
        when = parse_quarter(shock["announced"])
        if shock.get("until") and parse_quarter(shock["until"]) <= when:
            return texts["shock.problem.until"]
        if shock.get("kind") in ("exit", "return"):
            for code in _named(shock.get("organizations")):
                acts.setdefault((str(shock.get("actor")), code), []).append((when, shock["kind"]))
    found = ((code, _wrong_order(sorted(dated))) for (_, code), dated in acts.items())
    return next((texts[f"shock.problem.{wrong}"].format(name=code) for code, wrong in found if wrong), "")


def _readable(shock: Any) -> bool:
    """Return whether the dates of a shock can be read; all others are left to the reader of configs."""
    try:
        return all(parse_quarter(date) for date in (shock["announced"], shock.get("until") or shock["announced"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


def _named(whom: Any) -> list[str]:
    """Return the codes that a target names, or the target as one."""
    return [str(code) for code in whom] if isinstance(whom, list) else [str(whom)]


def _wrong_order(dated: Dated) -> str:
    """Return what is wrong with exits and returns of one state: "twice" or "early"; "" for nothing."""
    if [kind for _, kind in dated[:2]] == ["return", "exit"]:
        return "early"
    for (first, one), (second, other) in pairwise(dated):
        if one == other == "exit":
            return "twice"
        if first == second:
            return "early"
    return ""
