"""Cuts of gifts in the built-in accounts: which there were, what other donors did, and the scenarios that hold them.

A cut is a year in which the gifts of a state to an organization fall by a tenth or more of those of all states. Small
organizations (less than LEAST_GIFTS) and those in APART are left out. So are payments in advance that are not repeated:
the year before lies above PEAK times the mean of the three years up to it. Every cut that is left is an observation,
whatever came of it:

    refill = (others' gifts in the year − others' gifts in the year before · (1 + growth)) / what is lost

where growth is that of the same donors' gifts to all other organizations. What others give varies by NOISE without any
cut, as measured in the years in between. `python -m experiments.validation.cuts_in_accounts` writes `tables/cuts.csv`
and the scenarios.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from abm.data.table import number, text
from abm.data.world_tables import read_tables
from abm.state.world import Array

TABLE = Path(__file__).parent / "tables" / "cuts.csv"
SCENARIOS = Path(__file__).parent / "scenarios"
FIRST, LAST = 2015, 2024
"""Years looked at: two years of accounts lie before the first, and the last is the last known."""
LEAST_CUT, LEAST_GIFTS, PEAK = 0.1, 150.0, 1.6
"""Share of all gifts; million USD a year; see above."""
APART = {
    "IFAD": "its donors pay in rounds of three years",
    "UN-RB": "its gifts are those of many departments",
}
ELSEWHERE = (("UNRWA", 2018),)
"""Cuts that the other table of observations holds."""
"""Organizations that are left out, and why."""
NOISE = {4: 0.19, 8: 0.27}
"""Standard deviation of others' growth here less that elsewhere, by quarters after the cut begins."""
HELD = 0.5
"""Share of the first year's loss that must be left in the second, for the second to be an observation."""


class Cut(NamedTuple):
    """One cut: organization, year, the states whose gifts fell, and the fraction of its usual gifts that each cut."""

    organization: str
    year: int
    fractions: dict[str, float]
    refill: float
    later: float | None
    ratio: float
    """Others' gifts of the year before over what is lost."""


def gifts() -> tuple[list[str], dict[str, dict[int, Array]]]:
    """Return the codes of states, and their gifts in million USD (state,) by organization and year."""
    tables = read_tables()
    states, paid = text(tables.states, "code").tolist(), tables.contributions
    given: dict[str, dict[int, Array]] = {}
    columns = [text(paid, name).tolist() for name in ("state", "organization", "kind")]
    for state, code, kind, year, amount in zip(
        *columns, number(paid, "year").astype(int).tolist(), number(paid, "usd_million").tolist(), strict=True
    ):
        if kind == "voluntary" and year <= LAST:
            by_year = given.setdefault(code, {})
            by_year.setdefault(year, np.zeros(len(states)))[states.index(state)] += max(amount, 0.0)
    return states, given


def cuts(states: list[str], given: dict[str, dict[int, Array]]) -> Iterator[Cut]:
    """Yield the cuts in the order of years and organizations."""
    total = {
        year: np.sum([by_year[year] for by_year in given.values() if year in by_year], axis=0)
        for year in range(FIRST - 1, LAST + 1)
    }
    for year in range(FIRST, LAST + 1):
        for code in sorted(given):
            if code not in APART and (code, year) not in ELSEWHERE and {year - 1, year} <= {*given[code]}:
                yield from _cut(states, code, year, given[code], total)


def _cut(states: list[str], code: str, year: int, own: dict[int, Array], total: dict[int, Array]) -> Iterator[Cut]:
    """Yield the cut of an organization in a year, if there is one; `own` are its gifts and `total` those to all."""
    before, after = own[year - 1], own[year]
    usual = np.mean([own[each] for each in range(year - 3, year) if each in own], axis=0)
    fell = before - after >= LEAST_CUT * before.sum()
    if before.sum() < LEAST_GIFTS or not fell.any() or (before > PEAK * usual)[fell].any():
        return

    def lost(now: int) -> float:
        return float((before - own[now])[fell].sum())

    def refill(now: int) -> float:
        growth = (total[now] - own[now])[~fell].sum() / (total[year - 1] - before)[~fell].sum()
        return float((own[now] - growth * before)[~fell].sum() / lost(now))

    held = year + 1 in own and lost(year + 1) >= HELD * lost(year)
    fractions = {states[row]: min(1.0, float((before - after)[row] / usual[row])) for row in np.flatnonzero(fell)}
    later = refill(year + 1) if held else None
    yield Cut(code, year, fractions, refill(year), later, float(before[~fell].sum() / lost(year)))


def scenario_text(year: int, found: list[Cut]) -> str:
    """Return the scenario of the cuts of a year: the world of its first quarter, and the cuts in it."""
    acts = "".join(
        f"  - {{kind: defund, actor: {state}, organizations: [{cut.organization}], announced: {year}Q1, "
        f"fraction: {fraction:.3g}}}\n"
        for cut in found
        for state, fraction in cut.fractions.items()
    )
    return f"""extends: base
title: "Gifts cut in {year}"
description: >-
  Every cut of {year} that the built-in accounts show: gifts of a state that fall by a tenth of those of all states. The
  world starts from the members and money of {year}.
world: {{source: real, start: {year}Q1}}
quarters: 8
shocks:
{acts}"""


def rows(found: list[Cut]) -> Iterator[dict[str, str]]:
    """Yield the observations. All count as seen: the world holds what other donors gave in these years in sum."""
    for cut in found:
        for after, refill in ((4, cut.refill), (8, cut.later)):
            if refill is not None:
                yield {
                    "episode": f"{cut.organization} {cut.year}", "scenario": f"cuts-{cut.year}",
                    "organization": cut.organization, "quantity": f"refill_{after}", "observed": f"{refill:.2f}",
                    "low": "", "high": "", "noise": f"{NOISE[after] * cut.ratio:.2f}",
                    "seen": "yes",
                    "source": "UN system accounts (CEB), derived by cuts_in_accounts",
                    "note": f"cut by {' and '.join(cut.fractions)}",
                }  # fmt: skip


def write() -> None:
    """Write the table and the scenarios."""
    found = list(cuts(*gifts()))
    observed = list(rows(found))
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*observed[0]], lineterminator="\n")
        writer.writeheader()
        writer.writerows(observed)
    for year in sorted({cut.year for cut in found}):
        text = scenario_text(year, [cut for cut in found if cut.year == year])
        (SCENARIOS / f"cuts-{year}.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
