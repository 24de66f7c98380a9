"""The tables of a world: one door for the built-in world and for a user's own folder.

The format is declared once, in `data/columns.csv` (type, range, unit and meaning of every column), and every
file is held to it. Where a value comes from stands in `basis.csv`; `data/README.md` tells how it was made.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from abm.data.reading import (
    ALWAYS,
    NEVER,
    OPTIONAL_FILES,
    REFERENCE_FILES,
    REQUIRED_FILES,
    TablesError,
    data_folder,
    quarters_of,
    read_agreement,
    read_table,
)
from abm.data.table import Table, number, text, texts

__all__ = [
    "KEPT",
    "MILLION",
    "Tables",
    "TablesError",
    "assumed_values",
    "members_at",
    "money_at",
    "ranked_codes",
    "read_tables",
]

type Floats = npt.NDArray[np.float64]
type Flags = npt.NDArray[np.bool_]
type Indices = npt.NDArray[np.int64]

MILLION = 1_000_000
"""Tables of money hold millions of USD, the model USD."""
KEPT = 8
"""How many worlds and starts what is derived of them is kept for, in each process."""
OFF_SCALE = 2.0
"""How many times more or less than by the scale members without a row of dues may pay."""


@dataclass(frozen=True, eq=False)
class Tables:
    """A world's tables, checked; columns as `data/columns.csv` says, blank numbers NaN, blank text "".

    `agreement` has shape (states, states), is symmetric, lies in 0..1 and has ones on its diagonal; its rows
    follow `states`. `lists` maps a name to the codes on it. Treat all of it as read-only: what is derived from tables
    is kept and handed out again.
    """

    states: Table
    organizations: Table
    membership: Table
    contributions: Table
    agreement: Floats
    revenues: Table
    purses: Table
    private: Table
    dependence: Table
    lists: dict[str, tuple[str, ...]]
    alliances: Table
    issues: Table
    kinds: Table
    groups: Table
    basis: Table


def read_tables(folder: Path | None = None) -> Tables:
    """Read and check the tables in `folder`, or the built-in world's.

    Needs states, organizations, membership and contributions; every other file may be missing. A folder's own
    kinds, issues or groups take the place of the shared ones. Raises TablesError at the first thing wrong.
    """
    if folder is None:
        return _built_in()
    folder = Path(folder)
    if not folder.is_dir():
        raise TablesError(f"{folder}: no such folder; `abm export --world real --out DIR` writes a template")
    return _read_once(folder, _digest(folder))


@cache
def _built_in() -> Tables:
    return _read(data_folder() / "real")


def _digest(folder: Path) -> str:
    """Return a digest of the files in a folder that can be tables."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.csv")):
        try:
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        except OSError:  # reading the tables says which file it is
            digest.update(path.name.encode())
    return digest.hexdigest()


@lru_cache(maxsize=4)
def _read_once(folder: Path, _: str) -> Tables:
    """Return the tables of a folder, read once as long as its files are the same (which their digest tells)."""
    return _read(folder)


def _read(folder: Path) -> Tables:
    tables: dict[str, Table] = {}
    for table in (*REFERENCE_FILES, *REQUIRED_FILES, *OPTIONAL_FILES):
        shared = table in REFERENCE_FILES and not (folder / f"{table}.csv").exists()
        tables[table] = read_table(data_folder() if shared else folder, table, tables)
    _check_world(folder, tables)
    tables["organizations"] = _named(_filled(tables))
    tables["states"] = _named(tables["states"])
    if not (folder / "basis.csv").exists():
        count = len(REQUIRED_FILES)
        given = {"table": texts(REQUIRED_FILES), "basis": texts(["user"] * count)}
        given |= {name: texts(["*"] * count) for name in ("column", "row")}
        given |= {name: texts([""] * count) for name in ("source", "note")}
        tables["basis"] = Table(given | {"confidence": np.full(count, np.nan)})
    lists: dict[str, tuple[str, ...]] = {}
    listed = tables.pop("lists")
    for name, code in zip(listed["list"], listed["organization"], strict=True):
        lists[name] = (*lists.get(name, ()), code)
    return Tables(agreement=read_agreement(folder, tables["states"]), lists=lists, **tables)


def _check_world(folder: Path, tables: dict[str, Table]) -> None:
    """Check what spans rows: rates sum to 100, shares to 1, spells do not end before they begin."""
    path, total = folder / "states.csv", tables["states"]["un_rate"].sum()
    if abs(total - 100) > 0.01:
        raise TablesError(f"{path}, column un_rate: sums to {total:.3f}; rates must sum to 100")
    bodies, path = tables["organizations"], folder / "organizations.csv"
    parts = [number(bodies, name, blank=0.0) for name in ("assessed_share", "voluntary_share", "other_share")]
    shares = np.sum(parts, axis=0)
    wrong = ~np.isnan(number(bodies, "budget_usd")) & (np.abs(shares - 1) > 0.001)
    if wrong.any():
        row = int(wrong.argmax())
        raise TablesError(
            f"{path}, {bodies['code'][row]}: assessed_share + voluntary_share + other_share is {shares[row]:.4f}; "
            "an organization with a budget needs shares that sum to 1"
        )
    parents = set(bodies["parent"]) - {""}
    nested = [code for code, above in zip(bodies["code"], bodies["parent"], strict=True) if code in parents and above]
    if nested:
        raise TablesError(f"{path}, {nested[0]}: is a parent and has a parent; leave one level of parents")
    since, until = _spells(tables["membership"])
    spell = next(tables["membership"].where(since > until).rows(), None)
    if spell is not None:
        raise TablesError(
            f"{folder / 'membership.csv'}, {spell['state']} in {spell['organization']}: "
            f"until {spell['until']} lies before since {spell['since']}"
        )


def _filled(tables: dict[str, Table]) -> Table:
    """Return the organizations with the family's usual values and plain defaults where a cell is blank."""
    bodies, kinds = tables["organizations"], tables["kinds"]
    own: dict[str, Any] = {}
    for column in ("kind", "exit_form", "voting_rule", "notice_quarters"):
        usual = dict(zip(kinds["family"], kinds[column], strict=True))
        own[column] = [
            usual[family] if cell == "" or cell != cell else cell
            for cell, family in zip(bodies[column], bodies["family"], strict=True)
        ]
    notice = np.array(own.pop("notice_quarters"), float).astype(np.int64)
    own["scale"] = [
        scale or ("un" if dues > 0 else "none")
        for scale, dues in zip(bodies["scale"], bodies["assessed_share"], strict=True)
    ]
    peopled = set(tables["membership"]["organization"]) | set(bodies["code"][bodies["universal"] == 1])
    known = number(bodies, "members_known")
    known = np.where(np.isnan(known), [code in peopled for code in bodies["code"]], known)
    known = np.where(np.array(own["exit_form"]) == "none", 0, known).astype(np.int64)  # no state belongs
    words = {name: texts(cells) for name, cells in own.items()}
    return bodies.replaced(**words, notice_quarters=notice, members_known=known)


def _named(table: Table) -> Table:
    """Return a table whose rows without a name are called by their code."""
    return table.replaced(name=texts([name or code for name, code in zip(table["name"], table["code"], strict=True)]))


def rows_of(cells: Iterable[str], table: Table) -> Indices:
    """Return the row number of each code in `table`."""
    row = {code: place for place, code in enumerate(table["code"])}
    return np.array([row[cell] for cell in cells], dtype=np.int64)


@lru_cache(maxsize=KEPT)
def members_at(tables: Tables, start: int) -> Flags:
    """Return who belongs where at a quarter (year * 4 + quarter - 1), shape (states, organizations).

    A spell counts if it covers the quarter, its later end is ignored; a blank `since` means from founding; a
    year alone is its first quarter as `since` and its last as `until`. Universal organizations hold every state
    admitted by then.
    """
    states, bodies, spells = tables.states, tables.organizations, tables.membership
    founded, admitted = _year_starts(number(bodies, "founded")), _year_starts(number(states, "un_since"))
    state, body = rows_of(spells["state"], states), rows_of(spells["organization"], bodies)
    since, until = _spells(spells)
    since = np.where(since == ALWAYS, founded[body], since)
    covers = (since <= start) & (start <= until)
    universal = (number(bodies, "universal") == 1) & (founded <= start)
    member: Flags = universal[None, :] & (admitted <= start)[:, None]
    member[state[covers], body[covers]] = True
    member &= (number(bodies, "members_known") == 1)[None, :]
    return fixed(member)  # (states, organizations)


def fixed[A: (Floats, Flags)](values: A) -> A:
    """Return an array that cannot be written to any more: many runs begin with it."""
    values.flags.writeable = False
    return values


def _year_starts(years: Floats) -> Indices:
    """Return the first quarter of each year; blank = always."""
    return np.where(np.isnan(years), ALWAYS, years * 4).astype(np.int64)


def _spells(spells: Table) -> tuple[Indices, Indices]:
    """Return first and last quarter of each spell."""
    first = quarters_of(text(spells, "since").tolist(), 0, ALWAYS)
    return first, quarters_of(text(spells, "until").tolist(), 3, NEVER)


@lru_cache(maxsize=KEPT)
def money_at(tables: Tables, start: int) -> tuple[Floats, Floats, Floats]:
    """Return dues and gifts of shape (states, organizations) and budgets (organizations,), in USD a year.

    Dues are those of the latest year before the start; members without a row share what is left of the
    assessed budget by `un_rate` (in equal parts where the scale says so). A parent bills the dues of its
    children, whose own column is 0. Gifts are means of the three years before; a parent's are spread over its
    children by their voluntary budgets. Starts before an organization's first year with data take its earliest years.
    Budgets are the revenue of the year before (or the nearest) for starts before the last year of revenues,
    else those of organizations.csv; a light organization has 0.
    """
    budget = _budgets(tables, start // 4)
    dues, gifts = _dues(tables, start, budget), _gifts(tables, start // 4, budget)
    return fixed(dues), fixed(gifts), fixed(budget)


def _families(bodies: Table) -> Flags:
    """Return whether row o bills for column b: itself or its child, shape (organizations, organizations)."""
    code = text(bodies, "code")
    child: Flags = code[:, None] == text(bodies, "parent")[None, :]
    return child | np.eye(len(code), dtype=bool)


def _budgets(tables: Tables, year: int) -> Floats:
    bodies, revenues = tables.organizations, tables.revenues
    founded = _year_starts(number(bodies, "founded")) <= year * 4 + 3
    today: Floats = number(bodies, "budget_usd", blank=0.0) * founded  # (organizations,)
    years, codes = number(revenues, "year"), text(revenues, "organization")
    if not len(years) or year >= years.max():
        return today
    family, then, row = _families(bodies), today.copy(), list(bodies["code"])
    for code in sorted(set(codes)):
        rows, covered = np.flatnonzero(codes == code), family[row.index(code)]
        nearest = number(revenues, "usd_million")[rows[np.abs(years[rows] - (year - 1)).argmin()]] * MILLION
        then[covered] = today[covered] * nearest / max(today[covered].sum(), 1.0)
    return then


def _dues(tables: Tables, start: int, budget: Floats) -> Floats:
    """Return dues, shape (states, organizations), USD a year.

    Members without a row share what is left of an organization's dues by its scale. Where the budget is that of an
    earlier year, within OFF_SCALE of what the rows say a point of the scale pays: times the assessed share of today it
    can leave them nothing, or too much.
    """
    states, bodies, rows = tables.states, tables.organizations, tables.contributions
    member, dues = members_at(tables, start), np.zeros((len(states), len(bodies)))
    latest = _latest(rows, start // 4)
    place = rows_of(rows["state"][latest], states), rows_of(rows["organization"][latest], bodies)
    dues[place] = number(rows, "usd_million")[latest] * MILLION
    assessed = budget * number(bodies, "assessed_share", blank=0.0)
    billed = _families(bodies) @ assessed * (text(bodies, "parent") == "")  # (organizations,)
    equal = text(bodies, "scale") == "equal"  # (organizations,)
    rate = np.where(equal[None, :], 1.0, number(states, "un_rate")[:, None])
    weight = rate * (member & (dues == 0))
    rest = np.maximum(billed - dues.sum(axis=0), 0.0) / np.maximum(weight.sum(axis=0), 1e-12)
    listed = (rate * (member & (dues > 0))).sum(axis=0)  # (organizations,)
    by_scale = (dues * member).sum(axis=0) / np.maximum(listed, 1e-12)  # what a point of the scale pays
    known = (text(bodies, "scale") == "un") & (listed > 0)
    known &= budget != number(bodies, "budget_usd", blank=0.0)
    rest = np.where(known, np.clip(rest, by_scale / OFF_SCALE, by_scale * OFF_SCALE), rest)
    due: Floats = (dues + weight * rest) * member  # (states, organizations)
    return due


def _latest(contributions: Table, year: int) -> Indices:
    """Return each organization's rows of dues in the latest year before `year`, else in its first year."""
    rows = np.flatnonzero(text(contributions, "kind") == "assessed")
    age = year - 1 - number(contributions, "year")[rows]
    age = np.where(age >= 0, age, NEVER - age)
    bodies = text(contributions, "organization")[rows].tolist()
    least: dict[str, float] = {}
    for body, years in zip(bodies, age.tolist(), strict=True):
        least[body] = min(years, least.get(body, np.inf))
    return rows[age == np.array([least[body] for body in bodies])]


def _gifts(tables: Tables, year: int, budget: Floats) -> Floats:
    """Return voluntary money, shape (states, organizations), USD a year."""
    states, bodies, rows = tables.states, tables.organizations, tables.contributions
    gifts = np.zeros((len(states), len(bodies)))
    years = number(rows, "year")
    if not len(years):
        return gifts
    last = max(int(min(year, years.max() + 1)) - 1, int(years.min()) + 2)
    begun = _first_years(rows)  # (rows,)
    until = np.where(begun > last, begun + 2, last)
    kept = ~_stopped(rows, year) & (years >= until - 2) & (years <= until)
    counted = _years_of(rows, kept)
    for body, some in _years_of(tables.revenues, np.abs(number(tables.revenues, "year") - (last - 1)) <= 1).items():
        counted.setdefault(body, set()).update(some)
    given = kept & (text(rows, "kind") == "voluntary")
    donors, receivers = text(rows, "state")[given], text(rows, "organization")[given]
    mean = number(rows, "usd_million")[given] * MILLION / np.array([float(len(counted[body])) for body in receivers])
    np.add.at(gifts, (rows_of(donors, states), rows_of(receivers, bodies)), mean)
    share = _families(bodies) * (budget * number(bodies, "voluntary_share", blank=0.0))[None, :]
    share = share * (np.eye(len(bodies), dtype=bool) | (gifts.sum(axis=0) == 0)[None, :])
    whole = share.sum(axis=1, keepdims=True)
    return gifts @ np.where(whole > 0, share / np.maximum(whole, 1e-12), np.eye(len(bodies)))


def _first_years(rows: Table) -> Floats:
    """Return for each row the first year in which its organization has gifts, shape (rows,)."""
    first: dict[str, float] = {}
    given = text(rows, "kind") == "voluntary"
    for body, year in zip(text(rows, "organization")[given], number(rows, "year")[given], strict=True):
        first[body] = min(year, first.get(body, np.inf))
    return np.array([first.get(body, -np.inf) for body in text(rows, "organization")])


def _years_of(rows: Table, kept: Flags) -> dict[str, set[float]]:
    """Return the years with rows by organization, of the rows that are marked."""
    found: dict[str, set[float]] = {}
    for body, year in zip(text(rows, "organization")[kept], number(rows, "year")[kept], strict=True):
        found.setdefault(body, set()).add(float(year))
    return found


def _stopped(rows: Table, year: int) -> Flags:
    """Mark the rows of flows that a row of 0, dated by `year` or before, says had stopped since."""
    flows = list(zip(*(text(rows, name).tolist() for name in ("state", "organization", "kind")), strict=True))
    years, ends = number(rows, "year"), dict[tuple[str, ...], float]()
    for row in np.flatnonzero((number(rows, "usd_million") == 0) & (years <= year)):
        ends[flows[row]] = max(float(years[row]), ends.get(flows[row], -np.inf))
    return years <= np.array([ends.get(flow, -np.inf) for flow in flows])


def assumed_values(tables: Tables) -> list[str]:
    """Return one readable line for each assumption in basis.csv, for `abm check`."""
    if set(tables.basis["basis"]) <= {"user"}:
        return ["every value: as given in the folder; without basis.csv nothing is known of its origin"]
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in tables.basis.rows():
        if row["basis"] == "assumed":
            found.setdefault((row["table"], row["column"], row["note"]), []).append(row["row"])
    lines = []
    for (table, column, note), rows in found.items():
        where = "" if "*" in rows else f" ({', '.join(rows)})"
        lines.append(f"{table}.{column}{where}: {note}")
    return lines


def ranked_codes(tables: Tables) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the codes of states by falling GDP and of organizations by falling budget, light ones last."""
    pairs = ((tables.states, "gdp_usd"), (tables.organizations, "budget_usd"))
    states, bodies = (
        tuple(text(table, "code")[np.argsort(-number(table, column), kind="stable")]) for table, column in pairs
    )
    return states, bodies
