"""The picture of the tables: each table, its key, and a line for each reference."""

from xml.etree import ElementTree

from orchestration.dictionary.picture import picture
from orchestration.dictionary.tables import Column, Table

SVG = "{http://www.w3.org/2000/svg}"


def column(name: str, key: int | None = None, to: str | None = None) -> Column:
    return Column(name, "VARCHAR", "", None, key, (to, name) if to else None)


def table(name: str, *columns: Column) -> Table:
    return Table("main", name, "table", 1, "", "", columns, (), (), ())


MONTHS = table("dim_month", column("month", 1))
FACTS = table("fct_x", column("month", 1, "dim_month"), column("note"), column("who", 2))


def drawn(*tables: Table) -> ElementTree.Element:
    text = picture(tables, lambda entry: f"x.html#{entry.full_name}&", "Keys <of> all")
    return ElementTree.fromstring(text)  # noqa: S314 - our own


def test_a_table_is_drawn_with_its_key_and_a_line_to_its_dimension() -> None:
    svg = drawn(FACTS, MONTHS)
    texts = [text.text for text in svg.iter(f"{SVG}text")]
    assert texts == ["fct_x", "◆ month", "◆ who", "dim_month", "◆ month"]
    assert len(list(svg.iter(f"{SVG}path"))) == 1
    assert svg.findtext(f"{SVG}title") == "Keys <of> all"
    links = [link.get("href") for link in svg.iter(f"{SVG}a")]
    assert links[0] == "x.html#main.fct_x&"


def test_a_line_begins_and_ends_at_its_boxes() -> None:
    svg = drawn(FACTS, MONTHS)
    fact, dimension = (
        [float(box.get(side) or 0) for side in ("x", "y", "width", "height")]
        for box in svg.iter(f"{SVG}rect")
    )
    [line] = svg.iter(f"{SVG}path")
    numbers = (line.get("d") or "").replace("M", "").replace("C", " ").split()
    start_x, start_y, *_, end_x, end_y = map(float, numbers)
    assert start_x == fact[0] + fact[2]
    assert fact[1] < start_y < fact[1] + fact[3]
    assert end_x == dimension[0]
    assert dimension[1] < end_y < dimension[1] + dimension[3]


def test_what_each_release_reported_is_left_out_beside_the_current_figures() -> None:
    by_release = table("fct_x_by_release", column("month", 1, "dim_month"))
    names = [text.text for text in drawn(FACTS, by_release, MONTHS).iter(f"{SVG}text")]
    assert "fct_x_by_release" not in names
    alone = [text.text for text in drawn(by_release, MONTHS).iter(f"{SVG}text")]
    assert "fct_x_by_release" in alone


def test_no_box_covers_another() -> None:
    facts = [table(f"fct_{n}", *(column(f"c{i}", i + 1) for i in range(n + 1))) for n in range(9)]
    boxes = [
        tuple(float(box.get(side) or 0) for side in ("x", "y", "width", "height"))
        for box in drawn(*facts, MONTHS).iter(f"{SVG}rect")
    ]
    assert len(boxes) == len(facts)
    for number, (x, y, width, height) in enumerate(boxes):
        for other_x, other_y, *_ in boxes[:number]:
            assert not (x <= other_x < x + width and y <= other_y < y + height)
