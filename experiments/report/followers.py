"""Who follows: the states that do so most often, and the rules that decide their exits."""

from abm.deciding_rule import UNDECIDED
from abm.words import event_words
from experiments.report.result_view import View, listed, percent

NAMED = 3


def who_follows(view: View) -> str:
    """Return which states follow most often, with the probability in the twin, and which rules decide that."""
    states = list((view.result.outcomes.get("follower_states") or {}).items())[:NAMED]
    if not states:
        return " No state follows in any run."
    texts = []
    for state, row in states:
        twin = f", {percent(row['twin_probability'])} in the twin" if view.compares else ""
        texts.append(f"{view.called(state)} ({percent(row['probability'])} of runs{twin})")
    return f" Most often: {listed(texts)}.{_deciding(view)}"


def _deciding(view: View) -> str:
    """Return in how many of the exits of followers one rule decides, and which."""
    rules = dict(view.result.outcomes.get("follower_rules") or {})
    decided = 1 - rules.pop(UNDECIDED, 0.0)
    if not rules:
        return " No single rule decides any of these exits."
    texts = [f"{event_words('en')[f'rule.{rule}']} ({percent(share)})" for rule, share in list(rules.items())[:NAMED]]
    return (
        f" One rule decides {percent(decided)} of these exits, which would be less than half as likely without it: "
        f"{listed(texts)}."
    )
