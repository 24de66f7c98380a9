"""Texts of strangers for a terminal and for files of other programs."""

from unicodedata import category

UNSEEN = ("Cc", "Cf", "Cs")
"""Unicode categories of control and format characters, which command a terminal or turn directions, and of halves."""


def readable(text: str, kept: str = "\n\t") -> str:
    """Return a text with a mark in the place of characters that are not seen, other than those `kept`."""
    return "".join("\ufffd" if category(one) in UNSEEN and one not in kept else one for one in text)
