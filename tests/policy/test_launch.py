"""Which systems may ask for a launch: against the oracle's table. Asking alone opens nothing."""

import csv
from pathlib import Path

import msgspec
import pytest

from minkang.accounts import ROLES
from minkang.policy import Ask, decide
from minkang.policy.launch_systems import origin_of
from tests.policy.test_decide import account


def allowed_roles() -> set[str]:
    """The roles that the oracle allows; all others are refused."""
    with (Path(__file__).parent / "oracle/launch.csv").open(encoding="utf-8", newline="") as file:
        return {
            role
            for row in csv.DictReader(file)
            if "launch-record" in row["actions"].split() and row["result"] == "allow"
            for role in row["roles"].split()
        }


@pytest.mark.parametrize("role", sorted(ROLES))
def test_it_is_open_to_whom_the_oracle_says_alone(role: str) -> None:
    decision = decide(Ask(account=account(role), action="launch-record"))
    assert decision.allowed is (role in allowed_roles())
    assert not decision.scope.grants


def test_a_system_of_no_institution_and_nobody_at_all_may_not() -> None:
    homeless = msgspec.structs.replace(account("system"), organisation=None, institution=None)
    assert not decide(Ask(account=homeless, action="launch-record")).allowed
    assert not decide(Ask(account=None, action="launch-record")).allowed


@pytest.mark.parametrize("role", sorted(allowed_roles()))
def test_a_system_itself_opens_no_record(role: str) -> None:
    asked = Ask(account=account(role), action="open-record", person="p", patients=frozenset("p"))
    assert not decide(asked).allowed


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://his.example/a?b#c", "https://his.example"),
        ("https://HIS.example:443/", "https://his.example"),
        ("https://his.example:8443", "https://his.example:8443"),
        ("http://[::1]:80/", "http://[::1]"),
        ("javascript:alert(1)", ""),
        ("https://his.example:x", ""),
        ("*", ""),
        ("", ""),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(address: str, origin: str) -> None:
    assert origin_of(address) == origin
