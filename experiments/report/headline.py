"""The headline: what a run says, in a few sentences with numbers; true for any scenario."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from abm.calendar import format_quarter, parse_quarter
from abm.events import BOTH, from_json
from abm.intervals import interval
from abm.outcomes import FOLLOWING_QUARTERS
from abm.words import event_words, phrase, sentence
from experiments.report.followers import who_follows
from experiments.report.losses_while_out import absence, told
from experiments.report.orders_figure import distance
from experiments.report.refills_figure import known_refills
from experiments.report.result_view import View, listed, money, number, percent, plural
from experiments.runs.result import Result

REGIMES = {
    "continuity": "continuity", "hollowing_out": "hollowing-out", "reform": "reform",
    "recentring": "recentring on another leader", "minilateral": "a minilateral patchwork", "two_camps": "two camps",
    "selective_hegemony": "selective hegemony", "fragmentation": "fragmentation", "unravelling": "unravelling",
}  # fmt: skip
"""Orders as labels."""
ONLY = {"continuity": "continuity: things go on much as they would have"}
"""What is said instead of a label that all runs have."""
BEGINNING = {"minilateral": "the minilateral patchwork"}
"""What is said instead of a label where the order begins."""
DEEDS = (
    "announce", "participation_stopped", "funding_cut", "dues_withheld", "threat", "sanction", "rhetoric",
    "obstruction", "refusal", "redirection", "return", "invitation",
    "discipline", "press", "position_shift",
)  # fmt: skip
"""Kinds of events that the first sentence names."""
VITAL = {
    "budget": "budgets", "staff": "staff", "effectiveness": "effectiveness", "legitimacy": "legitimacy",
    "commitment": "commitment of members",
}  # fmt: skip
Sentence = tuple[str, str]
"""A word or two on what it is about, and the sentence."""


def findings(view: View) -> list[Sentence]:
    """Return what the run says, most important first."""
    if not view.shocks:
        return [_quiet_world(view), _vital_moves(view), _unrest(view)]
    parts: list[Callable[[View], Sentence | None]] = [_deeds, _while_out, _followers, _gap, _regime, _tipping]
    parts += [_changes, _trust, _elsewhere] if view.effects else [_vital_moves, _unrest]
    return [found for part in parts if (found := part(view)) is not None]


def summary(result: Result) -> str:
    """Return the text that `abm run` prints: title, size and findings."""
    experiment = result.experiment
    twins = " with twins" if result.series["twin"].any() else ""
    length, runs = plural(experiment.quarters, "quarter"), plural(experiment.replicates, "replicate")
    head = f"{experiment.heading}\n{experiment.world.start}, {length}, {runs}{twins}"
    return "\n".join([head, *(f"- {about}: {sentence}" for about, sentence in findings(View(result)))])


def _between(low: float | None, high: float | None, digits: int, factor: float = 1.0) -> str:
    """Return an interval in brackets, nothing where there is none."""
    if low is None or high is None:
        return ""
    return f" (90\u202f% interval {number(factor * low, digits)} to {number(factor * high, digits)})"


def _deeds(view: View) -> Sentence:
    """Return what the actors did, counted in the told replicate."""
    events = view.story[view.story["actor"].isin(view.actors)]
    if view.compares:  # what the actors do of themselves without the shock as well is no part of it
        scheduled = events["details"].map(lambda details: from_json(details).get("origin") == "shock")
        events = events[(events["occurs"] != BOTH) | scheduled.astype(bool)]
    clauses = {kind: sentence(event_words("en"), kind, {}, "", "{}", 1).strip() for kind in DEEDS}
    if len(view.actors) > 1:
        clauses = {kind: _of_many(text) for kind, text in clauses.items()}
    texts = [_deed(view, text, events[events["kind"] == kind]) for kind, text in clauses.items()]
    texts = [text for text in texts if text]
    idle = f"{'do' if len(view.actors) > 1 else 'does'} nothing that the model records as an act"
    done = listed(texts, 12) if texts else idle
    when = f"In run {view.story_run}, " if view.runs > 1 else ""
    return "What happens", _capital(f"{when}{_who(view)} {done}.{_without_object(view)}")


def _without_object(view: View) -> str:
    """Return how many acts had no object, and why, as a sentence of the told replicate; "" for none."""
    events = view.story[view.story["actor"].isin(view.actors) & (view.story["kind"] == "no_effect")]
    if events.empty:
        return ""
    why = events["details"].map(lambda details: str(from_json(details)["reason"]))
    counts = events.groupby(why)["organization"].nunique().sort_values(ascending=False, kind="stable")
    words = {reason: phrase(event_words("en"), "reason", reason).strip(" ()") for reason in counts.index}
    reasons = "; ".join(
        f"{count}: {words[reason]}" if len(counts) > 1 else words[reason] for reason, count in counts.items()
    )
    return f" A further {plural(int(counts.sum()), 'act')} had no object ({reasons})."


def _of_many(text: str) -> str:
    """Return a clause on one actor for several."""
    verb, _, rest = text.replace("its exit", "exits").replace("its savings", "their savings").partition(" ")
    return f"{verb.removesuffix('s')} {rest}"


def _deed(view: View, text: str, events: pd.DataFrame) -> str:
    """Return one kind of act as a clause with its dates, "" where it did not happen."""
    bodies = list(dict.fromkeys(events["organization"]))
    if not bodies:
        return ""
    many = view.body(bodies[0]) if len(bodies) == 1 else f"{len(bodies)} organizations"
    first, last = format_quarter(int(events["when"].min())), format_quarter(int(events["when"].max()))
    return f"{text.format(many)} ({first if first == last else f'{first} to {last}'})"


def _capital(text: str) -> str:
    """Return text with a capital at its start."""
    return text[0].upper() + text[1:]


def _who(view: View) -> str:
    """Return the actors as the subject of a sentence."""
    if len(view.actors) == 1:
        return view.called(view.actors[0])
    some = listed([view.name(code) for code in view.actors], 4)
    return f"{plural(len(view.actors), 'state')} ({some}) between them"


def _followers(view: View) -> Sentence:
    """Return how many followed, against the twin, and who most."""
    counts = view.by_run("followers")
    years = FOLLOWING_QUARTERS // 4
    if not view.first_acts:
        return "Who follows", "No act reaches an organization, so there is nobody to follow."
    whole = parse_quarter(view.last) - max(view.first_acts.values()) >= FOLLOWING_QUARTERS
    span = f"Within {years} years" if whole else "Until the end of the run"
    mean, low, high = interval(counts)
    twin = view.by_run("followers", twin=True) if view.compares else 0.0 * counts
    if not counts.sum() and not twin.sum():
        return "Who follows", f"{span}, no other state announces an exit from these organizations in any run."
    text = f"{span}, other states announce {number(mean, 1)} exits from these organizations per run"
    if not view.compares:
        return "Who follows", f"{text}{_between(low, high, 1)}.{who_follows(view)}"
    against = f"against {number(float(twin.mean()), 1)} without the shock: {_excess((counts - twin).dropna())}"
    return "Who follows", f"{text}, {against}.{who_follows(view)}"


def _excess(values: "pd.Series[float]") -> str:
    """Return the mean of numbers by run with its interval; where that is wider than twice the mean, how runs spread."""
    mean, low, high = interval(values)
    if low is None or high is None or not mean or high - low <= 2 * abs(mean):
        return f"{number(mean, 1, sign=True)}{_between(low, high, 1)}"
    p05, middle, p95 = (number(float(values.quantile(share)), 1, sign=True) for share in (0.05, 0.5, 0.95))
    return (
        f"{number(mean, 1, sign=True)} in the mean, {middle} in the median run (5th to 95th percentile {p05} to {p95})"
    )


def _gap(view: View) -> Sentence | None:
    """Return who filled the gap, and how far."""
    entries = known_refills(view)
    if not entries:
        none = "No" if view.compares else "Without a twin, no"
        return "Who fills the gap", f"{none} organization loses enough money, for long enough, to speak of a refill."
    worst = entries[0]
    givers: dict[str, float] = {}
    for entry in entries:
        for donor, share in entry["by"].items():
            givers[donor] = givers.get(donor, 0.0) + max(share, 0.0) * entry.get("lost_share", 1.0)
    order = sorted((code for code in givers if givers[code] > 0), key=lambda code: -givers[code])[:3]
    share = worst.get("lost_share")
    lost = f", which loses {percent(share) if share < 1 else 'all'} of its income," if share is not None else ""
    where = view.body(worst["organization"])
    text = _refill_by_year(view, len(entries))
    if len(entries) > 1:
        text += f" In {where}{lost} it is {percent(worst['after_4_quarters'])} in the first year."
    who = f" Those who give most are {listed([view.called(code) for code in order])}." if order else ""
    return "Who fills the gap", text + who


def _refill_by_year(view: View, count: int) -> str:
    """Return how much of the money lost others replace, by year, or that runs disagree by more than all of it."""
    totals = view.result.outcomes.get("refill_total") or {}
    texts, unsure = [], []
    for words, after in {"the first year": 4, "the second": 8, "the third": 12}.items():
        found = totals.get(f"after_{after}_quarters") or {}
        if found.get("mean") is None:
            continue
        if told((found["mean"], found.get("low"), found.get("high")), 1.0):
            texts.append(f"{percent(found['mean'])} in {words}{_range(found, 0, 100.0)}")
        else:
            unsure.append(words)
    whose = f"the {count} organizations lose" if count > 1 else "the organization loses"
    text = f"Of each dollar that {whose}, other donors replace {listed(texts)}." if texts else ""
    return text + (f" How much in {listed(unsure)} differs between runs by more than the loss." if unsure else "")


def _regime(view: View) -> Sentence | None:
    """Return the probabilities of regimes, and when the likeliest one that is not continuity begins and ends."""
    found = {name: share for name, share in (view.result.outcomes.get("regimes") or {}).items() if share > 0}
    if not view.compares or not found:
        return None
    order = sorted(found, key=lambda name: -found[name])
    if len(order) == 1:
        all_ = "The run is" if view.runs == 1 else f"{'Both' if view.runs == 2 else f'All {view.runs}'} runs are"
        text = f"{all_} labelled {(REGIMES | ONLY).get(order[0], order[0])}."
    else:
        texts = [f"{REGIMES.get(name, name)} in {percent(found[name])}" for name in order]
        text = f"Of {view.runs} runs, the label is {listed(texts, 9)}."
    moved = next((name for name in order if name != "continuity"), None)
    return "Which order results", text + (_dates(view, moved) if moved else "")


def _dates(view: View, regime: str) -> str:
    """Return when runs of a regime enter it, and how many are back in continuity at the end."""
    rows = [row for row in view.result.outcomes.get("orders") or [] if row["regime"] == regime]
    entries = sorted(next(one["entered"] for one in row["spells"] if one["regime"] == regime) for row in rows)
    if not entries:
        return ""
    healed = sum(row["at_end"] == "continuity" for row in rows)
    name = _capital((REGIMES | BEGINNING).get(regime, regime))
    back = f"; {healed} of {len(rows)} are back in continuity at the end" if healed else "; none is back in continuity"
    runs = "in the median of these runs" if len(rows) > 1 else "there"
    return f" {name} begins by {entries[(len(entries) - 1) // 2]} {runs}{back if len(rows) > 1 else ''}."


def _tipping(view: View) -> Sentence | None:
    """Return how far it is to where others leave in bulk."""
    text = distance(view)
    return None if text is None else ("How far it is from tipping", text)


def certain(effect: Mapping[str, Any]) -> bool:
    """Return whether the interval of an effect excludes zero; never for a single run."""
    low, high = effect.get("low"), effect.get("high")
    return low is not None and high is not None and (low > 0 or high < 0)


def _changes(view: View) -> Sentence | None:
    """Return what changed in the shocked organizations at the end, and what did not."""
    effects = {name: view.effects.get(f"shocked.{name}") for name in VITAL}
    present = {name: effect for name, effect in effects.items() if effect is not None}
    if not present:
        return None
    alone = view.runs < 2
    moved = [name for name in present if round(present[name]["mean"], 3) and (alone or certain(present[name]))]
    moved.sort(key=lambda name: -abs(present[name]["mean"]))
    still = [VITAL[name] for name in present if name not in moved]
    head = f"In the organizations concerned, by {view.last} and against the twin, "
    if not moved:
        text = f"{head}nothing is distinguishable from no change ({listed(still)}).{_deepest(view, list(present))}"
        return "What changes there", text
    text = f"{head}in points (100: the level at rest, or full commitment): "
    text += (
        listed([f"{VITAL[name]} {_direction(present[name])}" for name in moved]) + "." + _deepest(view, list(present))
    )
    return "What changes there", text + _still(view, still)


def _deepest(view: View, names: list[str]) -> str:
    """Return the trough of the measure that falls furthest below the twin, and its year; "" for little."""
    troughs = view.result.outcomes.get("troughs") or {}
    below = {name: found for name in names if (found := troughs.get(f"shocked.{name}")) and found["mean"] is not None}
    name = min(below, key=lambda each: below[each]["mean"], default="")
    if not name or below[name]["mean"] > -0.005 or not _tells(below[name], 1.0):
        return ""
    trough = below[name]
    fall = f"{number(100 * trough['mean'], 1)} points{_range(trough, 1, 100.0)}"
    return f" The deepest fall is that of {VITAL[name]}: {fall}, mostly around {trough['quarter'][:4]}."


def _while_out(view: View) -> Sentence | None:
    """Return how long the actors are out, and what their absence costs the organizations in that time."""
    found = absence(view, "shocked.effectiveness") if view.actors else None
    if found is None:
        return None
    total = len(view.quarters) / 4
    mean, low, high = (None if end is None else min(max(end, 0.0), total) for end in found.years)
    one = len(view.actors) == 1
    who = f"{view.called(view.actors[0])} is" if one else "the actors are"
    text = f"{who} out of at least half of what {'it leaves' if one else 'they leave'} for {number(mean or 0.0, 1)} of "
    text += f"{number(total, 0)} years{_between(low, high, 1)}"
    if found.effect is not None and told(found.effect, 1.0):
        points, low, high = found.effect
        text += f"; in that time effectiveness there is {number(100 * points, 1, sign=True)} points"
        text += f"{_between(low, high, 1, 100.0)} against the twin"
    return "While it is out" if one else "While they are out", _capital(text + ".")


def _direction(effect: Mapping[str, Any]) -> str:
    """Return a change relative to rest in points, with its interval."""
    points = 100 * effect["mean"]
    move = f"{'+' if points >= 0 else '−'}{number(abs(points), 1)}"
    return f"{move}{_between(effect.get('low'), effect.get('high'), 1, 100.0)}"


def _trust(view: View) -> Sentence | None:
    """Return what becomes of the actors: trust, influence, votes, and money while they are out."""
    trust = view.effects.get("mean_trust_in_actor")
    if trust is None or not view.actors:
        return None
    who = view.called(view.actors[0]) if len(view.actors) == 1 else "the actors"
    unsure = f"Trust of others in {who} differs between runs by more than it can change"
    text = f"Trust of others in {who} {_more(trust, 2)}{_range(trust, 2)}" if _tells(trust, 2.0) else unsure
    whose, out = ("its", "it is") if len(view.actors) == 1 else ("their", "they are")
    wins, saved = view.effects.get("actor_wins"), (view.result.outcomes.get("outcomes") or {}).get("saved_while_out")
    if wins is not None and _tells(wins, 1.0):
        change = f"{number(100 * wins['mean'], 1, sign=True)} points{_range(wins, 1, 100.0)}"
        text += f"; resolutions decided {whose} way: {change}"
    if saved and saved["mean"] is not None and (view.runs < 2 or certain(saved)):
        span = f" (90\u202f% interval {money(saved['low'])} to {money(saved['high'])})" if view.runs > 1 else ""
        text += f"; multilateral money saved while {out} out, in all: {money(saved['mean'])}{span}"
    return f"What it does to {who}", text + "."


def _tells(effect: Mapping[str, Any], scale: float) -> bool:
    """Return whether an effect can be told: its interval is not wider than the scale."""
    return told((effect["mean"], effect.get("low"), effect.get("high")), scale)


def _range(effect: Mapping[str, Any], digits: int, factor: float = 1.0) -> str:
    """Return the interval of an effect in brackets."""
    return _between(effect.get("low"), effect.get("high"), digits, factor)


def _more(effect: Mapping[str, Any], digits: int) -> str:
    """Return how much higher or lower trust is."""
    value = effect["mean"]
    change = f"ends {number(abs(value), digits)} {'higher' if value > 0 else 'lower'} on a scale from −1 to 1"
    return change if round(value, digits) else "does not change"


def _elsewhere(view: View) -> Sentence | None:
    """Return what spread to the rest of the system, and what did not."""
    labels = {
        "members": ("mean membership", "states", 1), "clubs": ("new clubs", "", 1),
        "bodies_alive": ("living organizations", "", 1),
        "effectiveness": ("mean effectiveness of all organizations", "", 3),
        "legitimacy": ("mean legitimacy of all organizations", "", 3),
        "mean_trust": ("mean trust between states", "", 3),
    }  # fmt: skip
    found = {name: view.effects[name] for name in labels if name in view.effects}
    if not found:
        return None
    moved: list[str] = []
    still: list[str] = []
    for name, effect in found.items():
        words, unit, digits = labels[name]
        text = f"{words} {number(effect['mean'], digits, sign=True)}{' ' * bool(unit)}{unit}{_range(effect, digits)}"
        if round(effect["mean"], digits) and (view.runs < 2 or certain(effect)):
            moved.append(text)
        else:
            still.append(words)
    text = "Over all organizations: " + (listed(moved) if moved else "no distinguishable change") + "."
    return "What it does elsewhere", text + _still(view, still)


def _still(view: View, names: list[str]) -> str:
    """Return a sentence on what does not change, "" for nothing."""
    how = "Not distinguishable from no change" if view.runs > 1 else "Unchanged"
    return f" {how}: {listed(names)}." if names else ""


def _quiet_world(view: View) -> Sentence:
    """Return what a world without a shock is for."""
    runs = plural(view.runs, "run")
    return "What happens", (
        f"Nothing is done to any organization: {runs} of {plural(len(view.quarters), 'quarter')} show what the world "
        "does by itself, the yardstick for every scenario."
    )


def _vital_moves(view: View) -> Sentence:
    """Return how organizations stand at the end relative to rest, in medians over runs."""
    prefix = "shocked." if view.shocked and view.shocks else ""
    bands = view.bands([prefix + name for name in VITAL])
    texts = []
    for name, words in VITAL.items():
        rows = bands.get((prefix + name, False))
        if rows is not None:
            spread = f" ({number(rows[-1, 0])} to {number(rows[-1, 2])})" if view.runs > 1 else ""
            texts.append(f"{words} from {number(rows[0, 1])} to {number(rows[-1, 1])}{spread}")
    which = "In the organizations concerned" if prefix else "Over all organizations"
    twin = " Without a twin, this includes what would have happened anyway." if view.shocks else ""
    spread = ", median and 5th to 95th percentile of runs" if view.runs > 1 else ""
    return "Where organizations stand", f"{which}, {view.first} to {view.last}{spread}: {listed(texts)}.{twin}"


def _unrest(view: View) -> Sentence:
    """Return how often organizations are left, end and are founded."""
    years = len(view.quarters) / 4 * view.runs
    counts = view.events["kind"].value_counts()
    rates = {name: float(sum(counts.get(kind, 0) for kind in kinds)) / years for name, kinds in {
        "exits take effect": ("exit",), "organizations end": ("death", "replaced"), "clubs are founded": ("founded",),
        "governments change": ("government",),
    }.items()}  # fmt: skip
    return (
        "How restless it is",
        f"In a mean year {listed([f'{number(rate, 1)} {name}' for name, rate in rates.items()])}.",
    )
