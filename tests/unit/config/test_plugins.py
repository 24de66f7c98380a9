"""A modeler's own process: one class in one file beside a config."""

from pathlib import Path

import pytest

from abm.config.plugins import unloaded
from abm.config.reader import ConfigError, load_experiment
from abm.simulation import Simulation, rehearse
from experiments.runs.run_experiment import run_experiment

EXAMPLE = Path(__file__).parents[3] / "experiments" / "examples" / "dues_holiday.yaml"
QUICK = ["quarters=12", "replicates=2", "world.source=synthetic"]


def test_the_example_forgives_arrears() -> None:
    with_holiday = run_experiment(EXAMPLE, QUICK, workers=2, twin=False)
    without = run_experiment("article-19", QUICK, workers=1, twin=False)
    assert "holiday" in set(with_holiday.events["kind"])
    owed = [result.states.groupby("run")["owed"].sum().sum() for result in (with_holiday, without)]
    assert owed[0] < owed[1]


def test_it_runs_right_after_the_named_one() -> None:
    simulation = Simulation(load_experiment(EXAMPLE, QUICK), (1, 0))
    names = [step.process.name for step in simulation.steps]
    assert names[names.index("funding") + 1] == "dues_holiday"


@pytest.mark.parametrize(
    ("after", "answer"),
    [
        ("billing", "billing was renamed in version 0.2.0; write dues"),
        ("fundin", "fundin is not a process; did you mean funding"),
    ],
)
def test_a_place_that_does_not_exist_is_answered(after: str, answer: str) -> None:
    with pytest.raises(ConfigError, match=answer):
        load_experiment(
            {"extends": "base", "processes": [{"use": "experiments.examples.dues_holiday:DuesHoliday", "after": after}]}
        )


@pytest.mark.parametrize(("old", "new"), [("acts", "scheduled_shocks"), ("departures", "exits")])
def test_a_renamed_section_is_answered_with_its_new_name(old: str, new: str) -> None:
    with pytest.raises(ConfigError, match=f"{old}.*renamed in version 0.2.0; write {new}"):
        load_experiment({"extends": "base", "parameters": {old: {}}})
    with pytest.raises(ConfigError, match=f"{old}.*renamed in version 0.2.0; write {new}"):
        load_experiment("base", [f"{old}.anything=1"])


def test_its_parameters_are_checked_like_any_other() -> None:
    with pytest.raises(ConfigError, match="forgiven_share"):
        load_experiment(EXAMPLE, ["dues_holiday.forgiven_share=2"])


@pytest.mark.parametrize("use", ["dues_holiday:Nothing", "no_such_module_here:Process"])
def test_a_class_that_is_not_there_is_a_config_error(use: str) -> None:
    with pytest.raises(ConfigError, match=use.partition(":")[0]):
        load_experiment({"extends": "base", "processes": [{"use": use, "after": "funding"}]})


def test_a_config_is_read_without_the_code_that_it_names() -> None:
    config = {
        "extends": "base",
        "processes": [{"use": "no_such_module_here:Process", "after": "funding"}],
        "parameters": {"mine": {"rate": 3}},
    }
    read = load_experiment(config, find=unloaded)
    assert read.values_of("mine").rate == 3
    with pytest.raises(ConfigError, match="not loaded where results are only read"):
        Simulation(read, (1, 0))


def test_an_idle_process_leaves_all_else_alone(tmp_path: Path) -> None:
    (tmp_path / "idle.py").write_text(
        "from abm.processes.base import Process, Proposal\n"
        "class Idle(Process):\n"
        "    name = 'idle'\n"
        "    def propose(self, world, values, draws):\n"
        "        draws.states(3)\n"
        "        return Proposal()\n"
    )
    (tmp_path / "idle.yaml").write_text("extends: us-exit-2026\nprocesses: [{use: 'idle:Idle', after: membership}]\n")
    idle = run_experiment(tmp_path / "idle.yaml", QUICK, workers=1)
    plain = run_experiment("us-exit-2026", QUICK, workers=1)
    assert idle.series.equals(plain.series)
    assert idle.events.equals(plain.events)


@pytest.mark.parametrize(
    ("name", "after", "message"),
    [
        ("trust", "membership", "processes.0.use: the name 'trust' is taken"),
        ("initialization", "membership", "the name 'initialization' is taken"),
        ("own", "nowhere", "processes.0.after: nowhere is not a process; it is one of scheduled_shocks, .*, trust$"),
        ("own", "own", "processes.0.after: own is not listed above this process"),
        ("own", "[trust]", "is not a process"),
        ("own", "{trust: 1}", "is not a process"),
    ],
)
def test_a_process_that_cannot_run_is_refused_before_the_first_run(
    tmp_path: Path, name: str, after: str, message: str
) -> None:
    (tmp_path / f"own_{name}.py").write_text(
        f"from abm.processes.base import Process\nclass Own(Process):\n    name = {name!r}\n"
    )
    (tmp_path / "own.yaml").write_text(f"extends: base\nprocesses: [{{use: 'own_{name}:Own', after: {after}}}]\n")
    with pytest.raises(ConfigError, match=message):
        rehearse(load_experiment(tmp_path / "own.yaml"))


def pair(folder: Path, *uses: str) -> Path:
    """A config with two processes of one's own, in the order given."""
    (folder / "pair.py").write_text(
        "from abm.processes.base import Process, Proposal\n"
        "class One(Process):\n    name = 'one'\n    def propose(self, *_):\n        return Proposal()\n"
        "class Two(One):\n    name = 'two'\n"
    )
    (folder / "pair.yaml").write_text(f"extends: base\nprocesses: [{', '.join(uses)}]\n")
    return folder / "pair.yaml"


ONE, TWO = "{use: 'pair:One', after: trust}", "{use: 'pair:Two', after: one}"


def test_a_process_runs_after_one_that_is_listed_above_it(tmp_path: Path) -> None:
    steps = Simulation(load_experiment(pair(tmp_path, ONE, TWO)), (1, 0)).steps
    assert [step.process.name for step in steps][-3:] == ["trust", "one", "two"]


@pytest.mark.parametrize(
    ("uses", "message"),
    [
        ((TWO, ONE), "processes.0.after: one is not listed above this process"),
        ((ONE, ONE), "processes.1.use: the name 'one' is taken"),
    ],
)
def test_processes_in_a_wrong_order_are_refused(tmp_path: Path, uses: tuple[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_experiment(pair(tmp_path, *uses))
