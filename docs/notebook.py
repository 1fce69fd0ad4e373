"""A marimo notebook on the published file: the southwest series, as of a day, and a claim."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Borderledger")


@app.cell
def _():
    import os
    from pathlib import Path

    import altair as alt
    import duckdb
    import marimo as mo
    import polars as pl

    home = Path(os.environ.get("BORDERLEDGER_HOME") or Path(__file__).parents[1] / "warehouse")
    border = duckdb.connect(str(home / "border.duckdb"), read_only=True)
    return alt, border, mo, pl


@app.cell
def _(border, mo):
    [(build, built_on)] = border.execute(
        "select build_id, strftime(built_at, '%Y-%m-%d') from meta.builds"
    ).fetchall()
    mo.md(f"""
    # The southwest border

    Build `{build}`, {built_on}. Encounters between ports by month, as published today and as of a
    day.
    """)
    return


@app.cell
def _(mo):
    day = mo.ui.date(value="2024-12-20", start="2016-01-01", label="as of")
    day
    return (day,)


@app.cell
def _(border, day, pl):
    query = f"""
        select month, between_ports, 'today' as published from southwest_border_monthly
        where between_ports is not null
        union all
        select month, between_ports, 'as of {day.value}'
        from southwest_border_monthly_as_of('{day.value}')
        where between_ports is not null
        order by published, month
    """
    series = pl.DataFrame(border.sql(query))
    return (series,)


@app.cell
def _(alt, series):
    lines = (
        alt.Chart(series)
        .mark_line()
        .encode(
            x=alt.X("month:T", title=None),
            y=alt.Y("between_ports:Q", title="encounters between ports"),
            color=alt.Color("published:N", title="published"),
            strokeDash="published:N",
            tooltip=["month:T", "between_ports:Q", "published:N"],
        )
        .properties(width=640, height=300)
    )
    lines
    return


@app.cell
def _(day, mo, series):
    def _last(published: str) -> str:
        rows = series.filter(series["published"] == published).sort("month")
        if rows.is_empty():
            return f"Nothing was published as of {day.value}."
        month, encounters = rows.select("month", "between_ports").row(-1)
        return f"The newest month {published} is {month:%B %Y}: {encounters:,} encounters."

    mo.md(f"{_last('today')} {_last(f'as of {day.value}')}")
    return


@app.cell
def _(border, mo):
    claims = dict(
        border.execute("select claim, claim_id from claim_checks order by stated_on").fetchall()
    )
    claim = mo.ui.dropdown(claims, value=next(iter(claims)), label="claim")
    claim
    return (claim,)


@app.cell
def _(border, claim, mo):
    _query = f"select verdict, note from claim_checks where claim_id = '{claim.value}'"
    [(verdict, note)] = border.execute(_query).fetchall()
    mo.md(f"**{verdict}.** {note}")
    return


@app.cell
def _(border, claim, pl):
    evidence = border.sql(f"""
        select distinct dataset, file_name, published_on, url
        from claim_evidence
        where claim_id = '{claim.value}'
        order by published_on desc
    """)
    pl.DataFrame(evidence)
    return


if __name__ == "__main__":
    app.run()
