"""What is chosen becomes a config: what a page downloads gives the same numbers from the command line."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from abm.config.reader import ConfigError, config_text, load_experiment, load_text
from experiments.runs.run_experiment import run_experiment
from viz.page_state import PageState, change_scenario, read_upload, scenarios
from viz.worker_runs import carry_out

SMALL = {"world": {"source": "synthetic", "states": 14, "organizations": 6}, "quarters": 6}


def test_a_parameter_moves_and_goes_back() -> None:
    moved = PageState().with_parameter("membership.contagion_log_odds", 2.0)
    assert moved == {"parameters": {"membership": {"contagion_log_odds": 2.0}}}
    changed = replace(PageState(), config=moved)
    assert changed.experiment.digest() != PageState().experiment.digest()
    own = load_experiment("us-exit-2026").parameters.membership.contagion_log_odds
    assert changed.with_parameter("membership.contagion_log_odds", own) == {}


def test_the_page_shows_every_shipped_scenario() -> None:
    assert all(change_scenario(name, {}).shocks or name == "base" for name in scenarios())


def test_a_key_moves_and_goes_back() -> None:
    assert PageState().with_key("seed", 5) == {"seed": 5}
    assert replace(PageState(), config={"seed": 5}).with_key("seed", 20260107) == {}


def test_the_second_scenario_has_the_seed_and_length_of_the_first() -> None:
    state = replace(PageState(), second="return-2029", config={"seed": 5, "quarters": 24})
    assert state.compared is not None
    assert (state.compared.seed, state.compared.quarters) == (5, 24)
    assert PageState().compared is None


def test_a_downloaded_config_gives_the_numbers_of_the_page(tmp_path: Path) -> None:
    state = replace(PageState(), config=SMALL | {"parameters": {"funding": {"appeal": 0.4}}})
    path = tmp_path / "mine.yaml"
    path.write_text(state.text(), encoding="utf-8")
    again = run_experiment(path, ["replicates=1"], workers=1)
    assert again.experiment.with_values({"replicates": 8}).digest() == state.experiment.digest()
    shown = carry_out(state.experiment, 0, "pair").run
    assert shown is not None
    series = again.series[~again.series["twin"]].set_index(["quarter", "measure"])["value"]
    last = series.xs(series.index.get_level_values("quarter").max())
    last = last[list(shown.measures)]  # those of the network belong to whole pairs
    assert shown.at(-1) == {name: pytest.approx(value, rel=1e-6, abs=1e-9) for name, value in last.items()}


def test_an_upload_becomes_changes_of_the_base() -> None:
    scenario, config = read_upload("extends: who-2025\nquarters: 20\ntitle: Mine\n", "mine.yaml")
    shown = replace(PageState(), scenario=scenario, config=config)
    assert shown.experiment.digest() == load_experiment("who-2025", ["quarters=20"]).digest()
    assert shown.experiment.title == "Mine"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("processes: [{use: 'os:system', after: funding}]", "processes"),
        ("world: {source: tables, folder: /etc}", "folder"),
        ("world: {folder: /etc}", "folder"),
        ("extends: ../../secret.yaml", "shipped scenario"),
        ("extends: [base]", "shipped scenario"),
        ("quarters: 300", "more than the browser runs"),
        ("world: {source: synthetic, states: 4000}", "more than the browser runs"),
        ("quarters: ten", "whole number"),
        ("nonsense", "mapping"),
        ("", "empty"),
        ("a: &a [*a]", "alias"),
    ],
)
def test_an_upload_is_checked(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read_upload(text, "mine.yaml")


def test_texts_that_look_like_something_else_stay_texts() -> None:
    values = {"title": "1e5", "description": "null", "quarters": 12}
    assert load_text(config_text(values)).resolved()["title"] == "1e5"
    assert load_text(config_text(values)).resolved()["description"] == "null"
    resolved = load_experiment("us-exit-2026").resolved()
    assert load_text(config_text(resolved)).resolved() == resolved
    assert load_text(json.dumps(resolved)).resolved() == resolved


CHANGES: tuple[dict[str, object], ...] = (
    {},
    SMALL | {"seed": 9},
    {"shocks": [], "parameters": {"funding": {"appeal": 0.4}}},
    {"world": {"dues_share": {"WHO": {"USA": 0.1}}}},
)


@pytest.mark.parametrize("config", CHANGES)
@pytest.mark.parametrize("name", ["base", "us-exit-2026", "unesco-1984"])
def test_changes_are_what_their_text_says(name: str, config: dict[str, object]) -> None:
    try:
        written = load_text(PageState(scenario=name, config=config).text()).resolved()
    except ConfigError as error:
        with pytest.raises(ConfigError, match=re.escape(str(error).split(": ", 1)[1])):
            change_scenario(name, config)
        return
    assert change_scenario(name, config).resolved() == written


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"processes": [{"use": "os:system", "after": "funding"}]}, "processes"),
        ({"world": {"source": "tables", "folder": "/etc"}}, "folder"),
        ({"extends": "base"}, "extends"),
        ({"quarters": 300}, "more than the browser runs"),
    ],
)
def test_changes_are_checked_like_an_upload(config: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        change_scenario("base", config)
    with pytest.raises(ConfigError, match="no shipped scenario"):
        change_scenario("/etc/base.yaml", {})
