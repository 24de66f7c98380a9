"""The built-in world's tables: what can be recomputed is recomputed, and every column has a stated basis."""

import re

import numpy as np
import pandas as pd
import pytest

from abm.calendar import parse_quarter
from abm.data.frames import Frames, framed
from abm.data.reading import data_folder, schema
from abm.data.tables import assumed_values, members_at, money_at, read_tables, ties_between

START = parse_quarter("2025Q1")
TABLES = sorted(schema().keys() - {"basis"})


@pytest.fixture(scope="module")
def tables() -> Frames:
    return framed(read_tables())


@pytest.fixture(scope="module")
def readme() -> str:
    return (data_folder() / "README.md").read_text(encoding="utf-8")


def place(tables: Frames, state: str, body: str) -> tuple[int, int]:
    return list(tables.states["code"]).index(state), list(tables.organizations["code"]).index(body)


def scaled(agreement: np.ndarray) -> np.ndarray:
    """Classical scaling of 1 - agreement in two dimensions, shape (states, 2)."""
    n = len(agreement)
    centre = np.eye(n) - 1 / n
    values, vectors = np.linalg.eigh(-0.5 * centre @ (1 - agreement) ** 2 @ centre)
    return vectors[:, [-1, -2]] * np.sqrt(values[[-1, -2]])


def test_sizes(tables: Frames) -> None:
    assert len(tables.states) == 193
    flags = {
        "eu": 27,
        "g7": 7,
        "brics": 10,
        "oecd": 38,
        "nato": 32,
        "asean": 11,
        "au": 54,
        "sco": 10,
        "g77": 133,
        "p5": 5,
    }
    assert {name: int(tables.states[name].sum()) for name in flags} == flags


def test_rates_and_emissions_sum_to_100(tables: Frames) -> None:
    assert round(tables.states["un_rate"].sum(), 6) == 100
    assert tables.states["un_rate"].max() == 22
    assert tables.states["emissions_share"].sum() == pytest.approx(100, abs=0.01)


def test_positions_are_the_scaling_of_agreement(tables: Frames) -> None:
    positions = tables.states[["position_1", "position_2"]].to_numpy()
    raw = scaled(tables.agreement)
    others = (tables.states["code"] != "ARG").to_numpy()  # its first dimension is dated otherwise
    for dimension in (0, 1):
        ours, theirs = positions[others, dimension], raw[others, dimension]
        slope = ours @ theirs / (theirs @ theirs)
        np.testing.assert_allclose(ours - ours.mean(), slope * (theirs - theirs.mean()), atol=2e-4)
        assert abs(slope) == pytest.approx(4.2326, abs=0.001)


def test_unit_and_signs_of_positions(tables: Frames) -> None:
    frame = tables.states.set_index("code")[["position_1", "position_2"]]
    centred = frame - frame.mean()
    assert np.linalg.norm(centred, axis=1).mean() == pytest.approx(0.62, abs=1e-4)
    assert frame["position_1"].idxmax() == "USA"
    assert frame.loc["USA", "position_2"] < 0 < frame.loc["RUS", "position_2"]
    assert frame.loc["ARG", "position_1"] == pytest.approx(1.13, abs=0.02)


def test_distance_and_agreement_correlate(tables: Frames) -> None:
    positions = tables.states[["position_1", "position_2"]].to_numpy()
    distance = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    kept = np.flatnonzero(tables.states["code"] != "ARG")
    pairs = np.triu_indices(len(kept), 1)
    inside = np.ix_(kept, kept)
    assert np.corrcoef(distance[inside][pairs], tables.agreement[inside][pairs])[0, 1] < -0.97


def test_budgets_have_three_shares(tables: Frames) -> None:
    bodies = tables.organizations
    shares = bodies[["assessed_share", "voluntary_share", "other_share"]]
    full = bodies["budget_usd"].notna()
    assert full.sum() == 60
    np.testing.assert_allclose(shares[full].sum(axis=1), 1, atol=1e-3)
    assert shares[~full].isna().all(axis=None)


def test_the_secretariat_is_net_of_its_children(tables: Frames) -> None:
    bodies = tables.organizations
    family = bodies[(bodies["parent"] == "UN-RB") | (bodies["code"] == "UN-RB")]
    assert len(family) == 17
    assert family["budget_usd"].sum() == pytest.approx(7639.5e6, rel=1e-4)
    assert (family["budget_usd"] * family["assessed_share"]).sum() == pytest.approx(7639.5e6 * 0.433, rel=1e-3)


def test_the_list_of_66(tables: Frames) -> None:
    lists = tables.lists
    assert [len(lists[f"memo-2026-01-07{part}"]) for part in ("", "-un", "-non-un")] == [66, 31, 35]
    assert {*lists["memo-2026-01-07-un"], *lists["memo-2026-01-07-non-un"]} == set(lists["memo-2026-01-07"])
    unknown = tables.organizations.set_index("code")["members_known"][list(lists["memo-2026-01-07"])] == 0
    assert unknown.sum() == 14


def test_dependence_has_no_circle(tables: Frames) -> None:
    waiting = set(zip(tables.dependence["organization"], tables.dependence["depends_on"], strict=True))
    while waiting:
        rest = {(a, b) for a, b in waiting if b in {first for first, _ in waiting}}
        assert rest < waiting, rest
        waiting = rest
    assert not waiting


@pytest.mark.parametrize(
    ("start", "state", "body", "expected"),
    [
        ("2025Q1", "USA", "WHO", True),  # its exit of 2026 is a shock
        ("2025Q1", "USA", "UNIDO", False),
        ("2025Q1", "USA", "UNHRC", False),
        ("2017Q1", "USA", "UNHRC", True),
        ("2019Q1", "USA", "UNESCO", False),
        ("2018Q4", "USA", "UNESCO", True),
        ("2023Q3", "USA", "UNESCO", True),
        ("2021Q1", "USA", "Paris Agreement", True),
        ("2020Q4", "USA", "Paris Agreement", True),
        ("2010Q4", "SSD", "UNICEF", False),
        ("2025Q1", "IND", "CTBTO", False),
        ("2025Q1", "USA", "Board of Peace", False),
        ("2026Q1", "USA", "Board of Peace", True),
    ],
)
def test_who_belongs_where(tables: Frames, start: str, state: str, body: str, expected: bool) -> None:
    assert members_at(tables, parse_quarter(start))[place(tables, state, body)] == expected


def test_members_by_body(tables: Frames) -> None:
    count = dict(zip(tables.organizations["code"], members_at(tables, START).sum(axis=0), strict=True))
    known = {
        "UN-RB": 193,
        "WHO": 192,
        "UNESCO": 191,
        "ILO": 186,
        "ICC": 123,
        "NATO": 32,
        "EU": 27,
        "UNHRC": 47,
        "CTBTO": 184,
    }
    assert {code: int(count[code]) for code in known} == known


def test_money_at_the_start(tables: Frames) -> None:
    dues, gifts, budget = money_at(tables, START)
    usa = list(tables.states["code"]).index("USA")
    totals = [dues.sum(), gifts.sum(), budget.sum(), dues[usa].sum(), gifts[usa].sum()]
    np.testing.assert_allclose(np.array(totals) / 1e9, [18.43, 29.51, 71.33, 4.00, 11.76], atol=0.01)
    families = budget.copy()
    bodies = tables.organizations
    for parent in set(bodies["parent"]) - {""}:
        families[bodies["code"] == parent] += budget[bodies["parent"] == parent].sum()
    assert (dues.sum(axis=0) + gifts.sum(axis=0) <= families * 1.001).all()
    assert (dues[:, bodies["parent"] != ""] == 0).all()


def test_money_by_hand(tables: Frames) -> None:
    dues, gifts, _ = money_at(tables, START)
    assert dues[place(tables, "USA", "NATO")] == 731.4e6
    assert gifts[place(tables, "USA", "UNRWA")] == 0  # stopped in January 2024
    assert gifts[place(tables, "ARG", "UNDP")] == 0  # pays for programmes at home
    rows = tables.contributions
    asked = rows[(rows["state"] == "DEU") & (rows["organization"] == "WFP") & rows["year"].between(2022, 2024)]
    assert gifts[place(tables, "DEU", "WFP")] == pytest.approx(asked["usd_million"].sum() * 1e6 / 3)
    np.testing.assert_allclose(dues[:, place(tables, "USA", "CEC")[1]].max(), 2.55e6)


def test_what_cannot_be_saved_by_leaving(tables: Frames) -> None:
    """US dues to bodies on the list of 66 billed inside the Secretariat's budget: about 104 million."""
    bodies = tables.organizations[tables.organizations["code"].isin(tables.lists["memo-2026-01-07"])]
    inside = bodies[bodies["parent"] == "UN-RB"]
    usd = 0.22 * (inside["budget_usd"] * inside["assessed_share"]).sum()
    assert usd == pytest.approx(103.6e6, rel=0.01)


def test_older_starts_have_less_money(tables: Frames) -> None:
    now, then = money_at(tables, START), money_at(tables, parse_quarter("2017Q1"))
    assert then[2].sum() < now[2].sum()
    assert then[0][place(tables, "USA", "WHO")] == pytest.approx(111e6, rel=0.01)
    assert then[1][place(tables, "USA", "UNRWA")] > 3e8


def test_ties(tables: Frames) -> None:
    tie = ties_between(tables)
    codes = list(tables.states["code"])
    assert tie[codes.index("USA"), codes.index("JPN")] == tie[codes.index("JPN"), codes.index("USA")] == 0.6
    assert tie[codes.index("DEU"), codes.index("FRA")] == 0.8
    assert tie[codes.index("USA"), codes.index("PRK")] == 0


def test_no_state_is_its_own_ally_or_dependent(tables: Frames) -> None:
    pairs = tables.alliances[["state_a", "state_b"]]
    assert not (pairs["state_a"] == pairs["state_b"]).any()
    assert not pairs.apply(frozenset, axis=1).duplicated().any()
    assert not (tables.dependence["organization"] == tables.dependence["depends_on"]).any()


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_a_basis(tables: Frames, table: str) -> None:
    stated = tables.basis[(tables.basis["table"] == table) & (tables.basis["row"] == "*")]
    assert {column.name for column in schema()[table]} <= set(stated["column"])


def test_basis_rows_name_what_exists(tables: Frames) -> None:
    columns = {table: {column.name for column in schema()[table]} for table in schema()}
    keys = {*tables.states["code"], *tables.organizations["code"], *tables.lists}
    for row in tables.basis.itertuples():
        assert row.table == "agreement" or row.column in columns[str(row.table)], row
        assert row.row == "*" or set(str(row.row).split(":")) <= keys, row
        assert row.basis in ("sourced", "derived", "assumed"), row
        assert row.source if row.basis == "sourced" else row.note, row


def test_sources_resolve_both_ways(tables: Frames, readme: str) -> None:
    used = {code for cell in tables.basis["source"] for code in cell.split()}
    listed = set(re.findall(r"^\| ([a-z0-9-]+) \|", readme.split("## Sources")[1], re.MULTILINE)) - {
        "code",
        "---",
    }
    assert used == listed


def test_readme_counts_rows(readme: str) -> None:
    counts = dict(re.findall(r"^\| `(\w+)\.csv` \| ([\d,]+) \|", readme, re.MULTILINE))
    assert len(counts) == 9
    for name, count in counts.items():
        assert len(pd.read_csv(data_folder() / "real" / f"{name}.csv")) == int(count.replace(",", "")), name


def test_assumptions_can_be_read() -> None:
    lines = assumed_values(read_tables())
    assert len(lines) == len(set(lines))
    assert any(line.startswith("states.swing (USA): voting agreement") for line in lines)
    assert all(re.fullmatch(r"\w+\.[\w*]+( \(.+\))?: .+", line) for line in lines)


def test_issues_and_kinds(tables: Frames) -> None:
    assert set(tables.organizations["family"]) == set(tables.kinds["family"])
    assert set(tables.organizations["issue_area"]) == set(tables.issues["issue_area"])
    assert (tables.issues["label_zh"] != "").all()
    organs = tables.organizations[tables.organizations["kind"] == "organ"]
    assert set(organs["exit_form"]) == {"participation"}
