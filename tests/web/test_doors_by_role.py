"""Every door and every role that may not pass it: refused, and written down.

A module of its own, so that the doors are knocked at by two workers at once.
"""

import pytest

from tests.e2e.installation import Installation
from tests.e2e.running import Cast, People
from tests.web.doors import DOORS, Door
from tests.web.test_doors import LOGINS, assert_tells_nothing, knock, of, writes_refusal


@pytest.mark.parametrize(
    ("door", "role"),
    [
        pytest.param(door, role, id=f"{door} by {role}")
        for door in DOORS
        for role in LOGINS
        if role not in door.roles
    ],
)
def test_the_wrong_role_is_refused_and_written_down(
    door: Door, role: str, platform: Installation, people: People, cast: Cast
) -> None:
    about = {"person": cast.own.person} if door.about else {}
    with writes_refusal(platform, door, login=LOGINS[role], role=role, **about):
        answer = knock(people[LOGINS[role]], door, of(cast.own))
        assert answer.status_code == 403
        assert_tells_nothing(answer, cast)
