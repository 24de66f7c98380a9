"""The built-in world's tables: what can be recomputed is recomputed, and every column has a stated basis."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm.calendar import parse_quarter
from abm.data.frames import Frames, framed
from abm.data.groups_and_alliances import in_group, ties_between
from abm.data.reading import data_folder, read_votes, schema
from abm.data.world_tables import assumed_values, members_at, money_at, read_tables

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


def votes(tables: Frames) -> np.ndarray:
    """Voting agreement as in the file, shape (states, states)."""
    return read_votes(data_folder() / "real" / "agreement.csv", list(tables.states["code"]))


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
    raw = scaled(votes(tables))
    others = (tables.states["turned"] == 0).to_numpy()
    for dimension in (0, 1):
        ours, theirs = positions[others, dimension], raw[others, dimension]
        slope, shift = np.polyfit(theirs, ours, 1)
        np.testing.assert_allclose(ours, slope * theirs + shift, atol=2e-4)
        assert abs(slope) == pytest.approx(4.2326, abs=0.001)


def test_states_that_turned_stand_where_they_vote_now(tables: Frames) -> None:
    """The first dimension moved by .844 of the change of the ideal point, or to the fitted line (Argentina)."""
    turned = tables.states["turned"] == 1
    assert turned.sum() == 37
    noted = tables.basis[(tables.basis["column"] == "position_1") & (tables.basis["row"] != "*")]
    assert set(noted["row"]) == set(tables.states["code"][turned])
    moved = noted[noted["row"] != "ARG"]
    change = moved["note"].str.extract(r"is ([+-][.\d]+) \(")[0].astype(float).to_numpy()
    rows = [list(tables.states["code"]).index(code) for code in moved["row"]]
    ours, raw = tables.states["position_1"].to_numpy(), scaled(votes(tables))[:, 0]
    others = ~turned.to_numpy()
    slope, shift = np.polyfit(raw[others], ours[others], 1)
    np.testing.assert_allclose(ours[rows], slope * raw[rows] + shift + 0.844 * change, atol=2e-3)
    assert (np.abs(change) > 0.2).all()


def test_agreement_of_states_that_turned_follows_from_distance(tables: Frames) -> None:
    turned = (tables.states["turned"] == 1).to_numpy()
    positions = tables.states[["position_1", "position_2"]].to_numpy()
    distance = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    either = turned[:, None] | turned[None]
    np.testing.assert_allclose(tables.agreement[either], np.clip(1 - distance / 4.31, 0, 1)[either])
    np.testing.assert_array_equal(tables.agreement[~either], votes(tables)[~either])
    usa, arg, ita = (list(tables.states["code"]).index(code) for code in ("USA", "ARG", "ITA"))
    assert tables.agreement[arg, usa] > votes(tables)[arg, usa] + 0.2
    assert tables.agreement[arg, ita] > tables.agreement[arg, usa]


def test_distance_says_what_votes_say(tables: Frames) -> None:
    """Among states that did not turn, the line that stands in for votes is off by .03 and on average by nothing."""
    others = np.flatnonzero(tables.states["turned"] == 0)
    pairs = np.triu_indices(len(others), 1)
    inside = np.ix_(others, others)
    positions = tables.states[["position_1", "position_2"]].to_numpy()
    distance = np.linalg.norm(positions[:, None] - positions[None], axis=2)[inside][pairs]
    error = votes(tables)[inside][pairs] - (1 - distance / 4.31)
    assert abs(error.mean()) < 0.01
    assert error.std() < 0.03
    assert np.corrcoef(distance, votes(tables)[inside][pairs])[0, 1] < -0.97


def test_unit_and_signs_of_positions(tables: Frames) -> None:
    frame = tables.states.set_index("code")[["position_1", "position_2"]]
    centred = frame - frame.mean()
    assert np.linalg.norm(centred, axis=1).mean() == pytest.approx(0.62, abs=0.002)
    assert frame["position_1"].idxmax() == "USA"
    assert frame.loc["USA", "position_2"] < 0 < frame.loc["RUS", "position_2"]
    assert frame.loc["ARG", "position_1"] == pytest.approx(1.13, abs=0.02)


def test_budgets_have_three_shares(tables: Frames) -> None:
    bodies = tables.organizations
    shares = bodies[["assessed_share", "voluntary_share", "other_share"]]
    full = bodies["budget_usd"].notna()
    assert full.sum() == 103
    np.testing.assert_allclose(shares[full].sum(axis=1), 1, atol=1e-3)
    assert shares[~full].isna().all(axis=None)


def test_the_secretariat_is_net_of_its_children(tables: Frames) -> None:
    bodies = tables.organizations
    family = bodies[(bodies["parent"] == "UN-RB") | (bodies["code"] == "UN-RB")]
    assert len(family) == 18
    assert family["budget_usd"].sum() == pytest.approx(7639.5e6, rel=1e-4)
    assert (family["budget_usd"] * family["assessed_share"]).sum() == pytest.approx(7639.5e6 * 0.433, rel=1e-3)


def test_the_list_of_66(tables: Frames) -> None:
    lists = tables.lists
    assert [len(lists[f"memo-2026-01-07{part}"]) for part in ("", "-un", "-non-un")] == [66, 31, 35]
    assert {*lists["memo-2026-01-07-un"], *lists["memo-2026-01-07-non-un"]} == set(lists["memo-2026-01-07"])
    listed = tables.organizations.set_index("code").loc[list(lists["memo-2026-01-07"])]
    unknown, closed = listed["members_known"] == 0, listed["exit_form"] == "none"
    assert ((unknown & ~closed).sum(), closed.sum()) == (8, 10)
    assert not closed[~unknown].any()


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


COUNTS = pd.read_csv(Path(__file__).parent / "member_counts.csv", keep_default_na=False)


@pytest.mark.parametrize("start", sorted(set(COUNTS["start"])))
def test_members_by_body(tables: Frames, start: str) -> None:
    """Members are as many as published, less those that are no states of the table and less a gap that is stated."""
    count = dict(zip(tables.organizations["code"], members_at(tables, parse_quarter(start)).sum(axis=0), strict=True))
    rows = COUNTS[COUNTS["start"] == start]
    expected = rows["published"] - rows["outside"] - rows["missing"]
    assert [int(count[code]) for code in rows["organization"]] == expected.tolist()


def test_counts_of_members_have_sources() -> None:
    assert COUNTS.groupby("start")["organization"].nunique().tolist() == [46] * 4
    assert (COUNTS["source"] != "").all()
    assert set(COUNTS["basis"]) == {"sourced", "assumed"}
    gaps = COUNTS[COUNTS["missing"] != 0]
    assert (gaps["note"] != "").all()
    today = COUNTS[COUNTS["start"] == "2025Q1"]
    assert (today["missing"].abs() <= 0.06 * today["published"]).all()


def test_partial_lists_of_members_count_nowhere(tables: Frames) -> None:
    """Where a list covers less than four fifths of the published number, members are taken as unknown."""
    known = tables.organizations.set_index("code")["members_known"]
    assert not known[["IOMed", "GGI Friends", "GDI Friends", "IUCN", "GFCE", "GCERF", "IGF Mining", "PAC"]].any()
    assert known[["IDLO", "IEF", "ISA Solar", "BRI", "RCC", "Coalition of the Willing"]].all()


@pytest.mark.parametrize(
    ("group", "start", "state", "expected"),
    [
        ("eu", "2017Q1", "GBR", True),
        ("eu", "2025Q1", "GBR", False),
        ("nato", "2014Q1", "SWE", False),
        ("nato", "2025Q1", "SWE", True),
        ("brics", "2017Q1", "IRN", False),
        ("brics", "2025Q1", "IRN", True),
        ("asean", "2025Q1", "TLS", False),
        ("asean", "2026Q1", "TLS", True),
        ("ecowas", "2017Q1", "GHA", True),
    ],
)
def test_groups_are_those_of_the_start(tables: Frames, group: str, start: str, state: str, expected: bool) -> None:
    row = list(tables.states["code"]).index(state)
    assert in_group(tables, group, parse_quarter(start))[row] == expected


def test_columns_of_groups_are_their_organizations_today(tables: Frames) -> None:
    for group, code in zip(tables.groups["group"], tables.groups["organization"], strict=True):
        if code:
            members = members_at(tables, parse_quarter("2026Q1"))[:, place(tables, "USA", code)[1]]
            np.testing.assert_array_equal(members, tables.states[group] == 1, err_msg=group)


def test_nobody_belongs_where_no_state_can(tables: Frames) -> None:
    bodies = tables.organizations
    closed = (bodies["exit_form"] == "none").to_numpy()
    assert closed.sum() == 10
    assert not members_at(tables, START)[:, closed].any()
    assert not bodies["members_known"][closed].any()


def test_money_at_the_start(tables: Frames) -> None:
    dues, gifts, budget = money_at(tables, START)
    usa = list(tables.states["code"]).index("USA")
    totals = [dues.sum(), gifts.sum(), budget.sum(), dues[usa].sum(), gifts[usa].sum()]
    np.testing.assert_allclose(np.array(totals) / 1e9, [32.27, 37.91, 101.27, 4.15, 13.90], atol=0.01)
    families = budget.copy()
    bodies = tables.organizations
    for parent in set(bodies["parent"]) - {""}:
        families[bodies["code"] == parent] += budget[bodies["parent"] == parent].sum()
    assert (dues.sum(axis=0) + gifts.sum(axis=0) <= families * 1.001).all()
    assert (dues[:, bodies["parent"] != ""] == 0).all()


def test_money_by_hand(tables: Frames) -> None:
    dues, gifts, _ = money_at(tables, START)
    assert dues[place(tables, "USA", "NATO")] == 795e6
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
    tie = ties_between(tables, START)
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
    assert len(counts) == 11
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
    assert set(organs["exit_form"]) == {"participation", "none"}
