"""What goes wrong with figures, by the columns of the table that they are in.

What belongs here: warnings that hold for every table with a column. A warning about one table is
in its description.
"""

BY_COLUMN = {
    "breakdown": "Each breakdown counts the same people: sum one only.",
    "is_current": "Has the figures of every release: sum only where `is_current`, or within one "
    "release.",
    "is_provisional": "Where `is_provisional`, the fiscal year was open in the release that the "
    "figure is from: a later release may revise it.",
    "is_partial": "Where `is_partial`, the figure is of less than its period: it is no yearly "
    "or monthly total.",
    "same_months_year_before": "Compare an unfinished year with this column, not with the "
    "whole year before.",
    "rounded_to": "OHSS rounds each figure to 10: a sum may differ by some tens from a total as "
    "published.",
    "published_total": "`published_total` is the same in each row of its table: never add it up.",
    "correction": "A figure with a `correction` is not the published one; meta.corrections has the "
    "reason.",
    "encounters": "An encounter is an event: a person encountered twice counts twice.",
    "fiscal_year": "Fiscal year N runs from October N-1 to September N.",
}
CUTS = frozenset(
    {
        "fct_southwest_encounters",
        "fct_encounters",
        "fct_encounters_by_state",
        "fct_border_patrol_by_region",
        "fct_border_patrol_by_sector",
        "fct_ohss_encounters",
    }
)
ONE_CUT = (
    "The same encounters are in several tables of this subject, in other cuts: never add two of "
    "them."
)


def traps_of(schema: str, name: str, columns: set[str]) -> tuple[str, ...]:
    """The warnings for a table of main with these columns, in sentences; none for meta and raw,
    which have no figures to add up."""
    if schema != "main" or name.startswith("dim_"):
        return ()
    first = (ONE_CUT,) if name.removesuffix("_by_release") in CUTS else ()
    return first + tuple(trap for column, trap in BY_COLUMN.items() if column in columns)
