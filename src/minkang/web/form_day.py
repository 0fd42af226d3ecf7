"""A day that a form brought."""

from datetime import date


def form_day(text: str) -> date | None:
    """The day of an ISO text; None for none.

    Raises:
        ValueError: it is no day, or none of our times.
    """
    if not text.strip():
        return None
    found = date.fromisoformat(text.strip())
    if not 1900 <= found.year <= 2200:
        raise ValueError("a day of another century")
    return found
