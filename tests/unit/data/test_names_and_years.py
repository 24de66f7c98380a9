"""What tables leave out: names that are not given, years before the first records; and which groups there can be."""

from pathlib import Path

import numpy as np
import pytest

from abm.calendar import parse_quarter
from abm.data.reading import schema
from abm.data.world_tables import TablesError, money_at, read_tables
from tests.unit.data.test_world_tables import BODIES, MONEY, STATES, folder


def test_groups_are_the_flags_that_a_state_can_have() -> None:
    """All but what says of its votes that they are old."""
    flags = {column.name for column in schema()["states"] if column.type == "flag"} - {"turned"}
    assert set(next(column.allowed for column in schema()["groups"] if column.name == "group")) == flags


def test_an_unknown_group_is_named(tmp_path: Path) -> None:
    """Its column would be looked for in vain."""
    with pytest.raises(TablesError, match=r"line 3 .*column group: unknown group '-0.0'; known are"):
        read_tables(folder(tmp_path, groups="group,tie\nnato,0.6\n-0.0,0.5\n"))


def test_a_code_stands_for_a_name_that_is_not_given(tmp_path: Path) -> None:
    named = STATES.replace("code,", "code,name,").replace("AAA,", "AAA,Aland,").replace("BBB,", "BBB,,")
    assert read_tables(folder(tmp_path, states=named)).states["name"].tolist() == ["Aland", "BBB"]


def test_before_the_first_records_their_first_three_years_count(tmp_path: Path) -> None:
    """The records begin in 2013; the second organization's in 2014, so that two of its years are among the three."""
    bodies = BODIES + BODIES.splitlines()[1].replace("UNI", "DUO") + "\n"
    rows = "AAA,UNI,2013,voluntary,0.0003\nBBB,UNI,2015,voluntary,0.0003\n"
    rows += "".join(f"AAA,DUO,{year},voluntary,{money}\n" for year, money in ((2014, 1e-4), (2015, 1e-4), (2016, 4e-4)))
    spells = "state,organization\nAAA,UNI\nBBB,UNI\nAAA,DUO\n"
    tables = read_tables(folder(tmp_path, organizations=bodies, membership=spells, contributions=MONEY + rows))
    early, late = (money_at(tables, parse_quarter(start))[1][:, 1] for start in ("2010Q1", "2017Q1"))
    np.testing.assert_allclose(early[0], 100)
    np.testing.assert_allclose(late[0], 200)
