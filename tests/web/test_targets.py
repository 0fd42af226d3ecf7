"""The pages of outbound targets: what flowed back to the clinic, and sending it again."""

import pytest

from tests.e2e.installation import Installation
from tests.e2e.processes import becomes
from tests.e2e.running import People

HREF = "/centre/targets/yunxi-his"


@pytest.fixture(scope="module", autouse=True)
def delivered(platform: Installation) -> None:
    """All that the clinic should have is there."""

    def done() -> bool:
        rows = platform.fetch(
            "select count(*) as n, count(*) filter (where state <> 'confirmed') as open"
            " from exchange.delivery where target = 'yunxi-his'"
        )
        return bool(rows[0]["n"]) and not rows[0]["open"]

    becomes(done, 60)


def test_visits_of_the_hospitals_flow_back_into_the_clinics_own_tables(
    platform: Installation, people: People
) -> None:
    shown = people["xinxi"].get("/centre/targets").text
    assert "云溪社区卫生服务站业务系统" in shown
    rows = platform.fetch("select institution, begin from back_yunxi.visits")
    assert rows
    assert all(one["begin"] for one in rows)
    assert all("云溪" not in one["institution"] for one in rows)


def test_days_and_items_are_shown_without_the_password(
    platform: Installation, people: People
) -> None:
    shown = people["xinxi"].get(HREF).text
    assert "已送齐" in shown
    assert "Encounter/" in shown
    secret = (platform.home / "keys" / "targets" / "yunxi-his").read_text(encoding="utf-8")
    assert secret
    assert secret not in shown
    assert not platform.fetch("select from exchange.target where address like $1", f"%{secret}%")


def test_what_changed_on_a_day_is_sent_again(people: People) -> None:
    visitor = people["xinxi"]
    answer = visitor.post(
        f"{HREF}/again", data={"since": "1999-01-01", "until": "1999-01-02", "what": "days"}
    )
    assert answer.status_code == 303
    assert "将重新发送 0 条" in visitor.get(answer.headers["location"]).text
    answer = visitor.post(f"{HREF}/again", data={"what": "refused"})
    assert "将重新发送 0 条" in visitor.get(answer.headers["location"]).text


def test_a_target_that_is_not_there_is_not_found(people: People) -> None:
    assert people["xinxi"].get("/centre/targets/nobody").status_code == 404
