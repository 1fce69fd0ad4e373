"""Faults in the shape of a file: broken downloads, changed exports, attacks."""

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
from tests.resilience.crash.obstacles import KEEP_TO_PERMISSIONS
from tests.resilience.faults.fault import Fault, Observed, Outcome, Sandbox
from tests.resilience.faults.faulty_releases import NAME, File, outcome_of, release_fault, take_in
from tests.support.cbp_files import SOUTHWEST, Made, made, published_name
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
    mentions: tuple[str, ...],
    change: Callable[[bytes], bytes],
    outcome: Outcome = "refused",
) -> Fault:
    def inflict(sandbox: Sandbox) -> Observed:
        content = change(monthly_tables().bytes())
        return take_in(sandbox, File(content, "2024-01", WORKBOOK, MONTHLY_TABLES))

    return Fault(name, about, outcome, check, mentions, inflict)


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


def _fetched_from(sandbox: Sandbox, fill: Callable[[Path], object]) -> Observed:
    """Fetch what `fill` puts into a dated folder of a landing folder."""
    folder = sandbox.settings.landing[0] / SOUTHWEST / "2024-12"
    folder.mkdir(parents=True)
    fill(folder)
    return _only_outcome(sandbox, fetch(sandbox.settings))


def _only_outcome(sandbox: Sandbox, outcomes: list[IntakeOutcome]) -> Observed:
    [outcome] = [o for o in outcomes if o.source.startswith(SOUTHWEST + "/2")]
    return outcome_of(sandbox, outcome)


def _unfinished_download(sandbox: Sandbox) -> Observed:
    content = made().bytes()
    return _fetched_from(
        sandbox, lambda folder: (folder / f"{NAME}.crdownload").write_bytes(content)
    )


def _link_to_secret(sandbox: Sandbox) -> Observed:
    secret = sandbox.folder / "secret.csv"
    secret.write_bytes(made().bytes())
    return _fetched_from(sandbox, lambda folder: (folder / NAME).symlink_to(secret))


def _closed_folder(sandbox: Sandbox) -> Observed:
    """One of two folders may not be read; the file in the other is archived."""
    [landing] = sandbox.settings.landing
    closed, open_ = (landing / SOUTHWEST / name for name in ("2024-11", "2024-12"))
    closed.mkdir(parents=True)
    open_.mkdir()
    (open_ / NAME).write_bytes(made().bytes())
    closed.chmod(0)
    home, keep = sandbox.settings.home, KEEP_TO_PERMISSIONS
    try:
        done = run_command(home, "fetch", landing=landing, before_exec=keep, expect=None)
    finally:
        closed.chmod(0o755)
    lines = [line for line in done.stdout.splitlines() if line.startswith("skipped")]
    taken = any(release.file_name == NAME for release in sandbox.archive.releases())
    return Observed("skipped" if taken else "missed", ("landing",), "; ".join(lines))


def _name_of_two_lines(sandbox: Sandbox) -> Observed:
    return _fetched_from(sandbox, lambda folder: (folder / "a\nb.csv").write_bytes(made().bytes()))


def _over_size(sandbox: Sandbox) -> Observed:
    limits = replace(sandbox.settings.limits, release_bytes=1000)
    path = sandbox.settings.landing[0] / SOUTHWEST / "2024-12" / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(made().bytes())
    return _only_outcome(sandbox, fetch(replace(sandbox.settings, limits=limits)))


def _still_written(sandbox: Sandbox) -> Observed:
    """A thread keeps writing to the file during the fetch."""
    limits = replace(sandbox.settings.limits, settle_seconds=0.4)
    content = made(first="2024-12", last="2026-01").bytes()  # in no release of the bundle
    path = sandbox.settings.landing[0] / SOUTHWEST / "2026-02" / published_name(content)
    path.parent.mkdir(parents=True)
    lines = content.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:20]))

    fetched = threading.Event()

    def keep_writing() -> None:
        with path.open("ab", buffering=0) as file:
            for line in lines[20:]:
                fetched.wait(0.1)
                file.write(line)

    writer = threading.Thread(target=keep_writing)
    writer.start()
    settings = replace(sandbox.settings, limits=limits)
    first = _only_outcome(sandbox, fetch(settings))
    fetched.set()
    writer.join()
    later = _only_outcome(sandbox, fetch(settings))
    return first if later.outcome == "archived" else later


def _name_of_sql(sandbox: Sandbox) -> Observed:
    """A name that looks like SQL and a path is recorded as text."""
    name = """it's "x"'; drop table meta.releases; --.csv"""
    file = File(made().bytes(), name=name)
    observed = take_in(sandbox, file)
    reviewed, catalogue = review(sandbox.archive), load_catalogue()
    with duckdb.connect() as connection:
        connection.execute("create schema raw; create schema meta")
        for dataset in catalogue.values():
            load_raw_dataset(connection, sandbox.archive, dataset, reviewed)
        load_provenance(connection, reviewed, catalogue, sandbox.folder)
        names = connection.execute(
            f"select file_name from meta.releases where dataset = '{SOUTHWEST}'"
        ).fetchall()
    return observed if names == [(name,)] else Observed("missed", (), str(names))


def _name_out_of_the_folder(sandbox: Sandbox) -> Observed:
    """A folder of the archive is named after the date and the hash, never after the file."""
    observed = take_in(sandbox, File(made().bytes(), name="a%2f..%2f..%2fetc.csv"))
    outside = {path.parts[len(sandbox.folder.parts)] for path in sandbox.folder.rglob("*")}
    return observed if outside == {"home", "landing"} else Observed("missed", (), str(outside))


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
        "An export without rows.",
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
        "An API's error under the file's name.",
        "refused",
        "format_is_known",
        "found JSON",
        _bytes(lambda _: ERROR),
    ),
    release_fault(
        "cut off mid-row",
        "An interrupted download.",
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
        "A file saved as Unicode by a spreadsheet, without the mark that says so.",
        "refused",
        "text_is_utf8",
        "found a NUL byte",
        _bytes(lambda release: release.text().encode("utf-16-le")),
    ),
    release_fault(
        "NUL bytes",
        "A block of the disk that was never written.",
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
        "The counts are there twice.",
        "refused",
        "columns_are_known",
        "twice",
        _bytes(lambda release: _with_column(release, "Encounter Count", "7")),
    ),
    release_fault(
        "column added",
        "A column that the catalogue does not list.",
        "refused",
        "columns_are_known",
        "unknown column 'Gender'",
        _bytes(lambda release: _with_column(release, "Gender", "F")),
    ),
    release_fault(
        "columns moved",
        "The same columns in another order: the figures are sound.",
        "archived",
        None,
        (),
        _bytes(lambda release: release.in_order(reversed(release.columns)).bytes()),
    ),
    release_fault(
        "semicolons",
        "Another delimiter: the figures are sound.",
        "archived",
        None,
        (),
        _bytes(lambda release: _with_delimiter(release, ";")),
    ),
    release_fault(
        "tabs",
        "UTF-16 with tabs, as Tableau writes it: the figures are sound.",
        "archived",
        None,
        (),
        _bytes(lambda release: _with_delimiter(release, "\t").decode().encode("utf-16")),
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
        "skipped",
        "landing",
        ("found a file larger than 1,000 bytes",),
        _over_size,
    ),
    _workbook_fault(
        "half-downloaded workbook",
        "Half of a workbook.",
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
        "A workbook that unpacks to 420 MB.",
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
        "A part with nested entities.",
        "workbook_is_safe",
        ("xl/worksheets/sheet2.xml", "entity declaration"),
        _with_declaration,
    ),
    Fault(
        "symbolic link",
        "A link in the landing folder to a file elsewhere.",
        "skipped",
        "landing",
        ("found a link",),
        _link_to_secret,
    ),
    Fault(
        "unfinished download",
        "A browser's name for a file that has not arrived in full.",
        "skipped",
        "landing",
        ("'.crdownload', the ending of an unfinished download",),
        _unfinished_download,
    ),
    Fault(
        "folder without permission",
        "A folder in the landing folder without read permission.",
        "skipped",
        "landing",
        (f"{SOUTHWEST}/2024-11: found a folder that may not be read",),
        _closed_folder,
    ),
    Fault(
        "name of two lines",
        "A name that would forge a line in the log.",
        "skipped",
        "landing",
        (r"'a\nb.csv'", "control characters"),
        _name_of_two_lines,
    ),
    Fault(
        "name of quotes and semicolons",
        "A name that looks like SQL: recorded as text, never run.",
        "held",
        "name_is_recognised",
        ("expected one such as",),
        _name_of_sql,
    ),
    Fault(
        "name that leads out of its folder",
        "Encoded slashes in a name.",
        "held",
        "name_is_recognised",
        ("expected one such as",),
        _name_out_of_the_folder,
    ),
    Fault(
        "still being written",
        "A file that grows during the fetch.",
        "skipped",
        "landing",
        ("still being written",),
        _still_written,
    ),
)
