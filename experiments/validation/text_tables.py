"""A validation in words: the table of verdicts and the counts of roles."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from experiments.report.validation import figures

HEAD = ("", "pattern", "role", "band", "model (95 %)", "verdict", "N0", "N1", "discriminates", "published")
NUMBERS = ("here", "difference", "default_rules")
ROLES = ("calibrate", "verify", "specify", "validate")


def table(found: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return the head and one row a pattern."""
    published = {entry["id"]: entry for entry in (found["published"] or {"patterns": []})["patterns"]}
    return [HEAD, *(_row(entry, published.get(entry["id"])) for entry in found["patterns"])]


def _row(entry: Mapping[str, Any], published: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return one row."""
    band = "order" if entry["band"] is None else " to ".join(figures(end) for end in entry["band"])
    value = f"{figures(entry['value'])} ({figures(entry['low'])} to {figures(entry['high'])})"
    kept = "-" if published is None else f"{figures(published['value'])} {published['verdict']}"
    nulls = [f"{figures(entry[f'{name}_value'])} {entry[name]}" for name in ("n0", "n1")]
    yes = "yes" if entry["discriminates"] else "no"
    return (str(entry["id"]), entry["name"], entry["role"], band, value, entry["verdict"], *nulls, yes, kept)


def counts(found: Mapping[str, Any]) -> str:
    """Return how many patterns of each role are met, and what made the numbers."""
    parts = [_count(role, [entry for entry in found["patterns"] if entry["role"] == role]) for role in ROLES]
    meant = _count("validate", [entry for entry in found["patterns"] if entry["evidence_role"] == "validate"])
    kind = "Quick run: few replicates; --full makes the published numbers." if found["quick"] else "Full run."
    text = f"\nMet, by what each pattern is to this model: {', '.join(part for part in parts if part)}.\n"
    text += f"By what the evidence meant them for: {meant}.\n{kind}" if meant else kind
    if found["published"]:
        text += f" Published: {found['published']['command']}, {found['published']['made']}."
    return text


def _count(role: str, entries: Sequence[Mapping[str, Any]]) -> str:
    """Return how many of some patterns are met."""
    if not entries:
        return ""
    met = [entry for entry in entries if entry["verdict"] == "in"]
    told = sum(entry["discriminates"] for entry in entries)
    return f"{role} {len(met)} of {len(entries)}" + (f" ({told} discriminating)" if role == "validate" else "")


def docking_rows(rows: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return the head and one row for each published quantity; `rows` are those of `docking_table`."""
    head = (
        "publication",
        "quantity",
        "unit",
        "published",
        "here",
        "difference",
        "default rules",
        "as published",
        "why",
    )
    said = {True: "yes", False: "no", None: "-"}
    lines: list[tuple[str, ...]] = [head]
    before = ""
    for row in rows.to_dict("records"):
        name = str(row["publication"]).replace("_", " ")
        numbers = (_number(round(row[key], 9)) for key in NUMBERS)
        first = ("" if name == before else name, row["quantity"], row["unit"], row["published"] or "-")
        lines.append((*first, *numbers, said[row["agrees"]], row["why"]))
        before = name
    return lines


def _number(value: float) -> str:
    """Return a number, whole ones with all digits; a dash where there is none."""
    if value != value:
        return "-"
    return str(int(value)) if value == int(value) else figures(value)


def episode_table(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return the head and one row an observation."""
    head = (
        "episode",
        "organization",
        "quantity",
        "observed",
        "model",
        "5-95 %",
        "agrees",
        "used before",
        "why not told",
    )
    return [head, *(_episode(row) for row in rows)]


def _episode(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return one row."""
    seen = figures(row["observed"])
    if row["observed_low"] != row["observed_high"]:
        seen = f"{figures(row['observed_low'])} to {figures(row['observed_high']).replace('–', 'more')}"
    agrees = {True: "yes", False: "no", None: "not told"}[row["inside"]]
    span = f"{figures(row['low'])} to {figures(row['high'])}"
    model = (figures(row["mean"]), span, agrees)
    return (row["episode"], row["organization"], row["quantity"], seen, *model, row["seen"], row["reason"] or "")


def coverage_table(scores: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return the head and one row for all, seen, unseen and each kind of quantity."""
    head = ("observations", "told", "inside", "width", "without noise", "log score", "nothing", "climatology")
    return [head, *(_coverage(name, row) for name, row in scores.items())]


def _coverage(name: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return one row."""
    numbers = ("coverage", "width", "model_width", "log_score", "log_score_nothing", "log_score_climatology")
    return (name, str(row["count"]), *(figures(row[number]) for number in numbers))
