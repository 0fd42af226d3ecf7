"""Hostile requests against the running server: it refuses, names why, and lives on.

`catalogue` holds what somebody thought of, one line each; `bodies` and `searches` invent more from
a seed. `make test` runs the catalogue and a short seeded run, `make prove` many seeds.
"""
