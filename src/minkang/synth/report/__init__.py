"""The validation report: the region beside the plans, the yearbooks and the national infections.

Lives here: what is expected, from where, and how far off it may be (`tolerances`, fixed before the
region was first measured), the measures of place and thin lives (`measures`, `infections`), and
the page (`page`). Full lives are counted by `truth.tally`. Use `page.report`.
"""
