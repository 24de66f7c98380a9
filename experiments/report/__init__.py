"""The report of a run: one HTML file that needs nothing else, to look at rather than to read."""

from pathlib import Path

from experiments.report.result_page import page
from experiments.report.result_view import View
from experiments.runs.result import Result

__all__ = ["write_report"]


def write_report(result: Result, path: Path) -> None:
    """Write the report of a result to a file. Raises OSError where the disk does not take it."""
    path.write_text(page(View(result)), encoding="utf-8")
