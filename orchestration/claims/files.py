"""Claims from CSV files: the header, the rows and their IDs.

What belongs here: finding out which claims there are. What a row means is in `claim`; how a file is
read is in `builds.claim_files`.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from orchestration.builds.claim_files import ClaimFile, claim_files
from orchestration.claims.claim import Claim, InvalidClaim, shown
from orchestration.settings import Settings

COLUMNS = tuple(name for name in Claim.model_fields if name != "problem")
REQUIRED = ("measure", "period", "test")
POSSIBLE = f"possible are {', '.join(COLUMNS)}"
NAMES_SHOWN = 20
SEPARATORS = {";": "semicolons", "\t": "tabs"}
LONGEST_CELL = 2**17  # characters
MOST_CLAIMS = 1_000  # in a file: each takes 10 ms, and may have 400 figures as evidence

Placed = tuple[str, Claim]  # where a claim is, as file and line, and the claim


def claims_in(file: ClaimFile) -> list[Claim]:
    """The claims of a file, one a row. A row that cannot be read, that lacks an ID or that has the
    ID of an earlier one is named by file and line. Raises InvalidClaim if the file cannot be read,
    or if its columns are not those of claims."""
    return _with_own_ids(_placed(file))


def claims_of(files: Iterable[ClaimFile]) -> list[Claim]:
    """The claims of several files, each with an ID of its own: of two claims with one ID the first
    keeps it. A file that cannot be used is a claim itself, with the file's name as ID, that says
    why."""
    placed: list[Placed] = []
    for file in files:
        try:
            placed += _placed(file)
        except InvalidClaim as problem:
            placed.append((file.name, Claim(claim_id="", document=file.name, problem=str(problem))))
    return _with_own_ids(placed)


def unusable_files(settings: Settings) -> list[str]:
    """Why files of claims that the operator has set cannot be used, one sentence each."""
    found = []
    for path, file in zip(settings.claims, claim_files(settings), strict=True):
        try:
            claims_in(file)
        except InvalidClaim as problem:
            found.append(f"file of claims {path}: {problem}")
    return found


def _placed(file: ClaimFile) -> list[Placed]:
    """The claims of a file as they are. One that names no document is of the file."""
    if file.problem:
        raise InvalidClaim(file.problem)
    rows = _rows(file.text)
    _, header = next(rows, (1, []))
    if isinstance(header, str):
        raise InvalidClaim(f"the columns' names: {header}")
    columns = [name.strip().casefold().replace("-", "_") for name in header]
    _check_separator(header)
    _check_columns(columns)
    placed: list[Placed] = []
    for line, cells in rows:
        if len(placed) == MOST_CLAIMS:
            raise InvalidClaim(f"found more than {MOST_CLAIMS:,} claims, expected several files")
        claim = _claim(columns, cells)
        if not claim.document:
            claim = claim.model_copy(update={"document": file.name})
        placed.append((f"{file.name} line {line}", claim))
    return placed


def _rows(text: str) -> Iterator[tuple[int, list[str] | str]]:
    """The rows that are not empty, each with the line on which it begins: the cells, or why they
    cannot be read. Raises InvalidClaim for a quote that is not closed, which swallows the rows
    after it: only the first of them can be named, as a row goes on in the next line only where a
    quote is open."""
    csv.field_size_limit(LONGEST_CELL)  # of the process: a library may have lifted it
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if reader.line_num > line or "end of data" in str(error):
                raise InvalidClaim(
                    f"line {line}: found a quote that is opened and not closed, which takes in the "
                    "rows after it; expected each quote to be closed"
                ) from None
            yield line, _unreadable(error)
            continue  # with the next line
        if any(cell.strip() for cell in cells):
            yield line, cells


def _unreadable(error: csv.Error) -> str:
    if "limit" in str(error):
        return f"found a cell of more than {LONGEST_CELL:,} characters, expected fewer"
    return f"found no CSV ({error}), expected each quote to be closed"


def _check_separator(header: Sequence[str]) -> None:
    """Raises InvalidClaim if the columns are separated by something else than commas."""
    for character, name in SEPARATORS.items():
        if len(header) == 1 and character in header[0]:
            raise InvalidClaim(
                f"found the columns {shown(header[0])}, separated by {name}, expected commas"
            )


def _check_columns(found: Sequence[str]) -> None:
    """Raises InvalidClaim for columns that are missing, unknown or there twice."""
    named = [name for name in found if name]
    if missing := [name for name in REQUIRED if name not in named]:
        raise InvalidClaim(f"found {_shown(named)}, expected also {', '.join(missing)}; {POSSIBLE}")
    if unknown := [name for name in named if name not in COLUMNS]:
        raise InvalidClaim(f"found {_shown(unknown, 'unknown ')}; {POSSIBLE}")
    if twice := [name for name in COLUMNS if named.count(name) > 1]:
        raise InvalidClaim(f"found {_shown(twice)} twice, expected each once")


def _shown(names: Sequence[str], which: str = "") -> str:
    """Names of columns, cut to a length that a line can have: the file may be of any kind."""
    if not names:
        return "no columns"
    listed = [shown(name) for name in names[:NAMES_SHOWN]]
    if len(names) > NAMES_SHOWN:
        listed.append(f"and {len(names) - NAMES_SHOWN} more")
    return f"the {which}column{'s' * (len(names) > 1)} {', '.join(listed)}"


def _claim(columns: Sequence[str], cells: list[str] | str) -> Claim:
    if isinstance(cells, str):
        return Claim(claim_id="", problem=cells)
    named = list(zip(columns, cells, strict=False))  # a row may be cut off after its last value
    claim = Claim.of_row({"claim_id": "", **dict(named)})
    nameless = (cell for name, cell in named if not name)
    if left_over := [cell for cell in (*nameless, *cells[len(columns) :]) if cell.strip()]:
        problem = (
            f"found {shown(left_over[0])} without a column, expected text that has a comma to "
            "be in quotes"
        )
        return claim.model_copy(update={"problem": problem})
    return claim


def _with_own_ids(placed: Iterable[Placed]) -> list[Claim]:
    """The claims, of which those without an ID, or with that of an earlier one, are named by their
    place."""
    claims: dict[str, Claim] = {}
    for place, given in placed:
        claim = given
        if not claim.claim_id:
            claim = claim.model_copy(update={"claim_id": _free(place, claims)})
        elif claim.claim_id in claims:
            problem = f"claim_id: found {claim.claim_id!r} twice, expected another one"
            claim = claim.model_copy(update={"claim_id": _free(place, claims), "problem": problem})
        claims[claim.claim_id] = claim
    return list(claims.values())


def _free(place: str, claims: dict[str, Claim]) -> str:
    """A place as an ID that no claim has: files of one name may be in several folders."""
    claim_id, number = place, 1
    while claim_id in claims:
        number += 1
        claim_id = f"{place} ({number})"
    return claim_id
