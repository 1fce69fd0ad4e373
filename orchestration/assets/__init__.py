"""The Dagster assets, in the order of the way of a figure: archive, build, raw, facts,
marts, published file. Each module makes its assets for given settings."""
