"""Decided pairs as a table: what `minkang link train --labels` reads, and pages hand out."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from minkang.identity.decisions import Label

COLUMNS: Final = ("a", "b", "verdict", "decided")
"""Two Patient ids, `same` or `different`, when (ISO 8601, with offset)."""


def table_of(labels: Iterable[Label]) -> str:
    """Labels as CSV with a head. It names registrations by their ids, and nobody."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for one in labels:
        table.writerow((one.a, one.b, "same" if one.same else "different", one.at.isoformat()))
    return text.getvalue()


def read_table(text: str) -> list[Label]:
    """The labels of a table as `table_of` writes it; without the weight that they had.

    Raises:
        ValueError: a line is none; says which.
    """
    rows = csv.DictReader(io.StringIO(text))
    if not set(COLUMNS) <= set(rows.fieldnames or ()):
        raise ValueError(f"line 1: the columns are not {', '.join(COLUMNS)}")
    return [_label(number, row) for number, row in enumerate(rows, 2)]


def _label(number: int, row: dict[str, str]) -> Label:
    try:
        same = {"same": True, "different": False}[row["verdict"]]
        if not row["a"] or not row["b"]:
            raise ValueError("a registration has no id")  # noqa: TRY301 - told with its line
        return Label(row["a"], row["b"], same, None, datetime.fromisoformat(row["decided"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"line {number}: {error}") from error
