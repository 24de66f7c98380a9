"""Tables of observations: read strictly, and every refusal names file and line."""

from pathlib import Path

import pytest

from abm.config.reader import ConfigError
from experiments.validation.episodes import compare_episodes
from experiments.validation.observations import KNOWN, observations
from tests.episodes_small import HEAD, SCENARIO


def table(folder: Path, text: str | bytes) -> Path:
    """Write a table beside a scenario of its own; return its path."""
    (folder / "own.yaml").write_text(SCENARIO)
    path = folder / "t.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_the_known_table_is_whole() -> None:
    rows = [row for path in KNOWN for row in observations(path)]
    assert len(rows) >= 60
    assert len({row.episode for row in rows}) >= 20
    assert {one.seen for one in rows} == {"yes", "no"}
    assert all(one.source for one in rows)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a,who-2025,WHO,refils_4,1,,,,,", "quantity 'refils_4' is unknown"),
        ("a,who-2025,WHO,back_x,1,,,,,", "quantity 'back_x' is unknown"),
        ("a,who-2025,WHO,follower_4,1,,,,,", "quantity 'follower_4' is unknown"),
        ("a,who-2025,WHO,refill_4,much,,,,,", "observed 'much' is not a number"),
        ("a,who-2025,WHO,refill_4,nan,,,,,", "not a number"),
        ("a,who-2025,WHO,refill_4,inf,,,,,", "observed 'inf' is not a number"),
        ("a,who-2025,WHO,refill_4,1,1.5,2,,,", "does not lie between 1.5 and 2"),
        ("a,,WHO,refill_4,1,,,,,", "scenario is blank"),
        ("a,who-2025,WHO,refill_4,,,,,,", "observed is blank"),
        ("a,who-2025,WHO,refill_4,1,,,maybe,,", "seen 'maybe' is neither yes nor no"),
        ("a,who-2025,WHO,budget_cut_0,.1,,,,,", "quarters after count from 1"),
        ("a,who-2025,WHO,refill_3,1,,,,,", "reach back before the loss; write refill_4"),
        ("a,who-2025,WHO,cut_per_loss_3,1,,,,,", "reach back before the loss; write cut_per_loss_4"),
        ("a,who-2025,WHO,follower:GBR,.5,,,,,", "write 1 or 0"),
        ("a,who-2025,WHO,back_4,1,0,1,,,", "no other low and high"),
        ("a,who-2025,WHO,followers,-1,,,,,", "followers are counted"),
        ("a,who-2025,WHO,followers,1,-inf,inf,,,", "followers are counted"),
        ("a,who-2025,WHO,staff_cut_4,21,,,,,", "write 0.25 for 25 %"),
        ("a,who-2025,WHO,budget_cut_4,.2,.1,30,,,", "write 0.25 for 25 %"),
        ("a,who-2025,WHO,cut_begins_4,2,,,,,", "quantity 'cut_begins_4' is unknown"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as refused:
        observations(table(tmp_path, HEAD + "\n" + line + "\n"))
    assert f"{tmp_path / 't.csv'}:3: " in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("episode,scenario,organization,quantity\n", "the column observed is missing"),
        (HEAD, "has a header but no rows"),
        (HEAD + ",,,,,,,,,\n", "has a header but no rows"),
        (HEAD.replace(",", ";") + "a;b\n", "parted by semicolons"),
        (HEAD.replace(",", "\t") + "a\tb\n", "parted by tabs"),
        (HEAD.replace("low", "lowest") + "a,b,c,d,1,,,,,\n", "t.csv:1: unknown column 'lowest'; did you mean low?"),
        (HEAD.replace("low", "Seen") + "a,b,c,d,1,,,,,\n", "a column is named twice"),
        ((HEAD + "Zürich,b,c,d,1,,,,,\n").encode("latin-1"), "not UTF-8"),
        (b"PK\x03\x04\xff\xfe\x00", "not UTF-8"),
        (HEAD + "a,b,c\n", "has 3 cells"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        observations(table(tmp_path, text))
    assert message in str(refused.value)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such table"):
        observations(tmp_path / "none.csv")


def test_what_spreadsheets_write_is_read(tmp_path: Path) -> None:
    """A byte order mark, capitals and spaces in the header, blank lines, "Yes"."""
    head = "\ufeffEpisode, Scenario ,ORGANIZATION,quantity,observed,seen\n"
    (row,) = observations(table(tmp_path, head + "\n a , own.yaml,O001,refill_4, 0.1 ,Yes\n,,,,,\n , ,,,,\n"))
    assert (row.episode, row.observed, row.low, row.high, row.seen) == ("a", 0.1, 0.1, 0.1, "yes")
    assert row.scenario == str(tmp_path / "own.yaml")


def test_the_same_quantity_twice_names_both_lines(tmp_path: Path) -> None:
    line = "a,own.yaml,O001,refill_4,{},,,,,\n"
    with pytest.raises(ConfigError, match=r"t\.csv:3: refill_4 of a stands in .*t\.csv:2 already"):
        observations(table(tmp_path, HEAD + line.format(0.1) + line.format(0.9)))
    assert len(observations(table(tmp_path, HEAD + line.format(0.1) + "b" + line.format(0.9)))) == 2


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("own.yaml,O002,followers,0", "no shock of this scenario aims at O002"),
        ("own.yaml,O0O1,followers,0", "unknown organization 'O0O1'; did you mean O001?"),
        ("own.yaml,O001,follower:s002,0", "unknown state 's002'; did you mean S002?"),
        ("own.yaml,O001,follower:S001,0", "S001 acts in this scenario, so that it cannot be a follower"),
        ("unesco-1983,UNESCO,followers,0", "did you mean unesco-1984?"),
    ],
)
def test_a_row_that_does_not_fit_its_scenario_is_named(tmp_path: Path, cells: str, message: str) -> None:
    rows = observations(table(tmp_path, HEAD + f"a,own.yaml,O001,refill_4,0,,,,,\na,{cells},,,,,\n"))
    with pytest.raises(ConfigError) as refused:
        compare_episodes(rows, 1, workers=1)
    assert f"{tmp_path / 't.csv'}:3: " in str(refused.value)
    assert message in str(refused.value)
