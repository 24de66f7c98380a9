"""An analysis written down: tables as CSV, figures as SVG for print, and one page that holds everything."""

from collections.abc import Sequence
from pathlib import Path

from experiments.analysis.scenario_discovery import AVAILABLE, MISSING
from experiments.analysis.sweep_analysis import Analysis, analyze_sweep
from experiments.report.analysis import analysis_page, plates
from experiments.storage.folders import check_beside, check_folder, replacing, write_beside, written_files

PAGE, FOLDER = "analysis.html", "analysis"
BY = "abm analyze"


def analyze(folder: Path, outcomes: Sequence[str] = (), out: Path | None = None) -> tuple[Analysis, list[Path]]:
    """Analyse a stored sweep, write `analysis.html` and the folder `analysis`; return the analysis and the files.

    They go into the sweep's own folder, or into `out`. Raises FolderError where there is no sweep, or where
    other content stands in their place, ConfigError for an unknown outcome, OSError where the disk does not take it.
    """
    place = out or folder
    check_folder(place / FOLDER, BY)
    check_beside([place / PAGE])
    found = analyze_sweep(folder, outcomes)
    with replacing(place / FOLDER, BY) as fresh:
        for name, table in found.files():
            table.to_csv(fresh / f"{name}.csv", index=False)
        for name, image in plates(found):
            (fresh / f"{name}.svg").write_text(image, encoding="utf-8")
    notes = [] if AVAILABLE else [MISSING]
    write_beside(place / PAGE, analysis_page(found, notes).encode())
    return found, [place / PAGE, *written_files(place / FOLDER)]
