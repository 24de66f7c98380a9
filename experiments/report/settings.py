"""The settings behind a report: what was set and by whom, versions, digest, how to run it again."""

import json
import platform
from collections.abc import Iterator
from html import escape
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from experiments.report.result_tables import table
from experiments.report.result_view import View, number
from experiments.runs.result import PACKAGES


def settings(view: View) -> str:
    """Return the section on config and reproduction in HTML."""
    whole = json.dumps(view.result.experiment.resolved(), indent=1, ensure_ascii=False)
    return (
        f"{_again(view)}{_given(view)}<details><summary>The whole config, everything explicit</summary>"
        f"<pre>{escape(whole)}</pre></details>"
    )


def _again(view: View) -> str:
    """Return facts of the run and the command that makes it again."""
    outcomes, experiment = view.result.outcomes, view.result.experiment
    facts = {
        "Config digest": experiment.digest(), "Seed": str(experiment.seed), "Versions": _versions(),
        "Replicates": f"{view.runs} of {experiment.replicates} finished",
        "Time taken": f"{number(view.result.wall_seconds, 1)} s" if view.result.wall_seconds else "not kept",
    }  # fmt: skip
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
    folder = str(outcomes.get("out") or "FOLDER")
    return (
        f'<dl class="facts">{rows}</dl><p>To run it again and compare every table with those of this folder:</p>'
        f"<pre>uv run abm reproduce {escape(folder)}</pre>"
    )


def _versions() -> str:
    """Return the versions of Python and of the packages that results depend on."""
    found = [f"Python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} (not installed)")
    return ", ".join(found)


def _given(view: View) -> str:
    """Return a table of the values that a layer above the base config gave, with that layer."""
    experiment = view.result.experiment
    values = dict(_flat(experiment.resolved()))
    rows = [
        f'<tr><th scope="row"><code>{escape(path)}</code></th><td class="words">{escape(_shown(values.get(path)))}</td>'
        f'<td class="words">{escape(layer)}</td></tr>'
        for path, layer in experiment.provenance.items()
        if layer != "default" and "base.yaml" not in layer and path not in ("title", "description")
    ]
    if not rows:
        return "<p>Every value is that of the base config or a default.</p>"
    caption = "What this scenario sets; everything else is the base config or a default."
    return table(caption, ["path", "*value", "*given by"], rows, shown=60, more="values")


def _flat(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield paths such as `shocks.0.actor` and their plain values."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    pairs = list(inner)
    for name, part in pairs:
        yield from _flat(part, (*path, str(name)))
    if not pairs:
        yield ".".join(path), value


def _shown(value: Any) -> str:
    """Return a value as a config writes it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
