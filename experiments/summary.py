"""What a run says in a few sentences: the text under `abm run`, and the head of its report."""

from collections.abc import Mapping
from typing import Any

from experiments.results import Result

REGIME_NAMES = {
    "continuity": "continuity", "hollowing_out": "hollowing-out", "reform": "reform", "recentring": "recentring",
    "minilateral": "minilateral patchwork", "two_camps": "two camps", "selective_hegemony": "selective hegemony",
    "fragmentation": "fragmentation", "unravelling": "unravelling",
}  # fmt: skip


def interval(effect: Mapping[str, Any], digits: int = 3) -> str:
    """Return an effect as text: mean and its 90 % interval."""
    text = f"{effect['mean']:+.{digits}f}"
    if effect["low"] is None:
        return text
    return f"{text} (90 %: {effect['low']:+.{digits}f} to {effect['high']:+.{digits}f})"


def _names(result: Result) -> dict[str, str]:
    """Return names by code, of states and organizations."""
    pairs = [result.states[["code", "name"]], result.organizations[["code", "name"]]]
    return {code: name for frame in pairs for code, name in frame.drop_duplicates().itertuples(index=False)}


def _listed(parts: list[str]) -> str:
    """Return parts joined as in a sentence."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def _count(number: int, noun: str) -> str:
    """Return a number with its noun."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number} {noun if number == 1 else plural}"


def what_happened(result: Result, names: Mapping[str, str]) -> str:
    """Return what the actors of the shocks did, counted in the first replicate."""
    actors = result.outcomes["actors"]
    events = result.events[(result.events["run"] == 0) & ~result.events["twin"] & result.events["actor"].isin(actors)]
    labels = {
        "exit": "left {}", "participation_stopped": "stopped taking part in {}", "return": "returned to {}",
        "funding_cut": "cut voluntary money to {}", "dues_withheld": "withheld dues from {}", "threat": "threatened {}",
        "sanction": "sanctioned {}", "rhetoric": "spoke against {}", "obstruction": "obstructed {}",
    }  # fmt: skip
    counts = {kind: events.loc[events["kind"] == kind, "organization"].nunique() for kind in labels}
    done = [text.format(_count(counts[kind], "body")) for kind, text in labels.items() if counts[kind]]
    who = _listed([names.get(code, code) for code in actors[:4]]) if actors else "nobody"
    without = events.loc[events["kind"] == "no_effect", "organization"].nunique()
    extra = f" ({without} more acts had no object: no membership to leave, or members unknown.)" if without else ""
    return f"{who} {_listed(done)}.{extra}" if done else f"{who} changed nothing that the model records."


def who_followed(result: Result, names: Mapping[str, str]) -> str:
    """Return who followed, against the twin."""
    found = result.outcomes["followers"]
    if not found:
        return "Nobody followed in any replicate."
    runs = max(result.outcomes["replicates"], 1)
    mean = sum(row["probability"] for row in found)
    twin = sum(row["twin_probability"] for row in found)
    first = [f"{names.get(row['iso3'], row['iso3'])} out of {row['organization']} ({row['probability']:.0%})"
             for row in found[:3]]  # fmt: skip
    beside = f", against {twin:.1f} in the twin" if result.series["twin"].any() else ""
    return (
        f"On average {mean:.1f} other exits were announced from these bodies within three years{beside} "
        f"({_count(runs, 'replicate')}); most often {_listed(first)}."
    )


def who_paid(result: Result, names: Mapping[str, str]) -> str:
    """Return how far lost money was refilled, and by whom, in the bodies that lost most."""
    found = [row for row in result.outcomes["refill"] if row["after_4_quarters"] is not None]
    if not found:
        return "No body lost money worth speaking of."
    texts = []
    for row in found[:3]:
        givers = [
            names.get(code, "foundations and firms" if code == "private" else code) for code in list(row["by"])[:2]
        ]
        later = row["after_12_quarters"]
        after = f", {later:.0%} after three years" if later is not None else ""
        lost = f"{row['organization']} (lost {row['lost_share']:.0%} of its income)"
        first = _listed(givers) if givers else "nobody"
        texts.append(f"{lost}: {row['after_4_quarters']:.0%} refilled in the first year{after}; first {first}")
    return "Money: " + "; ".join(texts) + "."


def what_changed(result: Result) -> str:
    """Return effects on the bodies aimed at, at the end of the run."""
    effects = result.outcomes["effects"]
    wanted = {
        "budget": "budget",
        "effectiveness": "effectiveness",
        "legitimacy": "legitimacy",
        "commitment": "commitment",
    }
    parts = [
        f"{text} {interval(effects[f'shocked.{name}'])}"
        for name, text in wanted.items()
        if f"shocked.{name}" in effects
    ]
    if not parts:
        return "There is no shock, so nothing to compare with."
    trust = f"; trust of others in the actor {interval(effects['trust_in_focus_mean'])}"
    return "At the end, against the twin, relative to rest: " + ", ".join(parts) + trust + "."


def which_regime(result: Result) -> str:
    """Return the probabilities of regimes."""
    found = {name: share for name, share in result.outcomes["regimes"].items() if share > 0}
    order = sorted(found, key=lambda name: -found[name])
    text = (
        _listed([f"{REGIME_NAMES[name]} {found[name]:.0%}" for name in order]) if order else "not judged without twins"
    )
    return f"Regime: {text} (thresholds: a first, stated version)."


def findings(result: Result) -> list[str]:
    """Return the findings of a run in sentences, most important first; true for any scenario."""
    names = _names(result)
    if not result.experiment.shocks:
        return ["Nothing happens to this world from outside; it is the twin of every scenario.", _quiet(result)]
    texts = [what_happened(result, names), who_followed(result, names), who_paid(result, names)]
    if result.outcomes["effects"]:
        texts += [what_changed(result), which_regime(result)]
    return texts


def _quiet(result: Result) -> str:
    """Return how quiet a world without a shock is."""
    events = result.events[~result.events["twin"]]
    years = result.outcomes["quarters"] / 4 * result.outcomes["replicates"]
    counts = {kind: (events["kind"] == kind).sum() / years for kind in ("exit", "death", "replaced", "club")}
    return (f"A year saw {counts['exit']:.1f} exits, {counts['death'] + counts['replaced']:.1f} deaths of bodies and "
            f"{counts['club']:.1f} new clubs.")  # fmt: skip


def summary(result: Result) -> str:
    """Return the text that `abm run` prints."""
    experiment = result.experiment
    length, runs = _count(experiment.quarters, "quarter"), _count(experiment.replicates, "replicate")
    twins = " with twins" if result.series["twin"].any() else ""
    head = f"{experiment.title}\n{result.outcomes['start']}, {length}, {runs}{twins}\n"
    return head + "\n".join(f"- {text}" for text in findings(result))
