"""Who sees the figures of the region: against the oracle's table. They open nothing of anybody."""

import csv
from pathlib import Path

import pytest

from minkang.accounts import ROLES
from minkang.policy import Ask, decide
from tests.policy.test_decide import account


def allowed_roles() -> set[str]:
    """The roles that the oracle allows; all others are refused."""
    with (Path(__file__).parent / "oracle/region.csv").open(encoding="utf-8", newline="") as file:
        return {
            role
            for row in csv.DictReader(file)
            if "see-region" in row["actions"].split() and row["result"] == "allow"
            for role in row["roles"].split()
        }


@pytest.mark.parametrize("role", sorted(ROLES))
def test_it_is_open_to_whom_the_oracle_says_alone(role: str) -> None:
    decision = decide(Ask(account=account(role), action="see-region"))
    assert decision.allowed is (role in allowed_roles())


@pytest.mark.parametrize("role", sorted(allowed_roles()))
def test_it_opens_no_resource_of_anybody(role: str) -> None:
    assert not decide(Ask(account=account(role), action="see-region")).scope.grants


def test_without_log_in_it_is_shut() -> None:
    assert not decide(Ask(account=None, action="see-region")).allowed
