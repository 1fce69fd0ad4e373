"""Borderledger: releases of US border figures in, one gated DuckDB file out."""
