"""Arrays as PostgreSQL writes them."""

from collections.abc import Iterable


def array_text(numbers: Iterable[int | float]) -> str:
    """Numbers as the text of an array, for `$1::text::bigint[]`.

    The driver takes its time over each member of a list, and knows no arrays of arrays of any
    length.
    """
    return "{" + ",".join(map(str, numbers)) + "}"
