"""`abm configs`, `check` and `schema`: what is shipped, and what a config says."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.common import Scenario, Settings, app


@app.command()
def configs() -> None:
    """List shipped scenarios and studies, one line each."""
    from abm.config.reader import shipped  # heavy imports, here and below, needed by these commands only

    entries = shipped()
    width = max((len(entry.name) for entry in entries), default=0)
    for kind in ("scenario", "study"):
        chosen = [entry for entry in entries if entry.kind == kind]
        if chosen:
            print({"scenario": "Scenarios (abm run NAME)", "study": "Studies (abm sweep NAME --out DIR)"}[kind])
        for entry in chosen:
            print(f"  {entry.name:<{width}}  {entry.title}")


@app.command()
def check(
    file: Scenario,
    set_: Settings = None,
    assumed: Annotated[bool, typer.Option("--assumed", help="list the world's values that are assumptions")] = False,
) -> None:
    """Validate a scenario or a study, its world built and its shocks resolved, and show where each value came from."""
    from abm.config.reader import describe, load_experiment
    from abm.data.world_tables import assumed_values, read_tables
    from abm.simulation import rehearse
    from experiments.sweeps.study import describe_study, is_study, number_of_points, read_study

    if is_study(file):
        study = read_study(file, set_ or [])
        print(f"{file}: a design of {number_of_points(study):,} points", file=sys.stderr)  # checking them takes a while
        experiment = study.experiment
        print(f"{describe_study(study)}\n\n{describe(experiment)}")
    else:
        experiment = load_experiment(file, set_ or [])
        rehearse(experiment)
        print(describe(experiment))
    if experiment.world.source != "synthetic":
        lines = assumed_values(read_tables(Path(experiment.world.folder) if experiment.world.folder else None))
        print(f"\n{len(lines)} columns or rows of the world's tables hold assumed values" + (
            ":" if assumed else "; list them with --assumed."))  # fmt: skip
        if assumed:
            print("\n".join(f"  {line}" for line in lines))


@app.command()
def schema(
    base: Annotated[bool, typer.Option("--base", help="print base.yaml, every parameter once, instead")] = False,
    write_base_: Annotated[
        bool, typer.Option("--write-base", help="rewrite the shipped base.yaml after a change of parameters")
    ] = False,
) -> None:
    """Print the JSON Schema of configs, for editors."""
    from abm.config.reader import base_yaml, json_schema, write_base

    if write_base_:
        print(f"wrote {write_base()}")
    elif base:
        print(base_yaml(), end="")
    else:
        print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
