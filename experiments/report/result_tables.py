"""Tables: the shocked organizations, who followed, all effects with their intervals."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from abm.measures import MEASURES
from abm.outcomes import OUTCOMES
from experiments.report.curves import doc_of, title_of
from experiments.report.headline import certain
from experiments.report.html import note
from experiments.report.markup import fill
from experiments.report.result_view import View, money, number, percent, plural
from experiments.report.svg import GAIN, LOSS, SOFT, tag

LEAGUE = ("budget", "staff", "effectiveness", "legitimacy", "members")
SHOWN = 20
TABLE = """\
{%- macro head() %}<thead><tr>\
{% for name in heads %}<th scope="col"{% if name.startswith("*") %} class="words"{% endif %}>\
{{ name.removeprefix("*") }}</th>{% endfor %}</tr></thead>{% endmacro -%}
<div class="scroll"><table><caption><span>{{ caption }}</span></caption>{{ head() }}<tbody>\
{% for row in rows[:shown] %}{{ row }}{% endfor %}</tbody></table></div>\
{% if rows | length > shown %}<details><summary>{{ rows | length - shown }} more {{ more }}</summary>\
<div class="scroll"><table>{{ head() }}<tbody>\
{% for row in rows[shown:] %}{{ row }}{% endfor %}</tbody></table></div></details>{% endif %}"""
ROW = """<tr><th scope="row">{{ head }}</th>\
{% for cell in cells %}<td>{{ cell }}</td>{% endfor %}\
{% for cell in words %}<td class="words">{{ cell }}</td>{% endfor %}</tr>"""
UNCOUNTED = """<tr><th scope="row">{{ head }}</th><td colspan="{{ columns }}" class="none">\
members unknown: counted nowhere</td></tr>"""
SMALL = """{{ value }} <small{% if colour %} style="color:{{ colour }}"{% endif %}>{{ beside }}</small>"""
MEANT = """{{ name }}{% if where %} <i>{{ where }}</i>{% endif %}<br><small>{{ meaning }}</small>"""
EFFECT = """<tr><th scope="row">{{ head }}</th><td class="spark">{{ spark }}</td><td><b style="color:{{ colour }}">\
{{ mean }}</b></td><td>{{ interval }}</td><td>{{ spread }}</td><td class="words">{{ unit }}</td></tr>"""
FOLDED = """{{ upper }}\
<details><summary>{{ count }} measures that do not distinguishably change</summary>{{ lower }}</details>"""


def table(caption: str, heads: Sequence[str], rows: Sequence[str], *, shown: int = SHOWN, more: str = "rows") -> Markup:
    """Return a table; rows beyond `shown` are folded into a second one below. A star marks the head of words."""
    return fill(TABLE, caption=caption, heads=heads, rows=rows, shown=shown, more=more)


def row_of(head: str, cells: Sequence[str] = (), words: Sequence[str] = ()) -> Markup:
    """Return a row: its head, cells with numbers, and after them cells with words."""
    return fill(ROW, head=head, cells=cells, words=words)


def league(view: View) -> Markup:
    """Return the shocked organizations at the end, run beside twin, those that changed most first."""
    codes = [code for code in view.shocked if code in set(view.bodies(view.first).index)]
    run = view.body_means(LEAGUE).reindex(codes)
    other = view.body_means(LEAGUE, twin=view.compares, start=not view.compares).reindex(codes)
    change = (run - other)[["budget", "staff", "effectiveness", "legitimacy"]].abs().sum(axis=1)
    counted = view.bodies(view.first)["in_scope"].astype(bool)
    order = sorted(codes, key=lambda code: (not counted[code], -change[code]))
    leaders = _leaders(view, codes)
    ended = _ended(view)
    rows = [_league_row(view, code, run, other, leaders, bool(counted[code]), ended.get(code, "")) for code in order]
    caption = (
        f"Organizations that the shocks aim at in {view.last}: mean over runs, and in small type the difference from "
        f"{view.against}. Budget, staff, effectiveness and legitimacy are relative to rest (1). "
        f"{view.basis}."
    )
    heads = ["organization", "budget", "staff", "effectiveness", "legitimacy", "members", "*leader", "*leader before"]
    heads[-1] = "*leader in the twin" if view.compares else "*leader at the start"
    return table(caption, heads, rows, more="organizations")


def _ended(view: View) -> dict[str, str]:
    """Return a note for organizations that ended in some run, by code."""
    dead = [_deaths(view.events), _deaths(view.twin_events)]
    notes = {}
    for code in dead[0].index.union(dead[1].index):
        twin = f", twin {dead[1].get(code, 0)}" if view.compares else ""
        notes[str(code)] = f"ended in {dead[0].get(code, 0)} of {plural(view.runs, 'run')}{twin}"
    return notes


def _deaths(events: pd.DataFrame) -> "pd.Series[int]":
    """Return in how many runs an organization ended, by code."""
    return events[events["kind"].isin(["death", "replaced"])].groupby("organization")["run"].nunique()


def _leaders(view: View, codes: list[str]) -> pd.DataFrame:
    """Return who leads most often at the end: in runs, and in twins or at the start; rows are codes."""
    organizations = view.result.organizations
    frame = organizations[organizations["code"].isin(codes) & (organizations["leader_share"] > 0)]
    twin = frame["twin"].astype(bool)
    run = frame[~twin & (frame["quarter"] == view.last)]
    other = (
        frame[twin & (frame["quarter"] == view.last)]
        if view.compares
        else frame[~twin & (frame["quarter"] == view.first)]
    )
    most = {name: part.groupby("code")["leader"].agg(_commonest) for name, part in (("run", run), ("other", other))}
    return pd.DataFrame(most).reindex(codes)


def _commonest(values: pd.Series) -> str:
    """Return the most frequent value with its share, the first in order among equals."""
    counts = Counter(values.tolist())
    most = min(counts, key=lambda value: (-counts[value], value))
    return f"{most}|{counts[most] / len(values):.4f}"


def _league_row(
    view: View, code: str, run: pd.DataFrame, other: pd.DataFrame, leaders: pd.DataFrame, counted: bool, ended: str
) -> Markup:
    """Return the row of one organization; one whose members are unknown says so."""
    head = small(view.name(code), ended) if ended else view.name(code)
    if not counted:
        return fill(UNCOUNTED, head=head, columns=len(LEAGUE) + 2)
    cells = [
        _beside(float(run[name][code]), float(other[name][code]), 1 if name == "members" else 2) for name in LEAGUE
    ]
    return row_of(head, cells, [_leader(view, leaders.loc[code, side]) for side in ("run", "other")])


def small(value: str, beside: str, colour: str = "") -> Markup:
    """Return a value with something beside it in small type."""
    return fill(SMALL, value=value, beside=beside, colour=colour)


def _leader(view: View, text: Any) -> str:
    """Return a leader's name, with its share of runs where runs differ."""
    if not isinstance(text, str):
        return "–"
    code, share = text.split("|")
    return small(view.name(code), percent(float(share))) if float(share) < 0.9999 else view.name(code)


def _beside(value: float, other: float, digits: int) -> str:
    """Return a value and its difference from another, coloured by sign where it shows."""
    if not np.isfinite(value):
        return "–"
    change = value - other
    if not np.isfinite(change) or round(change, digits) == 0:
        return small(number(value, digits), "±0")
    return small(number(value, digits), number(change, digits, sign=True), LOSS if change < 0 else GAIN)


def followers(view: View) -> Markup:
    """Return who announced exits from shocked organizations after the actors, with the probability in the twin."""
    found = view.result.outcomes.get("followers") or []
    if not found:
        return note("empty", "No state followed in any run.")
    rows = []
    for entry in found:
        cells = [percent(entry["probability"])]
        cells += [percent(entry["twin_probability"])] if view.compares else []
        cells.append(number(entry["median_lag_quarters"], 1))
        rows.append(row_of(view.name(entry["iso3"]), [view.name(entry["organization"]), *cells]))
    caption = (
        "Other states that announce an exit from a shocked organization within three years of the first announcement, "
        f"as a share of runs. {view.basis}."
    )
    heads = ["state", "*leaves", "probability", *["in the twin"] * view.compares, "median lag, quarters"]
    return table(caption, heads, rows, shown=10, more="followers")


def outcomes(view: View) -> Markup:
    """Return the outcomes of `abm.outcomes` that apply to the result, beside their means in the twins."""
    found = view.result.outcomes.get("outcomes") or {}
    entries = {name: found[name] for name, one in OUTCOMES.items() if one.listed and name in found}
    rows = [_outcome_row(view, name, entry) for name, entry in entries.items() if entry["mean"] is not None]
    heads = ["outcome", "mean", "90 % interval", "5th to 95th percentile", *["in the twin"] * view.compares, "*unit"]
    return table(f"Outcomes of the whole run, over runs. {view.basis}.", heads, rows, more="outcomes")


def _outcome_row(view: View, name: str, entry: Mapping[str, Any]) -> Markup:
    """Return the row of one outcome."""
    unit = entry["unit"]
    cells = [_amount(entry["mean"], unit)]
    cells.append("–" if entry["low"] is None else f"{_amount(entry['low'], unit)} to {_amount(entry['high'], unit)}")
    cells.append(f"{_amount(entry['p05'], unit)} to {_amount(entry['p95'], unit)}" if view.runs > 1 else "–")
    if view.compares:
        cells.append("–" if entry["twin_mean"] is None else _amount(entry["twin_mean"], unit))
    head = fill(MEANT, name=name.replace("_", " "), where="", meaning=entry["meaning"])
    return row_of(head, cells, ["relative" if unit == "1" else unit])


def effects(view: View) -> Markup:
    """Return all effects: those that are distinguishable from none, and below them the others."""
    found = view.effects
    if not found:
        return note("empty", "There is no twin to compare with, so there are no effects to show.")
    order = sorted(found, key=_rank)
    clear = [name for name in order if certain(found[name])]
    rest = [name for name in order if name not in clear]
    heads = ["measure", "*", "mean", "90 % interval", "5th to 95th percentile", "*unit"]
    caption = f"in {view.last}: shock less twin, paired. {view.basis}."
    rows = {name: _effect_row(view, name, found[name]) for name in found}
    if view.runs < 2:
        text = "One run: there is no interval, and no telling effects from luck. Differences "
        return table(text + caption, heads, [rows[name] for name in rest], shown=24, more="measures")
    upper = table(
        f"Interval excludes zero, {caption}", heads, [rows[name] for name in clear], shown=24, more="measures"
    )
    lower = table(f"Interval includes zero, {caption}", heads, [rows[name] for name in rest], shown=200)
    upper = upper if clear else note("empty", "No effect is distinguishable from none.")
    return fill(FOLDED, upper=upper, count=len(rest), lower=lower)


def _effect_row(view: View, name: str, effect: Mapping[str, Any]) -> Markup:
    """Return the row of one effect."""
    plain = name.removeprefix("shocked.")
    unit = MEASURES[plain].unit if plain in MEASURES else ""
    where = (
        "shocked organizations"
        if name != plain
        else "all organizations"
        if plain in MEASURES and MEASURES[plain].kind == "body"
        else ""
    )
    good = _good(plain, effect)
    ends = [effect.get("low"), effect.get("high")]
    interval = "–" if None in ends else " to ".join(_amount(float(end), unit) for end in ends if end is not None)
    spread = " to ".join(_amount(effect[key], unit) for key in ("p05", "p95")) if "p05" in effect else "–"
    return fill(
        EFFECT, head=fill(MEANT, name=title_of(view, plain), where=where, meaning=doc_of(plain)), colour=good,
        spark=_spark(effect, good), mean=_amount(effect["mean"], unit, sign=True), interval=interval, spread=spread,
        unit="relative" if unit == "1" else unit,
    )  # fmt: skip


def _rank(name: str) -> int:
    """Return the place of a measure among the effects: shocked organizations, the system, all organizations."""
    if name.startswith("shocked."):
        return 0
    return 2 if name in MEASURES and MEASURES[name].kind == "body" else 1


def _spark(effect: Mapping[str, Any], colour: str) -> Markup:
    """Return a line for the percentiles, a bar for the interval and a dot for the mean, on a scale around zero."""
    names = ("p05", "low", "mean", "high", "p95")
    ends = {name: float(effect[name]) for name in names if effect.get(name) is not None}
    reach = max((abs(value) for value in ends.values()), default=0.0) or 1.0
    at = {name: round(45 + 42 * value / reach, 1) for name, value in ends.items()}
    body = tag("path", d="M45 0V16", stroke="#8a8a85")
    if "p05" in at and "p95" in at:
        body += tag("path", d=f"M{at['p05']} 8H{at['p95']}", stroke=colour, stroke_width="1.2")
    if "low" in at and "high" in at:
        body += tag("path", d=f"M{at['low']} 8H{at['high']}", stroke=colour, stroke_width=6, opacity=".45")
    body += tag("circle", cx=at["mean"], cy=8, r="3.2", fill=colour)
    return tag("svg", body, viewBox="0 0 90 16", aria_hidden="true")


def _good(name: str, effect: Mapping[str, Any]) -> str:
    """Return the colour of an effect: better, worse or neither, by the measure's direction."""
    better = MEASURES[name].better if name in MEASURES else ""
    if not better or not certain(effect):
        return SOFT
    return GAIN if (effect["mean"] > 0) == (better == "+") else LOSS


def _amount(value: float, unit: str, *, sign: bool = False) -> str:
    """Return a value: money in words, small numbers with three significant digits."""
    if unit.startswith("USD"):
        return "+" * (sign and value > 0) + money(value).removesuffix(" USD")
    size = abs(value)
    digits = 1 if size >= 100 else 2 if size >= 1 else 3 if size >= 0.01 or size < 1e-12 else 5
    return number(value, digits, sign=sign)
