"""CBP's custody and transfer pages, as the page and transcribed."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from orchestration.readers import ParsedRelease, ReadError
from orchestration.settings import BUNDLED, Limits
from tests.support.custody_pages import (
    CUSTODY,
    DESTINATIONS,
    DISPOSITIONS,
    FIELD_OFFICES,
    PROGRAMS,
    PUBLISHED,
    SECTORS,
    MadePage,
    MadeTable,
    custody_page,
)
from tests.support.parsing import read, refusal
from tests.support.processor_time import no_hanging

HEADER = (
    "fiscal_year,month,component,table,row_label,figure,vintage,data_through,retrieved_on,"
    "source_url,note\n"
)
OFFICES = "OFO Title 8 inadmissibles by field office"
PAGE = custody_page()


def transcribed(*rows: str) -> bytes:
    return (HEADER + "".join(f"{row}\n" for row in rows)).encode()


def row(figure: str = "7", month: str = "2024-10", year: str = "2025", table: str = OFFICES) -> str:
    return f"{year},{month},OFO,{table},Laredo,{figure},v,2024-10,,https://example.org,"


def figures(parsed: ParsedRelease, table: str, label: str) -> list[tuple[str, str]]:
    """Months and figures of a row."""
    rows = parsed.rows.filter(pl.col("table_name") == table, pl.col("custody_row") == label)
    return list(zip(rows["month_start"].to_list(), rows["figure"].to_list(), strict=True))


def read_page(page: MadePage = PAGE) -> ParsedRelease:
    return read(page.bytes(), CUSTODY, PUBLISHED)


def refused(page: MadePage) -> str:
    return refusal(page.bytes(), CUSTODY, PUBLISHED)


def with_heads(heading: str, *head: str) -> MadePage:
    return PAGE.with_table(replace(PAGE.table(heading), head=head))


class TestATranscription:
    """One row a figure."""

    def test_names_the_table_and_dates_the_month(self) -> None:
        parsed = read(transcribed(row(), row(month="2024-11")), CUSTODY)
        assert parsed.rows["table_name"].to_list() == ["field_office_inadmissibles"] * 2
        assert parsed.rows["month_start"].to_list() == ["2024-10-01", "2024-11-01"]
        assert parsed.rows["problem"].null_count() == 2

    @pytest.mark.parametrize("figure", ["8.470", '"1,18"', "7a", "-1", ""])
    def test_a_misprint_cannot_be_typed_but_has_its_month(self, figure: str) -> None:
        """A correction finds the row by its month."""
        parsed = read(transcribed(row(), row(figure, "2024-11")), CUSTODY)
        problem = parsed.rows["problem"][1]
        assert problem.startswith(f"column 'figure': found '{figure.strip(chr(34))}', expected")
        assert parsed.rows["month_start"][1] == "2024-11-01"

    def test_a_month_of_another_fiscal_year_cannot_be_typed(self) -> None:
        parsed = read(transcribed(row(), row(month="2024-11", year="2024")), CUSTODY)
        assert parsed.rows["problem"].to_list() == [
            None,
            "found the month 2024-11 in the fiscal year 2024, expected the fiscal year of that "
            "month",
        ]

    def test_an_unknown_table_or_row_is_refused(self) -> None:
        assert "line 2: column 'table': found 'Arrests', expected one of 'USBP enc" in refusal(
            transcribed(row(table="Arrests")), CUSTODY
        )
        unknown = row().replace("Laredo", "Atlantis")
        assert "column 'row_label': found 'Atlantis'" in refusal(transcribed(unknown), CUSTODY)

    def test_a_table_without_one_of_its_months_is_refused(self) -> None:
        """Each table has months of its own."""
        assert refusal(transcribed(row(), row(month="2024-12")), CUSTODY) == (
            f"table {OFFICES!r}: found no figure for 2024-11, expected every month from 2024-10 "
            "to 2024-12"
        )
        other = row(month="2024-12", table="OFO credible fear by transfer destination")
        assert len(read(transcribed(row(), other), CUSTODY).typed) == 2

    @pytest.mark.parametrize("path", sorted((BUNDLED / CUSTODY).glob("*/*")), ids=lambda p: p.stem)
    def test_of_the_bundle_is_read(self, path: Path) -> None:
        parsed = read(path.read_bytes(), CUSTODY, path.parent.name)
        misprints = parsed.rows.filter(pl.col("problem").is_not_null())["figure"].to_list()
        expected = {"2022-10": ["8.470"], "2025-06": ["1,18"]}
        assert misprints == expected.get(path.parent.name, [])


class TestThePage:
    """Tables under their headings."""

    def test_has_a_row_for_each_figure_of_a_listed_table(self) -> None:
        parsed = read_page()
        assert figures(parsed, "border_patrol_destinations", "Provisional Releases") == [
            ("2025-10-01", "15"),
            ("2025-11-01", "11"),
        ]
        assert figures(parsed, "credible_fear_dispositions", "Notice To Appear (NTA)") == [
            ("2025-10-01", "1,213"),
            ("2025-11-01", "907"),
        ]
        assert parsed.rows["problem"].null_count() == len(parsed.rows)
        assert parsed.rows["row_number"].to_list() == [*range(1, len(parsed.rows) + 1)]
        assert parsed.span is not None
        assert [f"{month:%Y-%m}" for month in parsed.span] == ["2024-10", "2025-11"]

    def test_says_who_had_the_people_and_which_year_it_is(self) -> None:
        rows = read_page().rows
        components = rows.select("table_name", "component", "fiscal_year").unique().rows()
        assert set(components) == {
            ("border_patrol_dispositions", "USBP", "2026"),
            ("border_patrol_destinations", "USBP", "2026"),
            ("border_patrol_in_custody", "USBP", "2026"),
            ("ports_in_custody", "OFO", "2026"),
            ("credible_fear_dispositions", "OFO", "2026"),
            ("field_office_inadmissibles", "OFO", "2025"),
        }

    def test_leaves_out_a_month_that_is_not_published_yet(self) -> None:
        """The capacity is there for the months to come as well."""
        assert [month for month, _ in figures(read_page(), "ports_in_custody", "%")] == [
            "2025-10-01",
            "2025-11-01",
        ]
        capacity = figures(read_page(), "ports_in_custody", "In Custody Capacity")
        assert capacity == [("2025-10-01", "902"), ("2025-11-01", "902")]

    @pytest.mark.parametrize("nobody", ["0", "0.0", "0 (0.00%)"])
    def test_leaves_out_a_month_to_come_that_reads_0(self, nobody: str) -> None:
        """Table by table: another one may have the month."""
        page = PAGE.with_text("-", nobody).with_cell(SECTORS, "San Diego", 2, "61")
        parsed = read_page(page)
        assert [month for month, _ in figures(parsed, "border_patrol_in_custody", "Total")] == [
            "2025-10-01",
            "2025-11-01",
            "2025-12-01",
        ]
        for table in (
            "border_patrol_dispositions",
            "ports_in_custody",
            "border_patrol_destinations",
        ):
            months = parsed.rows.filter(pl.col("table_name") == table)["month_start"].unique()
            assert set(months) == {"2025-10-01", "2025-11-01"}, table
        left_out = [note for note in parsed.notes if "taken as not published yet" in note]
        assert len(left_out) == 5
        assert f"table {DISPOSITIONS!r}: found 0 in every row of 2025-12 and no people" in " ".join(
            left_out
        )

    def test_leaves_out_every_month_to_come_that_reads_0(self) -> None:
        page = PAGE.with_text("-", "0").with_cell(SECTORS, "R", 1, "0")
        page = page.with_cell(SECTORS, "San Diego", 1, "0").with_cell(SECTORS, "Total", 1, "-")
        parsed = read_page(page)
        assert figures(parsed, "border_patrol_in_custody", "Total") == [("2025-10-01", "284")]
        assert "found 0 in every row of 2025-11, 2025-12" in " ".join(parsed.notes)

    def test_keeps_a_month_of_0_before_one_with_people(self) -> None:
        page = PAGE.with_table(
            replace(PAGE.table(DESTINATIONS), rows=(("Provisional Releases", "0", "4", "-"),))
        )
        found = figures(read_page(page), "border_patrol_destinations", "Provisional Releases")
        assert found == [("2025-10-01", "0"), ("2025-11-01", "4")]

    def test_a_dash_among_figures_is_a_mark_for_no_figure(self) -> None:
        page = PAGE.with_cell(SECTORS, "San Diego", 1, "\N{EN DASH}")
        assert figures(read_page(page), "border_patrol_in_custody", "San Diego")[1] == (
            "2025-11-01",
            "\N{EN DASH}",
        )

    def test_people_in_custody_are_read_without_their_share(self) -> None:
        rows = read_page().rows.filter(pl.col("custody_row") == "%")
        assert rows["figure"].to_list() == ["42", "48"]
        assert rows["note"].to_list() == ["42 (4.66%)", "48(5.32%)"]

    @pytest.mark.parametrize(
        "label",
        [
            *("Paroles<sup>1</sup>", "Paroles*", "Paroles\N{SUPERSCRIPT TWO}", "<em>Paroles </em>"),
            *("Paroles1", "Paroles1, 2", "Paroles*1", "Paroles<span>12</span>"),
        ],
    )
    def test_marks_of_footnotes_are_left_out(self, label: str) -> None:
        table = PAGE.table(DISPOSITIONS)
        marked = replace(table, rows=((label, *table.rows[0][1:]), *table.rows[1:]))
        found = figures(read_page(PAGE.with_table(marked)), "border_patrol_dispositions", "Paroles")
        assert [figure for _, figure in found] == ["4", "2"]

    def test_a_footnotes_digit_of_a_heading_is_left_out(self) -> None:
        text = PAGE.bytes().replace(SECTORS.encode(), SECTORS.encode() + b"2")
        rows = read(text, CUSTODY, PUBLISHED).rows
        assert "border_patrol_in_custody" in set(rows["table_name"])

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("Average Daily", "FY26 USBP Average Daily"),
            ("Border Sector", "Border Sector - FY26"),
            ("Border Sector", "Border Sector (FY 2026 YTD)"),
            ("Border Sector", "Border Sector: Fiscal Year 2026"),
            ("USBP Average", "U.S. Border Patrol Average"),
            ("Southwest Border", "Southwest Land\N{NO-BREAK SPACE}Border"),
            ("Sector", "Sec\N{ZERO WIDTH SPACE}tor"),
        ],
    )
    def test_a_heading_may_name_its_year_and_its_agency_in_full(self, old: str, new: str) -> None:
        heading = SECTORS.replace("USBP ", "") if new.startswith("FY26") else SECTORS
        text = PAGE.bytes().decode().replace(SECTORS, heading.replace(old, new))
        rows = read(text.encode(), CUSTODY, PUBLISHED).rows
        assert "border_patrol_in_custody" in set(rows["table_name"])

    @pytest.mark.parametrize(
        "label",
        [
            *("Federal (ERO,  ORR, Other)", "Federal (ERO,\N{ZERO WIDTH SPACE} ORR, Other)"),
            "FEDERAL (ERO, ORR, OTHER)",
        ],
    )
    def test_blanks_and_case_of_a_label_do_not_matter(self, label: str) -> None:
        text = PAGE.bytes().decode().replace("Federal (ERO, ORR, Other)", label)
        rows = read(text.encode(), CUSTODY, PUBLISHED).rows
        assert rows.drop("custody_row").equals(read_page().rows.drop("custody_row"))

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ('"Securing the Border"', "\u201cSecuring the Border\u201d"),
            ("(NTA)-Person", "(NTA) - Person"),
            ("(NTA)-Person", "(NTA) \u2013 Person"),
            ("(ER) - per", "(ER)\u2014per"),
        ],
    )
    def test_a_label_with_other_hyphens_and_quotes_is_the_listed_one(
        self, old: str, new: str
    ) -> None:
        text = PAGE.bytes().decode()
        assert old in text
        parsed = read(text.replace(old, new).encode(), CUSTODY, PUBLISHED)
        assert parsed.rows.equals(read_page().rows)
        assert parsed.notes == read_page().notes

    @pytest.mark.parametrize("mark", ["N/A", "TBD", "\u2014"])
    def test_a_month_may_be_marked_as_not_published_yet(self, mark: str) -> None:
        assert read_page(PAGE.with_text("-", mark)).rows.equals(read_page().rows)

    @pytest.mark.parametrize("head", ["October 2025", "Oct 25", "OCT-2025", "Oct.-25"])
    def test_months_are_written_in_several_ways(self, head: str) -> None:
        page = with_heads(SECTORS, head, "Nov-25", "Dec-25")
        assert figures(read_page(page), "border_patrol_in_custody", "San Diego")[0] == (
            "2025-10-01",
            "88",
        )

    @pytest.mark.parametrize(
        "head", ["Total", "FY26 Total", "FYTD", "FYTD26 Total", "FY2026 to date"]
    )
    def test_a_total_of_the_year_is_no_month(self, head: str) -> None:
        page = with_heads(SECTORS, "Oct-25", "Nov-25", head)
        assert len(figures(read_page(page), "border_patrol_in_custody", "San Diego")) == 2

    def test_a_table_that_is_not_listed_has_a_note(self) -> None:
        assert read_page().notes == (f"table {PROGRAMS!r} is not read",)

    def test_a_caption_is_the_heading_of_its_table(self) -> None:
        text = PAGE.bytes().replace(
            b"<h3>\n  " + SECTORS.encode() + b"\n</h3>\n<table>", b"<table>"
        )
        assert read(text, CUSTODY, PUBLISHED).rows["table_name"].n_unique() == 5
        caption = f"<table><caption>{SECTORS}</caption>".encode()
        [before, after] = text.rsplit(b"<table>", 1)
        parsed = read(before + caption + after, CUSTODY, PUBLISHED)
        assert len(figures(parsed, "border_patrol_in_custody", "San Diego")) == 2

    def test_cells_may_be_left_open(self) -> None:
        """As HTML allows."""
        text = PAGE.bytes().replace(b"</td>", b"").replace(b"</tr>", b"")
        assert read(text, CUSTODY, PUBLISHED).rows.equals(read_page().rows)

    def test_a_misprint_cannot_be_typed(self) -> None:
        parsed = read_page(PAGE.with_cell(FIELD_OFFICES, "Laredo", 1, "2.110"))
        [problem] = parsed.rows["problem"].drop_nulls().to_list()
        assert problem.startswith("column 'figure': found '2.110', expected a whole number")


class TestATableThatCannotBeRead:
    """None is required: it is left out with a note, and the others count."""

    def left_out(self, page: MadePage, table: str = "border_patrol_in_custody") -> str:
        """The note. Fails if another table lost a row."""
        parsed = read(page.bytes(), CUSTODY, "2026-02")
        others = read_page().rows.filter(pl.col("table_name") != table)
        assert parsed.rows.drop("row_number", "data_through").equals(
            others.drop("row_number", "data_through")
        )
        [note] = [note for note in parsed.notes if note.startswith("not read: ")]
        return note

    def test_with_a_row_of_another_width(self) -> None:
        table = PAGE.table(SECTORS)
        short = replace(table, rows=(("San Diego", "88", "73"), *table.rows))
        note = self.left_out(PAGE.with_table(short))
        assert f"table {SECTORS!r}: found 3 cells in the row 'San Diego', expected 4" in note

    @pytest.mark.parametrize("head", ["Q1", "Oct", "Change", "13-25", ""])
    def test_with_an_unknown_column(self, head: str) -> None:
        assert f"found the column {head!r}, expected a month such as 'Oct-25'" in self.left_out(
            with_heads(SECTORS, "Oct-25", "Nov-25", head)
        )

    def test_with_a_month_twice_or_none(self) -> None:
        twice = with_heads(SECTORS, "Oct-25", "Nov-25", "Nov-25")
        assert "found a month twice" in self.left_out(twice)
        assert "found no month" in self.left_out(with_heads(SECTORS, "Total", "FYTD", "Total"))

    def test_with_a_gap(self) -> None:
        page = with_heads(SECTORS, "Oct-25", "Dec-25", "Jan-26")
        assert f"table {SECTORS!r}: found no figure for 2025-11" in self.left_out(page)

    def test_with_an_unknown_row(self) -> None:
        """The table may lack a part of its total."""
        table = PAGE.table(SECTORS)
        more = replace(table, rows=(("Atlantis", "1", "1", "-"), *table.rows))
        assert "found the row 'Atlantis', expected one of" in self.left_out(PAGE.with_table(more))

    def test_with_a_row_twice(self) -> None:
        table = PAGE.table(SECTORS)
        more = replace(table, rows=(*table.rows, ("San Diego<sup>2</sup>", "1", "1", "-")))
        assert "found the row 'San Diego' twice" in self.left_out(PAGE.with_table(more))

    def test_that_is_there_twice(self) -> None:
        page = MadePage((*PAGE.tables, PAGE.table(SECTORS)))
        assert "found 2025-10 again" in self.left_out(page, "none: the first one counts")

    def test_with_a_cell_that_spans_several(self) -> None:
        before, after = PAGE.bytes().decode().rsplit("<td>", 1)
        parsed = read(f"{before}<td colspan='2'>{after}".encode(), CUSTODY, PUBLISHED)
        assert "border_patrol_in_custody" not in set(parsed.rows["table_name"])
        assert "found a cell that spans several rows or columns" in parsed.notes[-1]

    @pytest.mark.parametrize("figure", ["0", "-"])
    def test_an_unknown_row_that_counts_nobody_is_left_out_alone(self, figure: str) -> None:
        table = PAGE.table(SECTORS)
        more = replace(table, rows=(("Atlantis", figure, figure, "-"), *table.rows))
        parsed = read_page(PAGE.with_table(more))
        assert parsed.rows.equals(read_page().rows)
        [note] = [note for note in parsed.notes if "Atlantis" in note]
        assert note.endswith("left out, as it counts nobody")

    def test_a_page_without_any_other_is_refused(self) -> None:
        table = PAGE.table(SECTORS)
        alone = MadePage((replace(table, rows=(("Atlantis", "1", "1", "-"),)),))
        assert "it may be a refusal; not read: line" in refused(alone)


class TestAPageThatIsNotTheOne:
    """A page that cannot be read as it should is refused, by its place."""

    def test_without_a_listed_table(self) -> None:
        denied = b"<html><body><h1>Access denied</h1></body></html>"
        assert "found a web page without a figure in a table" in refusal(denied, CUSTODY)
        assert "found a web page without" in refused(MadePage((MadeTable("Else", (("a", "1"),)),)))

    def test_that_is_cut_off(self) -> None:
        whole = PAGE.bytes()
        cut = whole[: whole.index(b"Provisional")]
        assert "found no end of the page, expected </html>" in refusal(cut, CUSTODY, PUBLISHED)
        unmarked = cut.replace(b"<html>", b"")
        assert f"table {DESTINATIONS!r}: found no end of the table" in refusal(
            unmarked, CUSTODY, PUBLISHED
        )

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            (b"<td>", b"<td><table><tr><td>1</td></tr></table>", "found a table inside the table"),
            (b"<td>", b"<td>\x00", "found a NUL byte"),
            (b"<td>", b"<td>\xff", "found the byte 0xff, which is not UTF-8"),
            (b"<h1>", b"<h1>" + b"<table></table>" * 201, "found another table, expected at most"),
        ],
    )
    def test_in_another_layout(self, old: bytes, new: bytes, message: str) -> None:
        assert message in refusal(PAGE.bytes().replace(old, new, 1), CUSTODY, PUBLISHED)

    def test_that_is_too_large(self) -> None:
        assert "found a page of" in refusal(
            PAGE.bytes(), CUSTODY, PUBLISHED, Limits(page_bytes=1000)
        )

    @pytest.mark.parametrize("filler", [b"<p>", b"<sup>", b"<a b='", b"<", b"<tr>", b"&a"])
    def test_takes_no_long_time(self, filler: bytes) -> None:
        """Of a megabyte that no browser would show."""
        many = filler * (2**20 // len(filler))
        text = PAGE.bytes().replace(b"<h1>", b"<h1>" + many, 1)
        with no_hanging(), suppress(ReadError):
            read(text, CUSTODY, PUBLISHED)


def test_the_page_and_its_transcription_have_the_same_figures() -> None:
    """The two layouts of one table are read alike."""
    page = figures(read_page(), "field_office_inadmissibles", "Laredo")
    rows = [row(f'"{figure}"', month[:7]) for month, figure in page]
    parsed = read(transcribed(*rows), CUSTODY)
    assert figures(parsed, "field_office_inadmissibles", "Laredo") == page
