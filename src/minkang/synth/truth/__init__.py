"""The truth beside what is sent: who is who, what happened when, what was dirtied, what was lost.

Lives here: the tables' columns (`columns`), rows of a household (`rows`), files written as one goes
(`files`), and what can be counted of lives (`tally`, `indicators`). Everything is Parquet: parts
while it is made, by any number of processes, one file for each table in the end, the same bytes
always.

Use `files.Tables` with `files.add_lived`, `add_stain`, `add_sent`, `add_outbreaks`, then
`files.join` and `files.write_notice`; `tally.tally` and `indicators.rows` for the figures.
"""
