"""Scenarios side by side, against the numbers of their own results."""

import json
from pathlib import Path

import numpy as np
import pytest

from abm.config.errors import ConfigError
from experiments.cli import main
from experiments.report.result_view import View
from experiments.report.scenario_figures import choose_rows, title_of_measure
from experiments.report.scenario_table import checked_measures, compare, effects_over, in_common, write_comparison
from experiments.runs.outcome_frames import effects_by_run
from experiments.runs.stored import read_result
from experiments.storage.atomic import FolderError


def test_effects_and_regimes_are_those_of_the_results(result_folders: list[Path]) -> None:
    rows = compare(result_folders)
    assert list(rows["scenario"].unique()) == ["us-exit-2026", "who-2025"]
    for folder in result_folders:
        outcomes = json.loads((folder / "outcomes.json").read_text())
        own = rows[rows["scenario"] == outcomes["scenario"]].set_index(["kind", "quantity"])
        for name, effect in outcomes["effects"].items():
            if name.startswith("shocked."):  # over what both scenarios aim at, see below
                continue
            found = own.loc[("effect", name)]
            assert [found["value"], found["low"], found["high"]] == pytest.approx(
                [effect["mean"], effect["low"], effect["high"]], rel=1e-9, abs=1e-9
            )
        for name, share in outcomes["regimes"].items():
            assert own.loc[("regime", name), "value"] == share
            assert own.loc[("regime", name), "low"] <= share <= own.loc[("regime", name), "high"]


def test_the_difference_from_the_first_is_taken_run_by_run(result_folders: list[Path]) -> None:
    rows = compare(result_folders).set_index(["scenario", "quantity"])
    one, two = (effects_by_run(read_result(folder).tables["series"])["legitimacy"] for folder in result_folders)
    found = rows.loc[("who-2025", "legitimacy")]
    assert found["less_first"] == pytest.approx(float((two - one).mean()))
    assert found["less_first_low"] <= found["less_first"] <= found["less_first_high"]
    assert rows.loc[("us-exit-2026", "legitimacy"), "less_first"] != rows["less_first"].max()


def test_table_figure_and_page_are_written(result_folders: list[Path], tmp_path: Path) -> None:
    rows = compare(result_folders)
    write_comparison(rows, tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").glob("[!.]*")}
    assert names == {"comparison.csv", "comparison.svg", "comparison.html"}
    assert "us-exit-2026, who-2025; 2 runs of each, with twins." in (tmp_path / "out" / "comparison.html").read_text()
    assert (tmp_path / "out" / "comparison.svg").read_text().startswith("<?xml")
    (tmp_path / "out" / "thesis.txt").write_text("years of work")
    with pytest.raises(FolderError):
        write_comparison(rows, tmp_path / "out")


def test_what_cannot_be_compared_is_refused(result_folders: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="two results or more"):
        compare(result_folders[:1])
    with pytest.raises(ConfigError, match="no such folder"):
        compare([result_folders[0], tmp_path / "nowhere"])
    with pytest.raises(ConfigError, match="holds no result"):
        compare([result_folders[0], tmp_path])
    with pytest.raises(ConfigError, match=r"did you mean shocked\.budget"):
        checked_measures(compare(result_folders), ["shocked.budgets"])


def test_the_command_prints_json(result_folders: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    main_of = [str(folder) for folder in result_folders]
    with pytest.raises(SystemExit) as stop:
        main(["compare", *main_of, "--json"])
    assert not stop.value.code
    rows = json.loads(capsys.readouterr().out)["comparison"]
    assert {row["kind"] for row in rows} >= {"effect", "regime", "followers", "money"}


def test_what_is_saved_is_told_over_all_the_time_in_which_the_actors_are_out(result_folders: list[Path]) -> None:
    rows = compare(result_folders)
    shown = choose_rows(rows)
    assert "actor_saving" not in set(shown["quantity"])
    told = shown[shown["kind"] == "money"].set_index("scenario")["value"]
    stored = [read_result(folder) for folder in result_folders]
    held = {one.name: one.outcomes["outcomes"]["saved_while_out"]["mean"] for one in stored}
    assert told.to_dict() == pytest.approx({name: mean for name, mean in held.items() if mean is not None})
    assert len(told)
    assert title_of_measure(str(shown.loc[shown["kind"] == "money", "quantity"].iloc[0])).endswith("are out, USD")


def test_means_are_over_the_organizations_that_all_scenarios_aim_at(result_folders: list[Path]) -> None:
    one = read_result(result_folders[0])
    aimed = sorted(View(one.result()).shocked)
    table = one.tables["organizations"]
    last = table[(table["quarter"] == table["quarter"].max()) & (table["code"] == aimed[0]) & table["in_scope"]]
    wide = last.pivot_table(index="run", columns="twin", values="budget")
    found = effects_over(one, frozenset(aimed[:1]))["shocked.budget"]
    np.testing.assert_allclose(found, wide[False] - wide[True])
    assert not effects_over(one, frozenset())


def test_sets_that_are_alike_need_no_common_one() -> None:
    assert in_common([{"A", "B"}, {"B", "A"}]) is None
    assert in_common([{"A", "B"}, {"B"}]) == {"B"}
