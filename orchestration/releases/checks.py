"""The checks that a file passes before its figures count, each by its name.

What belongs here: the names of the checks and what each one requires. The checks are made in
the readers (is the file in its format), in `intake` (can it be the release that it claims to
be) and in `review` (may it replace the release before it).
"""

from typing import Literal

Check = Literal[
    # The file is the text or the workbook that the dataset has; no web page, JSON, old workbook
    # or other archive.
    "format_is_known",
    # Its text is UTF-8, or UTF-16 that its first bytes announce, without NUL bytes.
    "text_is_utf8",
    # File, lines, parts and sheets are within the limits.
    "size_is_bounded",
    # It was not cut off.
    "file_is_whole",
    # There are rows under the header.
    "file_has_rows",
    # It has the columns of the catalogue, each once, and no other.
    "columns_are_known",
    # Every line has as many cells as the header, and no stray quote.
    "lines_are_rows",
    # Every label is listed in the vocabulary.
    "labels_are_known",
    # Every cell is of its column's kind; a few rows that violate this are rejected.
    "cells_are_typed",
    # No part of a workbook declares a document type or an entity, or has a name that leads out
    # of the workbook.
    "workbook_is_safe",
    # A workbook has each table that the catalogue needs, once.
    "tables_are_found",
    # Headings, months and footnotes are where the layout has them.
    "tables_keep_their_layout",
    # It was published by the day on which it is taken in.
    "publication_is_past",
    # No figure is for a time after the publication.
    "figures_precede_publication",
    # The file's name is one that the publisher gives, or that of a copy.
    "name_is_recognised",
    # The last month is the one that the file's name promises.
    "name_keeps_its_promise",
    # No month is missing, for any component or region.
    "months_are_complete",
    # Every month counts at least one person.
    "months_have_people",
    # No cell occurs twice, however its labels are spelled.
    "cells_stand_once",
    # A label that belongs to one component is in that component's rows only.
    "labels_fit_components",
    # An abbreviation is that of the row's area, and an area, sector or state is in a region of
    # its own.
    "labels_fit_each_other",
    # The parts of each total that the catalogue names add up to it.
    "parts_add_up",
    # What another dataset publishes too is the same, within the limits on revisions; a statement
    # is of the size of its series and of the statements of its time.
    "datasets_agree",
    # The figures of a fiscal year were not rounded further than their publisher does.
    "figures_are_exact",
    # The rows that cannot be typed stand for few of a month's people.
    "rejected_rows_are_few",
    # No name differs from a more frequent one by a letter or by punctuation only.
    "labels_are_distinct",
    # Nobody is counted under a law or an action after its end.
    "labels_have_not_ended",
    # The components and regions of the release before are there, and a new month has the labels
    # of the months before it.
    "labels_remain",
    # The totals of known months change no more than the limits on revisions allow.
    "totals_stay",
    # The total of a new month is of the same size as those of the months before.
    "totals_do_not_leap",
    # The people of a known month are in the categories that they were in.
    "categories_stay",
    # The cells of known months change no more than the limits on revisions allow; a statement
    # keeps its value.
    "cells_stay",
    # Each label of a new month has about the people that it had in the months before.
    "labels_are_steady",
    # The people of a new month are divided among the cells about as in the months before.
    "shares_stay",
    # A new month is no copy of another, not the year to date, and not one figure in every row.
    "months_differ",
    # The cells of the release before are there.
    "rows_remain",
    # A month has about as many rows as it had before, or as the months before it.
    "rows_are_as_many",
    # It goes as far as the release before, unless it ends with a fiscal year.
    "months_reach_as_far",
]


class Refusal(Exception):
    """A file cannot be the release that it claims to be.

    check: the check that refuses it. The message says where, what was found and what was
        expected.
    """

    def __init__(self, check: Check, message: str) -> None:
        super().__init__(message)
        self.check = check
