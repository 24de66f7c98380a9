"""The tables of a world: one door for the built-in world and for a user's own folder.

The format is declared once, in `data/columns.csv` (type, range, unit and meaning of every column), and every
file is held to it. Where a value comes from stands in `basis.csv`; `data/README.md` tells how it was made.
"""

import hashlib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

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
    read_frame,
    schema,
)

__all__ = [
    "Tables",
    "TablesError",
    "assumed_values",
    "members_at",
    "money_at",
    "read_tables",
    "ties_between",
]

type Floats = npt.NDArray[np.float64]
type Flags = npt.NDArray[np.bool_]
type Indices = npt.NDArray[np.int64]

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

    states: pd.DataFrame
    organizations: pd.DataFrame
    membership: pd.DataFrame
    contributions: pd.DataFrame
    agreement: Floats
    revenues: pd.DataFrame
    dependence: pd.DataFrame
    lists: dict[str, tuple[str, ...]]
    alliances: pd.DataFrame
    issues: pd.DataFrame
    kinds: pd.DataFrame
    groups: pd.DataFrame
    basis: pd.DataFrame


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
    frames: dict[str, pd.DataFrame] = {}
    for table in (*REFERENCE_FILES, *REQUIRED_FILES, *OPTIONAL_FILES):
        shared = table in REFERENCE_FILES and not (folder / f"{table}.csv").exists()
        frames[table] = read_frame(data_folder() if shared else folder, table, frames)
    _check_world(folder, frames)
    _fill_organizations(frames)
    if not (folder / "basis.csv").exists():
        frames["basis"] = pd.DataFrame(
            [(table, "*", "*", "user", "", "") for table in REQUIRED_FILES],
            columns=[column.name for column in schema()["basis"]],
        )
    lists: dict[str, tuple[str, ...]] = {}
    listed = frames.pop("lists")
    for name, code in zip(listed["list"], listed["organization"], strict=True):
        lists[name] = (*lists.get(name, ()), code)
    return Tables(agreement=read_agreement(folder, frames["states"]), lists=lists, **frames)


def _check_world(folder: Path, frames: dict[str, pd.DataFrame]) -> None:
    """Check what spans rows: rates sum to 100, shares to 1, spells do not end before they begin."""
    path, total = folder / "states.csv", frames["states"]["un_rate"].sum()
    if abs(total - 100) > 0.01:
        raise TablesError(f"{path}, column un_rate: sums to {total:.3f}; rates must sum to 100")
    bodies = frames["organizations"]
    shares = bodies[["assessed_share", "voluntary_share", "other_share"]].sum(axis=1)
    wrong = bodies["budget_usd"].notna() & ((shares - 1).abs() > 0.001)
    if wrong.any():
        path, code, sum_ = folder / "organizations.csv", bodies["code"][wrong].iloc[0], shares[wrong].iloc[0]
        raise TablesError(
            f"{path}, {code}: assessed_share + voluntary_share + other_share is {sum_:.4f}; "
            "a body with a budget needs shares that sum to 1"
        )
    spells = frames["membership"]
    since, until = _spells(spells)
    parents = set(bodies["parent"]) - {""}
    nested = bodies[bodies["code"].isin(parents) & (bodies["parent"] != "")]
    if len(nested):
        raise TablesError(
            f"{folder / 'organizations.csv'}, {nested['code'].iloc[0]}: is a parent and has a "
            "parent; leave one level of parents"
        )
    if (since > until).any():
        spell = spells[since > until].iloc[0]
        raise TablesError(
            f"{folder / 'membership.csv'}, {spell['state']} in {spell['organization']}: "
            f"until {spell['until']} lies before since {spell['since']}"
        )


def _fill_organizations(frames: dict[str, pd.DataFrame]) -> None:
    """Put the family's usual values and plain defaults where an organization's cell is blank."""
    bodies = frames["organizations"]
    for column in ("kind", "exit_form", "voting_rule", "notice_quarters"):
        usual = dict(zip(frames["kinds"]["family"], frames["kinds"][column], strict=True))
        bodies[column] = [
            usual[family] if cell in ("", None) or cell != cell else cell
            for cell, family in zip(bodies[column], bodies["family"], strict=True)
        ]
    bodies["notice_quarters"] = bodies["notice_quarters"].astype(np.int64)
    bodies["scale"] = [
        scale or ("un" if dues > 0 else "none")
        for scale, dues in zip(bodies["scale"], bodies["assessed_share"], strict=True)
    ]
    peopled = set(frames["membership"]["organization"]) | set(bodies["code"][bodies["universal"] == 1])
    known = bodies["members_known"]
    bodies["members_known"] = np.where(known.isna(), bodies["code"].isin(peopled), known).astype(np.int64)
    for table in (frames["states"], bodies):
        table["name"] = [name or code for name, code in zip(table["name"], table["code"], strict=True)]


def _rows(cells: pd.Series, table: pd.DataFrame) -> Indices:
    """Return the row number of each code in `table`."""
    row = {code: place for place, code in enumerate(table["code"].tolist())}
    return np.array([row[cell] for cell in cells.tolist()], dtype=np.int64)


@lru_cache(maxsize=KEPT)
def members_at(tables: Tables, start: int) -> Flags:
    """Return who belongs where at a quarter (year * 4 + quarter - 1), shape (states, organizations).

    A spell counts if it covers the quarter, its later end is ignored; a blank `since` means from founding; a
    year alone is its first quarter as `since` and its last as `until`. Universal bodies hold every state
    admitted by then.
    """
    states, bodies, spells = tables.states, tables.organizations, tables.membership
    founded, admitted = _year_starts(bodies["founded"]), _year_starts(states["un_since"])
    state, body = _rows(spells["state"], states), _rows(spells["organization"], bodies)
    since, until = _spells(spells)
    since = np.where(since == ALWAYS, founded[body], since)
    covers = (since <= start) & (start <= until)
    universal = (bodies["universal"] == 1).to_numpy() & (founded <= start)
    member: Flags = universal[None, :] & (admitted <= start)[:, None]
    member[state[covers], body[covers]] = True
    member &= (bodies["members_known"] == 1).to_numpy()[None, :]
    return _fixed(member)  # (states, organizations)


def _fixed[A: (Floats, Flags)](values: A) -> A:
    """Return an array that cannot be written to any more: many runs begin with it."""
    values.flags.writeable = False
    return values


def _year_starts(years: pd.Series) -> Indices:
    """Return the first quarter of each year; blank = always."""
    return (years * 4).fillna(ALWAYS).to_numpy().astype(np.int64)


def _spells(spells: pd.DataFrame) -> tuple[Indices, Indices]:
    """Return first and last quarter of each spell."""
    first = quarters_of(spells["since"].tolist(), 0, ALWAYS)
    return first, quarters_of(spells["until"].tolist(), 3, NEVER)


@lru_cache(maxsize=KEPT)
def money_at(tables: Tables, start: int) -> tuple[Floats, Floats, Floats]:
    """Return dues and gifts of shape (states, organizations) and budgets (organizations,), in USD a year.

    Dues are those of the latest year before the start; members without a row share what is left of the
    assessed budget by `un_rate` (in equal parts where the scale says so). A parent bills the dues of its
    children, whose own column is 0. Gifts are means of the three years before; a parent's are spread over its
    children by their voluntary budgets. Starts before the first year with data take the earliest years.
    Budgets are the revenue of the year before (or the nearest) for starts before the last year of revenues,
    else those of organizations.csv; a light body has 0.
    """
    budget = _budgets(tables, start // 4)
    dues, gifts = _dues(tables, start, budget), _gifts(tables, start // 4, budget)
    return _fixed(dues), _fixed(gifts), _fixed(budget)


def _families(bodies: pd.DataFrame) -> Flags:
    """Return whether row o bills for column b: itself or its child, shape (organizations, organizations)."""
    code = bodies["code"].to_numpy(object)
    child: Flags = code[:, None] == bodies["parent"].to_numpy(object)[None, :]
    return child | np.eye(len(code), dtype=bool)


def _budgets(tables: Tables, year: int) -> Floats:
    bodies, revenues = tables.organizations, tables.revenues
    founded = _year_starts(bodies["founded"]) <= year * 4 + 3
    today: Floats = bodies["budget_usd"].fillna(0.0).to_numpy(float) * founded  # (organizations,)
    if revenues.empty or year >= revenues["year"].max():
        return today
    family, then = _families(bodies), today.copy()
    for code, rows in revenues.groupby("organization"):
        covered = family[bodies["code"].tolist().index(code)]
        nearest = rows["usd_million"].iloc[(rows["year"] - (year - 1)).abs().argmin()] * 1e6
        then[covered] = today[covered] * nearest / max(today[covered].sum(), 1.0)
    return then


def _dues(tables: Tables, start: int, budget: Floats) -> Floats:
    """Return dues, shape (states, organizations), USD a year.

    Members without a row share what is left of a body's dues by its scale. Where the budget is that of an earlier year,
    within OFF_SCALE of what the rows say a point of the scale pays: times the assessed share of today it can leave them
    nothing, or too much.
    """
    states, bodies = tables.states, tables.organizations
    member, dues = members_at(tables, start), np.zeros((len(states), len(bodies)))
    observed = _latest(tables.contributions, start // 4)
    place = _rows(observed["state"], states), _rows(observed["organization"], bodies)
    dues[place] = observed["usd_million"] * 1e6
    assessed = budget * bodies["assessed_share"].fillna(0.0).to_numpy(float)
    billed = _families(bodies) @ assessed * (bodies["parent"] == "").to_numpy()  # (organizations,)
    equal = (bodies["scale"] == "equal").to_numpy()  # (organizations,)
    rate = np.where(equal[None, :], 1.0, states["un_rate"].to_numpy(float)[:, None])
    weight = rate * (member & (dues == 0))
    rest = np.maximum(billed - dues.sum(axis=0), 0.0) / np.maximum(weight.sum(axis=0), 1e-12)
    listed = (rate * (member & (dues > 0))).sum(axis=0)  # (organizations,)
    by_scale = (dues * member).sum(axis=0) / np.maximum(listed, 1e-12)  # what a point of the scale pays
    known = (bodies["scale"] == "un").to_numpy() & (listed > 0)
    known &= budget != bodies["budget_usd"].fillna(0.0).to_numpy(float)
    rest = np.where(known, np.clip(rest, by_scale / OFF_SCALE, by_scale * OFF_SCALE), rest)
    due: Floats = (dues + weight * rest) * member  # (states, organizations)
    return due


def _latest(contributions: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return each body's dues of the latest year before `year`, or of its first if there is none before."""
    dues = contributions[contributions["kind"] == "assessed"]
    age = (year - 1 - dues["year"]).astype(float)
    age = age.where(age >= 0, NEVER - age)
    return dues[age == age.groupby(dues["organization"]).transform("min")]


def _gifts(tables: Tables, year: int, budget: Floats) -> Floats:
    """Return voluntary money, shape (states, organizations), USD a year."""
    states, bodies, rows = tables.states, tables.organizations, tables.contributions
    gifts = np.zeros((len(states), len(bodies)))
    if rows.empty:
        return gifts
    final, first = min(year, rows["year"].max() + 1) - 1, rows["year"].min()
    last = max(final, first + 2)
    rows = rows[~_stopped(rows, year) & rows["year"].between(last - 2, last)]
    counted = pd.concat([rows, tables.revenues[tables.revenues["year"].between(last - 2, last)]])
    years = counted.groupby("organization")["year"].nunique()
    given = rows[rows["kind"] == "voluntary"]
    mean = given["usd_million"] * 1e6 / given["organization"].map(years).astype(float)
    place = _rows(given["state"], states), _rows(given["organization"], bodies)
    np.add.at(gifts, place, mean.to_numpy(float))
    share = _families(bodies) * (budget * bodies["voluntary_share"].fillna(0.0).to_numpy(float))[None, :]
    share = share * (np.eye(len(bodies), dtype=bool) | (gifts.sum(axis=0) == 0)[None, :])
    whole = share.sum(axis=1, keepdims=True)
    return gifts @ np.where(whole > 0, share / np.maximum(whole, 1e-12), np.eye(len(bodies)))


def _stopped(rows: pd.DataFrame, year: int) -> pd.Series:
    """Mark the rows of flows that a row of 0, dated by `year` or before, says had stopped since."""
    pair = ["state", "organization", "kind"]
    ends = rows[(rows["usd_million"] == 0) & (rows["year"] <= year)].groupby(pair)["year"].max()
    end = rows[pair].merge(ends.rename("end").reset_index(), on=pair, how="left")["end"].to_numpy(float)
    return pd.Series(rows["year"].to_numpy() <= end, index=rows.index)


@lru_cache(maxsize=KEPT)
def ties_between(tables: Tables) -> Floats:
    """Return how strongly states are allied, shape (states, states), 0..1, symmetric, diagonal 0.

    The strongest of the common groups' ties (groups.csv) and the pair's own (alliances.csv).
    """
    states = tables.states
    tie = np.zeros((len(states), len(states)))
    for group, strength in zip(tables.groups["group"], tables.groups["tie"], strict=True):
        inside = states[group].to_numpy(bool)
        tie = np.maximum(tie, strength * (inside[:, None] & inside[None, :]))
    a, b = (_rows(tables.alliances[side], states) for side in ("state_a", "state_b"))
    np.maximum.at(tie, (a, b), tables.alliances["tie"].to_numpy(float))
    tie = np.maximum(tie, tie.T)
    np.fill_diagonal(tie, 0.0)
    return _fixed(tie)


def assumed_values(tables: Tables) -> list[str]:
    """Return one readable line for each assumption in basis.csv, for `abm check`."""
    basis = tables.basis
    if (basis["basis"] == "user").all():
        return ["every value: as given in the folder; without basis.csv nothing is known of its origin"]
    assumed = basis[basis["basis"] == "assumed"]
    lines = []
    for (table, column, note), rows in assumed.groupby(["table", "column", "note"], sort=False):
        where = "" if "*" in set(rows["row"]) else f" ({', '.join(rows['row'])})"
        lines.append(f"{table}.{column}{where}: {note}")
    return lines
