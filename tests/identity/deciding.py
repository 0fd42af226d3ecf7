"""People who decide about links."""

from datetime import UTC, datetime
from uuid import UUID

from minkang.accounts import Account

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


def steward(number: int = 1, person: str | None = None) -> Account:
    """A steward of the index at the information centre."""
    return Account(
        str(UUID(int=number)), f"steward-{number}", f"管理员{number}", "information-centre", None,
        None, person,
    )  # fmt: skip
