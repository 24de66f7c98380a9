"""Tables and numbers of the record of past exits, made from the kept comparison; `tests/odd_tables.py` writes them.

They stand in `experiments/STATUS.md`, `experiments/validation/README.md` and `README.md`.
"""

import csv
import re
from pathlib import Path
from typing import Any

from experiments.validation.coverage import TOTALS
from experiments.validation.published_episodes import read_rows, read_summary
from experiments.validation.rule_coverage import KINDS, RESULTS
from tests.markdown import table

ROOT = Path(__file__).resolve().parent.parent
STATUS = ROOT / "experiments" / "STATUS.md"
VALIDATION = ROOT / "experiments" / "validation" / "README.md"
WORDS = {
    "all": "all",
    "unseen": "not in view when the model was made",
    "followers": "followers",
    "refill": "refill",
    "cuts": "cuts: shares of budgets and staff",
    "budget_cut": "cuts of budgets",
    "staff_cut": "cuts of staff",
    "budget": "budgets: cuts, and cuts over losses",
    "staff": "staff: cuts, and cuts over those of budgets",
    "returns": "returns",
    "timing": "quarters until a cut",
}
"""Rows of the table in STATUS, in their order."""
AIMS = {
    "all": ".8 to .97", "unseen": ".75", "followers": ".65", "refill": ".65", "budget": ".65", "staff": ".65",
}  # fmt: skip
WIDEST = {"refill": "1", "cuts": ".25", "budget_cut": ".25", "staff_cut": ".25"}
COUNTS = (
    (r"(?<=- Of )(\d+)( quantities of past exits, )(\d+)(?= lie in the 90 % intervals)", "{count}", "{inside}"),
    (r"(?<=the 90 % )(intervals)( hold )(\d+)(?= % of the record)", "intervals", "{percent}"),
    (r"(?<=asks of )(\d+)( quantities of )(\d+)(?= past exits and cuts)", "{count}", "{episodes}"),
    (
        r"(?<=noise of the accounts is )([\d.]+)( wide, which misses the aim; without it )([\d.]*\d)",
        "{wide}",
        "{narrow}",
    ),
    (r"(?<=finds )(\d+)( of )(\d+)(?=\sobservations of \d+ episodes inside)", "{inside}", "{count}"),
)
"""Sentences with numbers of the record and what stands there: each has two, the first of which may be a word."""


def short(value: float | None, digits: int = 2) -> str:
    """Return a number with so many digits after the point, without a nought before it or at the end."""
    if value is None:
        return ""
    text = f"{value:.{digits}f}"
    return re.sub(r"^(-?)0\.", r"\1.", text.partition(".")[0] if float(text).is_integer() else text)


def width(value: float | None) -> str:
    """Return a width: two digits that count."""
    return "" if value is None else short(value, 1 if value >= 1 else 2)


def _widths(name: str, row: dict[str, Any]) -> tuple[str, str]:
    """Return both widths; nothing of quantities of all kinds together, since their units differ."""
    return ("", "") if name in TOTALS else (width(row["width"]), width(row["model_width"]))


def _logs(row: dict[str, Any]) -> tuple[str, ...]:
    """Return the log scores of the model and of both null models."""
    return tuple(short(row[name]) for name in ("log_score", "log_score_nothing", "log_score_climatology"))


def record() -> str:
    """Return the table of STATUS: coverage and widths beside what they should reach, and log scores."""
    found, rows = read_summary()["scores"], []
    for name, words in WORDS.items():
        one = found[name]
        told = (one["count"], short(one["coverage"]), AIMS.get(name, ""))
        rows.append((words, *told, *_widths(name, one), WIDEST.get(name, ""), *_logs(one)))
    head = (
        "", "quantities", "coverage", "aim", "width", "width without noise", "aim", "log score", "nothing happens",
        "mean of the others",
    )  # fmt: skip
    return table(head, rows)


def record_scores() -> str:
    """Return the table of all kinds of quantities."""
    head = ("observations", "told", "inside", "width", "width, runs", "log score", "nothing", "climatology")
    rows = [
        (name.replace("_", " "), one["count"], short(one["coverage"]), *_widths(name, one), *_logs(one))
        for name, one in read_summary()["scores"].items()
    ]
    return table(head, rows)


def record_missed() -> str:
    """Return the table of quantities that lie outside their intervals."""
    missed = [row for row in read_rows() if row["inside"] is False]
    rows = [
        (one["episode"], one["organization"], f"`{one['quantity']}`", _seen(one), short(one["mean"]),
         f"{short(one['low'])} to {short(one['high'])}")
        for one in missed
    ]  # fmt: skip
    return table(("episode", "organization", "quantity", "observed", "mean of runs", "interval"), rows)


def _seen(one: dict[str, Any]) -> str:
    """Return what was observed, as a range where it is one."""
    if one["observed_low"] == one["observed_high"]:
        return short(one["observed"])
    return f"{short(one['observed_low']) or 'any'} to {short(one['observed_high']) or 'more'}"


def record_rules() -> str:
    """Return the table of coverage and log scores without single rules."""
    with RESULTS.open(encoding="utf-8", newline="") as file:
        kept = list(csv.DictReader(file))
    numbers = [f"{kind}_{name}" for kind in KINDS for name in ("coverage", "log_score")]
    rows = [(one["off"], *(short(float(one[name])) for name in numbers)) for one in kept]
    return table(("rule switched off", *(f"{kind}, {what}" for kind in KINDS for what in ("inside", "score"))), rows)


def record_tables() -> dict[str, str]:
    """Return the tables of the record by name."""
    return {one.__name__: one() for one in (record, record_scores, record_missed, record_rules)}


def recounted(text: str) -> str:
    """Return a text with the numbers of its sentences on the record written anew."""
    found, rows = read_summary()["scores"], read_rows()
    every, refill = found["all"], found["refill"]
    known = {
        "count": len(rows), "inside": every["inside"], "percent": round(100 * every["coverage"]),
        "episodes": len({row["episode"] for row in rows}), "wide": width(refill["width"]),
        "narrow": width(refill["model_width"]),
    }  # fmt: skip
    for sentence, first, last in COUNTS:
        text = re.sub(sentence, rf"{first.format(**known)}\g<2>{last.format(**known)}", text)
    return text
