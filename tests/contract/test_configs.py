"""Every shipped config goes through the same door as a user's, and every broken one meets its own message."""

import json
import time
from pathlib import Path

import pytest

from abm.config.reader import ConfigError, base_yaml, configs_folder, describe, load_experiment, load_study, shipped

BAD = sorted((Path(__file__).parent.parent / "configs_bad").glob("*.yaml"))
NAMES = [config.name for config in shipped() if config.kind == "scenario"]
STUDIES = [config.name for config in shipped() if config.kind == "study"]
PROMISED = {
    "base", "us-exit-2026", "who-2025", "unesco-1984", "unesco-2011", "unesco-2017", "unesco-2025",
    "paris-2017", "unrwa-2018", "review-2025", "batch", "staggered", "threat", "revolving-door",
    "return-2029", "article-19", "selective", "total-exit", "placebo-small-state", "china-exit",
    "eu-exit", "blocs", "two-camps", "vacuum-filled", "fragmentation", "unravelling", "hollowing-out", "reform",
    "selective-hegemony",
}  # fmt: skip


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_broken_config_meets_its_message(path: Path) -> None:
    first = path.read_bytes().split(b"\n")[0].decode()
    assert first.startswith("# expect: ")
    with pytest.raises(ConfigError) as refused:
        load_experiment(path)
    message = str(refused.value)
    assert first.removeprefix("# expect: ") in message
    assert path.name in message or "extends" in message
    assert "\n" not in message
    assert len(message) < 600


def test_each_broken_config_has_a_message_of_its_own() -> None:
    expected = [path.read_bytes().split(b"\n")[0] for path in BAD]
    assert len(set(expected)) == len(expected) >= 30


@pytest.mark.parametrize("name", NAMES)
def test_shipped_scenario_loads_and_survives_a_round_trip(name: str) -> None:
    experiment = load_experiment(name)
    again = load_experiment(json.loads(experiment.canonical_json()))
    assert again.canonical_json() == experiment.canonical_json()
    assert again.digest() == experiment.digest()
    assert experiment.title
    assert experiment.description
    assert bool(experiment.shocks) == (name != "base")


def test_every_shipped_study_names_a_scenario_that_loads() -> None:
    loaded = [load_study(name) for name in STUDIES]
    assert all(experiment.quarters >= 1 and "design" in rest.values for experiment, rest in loaded)


def test_promised_scenarios_are_shipped() -> None:
    assert set(NAMES) >= PROMISED


def test_titles_are_distinct() -> None:
    titles = [config.title for config in shipped()]
    assert len(set(titles)) == len(titles)


def test_base_is_what_the_processes_declare() -> None:
    """Refresh with the documented command `uv run abm schema --write-base`."""
    assert (configs_folder() / "base.yaml").read_text(encoding="utf-8") == base_yaml()


def test_base_equals_the_defaults() -> None:
    assert load_experiment("base").digest() == load_experiment({}).digest()


def test_past_scenarios_state_their_world() -> None:
    starts = {name: load_experiment(name).world.start for name in NAMES}
    assert {starts[name] for name in ("unesco-2017", "paris-2017", "unrwa-2018")} == {"2017Q1"}
    for name, share in (("unesco-1984", 0.25), ("unesco-2011", 0.22)):
        experiment = load_experiment(name)
        assert experiment.world.dues_share == {"UNESCO": {"USA": share}}
        assert "analogue" in experiment.title


def test_placebo_repeats_the_exit_of_the_large_state() -> None:
    large, small = load_experiment("us-exit-2026"), load_experiment("placebo-small-state")
    strip = {"actor", "note"}
    assert [shock.model_dump(exclude=strip) for shock in small.shocks] == [
        shock.model_dump(exclude=strip) for shock in large.shocks
    ]
    assert {shock.actor for shock in small.shocks} == {"URY"}


def test_loading_is_fast() -> None:
    load_experiment("us-exit-2026")
    seconds = []
    for _ in range(5):
        begin = time.perf_counter()
        load_experiment("us-exit-2026")
        seconds.append(time.perf_counter() - begin)
    assert min(seconds) < 0.06


@pytest.mark.parametrize("name", NAMES)
def test_description_of_a_scenario_names_every_value_once(name: str) -> None:
    experiment = load_experiment(name)
    text = describe(experiment)
    rows = [line.split("  ")[0] for line in text.splitlines()]
    assert all(rows.count(path) == 1 for path in experiment.provenance if path not in ("title", "description"))
