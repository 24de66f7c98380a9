"""The door for tables: what a folder must hold, how each mistake is answered, what is derived at a start."""

from pathlib import Path

import numpy as np
import pytest

from abm.calendar import parse_quarter
from abm.data.frames import framed
from abm.data.groups_and_alliances import ties_between
from abm.data.world_tables import (
    Tables,
    TablesError,
    assumed_values,
    members_at,
    money_at,
    read_tables,
)
from abm.data.write_world import write_tables

STATES = "code,population,gdp_usd,un_rate,position_1,position_2\nAAA,10,1000,75,0,0\nBBB,20,500,25,3,4\n"
BODIES = """code,family,issue_area,budget_usd,assessed_share,voluntary_share,other_share,parent,founded
UNI,un_specialised,health,1000,0.5,0.4,0.1,,1990
"""
SPELLS = "state,organization,since,until\nAAA,UNI,,\nBBB,UNI,2000,2009\n"
MONEY = "state,organization,year,kind,usd_million\n"


def folder(path: Path, **texts: str) -> Path:
    """Write a small world; a keyword replaces or adds a file."""
    default = {"states": STATES, "organizations": BODIES, "membership": SPELLS, "contributions": MONEY}
    for name, text in (default | texts).items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def equal(one: Tables, other: Tables) -> bool:
    frames = ("states", "organizations", "membership", "contributions", "revenues", "dependence", "alliances")
    same = all(getattr(framed(one), name).equals(getattr(framed(other), name)) for name in frames)
    return same and one.lists == other.lists and np.array_equal(one.agreement, other.agreement)


def test_smallest_world(tmp_path: Path) -> None:
    tables = read_tables(folder(tmp_path))
    body = framed(tables).organizations.iloc[0]
    assert (body["kind"], body["exit_form"], body["notice_quarters"]) == ("agency", "membership", 4)
    assert (body["scale"], body["members_known"], body["name"]) == ("un", 1, "UNI")
    assert tables.states["nato"].tolist() == [0, 0]
    assert np.isnan(tables.states["swing"]).all()
    assert tables.lists == {}
    assert set(tables.basis["basis"]) == {"user"}
    assert "given in the folder" in assumed_values(tables)[0]


def test_agreement_from_positions(tmp_path: Path) -> None:
    near = STATES.replace("3,4", "0.3,0.4")
    assert read_tables(folder(tmp_path)).agreement[0, 1] == 0  # a distance of 5 is more than 4.31
    expected = [[1, 1 - 0.5 / 4.31], [1 - 0.5 / 4.31, 1]]
    np.testing.assert_allclose(read_tables(folder(tmp_path, states=near)).agreement, expected)


@pytest.mark.parametrize(
    "text", ["state,AAA,BBB\nAAA,,700\n", "state,AAA\nBBB,700\n", "x,BBB,AAA\nBBB,,700\nAAA,700,\n"]
)
def test_agreement_from_file(tmp_path: Path, text: str) -> None:
    tables = read_tables(folder(tmp_path, agreement=text))
    np.testing.assert_array_equal(tables.agreement, [[1, 0.7], [0.7, 1]])


def test_blank_agreement_takes_the_mean(tmp_path: Path) -> None:
    states = STATES.replace("75", "70") + "CCC,5,5,5,0,0\n"
    tables = read_tables(folder(tmp_path, states=states, agreement="state,BBB,CCC\nAAA,200,400\n"))
    assert tables.agreement[1, 2] == tables.agreement[2, 1] == pytest.approx(0.3)


BROKEN = {
    "missing file": ({"states": None}, r"states\.csv: file is missing; a world needs states\.csv"),
    "empty file": ({"states": ""}, r"states\.csv: is empty"),
    "no rows": ({"states": STATES.splitlines()[0]}, "has a header but no rows"),
    "missing column": ({"states": STATES.replace("gdp_usd", "eu")}, "column 'gdp_usd' is missing"),
    "unknown column": (
        {"states": STATES.replace("gdp_usd", "gdp_us")},
        "unknown column 'gdp_us'; did you mean 'gdp_usd'",
    ),
    "column twice": ({"states": STATES.replace("gdp_usd", "population")}, "column is named twice"),
    "duplicate state": (
        {"states": STATES + "AAA,1,1,0,0,0\n"},
        r"line 4 \(AAA\), column code: AAA stands twice",
    ),
    "duplicate body": ({"organizations": BODIES + BODIES.splitlines()[1]}, "UNI stands twice"),
    "unknown state": (
        {"membership": SPELLS + "AAB,UNI,,\n"},
        r"line 4 \(AAB\), column state: unknown state 'AAB'",
    ),
    "unknown body": (
        {"membership": SPELLS + "AAA,uni ,,\n"},
        "unknown organization 'uni '; did you mean 'UNI'",
    ),
    "unknown issue": (
        {"organizations": BODIES.replace("health", "helth")},
        "unknown issue 'helth'; did you mean 'health'",
    ),
    "unknown family": (
        {"organizations": BODIES.replace("un_specialised", "un_fond")},
        "family 'un_fond'; did you mean 'un_fund'",
    ),
    "unknown parent": ({"organizations": BODIES.replace(",,1990", ",UN,1990")}, "unknown organization 'UN'"),
    "nested parents": (
        {"organizations": BODIES.replace(",,1990", ",UNI,1990")},
        "is a parent and has a parent",
    ),
    "unknown choice": (
        {"contributions": MONEY + "AAA,UNI,2020,asessed,1\n"},
        "unknown kind 'asessed'; did you mean 'assessed'",
    ),
    "no number": (
        {"states": STATES.replace("1000", "1.000,5").replace("1.000,5", '"1.000,5"')},
        "column gdp_usd: '1.000,5' is not a number",
    ),
    "not a number": ({"states": STATES.replace("1000", "nan")}, "'nan' is not a number"),
    "not whole": ({"contributions": MONEY + "AAA,UNI,2020.5,assessed,1\n"}, "'2020.5' is not a whole number"),
    "out of range": (
        {"contributions": MONEY + "AAA,UNI,2020,assessed,-1\n"},
        r"column usd_million: -1 lies outside 0 to 1e\+09",
    ),
    "beyond all measure": ({"states": STATES.replace("1000", "1e30")}, r"gdp_usd: 1e30 lies outside 1 to 1e\+16"),
    "blank": (
        {"states": STATES.replace("1000", "")},
        r"line 2 \(AAA\), column gdp_usd: is blank; give gross",
    ),
    "rates": ({"states": STATES.replace("75", "74.98")}, r"un_rate: sums to 99\.980; rates must sum to 100"),
    "shares": ({"organizations": BODIES.replace("0.1", "0.2")}, r"UNI: assessed_share .* is 1\.1000"),
    "date": ({"membership": SPELLS.replace("2009", "spring")}, "'spring' is not a date"),
    "order": (
        {"membership": SPELLS.replace("2009", "1999")},
        "BBB in UNI: until 1999 lies before since 2000",
    ),
    "ragged": ({"membership": SPELLS + "AAA,UNI\n"}, "line 4: has 2 cells, the header 4 columns"),
    "quote": ({"membership": SPELLS + '"AAA'}, "cannot be read as CSV"),
    "agreement state": ({"agreement": "state,AAC\nBBB,700\n"}, "unknown state 'AAC'; did you mean 'AAA'"),
    "agreement twice": ({"agreement": "state,AAA\nBBB,700\nBBB,700\n"}, "a state is named twice"),
    "agreement range": (
        {"agreement": "state,AAA\nBBB,1001\n"},
        r"line 2 \(BBB\), column AAA: 1001 lies outside",
    ),
    "agreement differs": (
        {"agreement": "state,AAA,BBB\nAAA,,1\nBBB,2,\n"},
        "AAA and BBB: two different values",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_each_mistake_is_named(tmp_path: Path, case: str) -> None:
    texts, message = BROKEN[case]
    folder(tmp_path, **{name: text for name, text in texts.items() if text is not None})
    for name in (name for name, text in texts.items() if text is None):
        (tmp_path / f"{name}.csv").unlink()
    with pytest.raises(TablesError, match=message):
        read_tables(tmp_path)


@pytest.mark.parametrize("text", [STATES.replace("gdp", "g" * 5000), STATES.replace("AAA", "\x1b[31m" + "A" * 70000)])
def test_a_message_is_one_short_line_whatever_a_table_holds(tmp_path: Path, text: str) -> None:
    with pytest.raises(TablesError) as refused:
        read_tables(folder(tmp_path, states=text))
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 1100


def test_wrong_encoding(tmp_path: Path) -> None:
    (folder(tmp_path) / "states.csv").write_bytes(STATES.replace("AAA", "Türkiye").encode("latin-1"))
    with pytest.raises(TablesError, match="is not UTF-8 text"):
        read_tables(tmp_path)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(TablesError, match="no such folder"):
        read_tables(tmp_path / "nowhere")


def test_byte_order_mark_and_blank_lines(tmp_path: Path) -> None:
    folder(tmp_path, states="\ufeff" + STATES.replace("\nBBB", "\n,,,,,\n\nBBB"))
    assert read_tables(tmp_path).states["code"].tolist() == ["AAA", "BBB"]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("1989Q4", [False, False]),  # not yet founded
        ("1990Q1", [True, False]),  # blank since: from founding
        ("2000Q1", [True, True]),  # a year alone begins in its first quarter
        ("2009Q4", [True, True]),  # and ends in its last
        ("2010Q1", [True, False]),
    ],
)
def test_membership_at_the_start(tmp_path: Path, start: str, expected: list[bool]) -> None:
    tables = read_tables(folder(tmp_path))
    assert members_at(tables, parse_quarter(start))[:, 0].tolist() == expected


@pytest.mark.parametrize("since", ["2000-05-30", "2000Q2", "2000-05"])
def test_dated_spells(tmp_path: Path, since: str) -> None:
    tables = read_tables(folder(tmp_path, membership=SPELLS.replace("2000,2009", f"{since},2001-07-02")))
    quarters = [parse_quarter(name) for name in ("2000Q1", "2000Q2", "2001Q3", "2001Q4")]
    assert [bool(members_at(tables, quarter)[1, 0]) for quarter in quarters] == [False, True, True, False]


def test_universal_bodies_hold_the_states_admitted_by_then(tmp_path: Path) -> None:
    states = (
        STATES.replace("position_2\n", "position_2,un_since\n").replace("0,0\n", "0,0,\n").replace("4\n", "4,2002\n")
    )
    bodies = BODIES.replace("founded", "founded,universal").replace("1990", "1990,1")
    tables = read_tables(folder(tmp_path, states=states, organizations=bodies, membership="state,organization\n"))
    starts = ("1989Q4", "1990Q1", "2001Q4", "2002Q1")
    held = [members_at(tables, parse_quarter(start)).sum() for start in starts]
    assert held == [0, 1, 1, 2]


def test_unknown_members_count_nowhere(tmp_path: Path) -> None:
    bodies = BODIES.replace("founded", "founded,members_known").replace("1990", "1990,0")
    assert not members_at(read_tables(folder(tmp_path, organizations=bodies)), 8100).any()


def test_dues_by_hand(tmp_path: Path) -> None:
    spells = "state,organization\nAAA,UNI\nBBB,UNI\n"
    by_rate = read_tables(folder(tmp_path, membership=spells))
    np.testing.assert_allclose(money_at(by_rate, 8100)[0][:, 0], [375, 125])
    equally = BODIES.replace("founded", "founded,scale").replace("1990", "1990,equal")
    tables = read_tables(folder(tmp_path, membership=spells, organizations=equally))
    np.testing.assert_allclose(money_at(tables, 8100)[0][:, 0], [250, 250])


def test_observed_dues_of_the_latest_year_before_the_start(tmp_path: Path) -> None:
    rows = "AAA,UNI,2023,assessed,0.0001\nAAA,UNI,2024,assessed,0.0004\nAAA,UNI,2025,assessed,0.0002\n"
    spells = "state,organization\nAAA,UNI\nBBB,UNI\n"
    tables = read_tables(folder(tmp_path, membership=spells, contributions=MONEY + rows))
    starts = {"2025Q4": [400, 100], "2024Q1": [100, 400], "2026Q1": [200, 300], "2010Q1": [100, 400]}
    for start, expected in starts.items():
        np.testing.assert_allclose(money_at(tables, parse_quarter(start))[0][:, 0], expected, err_msg=start)


def test_dues_of_an_earlier_year_stay_near_the_scale(tmp_path: Path) -> None:
    """Revenue of 2014 leaves the other member nothing, that of 2016 too much; today it pays all that is left."""
    rows = "AAA,UNI,2014,assessed,0.0003\nAAA,UNI,2024,assessed,0.0001\n"
    revenues = "organization,year,usd_million\nUNI,2014,0.0003\nUNI,2016,0.0012\nUNI,2024,0.0005\n"
    spells = "state,organization\nAAA,UNI\nBBB,UNI\n"
    tables = read_tables(folder(tmp_path, membership=spells, contributions=MONEY + rows, revenues=revenues))
    starts = {"2015Q1": [300, 50], "2017Q1": [300, 200], "2025Q1": [100, 400]}
    for start, expected in starts.items():
        np.testing.assert_allclose(money_at(tables, parse_quarter(start))[0][:, 0], expected, err_msg=start)


def test_small_members_pay_at_every_start_of_the_built_in_world() -> None:
    """Per point of the scale within a factor of four of what the largest payers pay, whose rates have moved since."""
    tables = read_tables()
    codes, rate = tables.organizations["code"].tolist(), tables.states["un_rate"]
    for start in ("2014Q1", "2016Q1", "2018Q1", "2020Q1", "2023Q1", "2025Q1"):
        dues = money_at(tables, parse_quarter(start))[0]
        for code in ("UNESCO", "WHO", "ILO", "FAO"):
            paid = dues[:, codes.index(code)]
            small, large = ((paid > 0) & (rate < 0.05), (paid > 0) & (rate > 4))
            assert small.sum() > 90, (start, code)
            times = paid[small].sum() / rate[small].sum() / (paid[large].sum() / rate[large].sum())
            assert 0.25 < times < 4, (start, code)


def test_who_is_no_member_pays_no_dues_and_may_give(tmp_path: Path) -> None:
    rows = "BBB,UNI,2024,assessed,0.0001\nBBB,UNI,2024,voluntary,0.0001\n"
    dues, gifts, _ = money_at(read_tables(folder(tmp_path, contributions=MONEY + rows)), 8100)
    np.testing.assert_allclose(dues[:, 0], [400, 0])
    np.testing.assert_allclose(gifts[:, 0], [0, 100])


def test_gifts_are_means_of_three_years_and_end_with_a_row_of_0(tmp_path: Path) -> None:
    rows = "".join(
        f"{state},UNI,{year},voluntary,{usd}\n"
        for state, year, usd in [
            ("AAA", 2021, 900),
            ("AAA", 2022, 3),
            ("AAA", 2023, 6),
            ("BBB", 2024, 30),
            ("BBB", 2026, 0),
        ]
    )
    tables = read_tables(folder(tmp_path, contributions=MONEY + rows))
    np.testing.assert_allclose(money_at(tables, parse_quarter("2025Q1"))[1][:, 0], [3e6, 10e6])
    assert money_at(tables, parse_quarter("2026Q1"))[1][1, 0] == 0
    assert money_at(tables, parse_quarter("2030Q1"))[1][1, 0] == 0


def test_gifts_before_their_first_year_are_those_of_the_first_three(tmp_path: Path) -> None:
    """For 2015: money is known from 2010, gifts from 2020: 3, 6, 9 and 300 million. The mean of three years is 6."""
    years = {2020: 3, 2021: 6, 2022: 9, 2023: 300}
    rows = "AAA,UNI,2010,assessed,0.0001\n" + "".join(
        f"AAA,UNI,{year},voluntary,{usd}\n" for year, usd in years.items()
    )
    tables = read_tables(folder(tmp_path, contributions=MONEY + rows))
    np.testing.assert_allclose(money_at(tables, parse_quarter("2015Q1"))[1][:, 0], [6e6, 0])
    np.testing.assert_allclose(money_at(tables, parse_quarter("2024Q1"))[1][:, 0], [105e6, 0])  # of 2021 to 2023


def test_a_blank_share_of_a_budget_is_none_of_it(tmp_path: Path) -> None:
    rows = BODIES + "ALL,un_specialised,health,1000,1,,,,1990\n"
    np.testing.assert_allclose(money_at(read_tables(folder(tmp_path, organizations=rows)), 8100)[2], [1000, 1000])


FAMILY = BODIES + "KID,un_secretariat,health,250,0.4,0.6,0,UNI,1990\n"


def test_a_parent_bills_for_its_children(tmp_path: Path) -> None:
    rows = MONEY + "AAA,UNI,2024,voluntary,0.0011\n"
    tables = read_tables(folder(tmp_path, organizations=FAMILY, contributions=rows))
    dues, gifts, budget = money_at(tables, 8100)
    np.testing.assert_allclose(dues, [[600, 0], [0, 0]])  # .5 of 1000 and .4 of 250
    np.testing.assert_allclose(gifts[0], [1100 * 400 / 550, 1100 * 150 / 550])
    np.testing.assert_allclose(budget, [1000, 250])


def test_budgets_of_dated_starts_follow_revenue(tmp_path: Path) -> None:
    revenues = "organization,year,usd_million\nUNI,2016,0.0025\nUNI,2024,0.00125\n"
    tables = read_tables(folder(tmp_path, organizations=FAMILY, revenues=revenues))
    np.testing.assert_allclose(money_at(tables, parse_quarter("2017Q1"))[2], [2000, 500])
    np.testing.assert_allclose(money_at(tables, parse_quarter("2024Q1"))[2], [1000, 250])
    np.testing.assert_allclose(money_at(tables, parse_quarter("1989Q1"))[2], [0, 0])  # not yet founded


def test_ties(tmp_path: Path) -> None:
    states = (
        STATES.replace("position_2\n", "position_2,brics,nato\n")
        .replace("0,0\n", "0,0,1,1\n")
        .replace("4\n", "4,1,1\n")
    )
    pairs = "state_a,state_b,tie\nBBB,AAA,{}\n"
    for tie, expected in ((0.9, 0.9), (0.2, 0.6)):  # nato's .6 is the stronger of the groups'
        tables = read_tables(folder(tmp_path, states=states, alliances=pairs.format(tie)))
        np.testing.assert_allclose(ties_between(tables, parse_quarter("2025Q1")), [[0, expected], [expected, 0]])


def test_the_built_in_world_is_read_once() -> None:
    assert read_tables() is read_tables(None)


def test_written_tables_read_the_same(tmp_path: Path) -> None:
    write_tables(read_tables(), tmp_path / "real")
    again = read_tables(tmp_path / "real")
    assert equal(again, read_tables())
    assert framed(again).basis.equals(framed(read_tables()).basis)
    text = (tmp_path / "real" / "README.md").read_text(encoding="utf-8")
    assert "`un_rate` (needed)" in text
    assert not (tmp_path / "real" / "columns.csv").exists()


def test_written_user_world_reads_the_same(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    tables = read_tables(folder(tmp_path / "own", lists="list,organization\nall,UNI\n"))
    write_tables(tables, tmp_path / "copy")
    write_tables(tables, tmp_path / "copy")  # its own tables may be replaced
    assert equal(read_tables(tmp_path / "copy"), tables)


def test_writing_leaves_other_content_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(TablesError, match="holds other content"):
        write_tables(read_tables(), tmp_path)
    with pytest.raises(TablesError, match="holds other content"):
        write_tables(read_tables(), tmp_path / "thesis.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_own_kinds_and_issues_replace_the_shared_ones(tmp_path: Path) -> None:
    kinds = "family,kind,exit_form,voting_rule,notice_quarters\nleague,igo,treaty,veto,7\n"
    issues = "issue_area,cause,mutual_obligation\nwar,0,1\n"
    bodies = BODIES.replace("un_specialised,health", "league,war")
    tables = read_tables(folder(tmp_path, kinds=kinds, issues=issues, organizations=bodies))
    body = framed(tables).organizations.iloc[0]
    assert (body["voting_rule"], body["notice_quarters"], body["exit_form"]) == ("veto", 7, "treaty")
    with pytest.raises(TablesError, match="unknown issue 'health'"):
        read_tables(
            folder(tmp_path, kinds=kinds, issues=issues, organizations=BODIES.replace("un_specialised", "league"))
        )


def test_a_folder_is_read_again_where_a_file_has_changed(tmp_path: Path) -> None:
    before = read_tables(folder(tmp_path))
    assert read_tables(tmp_path) is before
    changed = read_tables(folder(tmp_path, states=STATES.replace("1000", "2000")))
    assert before.states["gdp_usd"].tolist() == [1000, 500]
    assert changed.states["gdp_usd"].tolist() == [2000, 500]


def test_what_runs_have_in_common_is_made_once_and_stays_as_it_is(tmp_path: Path) -> None:
    tables, start = read_tables(folder(tmp_path)), parse_quarter("2005Q1")
    for derived in (members_at, money_at):
        assert derived(tables, start) is derived(tables, start)
    assert not np.array_equal(members_at(tables, start), members_at(tables, start + 40))
    for array in (members_at(tables, start), *money_at(tables, start), ties_between(tables, start)):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0
