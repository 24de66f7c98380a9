"""Names of earlier versions and what took their place: an old key in a config is answered with its new name."""

RENAMED: dict[str, dict[str, str]] = {
    "process": {"acts": "scheduled_shocks", "billing": "dues", "departures": "exits", "distances": "politics"},
    "measure": {
        "agenda": "agenda_share",
        "agreement_with_focus": "mean_agreement_with_actor",
        "alignment_with_focus": "agreement_with_actor",
        "budget_gap": "funding_gap_share",
        "delivery_lost": "programmes_lost_state",
        "focus_agenda": "actor_agenda_share",
        "focus_distance": "actor_distance",
        "focus_posts": "actor_posts_share",
        "focus_saving": "actor_saving",
        "focus_wins": "actor_wins",
        "lost_programmes": "programmes_lost_total",
        "posts": "posts_share",
        "trust_in_focus": "trust_in_actor",
        "trust_in_focus_mean": "mean_trust_in_actor",
    },
}
"""Old name -> new name, by kind of name."""


def renamed(kind: str, name: object) -> str:
    """Return the sentence on a name of an earlier version, "" where it never was one."""
    prefix, old = ("shocked.", str(name)[8:]) if str(name).startswith("shocked.") else ("", str(name))
    new = RENAMED[kind].get(old)
    return f"was renamed in version 0.2.0; write {prefix}{new}" if new else ""
