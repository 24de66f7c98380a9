"""Loading, layering, paths, digests and messages of configs."""

import json
import pickle
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from abm.config import reader
from abm.config.reader import (
    ConfigError,
    Experiment,
    base_yaml,
    describe,
    json_schema,
    load_experiment,
    load_study,
    write_base,
)
from abm.config.refusals import OutOfRange, UnknownScenario
from abm.config.sections import SECTIONS
from abm.parameters import Parameters, parameter
from abm.processes.base import Process

WHO = {"kind": "exit", "id": "who", "organizations": ["WHO"], "announced": "2026Q1"}
SCENARIO = {"extends": "base", "title": "one exit", "shocks": [WHO]}
CONTAGION = "membership.contagion_log_odds"


class Weather(Process):
    """A user's own process."""

    class Mood(Parameters):
        rain: float = parameter(0.5, low=0, high=1, doc="chance of rain", source="assumption")

    name: ClassVar[str] = "weather"
    parameters: ClassVar[type[Parameters]] = Mood


def find(use: str, folder: Path) -> type[Process]:
    """Load the one user process of these tests."""
    assert use == "weather:Weather"
    return Weather


def refusal(source: Any, *overrides: str) -> str:
    """Return the message with which a config is refused."""
    with pytest.raises(ConfigError) as refused:
        load_experiment(source, overrides)
    return str(refused.value)


def outcome(source: Any, *overrides: str) -> str:
    """Return the digest of a config, or the message with which it is refused."""
    try:
        return load_experiment(source, overrides).digest()
    except ConfigError as error:
        return str(error)


def contagion(experiment: Experiment) -> float:
    """Return the value of one parameter."""
    return experiment.resolved()["parameters"]["membership"]["contagion_log_odds"]  # type: ignore[no-any-return]


def test_sources_agree(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(json.dumps(SCENARIO), encoding="utf-8")
    digests = {load_experiment(source).digest() for source in (SCENARIO, path, str(path), load_experiment(path))}
    assert len(digests) == 1


def test_twin_has_no_shocks_and_nothing_else_changed() -> None:
    experiment = load_experiment(SCENARIO)
    twin = experiment.twin()
    assert twin.shocks == ()
    assert experiment.shocks != ()
    assert twin.resolved() == experiment.resolved() | {"shocks": []}
    assert twin.digest() == load_experiment({"extends": "base", "title": "other"}).digest()


def test_digest_ignores_titles_only() -> None:
    experiment = load_experiment(SCENARIO)
    assert experiment.digest() == load_experiment(SCENARIO | {"title": "x", "description": "y"}).digest()
    changes = (
        "quarters=10",
        "seed=1",
        "replicates=9",
        "world.seed=3",
        f"{CONTAGION}=1",
        "shocks.who.mode=bargain",
    )
    digests = [load_experiment(SCENARIO, [change]).digest() for change in changes]
    assert len({experiment.digest(), *digests}) == len(changes) + 1


def test_digest_of_a_folder_follows_its_tables_not_its_place(tmp_path: Path) -> None:
    plain = load_experiment({})
    worlds = []
    for name, content in (("a", "x"), ("b", "x"), ("c", "y")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "states.csv").write_text(content)
        world = plain.world.model_copy(update={"source": "tables", "folder": str(folder)})
        worlds.append(plain.model_copy(update={"world": world}).digest())
    assert worlds[0] == worlds[1] != worlds[2]


def test_lists_replace_and_mappings_merge(tmp_path: Path) -> None:
    (tmp_path / "below.yaml").write_text(
        "extends: base\nquarters: 20\nworld: {seed: 4}\nshocks:\n"
        "  - {kind: freeze, announced: 2026Q1}\n  - {kind: freeze, announced: 2027Q1}\n"
    )
    top = tmp_path / "top.yaml"
    top.write_text("extends: below.yaml\nworld: {start: 2026Q1}\nshocks:\n  - {kind: freeze, announced: 2028Q1}\n")
    experiment = load_experiment(top)
    assert (experiment.quarters, experiment.world.seed, experiment.world.start) == (20, 4, "2026Q1")
    assert [shock.announced for shock in experiment.shocks] == ["2028Q1"]


def test_provenance_names_the_layer_of_each_value(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("extends: base\nquarters: 20\nshocks:\n  - kind: freeze\n    announced: 2026Q1\n")
    places = load_experiment(path, ["seed=3", "world.dues_share={WHO: {USA: 0.2}}"]).provenance
    assert places["quarters"].endswith("mine.yaml:2")
    assert places["shocks.0.announced"].endswith("mine.yaml:5")
    assert places["shocks.0.fraction"] == "default"
    assert places["seed"] == places["world.dues_share.WHO.USA"] == "--set"
    assert "base.yaml" in places[f"parameters.{CONTAGION}"]
    assert load_experiment(path).with_values({"seed": 4}).provenance["seed"] == "given value"
    assert refusal("base", "world.dues_share.WHO.XYZ=0.2").startswith("--set: world.dues_share.WHO: unknown code")


def test_paths_reach_every_level() -> None:
    experiment = load_experiment(SCENARIO)
    changed = experiment.with_values(
        {
            CONTAGION: 1,
            "world.start": "2025Q2",
            "shocks.0.probability": 0.5,
            "shocks.who.notice_quarters": np.int64(3),
            "quarters": 12.0,
        }
    )
    shock = changed.resolved()["shocks"][0]
    assert contagion(changed) == 1.0
    assert changed.world.start == "2025Q2"
    assert changed.quarters == 12
    assert (shock["probability"], shock["notice_quarters"]) == (0.5, 3)
    assert contagion(experiment) != 1.0
    same = load_experiment(
        SCENARIO,
        [f"{CONTAGION}=1", "world.start=2025Q2", "shocks.0.probability=.5", "shocks.who.notice_quarters=3"],
    )
    assert same.with_values({"quarters": 12}).digest() == changed.digest()


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("membershp.x=1", "did you mean membership?"),
        ("membership.contagion_log_ods=1", "did you mean contagion_log_odds?"),
        (f"{CONTAGION}=high", "must be a number, not the text 'high'"),
        (f"{CONTAGION}=1e9", "is out of range; allowed"),
        ("shocks.3.mode=bargain", "no shock '3'; there are 0, who"),
        ("shocks.0.kind.x=1", "leads nowhere"),
        ("quarters", "write PATH=VALUE"),
        ("quarters=[", "is not YAML"),
        ("=3", "write PATH=VALUE"),
        ("shocks=3", "must be a list, not 3"),
    ],
)
def test_override_is_refused_with_a_hint(override: str, message: str) -> None:
    text = refusal(SCENARIO, override)
    assert message in text
    assert "\n" not in text


def test_numbers_are_read_as_written() -> None:
    values = ("1e-1", "0.1", "+.1", ".1", "1E-1")
    assert {contagion(load_experiment({}, [f"{CONTAGION}={value}"])) for value in values} == {0.1}
    assert "remove the quotes" in refusal({}, f'{CONTAGION}="0.1"')
    assert "remove the quotes" in refusal({"quarters": "20"})


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.yaml", b"", "is empty"),
        ("comment.yaml", b"# nothing\n", "is empty"),
        ("text.yaml", b"hello", "must be a mapping"),
        ("latin.yaml", b"title: \xe9\n", "is not UTF-8"),
        ("null.yaml", b"title: a\x00b\n", "is not YAML"),
        ("huge.yaml", b"#" * 1_000_001, "is larger than a config can be"),
        ("deep.yaml", b"[" * 400_000, "too many or too deeply nested"),
    ],
)
def test_file_that_is_no_config(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert message in refusal(path)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)
    assert "no config file" in refusal(tmp_path / "none.yaml")
    assert "did you mean us-exit-2026?" in refusal("us-exit-2062")
    assert "no config file" in refusal("x" * 5000)
    assert "no config file" in refusal("a\0b")


def test_a_shock_without_a_body_has_no_member_to_wait_for() -> None:
    shock = {
        "kind": "change_government",
        "announced": "2026Q1",
        "government": "internationalist",
        "condition": "member",
    }
    assert "has no organization to be a member of" in refusal({"extends": "base", "shocks": [shock]})


def test_values_that_are_no_values() -> None:
    endless: dict[str, Any] = {}
    endless["world"] = endless
    assert "endlessly" in refusal(endless)
    assert "must be a text" in refusal({1: 2})
    assert "is not a value" in refusal({"seed": object()})


KEYS = some.sampled_from(
    ["extends", "world", "shocks", "parameters", "membership", "kind", "organizations", "announced", "folder",
     "source", "processes", "use", "dues_share", "quarters", "list", "id", "until", "actor", "demand"]
) | some.text(max_size=5)  # fmt: skip
GARBAGE = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(some.dictionaries(KEYS, GARBAGE, max_size=5))
def test_garbage_never_raises_anything_else(values: dict[str, Any]) -> None:
    text = outcome(values)
    assert text.strip()
    assert text.isprintable()


@settings(max_examples=300, deadline=None, derandomize=True)
@given(some.text(alphabet=some.sampled_from("ab:-[]{},&*!|>'\"#%@ \n\t?01.e~"), max_size=60))
def test_garbled_text_never_raises_anything_else(text: str) -> None:
    end = outcome({}, f"quarters={text}")
    assert "quarters" in end or len(end) == 64


def test_experiments_travel_to_workers() -> None:
    experiment = load_experiment(SCENARIO)
    again = pickle.loads(pickle.dumps(experiment))
    assert again.digest() == experiment.digest()
    assert again.provenance == experiment.provenance


def test_experiments_are_immutable() -> None:
    experiment = load_experiment(SCENARIO)
    with pytest.raises(ValueError, match="frozen"):
        experiment.quarters = 3


def test_parameters_of_user_processes_are_checked() -> None:
    source = {
        "processes": [{"use": "weather:Weather", "after": "funding"}],
        "parameters": {"weather": {"rain": 0.9}},
    }
    experiment = load_experiment(source, ["weather.rain=0.2"], find=find)
    assert experiment.resolved()["parameters"]["weather"] == {"rain": 0.2}
    assert experiment.with_values({"weather.rain": 0.3}).resolved()["parameters"]["weather"] == {"rain": 0.3}
    with pytest.raises(ConfigError, match=r"parameters\.weather\.rain: 3 is out of range; allowed 0 to 1"):
        load_experiment(source, ["weather.rain=3"], find=find)
    with pytest.raises(ConfigError, match="processes: weather:Weather: no module 'weather'"):
        load_experiment(source)
    with pytest.raises(ConfigError, match=r"parameters\.weather: unknown key"):
        load_experiment({"parameters": source["parameters"]})


def test_study_puts_its_own_keys_over_the_scenario() -> None:
    study = {
        "scenario": "us-exit-2026",
        "quarters": 20,
        "replicates": 3,
        "design": {"method": "lhs", "samples": 60},
    }
    world = {"source": "synthetic", "states": 30, "organizations": 12}
    experiment, rest = load_study(study | {"world": world})
    assert (experiment.quarters, experiment.world.states, len(experiment.shocks)) == (20, 30, 5)
    assert rest.values["design"] == {"method": "lhs", "samples": 60}
    assert "quarters" not in rest.values
    with pytest.raises(ConfigError, match="scenario: is missing"):
        load_study({"quarters": 20})


def test_synthetic_worlds_have_a_size_and_their_own_codes() -> None:
    shock = {"kind": "exit", "actor": "S001", "organizations": ["O030"], "announced": "2026Q1"}
    source = {"world": {"source": "synthetic"}, "shocks": [shock]}
    experiment = load_experiment(source)
    assert (experiment.world.states, experiment.world.organizations) == (60, 30)
    assert "O030" in refusal(source, "world.organizations=29")


def test_schema_describes_every_key() -> None:
    schema = json_schema()
    assert {"extends", *Experiment.model_fields} <= set(schema["properties"])
    assert all("description" in field for field in schema["properties"].values())
    definitions = schema["$defs"]
    assert {cls.__name__ for cls in SECTIONS.values()} <= {name.split("__")[-1] for name in definitions}
    assert definitions["Exit"]["additionalProperties"] is False


def test_description_shows_values_and_places() -> None:
    text = describe(load_experiment(SCENARIO, ["quarters=12"]))
    row = next(line for line in text.splitlines() if line.startswith("quarters"))
    assert row.split() == ["quarters", "12", "--set"]


def test_a_config_with_shocks_inherits_no_title_and_no_description() -> None:
    shocks = [{"kind": "exit", "organizations": ["WHO"], "announced": "2026Q1"}]
    for below in ("base", "us-exit-2026"):
        experiment = load_experiment({"extends": below, "shocks": shocks})
        assert (experiment.title, experiment.description) == ("", "")
    told = load_experiment({"extends": "base", "title": "Mine", "description": "Told.", "shocks": shocks})
    assert (told.title, told.description) == ("Mine", "Told.")


@pytest.mark.parametrize(
    ("overrides", "kept"),
    [((), True), (("quarters=20",), True), (("shocks.0.note=x",), True), (("shocks=[]",), False)],
)
def test_a_config_that_changes_no_shocks_keeps_its_title(overrides: tuple[str, ...], kept: bool) -> None:
    shipped_one = load_experiment("us-exit-2026")
    title, description = shipped_one.title, shipped_one.description
    experiment = load_experiment({"extends": "us-exit-2026", "seed": 3}, overrides)
    assert (experiment.title, experiment.description) == ((title, description) if kept else ("", ""))
    assert title
    assert description


def test_parameters_of_worlds_are_reached_like_those_of_processes() -> None:
    experiment = load_experiment(SCENARIO, ["initialization.cost_per_staff=300000", "synthetic.jitter=0.2"])
    assert experiment.values_of("initialization").cost_per_staff == 300_000
    assert experiment.resolved()["parameters"]["synthetic"]["jitter"] == 0.2
    assert experiment.provenance["parameters.synthetic.jitter"] == "--set"
    assert "10,000 to 5,000,000 USD/year" in refusal(SCENARIO, "initialization.cost_per_staff=1")
    assert "did you mean" in refusal(SCENARIO, "initialisation.cost_per_staff=300000")


def test_a_shipped_base_is_never_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever ends the command while it writes, the old file stands there whole."""
    (tmp_path / "base.yaml").write_text("old")
    monkeypatch.setattr(reader, "configs_folder", lambda: tmp_path)

    def ended(self: Path, text: str, **_: Any) -> None:
        self.write_bytes(text.encode()[:100])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", ended)
        with pytest.raises(KeyboardInterrupt):
            write_base()
    assert (tmp_path / "base.yaml").read_text() == "old"
    assert write_base().read_text(encoding="utf-8") == base_yaml()
    assert [path.name for path in tmp_path.iterdir()] == ["base.yaml"]


def test_a_missing_base_is_named_at_the_file_that_extends_it(tmp_path: Path) -> None:
    (tmp_path / "top.yaml").write_text("extends: middle.yaml\n", encoding="utf-8")
    (tmp_path / "middle.yaml").write_text("extends: nowhere.yaml\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_experiment(tmp_path / "top.yaml")
    place, *rest = str(caught.value).split(": ")
    assert place == f"{tmp_path / 'middle.yaml'}:1"
    assert rest[0] == "extends"
    assert rest[1].startswith("no config file and no shipped config 'nowhere.yaml'")
    assert (caught.value.path, caught.value.refusal) == (("extends",), UnknownScenario("nowhere.yaml"))


def test_an_error_keeps_its_kind_and_path_between_processes() -> None:
    with pytest.raises(ConfigError) as caught:
        load_experiment(SCENARIO | {"quarters": 900})
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.refusal, again.path) == (
        str(caught.value), OutOfRange(900, 1.0, 400.0), ("quarters",)
    )  # fmt: skip
