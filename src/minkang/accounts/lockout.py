"""How long a way in is shut after failures in a row. Pure data.

GB/T 22239-2019, 8.1.4.1 b) asks that wrong log-ins are limited; the times are ours.
"""

from datetime import timedelta
from typing import Final

LOCKS: Final[tuple[timedelta | None, ...]] = (
    *(None,) * 4,
    *(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 16, 32, 60)),
)
"""After the n-th failure in a row; the last one for all further."""

ADDRESS_LOCKS: Final[tuple[timedelta | None, ...]] = (
    *(None,) * 29,
    *(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 16, 32, 60) for _ in range(5)),
)
"""The same for an address, whatever the logins were: a hospital's staff may share one."""
