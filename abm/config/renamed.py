"""Names of earlier versions and what took their place: an old key in a config is answered with its new name."""

RENAMED: dict[str, dict[str, str]] = {
    "process": {"acts": "scheduled_shocks", "billing": "dues", "departures": "exit_effects", "distances": "politics"},
}
"""Old name -> new name, by kind of name."""


def renamed(kind: str, name: object) -> str:
    """Return the sentence on a name of an earlier version, "" where it never was one."""
    new = RENAMED[kind].get(str(name))
    return f"was renamed in version 0.2.0; write {new}" if new else ""
