"""A source of messages as the gate knows callers: a system of its institution."""

from minkang.accounts import Account
from minkang.exchange import Source


def account_of(source: Source) -> Account:
    """The account in whose name a source asks; its id tells that it is none."""
    return Account(
        id=f"source:{source.id}",
        login="source",
        name=source.name,
        role="system",
        organisation=source.organisation,
        organisation_name=source.name,
        person=None,
    )
