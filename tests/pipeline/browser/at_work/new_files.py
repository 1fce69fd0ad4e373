"""What arrives in a landing folder while the UI is at work."""

from pathlib import Path

from tests.support.landing_folders import write_gate_case

REFUSED = Path("cbp_southwest_encounters", "2024-12-19", "sbo-encounters-fy22-fy25-nov.csv")


def write_refused(landing: Path) -> None:
    """Put a web site's error page, which is refused, into a landing folder."""
    made = landing.with_name("error-page")
    _write_error_page(made)
    _move(made, landing)


def write_night_after(landing: Path) -> None:
    """Put into a landing folder a web site's error page, and a release that a gate holds: all at
    once, as a person moves them there."""
    made = landing.with_name("made")
    _write_error_page(made)
    write_gate_case(made)
    _move(made, landing)


def _write_error_page(folder: Path) -> None:
    (folder / REFUSED).parent.mkdir(parents=True)
    (folder / REFUSED).write_text("<!DOCTYPE html><html><body>Access denied</body></html>\n")


def _move(made: Path, landing: Path) -> None:
    for folder in made.iterdir():
        folder.rename(landing / folder.name)
