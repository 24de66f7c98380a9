"""The settings behind a report: what was set and by whom, versions, digest, how to run it again."""

import json
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from markupsafe import Markup

from experiments.report.markup import fill
from experiments.report.result_tables import row_of, table
from experiments.report.result_view import View, number
from experiments.runs.result import PACKAGES

WHOLE = """{{ again }}{{ given }}<details><summary>The whole config, everything explicit</summary>\
<pre>{{ whole }}</pre></details>"""
AGAIN = """<dl class="facts">\
{% for name, value in facts.items() %}<dt>{{ name }}</dt><dd>{{ value }}</dd>{% endfor %}</dl>\
<p>To run it again and compare every table with those of this folder:</p><pre>uv run abm reproduce {{ folder }}</pre>"""
NONE = """<p>Every value is that of the base config or a default.</p>"""
CODE = """<code>{{ path }}</code>"""


def settings(view: View) -> Markup:
    """Return the section on config and reproduction in HTML."""
    whole = json.dumps(view.result.experiment.resolved(), indent=1, ensure_ascii=False)
    return fill(WHOLE, again=_again(view), given=_given(view), whole=whole)


def _again(view: View) -> Markup:
    """Return facts of the run and the command that makes it again."""
    outcomes, experiment = view.result.outcomes, view.result.experiment
    facts = {
        "Config digest": experiment.digest(), "Seed": str(experiment.seed), "Versions": _versions(),
        "Replicates": f"{view.runs} of {experiment.replicates} finished",
        "Time taken": f"{number(view.result.wall_seconds, 1)} s" if view.result.wall_seconds else "not kept",
    }  # fmt: skip
    return fill(AGAIN, facts=facts, folder=str(outcomes.get("out") or "FOLDER"))


def _versions() -> str:
    """Return the versions of Python and of the packages that results depend on."""
    found = [f"Python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} (not installed)")
    return ", ".join(found)


def _given(view: View) -> Markup:
    """Return a table of the values that a layer above the base config gave, with that layer."""
    experiment = view.result.experiment
    values = dict(_flat(experiment.resolved()))
    rows = [
        row_of(fill(CODE, path=path), words=[_shown(values.get(path)), layer])
        for path, layer in experiment.provenance.items()
        if layer != "default" and "base.yaml" not in layer and path not in ("title", "description")
    ]
    if not rows:
        return fill(NONE)
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
