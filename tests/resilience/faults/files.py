"""Faults in the shape of a file: what a broken download, a changed export or an attacker lays
down."""

import io
import threading
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb

from orchestration.builds.raw_tables import load_provenance, load_raw_dataset
from orchestration.catalogue.dataset import load_catalogue
from orchestration.intake.fetch import fetch
from orchestration.intake.outcome import IntakeOutcome
from orchestration.review.review import review
from orchestration.settings import MEBIBYTE
from tests.conftest import run_command
from tests.resilience.crash.hindrances import KEEP_TO_PERMISSIONS
from tests.resilience.faults.arrivals import File, release_fault, taken_in, told
from tests.resilience.faults.fault import Fault, Ground, Happened, Outcome
from tests.support.cbp_files import SOUTHWEST, Made, made
from tests.support.workbooks import MONTHLY_TABLES, monthly_tables

PAGE = b"<!DOCTYPE html><html><title>Access Denied</title></html>"
ERROR = b'{"error": {"code": 404, "message": "Not Found"}}'
WORKBOOK = "ohss_monthly_tables.xlsx"
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
LONG_LINE = 200_000_000
BOMB_BYTES = 420 * MEBIBYTE


def _bytes(change: Callable[[Made], bytes]) -> Callable[[Made], tuple[File, ...]]:
    return lambda release: (File(change(release)),)


def _cut_mid_row(release: Made) -> bytes:
    content = release.bytes()
    start = content.rindex(b"\n", 0, len(content) * 2 // 3)
    return content[: start + 25]


def _with_stray_quote(release: Made) -> bytes:
    label = release.column("citizenship")[9]
    lines = release.text().split("\r\n")
    lines[10] = lines[10].replace(label.split(",")[0], label.split(",")[0] + '"', 1)
    return "\r\n".join(lines).encode()


def _with_latin_1(release: Made) -> bytes:
    return release.with_cell(4, "citizenship", "México").text().encode("latin-1")


def _with_nul(release: Made) -> bytes:
    content = release.bytes()
    return content[:2000] + b"\x00" + content[2000:]


def _with_column(release: Made, name: str, cell: str) -> bytes:
    lines = [line for line in release.text().split("\r\n") if line]
    header, *rows = lines
    return "\r\n".join([f"{header},{name}", *(f"{row},{cell}" for row in rows), ""]).encode()


def _with_delimiter(release: Made, delimiter: str) -> bytes:
    plain = release.with_cells("citizenship", lambda _, text: text.replace(",", ""))
    return plain.text().replace(",", delimiter).encode()


def _headed_again(release: Made) -> bytes:
    lines = release.text().split("\r\n")
    return "\r\n".join([*lines[:50], lines[0], *lines[50:]]).encode()


def _long_line(_: Made) -> bytes:
    text = made(first="2024-10", last="2024-11").bytes()
    return text + b"2025 (FYTD)," + b"x" * LONG_LINE + b"\r\n"


def _workbook_fault(
    name: str,
    about: str,
    check: str,
    names: tuple[str, ...],
    change: Callable[[bytes], bytes],
    outcome: Outcome = "refused",
) -> Fault:
    def inflict(ground: Ground) -> Happened:
        content = change(monthly_tables().bytes())
        return taken_in(ground, File(content, "2024-01", WORKBOOK, MONTHLY_TABLES))

    return Fault(name, about, outcome, check, names, inflict)


def _with_part(content: bytes, name: str, text: bytes) -> bytes:
    target = io.BytesIO(content)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(name, text)
    return target.getvalue()


def _with_bomb(content: bytes) -> bytes:
    target = io.BytesIO(content)
    with (
        zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("xl/media/image1.png", "w") as stream,
    ):
        for _ in range(BOMB_BYTES // MEBIBYTE):
            stream.write(bytes(MEBIBYTE))
    return target.getvalue()


def _with_declaration(content: bytes) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(content))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for part in source.infolist():
            text = source.read(part)
            if part.filename == "xl/worksheets/sheet2.xml":
                text = text.replace(b"<worksheet", LAUGHS + b"<worksheet", 1)
            archive.writestr(part.filename, text)
    return target.getvalue()


def _lie(ground: Ground, lay: Callable[[Path], object], sound: str = "2024-12") -> Happened:
    """What becomes of something that is laid into a landing folder in another way."""
    folder = ground.settings.landing[0] / SOUTHWEST / sound
    folder.mkdir(parents=True)
    lay(folder)
    return _told_of(ground, fetch(ground.settings))


def _told_of(ground: Ground, arrivals: list[IntakeOutcome]) -> Happened:
    [arrival] = [a for a in arrivals if a.source.startswith(SOUTHWEST + "/2")]
    return told(ground, arrival)


def _link_to_secret(ground: Ground) -> Happened:
    secret = ground.folder / "secret.csv"
    secret.write_bytes(made().bytes())
    return _lie(ground, lambda folder: (folder / "file.csv").symlink_to(secret))


def _closed_folder(ground: Ground) -> Happened:
    """One folder of two may not be read; what lies in the other is taken in."""
    [landing] = ground.settings.landing
    closed, open_ = (landing / SOUTHWEST / name for name in ("2024-11", "2024-12"))
    closed.mkdir(parents=True)
    open_.mkdir()
    (open_ / "file.csv").write_bytes(made().bytes())
    closed.chmod(0)
    home, keep = ground.settings.home, KEEP_TO_PERMISSIONS
    try:
        done = run_command(home, "fetch", landing=landing, before_exec=keep, expect=None)
    finally:
        closed.chmod(0o755)
    lines = [line for line in done.stdout.splitlines() if line.startswith("skipped")]
    taken = any(release.file_name == "file.csv" for release in ground.archive.releases())
    return Happened("left in place" if taken else "missed", ("landing",), "; ".join(lines))


def _name_of_two_lines(ground: Ground) -> Happened:
    return _lie(ground, lambda folder: (folder / "a\nb.csv").write_bytes(made().bytes()))


def _over_size(ground: Ground) -> Happened:
    limits = replace(ground.settings.limits, release_bytes=1000)
    path = ground.settings.landing[0] / SOUTHWEST / "2024-12" / "file.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(made().bytes())
    return _told_of(ground, fetch(replace(ground.settings, limits=limits)))


def _still_written(ground: Ground) -> Happened:
    """Another process goes on writing while the run looks."""
    limits = replace(ground.settings.limits, settle_seconds=0.4)
    path = ground.settings.landing[0] / SOUTHWEST / "2024-12" / "file.csv"
    path.parent.mkdir(parents=True)
    lines = made().bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:50]))

    looked = threading.Event()

    def go_on() -> None:
        with path.open("ab", buffering=0) as file:
            for line in lines[50:]:
                looked.wait(0.1)
                file.write(line)

    writer = threading.Thread(target=go_on)
    writer.start()
    settings = replace(ground.settings, limits=limits)
    first = _told_of(ground, fetch(settings))
    looked.set()
    writer.join()
    later = _told_of(ground, fetch(settings))
    return first if later.outcome == "taken in" else later


def _name_of_sql(ground: Ground) -> Happened:
    """A name that would be SQL and a path, were it not told as a text."""
    name = """it's "x"'; drop table meta.releases; --.csv"""
    file = File(made().bytes(), name=name)
    happened = taken_in(ground, file)
    reviewed, catalogue = review(ground.archive), load_catalogue()
    with duckdb.connect() as connection:
        connection.execute("create schema raw; create schema meta")
        for dataset in catalogue.values():
            load_raw_dataset(connection, ground.archive, dataset, reviewed)
        load_provenance(connection, reviewed, catalogue, ground.folder)
        names = connection.execute(
            f"select file_name from meta.releases where dataset = '{SOUTHWEST}'"
        ).fetchall()
    return happened if names == [(name,)] else Happened("missed", (), str(names))


def _name_out_of_the_folder(ground: Ground) -> Happened:
    """The name of an archive's folder is made of the date and the hash, never of the name."""
    happened = taken_in(ground, File(made().bytes(), name="a%2f..%2f..%2fetc.csv"))
    outside = {path.parts[len(ground.folder.parts)] for path in ground.folder.rglob("*")}
    return happened if outside == {"home", "landing"} else Happened("missed", (), str(outside))


FILES = (
    release_fault(
        "empty file",
        "A download of no bytes.",
        "refused",
        "file_has_rows",
        "found an empty file",
        _bytes(lambda _: b""),
    ),
    release_fault(
        "header only",
        "An export without a row.",
        "refused",
        "file_has_rows",
        "found no row under the header",
        _bytes(lambda release: release.keeping(lambda _: False).bytes()),
    ),
    release_fault(
        "HTML saved as CSV",
        "The site's error page under the file's name.",
        "refused",
        "format_is_known",
        "found an HTML or XML page",
        _bytes(lambda _: PAGE),
    ),
    release_fault(
        "JSON error body",
        "An interface's error under the file's name.",
        "refused",
        "format_is_known",
        "found JSON",
        _bytes(lambda _: ERROR),
    ),
    release_fault(
        "cut off mid-row",
        "A download that broke off.",
        "refused",
        "file_is_whole",
        "the file seems cut off there",
        _bytes(_cut_mid_row),
    ),
    release_fault(
        "Latin-1",
        "A label with an accent in another encoding.",
        "refused",
        "text_is_utf8",
        ("line 6", "byte 0xe9"),
        _bytes(_with_latin_1),
    ),
    release_fault(
        "UTF-16",
        "A file saved as Unicode by a spreadsheet.",
        "refused",
        "text_is_utf8",
        "found UTF-16 text",
        _bytes(lambda release: release.text().encode("utf-16")),
    ),
    release_fault(
        "NUL bytes",
        "A block of a disk that was never written.",
        "refused",
        "text_is_utf8",
        "found a NUL byte",
        _bytes(_with_nul),
    ),
    release_fault(
        "column renamed",
        "A header that the catalogue does not list.",
        "refused",
        "columns_are_known",
        ("unknown column 'Kind of Encounter'", "no column 'Encounter Type'"),
        _bytes(lambda release: release.with_header("encounter_type", "Kind of Encounter").bytes()),
    ),
    release_fault(
        "column missing",
        "The column of demographics is gone.",
        "refused",
        "columns_are_known",
        "no column 'Demographic'",
        _bytes(lambda release: release.without_column("demographic").bytes()),
    ),
    release_fault(
        "column doubled",
        "The counts stand there twice.",
        "refused",
        "columns_are_known",
        "twice",
        _bytes(lambda release: _with_column(release, "Encounter Count", "7")),
    ),
    release_fault(
        "column added",
        "A column that nobody knows.",
        "refused",
        "columns_are_known",
        "unknown column 'Gender'",
        _bytes(lambda release: _with_column(release, "Gender", "F")),
    ),
    release_fault(
        "columns moved",
        "The same columns in another order: no fault of the figures.",
        "taken in",
        None,
        (),
        _bytes(lambda release: release.in_order(reversed(release.columns)).bytes()),
    ),
    release_fault(
        "semicolons",
        "Another delimiter.",
        "refused",
        "columns_are_known",
        "semicolon",
        _bytes(lambda release: _with_delimiter(release, ";")),
    ),
    release_fault(
        "tabs",
        "Another delimiter.",
        "refused",
        "columns_are_known",
        "tab",
        _bytes(lambda release: _with_delimiter(release, "\t")),
    ),
    release_fault(
        "stray quote",
        "A quote within a cell, which would swallow lines.",
        "refused",
        "lines_are_rows",
        ("line 11", "stray or unclosed quote"),
        _bytes(_with_stray_quote),
    ),
    release_fault(
        "header again",
        "Two exports pasted into one file.",
        "refused",
        "labels_are_known",
        "line 51",
        _bytes(_headed_again),
    ),
    release_fault(
        "line of 200 MB",
        "A line that never ends.",
        "refused",
        "size_is_bounded",
        "found a line of",
        _bytes(_long_line),
        on_real=False,
        is_long=True,
    ),
    Fault(
        "file beyond the limit",
        "A file larger than the limit on releases.",
        "left in place",
        "landing",
        ("found a file larger than 1,000 bytes",),
        _over_size,
    ),
    _workbook_fault(
        "half-downloaded workbook",
        "A workbook of which one half is there.",
        "format_is_known",
        ("found no readable zip archive",),
        lambda content: content[: len(content) // 2],
    ),
    _workbook_fault(
        "HTML saved as XLSX",
        "The site's error page under a workbook's name.",
        "format_is_known",
        ("a page of HTML",),
        lambda _: PAGE,
    ),
    _workbook_fault(
        "zip bomb",
        "A workbook that unfolds to 420 MB.",
        "size_is_bounded",
        ("xl/media/image1.png", "when unpacked"),
        _with_bomb,
    ),
    _workbook_fault(
        "path traversal in a workbook",
        "A part whose name leads out of the workbook.",
        "workbook_is_safe",
        ("'../../../etc/cron.d/x'",),
        lambda content: _with_part(content, "../../../etc/cron.d/x", b"* * * * * root x"),
    ),
    _workbook_fault(
        "entities in a workbook",
        "A part that unfolds by entities.",
        "workbook_is_safe",
        ("xl/worksheets/sheet2.xml", "entity declaration"),
        _with_declaration,
    ),
    Fault(
        "symbolic link",
        "A link in the landing folder to a file elsewhere.",
        "left in place",
        "landing",
        ("found a link",),
        _link_to_secret,
    ),
    Fault(
        "folder without permission",
        "A folder in the landing folder that the user who runs this may not read.",
        "left in place",
        "landing",
        (f"{SOUTHWEST}/2024-11: found a folder that may not be read",),
        _closed_folder,
    ),
    Fault(
        "name of two lines",
        "A name that would forge a line of the log.",
        "left in place",
        "landing",
        (r"'a\nb.csv'", "control characters"),
        _name_of_two_lines,
    ),
    Fault(
        "name of quotes and semicolons",
        "A name that would be SQL: told as it is, run nowhere.",
        "taken in",
        None,
        (),
        _name_of_sql,
    ),
    Fault(
        "name that leads out of its folder",
        "Encoded slashes in a name.",
        "taken in",
        None,
        (),
        _name_out_of_the_folder,
    ),
    Fault(
        "still being written",
        "A file that grows while the run looks.",
        "left in place",
        "landing",
        ("still being written",),
        _still_written,
    ),
)
