"""Terms in working days: Monday to Friday in China's time; public holidays are not left out.

That makes a term end early rather than late where a holiday lies in it.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def due_after(start: datetime, working_days: int) -> datetime:
    """The end of the last of so many working days after the day of `start`; aware."""
    day, left = start.astimezone(ZONE).date(), working_days
    while left > 0:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return datetime.combine(day + timedelta(days=1), time(), ZONE)
