"""The information centre's page of the store: figures, health, the way in; nothing of anybody."""

import html
import re
import shlex

import httpx
import pytest

from minkang.web.holdings import _lag
from tests.e2e.installation import Installation
from tests.e2e.running import Cast, People


def words(page: httpx.Response) -> str:
    """What a person reads on a page."""
    assert page.status_code == 200
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


def test_the_page_shows_how_many_there_are_of_each_type(
    platform: Installation, people: People, cast: Cast
) -> None:
    del cast
    text = words(people["xinxi"].get("/centre/store"))
    (row,) = platform.fetch(
        """select count(*) filter (where not deleted) as n,
                  (select count(*) from store.history) as former from store.resource"""
    )
    assert f"当前资源 {row['n']:,}" in text
    assert f"历史版本 {row['former']:,}" in text
    assert "结果 Observation" in text
    assert "约" not in text.partition("各类资源")[2].partition("磁盘占用")[0]


def test_the_part_that_refreshes_itself_is_the_same_as_in_the_page(
    platform: Installation, people: People, cast: Cast
) -> None:
    """And it leaves the audit log alone."""
    del cast
    before = platform.fetch("select count(*) as n from audit.entry")[0]["n"]
    part = people["xinxi"].get("/centre/store/live")
    assert part.text.lstrip().startswith('<div id="live"')
    assert 'hx-get="/centre/store/live"' in part.text
    assert platform.fetch("select count(*) as n from audit.entry")[0]["n"] == before


def test_opening_the_page_is_written_down_with_who_opened_it(
    platform: Installation, people: People, cast: Cast
) -> None:
    """Once, however often its parts are fetched again."""
    del cast
    people["xinxi"].get("/centre/store")
    for _ in range(5):
        people["xinxi"].get("/centre/store/live")
    rows = platform.fetch(
        """select e.*, a.login from audit.entry e join accounts.account a on a.id::text = e.account
           where e.action = 'watch-messages' and e.allowed order by e.at desc, e.seq desc limit 1"""
    )
    (row,) = rows
    assert (row["object_type"], row["login"], row["role"]) == (
        "store",
        "xinxi",
        "information-centre",
    )
    assert row["address"] == "127.0.0.1"


def test_a_refused_refresh_is_written_down_each_time(
    platform: Installation, people: People, cast: Cast
) -> None:
    """Nobody can try the door unseen by calling it a refresh."""
    del cast
    count = """select count(*) as n from audit.entry
               where action = 'watch-messages' and not allowed and object_type = 'store'"""
    before = platform.fetch(count)[0]["n"]
    for _ in range(2):
        assert people["linju"].get("/centre/store/live").status_code == 403
    assert platform.fetch(count)[0]["n"] == before + 2


def test_the_page_names_nobody(platform: Installation, people: People, cast: Cast) -> None:
    for path in ("/centre/store", "/centre/store/live"):
        text = people["xinxi"].get(path).text
        for one in platform.residents():
            for secret in (one.name, one.id_number, one.phone):
                assert secret not in text
        assert cast.own.person not in text


def test_the_commands_of_the_page_let_a_system_in(
    platform: Installation, people: People, cast: Cast
) -> None:
    del cast
    page = people["xinxi"].get("/centre/store")
    shown = [html.unescape(one) for one in re.findall(r"<pre[^>]*>(.*?)</pre>", page.text)]
    assignment, curl = shown
    command = re.fullmatch(r"TOKEN=\$\(\.venv/bin/minkang (.*)\)", assignment)
    assert command is not None
    answer = platform.command(*shlex.split(command[1]))
    assert answer.returncode == 0, answer.stderr
    address = shlex.split(curl)[-1]
    assert address.startswith(f"{platform.address}/fhir/")
    header = {"authorization": f"Bearer {answer.stdout.strip()}"}
    with httpx.Client(trust_env=False, headers=header) as system:
        found = system.get(address).json()
    assert found["resourceType"] == "Bundle"
    assert len(found["entry"]) == 5


def test_a_host_that_is_none_does_not_get_into_the_page(people: People, cast: Cast) -> None:
    del cast
    page = people["xinxi"].get("/centre/store", headers={"host": "x'><b>evil"})
    assert "evil" not in page.text


def test_an_english_visitor_reads_it_in_english(
    platform: Installation, people: People, cast: Cast
) -> None:
    del people, cast
    with platform.logged_in("xinxi") as visitor:
        visitor.cookies.set("minkang_language", "en")
        assert "Current resources" in words(visitor.get("/centre/store"))


@pytest.mark.parametrize(
    ("seconds", "state", "text"),
    [
        (0.0, "ok", "已跟上"),
        (30.0, "ok", "落后 30 秒"),
        (119.0, "warn", "落后 119 秒"),
        (600.0, "warn", "落后 10 分钟"),
        (10_000.0, "bad", "落后 2 小时"),
    ],
)
def test_how_far_somebody_is_behind_is_said_in_words(seconds: float, state: str, text: str) -> None:
    assert _lag(seconds, str) == {"state": state, "text": text}
