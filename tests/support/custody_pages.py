"""CBP's custody and transfer page, made for tests: its tables under their headings, with figures
of our own.

What belongs here: the shape of the page. What is wrong with one belongs to the tests.
"""

from dataclasses import dataclass, replace

CUSTODY = "cbp_custody_and_transfer_statistics"
NAME = "custody-and-transfer-statistics.html"
PUBLISHED = "2025-12-15"
HEAD = ("Oct-25", "Nov-25", "Dec-25")
DISPOSITIONS = "USBP Monthly Southwest Border Encounters by Processing Disposition"
DESTINATIONS = "USBP Monthly Southwest Border Apprehensions by Transfer Destination"
SECTORS = "USBP Average Daily Subjects In Custody by Southwest Border Sector"
PORTS = "Field Operations - Southwest Border in Custody<span><sup>1</sup></span>"
FIELD_OFFICES = "Title 8 Inadmissibles"
FEARS = "OFO Monthly Southwest Border Credible Fear Inadmissibles by Disposition"
INTERIM = 'Expedited Removal (ER) - per Interim Final Rule "Securing the Border"'
PROGRAMS = "OFO Monthly Southwest Border Credible Fear Inadmissibles by Program"


@dataclass(frozen=True)
class MadeTable:
    """A table of the page. rows: each with its label, in HTML, and a text for each column."""

    heading: str
    rows: tuple[tuple[str, ...], ...]
    head: tuple[str, ...] = HEAD

    def html(self) -> str:
        head = "".join(f'<th scope="col"><span>{text}</span></th>' for text in ("", *self.head))
        body = "".join(
            f'<tr><th scope="row"><strong>{label}</strong></th>'
            + "".join(f"<td>\n      {text}&nbsp;\n    </td>" for text in figures)
            + "</tr>\n"
            for label, *figures in self.rows
        )
        return (
            f"<h3>\n  {self.heading}\n</h3>\n<table><thead><tr>{head}</tr></thead>\n"
            f"<tbody>{body}</tbody></table>\n"
        )

    def with_cell(self, label: str, column: int, text: str) -> "MadeTable":
        """The table with another text in a row; column counts the months from 0."""
        rows = tuple(
            (*row[: column + 1], text, *row[column + 2 :]) if row[0].startswith(label) else row
            for row in self.rows
        )
        return replace(self, rows=rows)


@dataclass(frozen=True)
class MadePage:
    """The page."""

    tables: tuple[MadeTable, ...]

    def bytes(self) -> bytes:
        body = "".join(table.html() for table in self.tables)
        return (
            "<!DOCTYPE html>\n<html><head><title>Custody</title><script>if (1 < 2) { '<h3>' }"
            f"</script></head><body><h1>Custody and Transfer Statistics</h1>\n{body}"
            "<p>Source: CBP</p></body></html>\n"
        ).encode()

    def table(self, heading: str) -> MadeTable:
        [found] = [table for table in self.tables if table.heading == heading]
        return found

    def with_table(self, changed: MadeTable) -> "MadePage":
        """The page with a table in the place of that with the same heading."""
        tables = (changed if t.heading == changed.heading else t for t in self.tables)
        return MadePage(tuple(tables))

    def with_text(self, old: str, new: str) -> "MadePage":
        """The page with another text in every cell that has this one."""
        return MadePage(
            tuple(
                replace(
                    t, rows=tuple((r[0], *(new if c == old else c for c in r[1:])) for r in t.rows)
                )
                for t in self.tables
            )
        )

    def with_cell(self, heading: str, label: str, column: int, text: str) -> "MadePage":
        return self.with_table(self.table(heading).with_cell(label, column, text))


def custody_page() -> MadePage:
    """The page in December 2025: October and November of FY2026. The field offices still have
    FY2025."""
    return MadePage(
        (
            MadeTable(
                FEARS,
                (
                    ("Expedited Removal-Credible Fear (ERCF)<sup>1</sup>", "70", "30", "-"),
                    ("Notice To Appear (NTA)<sup>2</sup>", "1,213", "907", "-"),
                    ("Notice To Appear (NTA)-Person Released", "0", "0", "-"),
                    ("Visa Waiver Program (VWP)- Refusal Limited Review", "0", "1", "-"),
                    ("Total Credible Fear Inadmissibles", "1,283", "938", "-"),
                    ("Total Title 8 Inadmissibles", "3,716", "3,607", "-"),
                ),
            ),
            MadeTable(PROGRAMS, (("HARP", "0", "0", "-"), ("Total", "0", "0", "-"))),
            MadeTable(
                FIELD_OFFICES,
                (
                    ("El Paso", "7,811", "7,523", "-"),
                    ("Laredo", "22,117", "21,129", "-"),
                    ("San Diego", "16,033", "15,407", "-"),
                    ("Tucson", "3,719", "3,511", "-"),
                    ("Total", "49,680", "47,570", "-"),
                ),
                ("Oct-24", "Nov-24", "Dec-24"),
            ),
            MadeTable(
                PORTS,
                (
                    ("In Custody Capacity", "902", "902", "902"),
                    ("%<sup>2</sup>", "42 (4.66%)", "48(5.32%)", "-"),
                ),
            ),
            MadeTable(
                DISPOSITIONS,
                (
                    ("Paroles", "4", "2", "-"),
                    ("Expedited Removal (ER)", "4,213", "3,709", "-"),
                    (f"{INTERIM}<sup>1</sup>", "0", "0", "-"),
                    ("Other<sup>2</sup>", "315", "301", "-"),
                    ("Total Apprehensions", "4,532", "4,012", "-"),
                ),
            ),
            MadeTable(
                DESTINATIONS,
                (
                    ("Provisional Releases<sup>1</sup>", "15", "11", "-"),
                    ("Federal (ERO, ORR, Other)", "4,611", "4,007", "-"),
                    ("Total Transferred Out of Custody", "4,626", "4,018", "-"),
                ),
            ),
            MadeTable(
                SECTORS,
                (
                    ("Rio Grande", "195", "237", "-"),
                    ("San Diego", "88", "73", "-"),
                    ("Total", "284", "309", "-"),
                ),
            ),
        )
    )
