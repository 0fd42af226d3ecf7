"""After real use, one changed row of the audit log is found; an unchanged log is not accused."""

import json

import pytest

from tests.e2e.installation import Installation
from tests.e2e.running import Cast, People

pytestmark = pytest.mark.prove


@pytest.fixture
def used(platform: Installation, people: People, cast: Cast) -> Installation:
    """A platform on which a record was opened and an opening was refused."""
    assert people["mayi"].get(f"/record/{cast.own.person}").status_code == 200
    assert people["nanyi"].get(f"/record/{cast.other.person}").status_code == 403
    return platform


def test_after_real_use_the_log_is_intact(used: Installation) -> None:
    found = used.command("audit", "verify", "--json")
    report = json.loads(found.stdout)
    assert (found.returncode, report["intact"], report["faults"]) == (0, True, [])
    assert report["entries"] >= 3


@pytest.mark.parametrize(
    ("change", "value"),
    [("allowed", True), ("person", "somebody-else"), ("account_name", "无名")],
)
def test_one_changed_row_is_found_and_named(change: str, value: object, used: Installation) -> None:
    """By somebody who owns the database and puts the trigger out of the way."""
    row = used.fetch(
        "select * from audit.entry where not allowed and person is not null order by at limit 1"
    )[0]
    place = (row["writer"], row["seq"])
    update = f"update audit.entry set {change} = $3 where writer = $1 and seq = $2 returning seq"
    with pytest.raises(Exception, match="only grows"):
        used.fetch(update, *place, value)
    assert used.fetch(update, *place, value, triggers=False)
    try:
        found = used.command("audit", "verify", "--json")
        report = json.loads(found.stdout)
        assert (found.returncode, report["intact"]) == (1, False)
        (fault,) = report["faults"]
        assert (fault["writer"], fault["seq"]) == (str(place[0]), place[1])
        said = used.command("audit", "verify")
        assert f"{place[0]} {place[1]}" in said.stdout
        assert "NOT INTACT" in said.stdout
    finally:
        used.fetch(update, *place, row[change], triggers=False)
    assert used.command("audit", "verify").returncode == 0
