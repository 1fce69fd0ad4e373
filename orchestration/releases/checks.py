"""The checks that a file passes before its figures count, each by its name.

What belongs here: what the checks are called and what each asks. Where one is made is the
business of the readers (is this the file that it claims to be), of `intake` (can it be the
release that it claims to be) and of `vintages` (may it take the place of what stood).
"""

from typing import Literal, get_args

Check = Literal[
    "format_is_known",
    "text_is_utf8",
    "size_is_bounded",
    "file_is_whole",
    "file_has_rows",
    "columns_are_known",
    "lines_are_rows",
    "labels_are_known",
    "cells_are_typed",
    "workbook_is_safe",
    "tables_are_found",
    "tables_keep_their_layout",
    "publication_is_past",
    "figures_precede_publication",
    "name_keeps_its_promise",
    "months_are_complete",
    "months_have_people",
    "cells_stand_once",
    "labels_fit_components",
    "labels_remain",
    "totals_stay",
    "totals_do_not_leap",
    "cells_stay",
    "rows_remain",
    "rows_are_as_many",
    "months_reach_as_far",
]
MEANINGS: dict[Check, str] = {
    "format_is_known": "It is the text or the workbook that the dataset has, and no page, JSON, "
    "old workbook or other archive.",
    "text_is_utf8": "Its text is UTF-8, without NUL bytes.",
    "size_is_bounded": "File, lines, parts and sheets stay within the limits.",
    "file_is_whole": "It was not cut off.",
    "file_has_rows": "There are rows under the header.",
    "columns_are_known": "It has the columns of the catalogue, each once, and no other.",
    "lines_are_rows": "Every line has as many cells as the header, and no stray quote.",
    "labels_are_known": "Every label is listed in the vocabulary.",
    "cells_are_typed": "Every cell is of its kind; a few rows of which one is not are kept aside.",
    "workbook_is_safe": "No part of a workbook declares a document type or an entity, or has a "
    "name that leads out of the workbook.",
    "tables_are_found": "A workbook has each table that the catalogue needs, once.",
    "tables_keep_their_layout": "Headings, months and footnotes stand where the layout has them.",
    "publication_is_past": "It was published by the day on which it is taken in.",
    "figures_precede_publication": "No figure is of a time after its publication.",
    "name_keeps_its_promise": "The last month is the one that the file's name promises.",
    "months_are_complete": "No month is missing, for no component and no region.",
    "months_have_people": "No month is without anyone.",
    "cells_stand_once": "No cell stands twice, however its labels are spelled.",
    "labels_fit_components": "A label that belongs to one component stands in its rows only.",
    "labels_remain": "The components and regions of the release before are there.",
    "totals_stay": "The totals of the months stay, within the limits on revisions.",
    "totals_do_not_leap": "A new month's total is of the size of the months before it.",
    "cells_stay": "The cells of the months stay, within the limits on revisions.",
    "rows_remain": "The cells that the release before had are there.",
    "rows_are_as_many": "A month has about as many rows as it had, or as the months before.",
    "months_reach_as_far": "It reaches as far as the release before, unless it ends with a "
    "fiscal year.",
}
assert tuple(MEANINGS) == get_args(Check)


class Refusal(Exception):
    """A file that cannot be the release that it claims to be: the check that refuses it, and
    in words where, what was found and what was expected."""

    def __init__(self, check: Check, message: str) -> None:
        super().__init__(message)
        self.check = check
