"""The audit of accessibility: all rules of axe-core, asked of a page as it stands."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
VIOLATIONS = "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)"
"""What passes is thousands of nodes: to describe them and bring them here takes longer than the audit itself."""


def violations(page: Page) -> list[dict[str, Any]]:
    """What the audit finds wrong on the page as it stands."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return list(page.evaluate(VIOLATIONS))
