"""The information centre's console: a source from nothing to live data, found again, and alarms."""

import html
import re
from datetime import UTC, datetime

import httpx

from minkang.app.platform import Platform
from minkang.exchange.alarms import watch
from tests.e2e.installation import Installation
from tests.e2e.processes import becomes
from tests.e2e.running import Cast, People
from tests.exchange.messages import adt
from tests.region import new_lab_message

ID = "kaifaqu"


def words(page: httpx.Response) -> str:
    """What a person reads on a page."""
    assert page.status_code == 200, page.text
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


def badge(page: httpx.Response) -> int:
    """The number beside the alarms in the bar."""
    found = re.search(r'class="mk-count">(\d+)<', page.text)
    return int(found[1]) if found else 0


def _adt(**fields: str) -> bytes:
    return adt(sender=ID, **fields).replace(b"MKHAIBIN", b"MKKAIFAQU")


def test_a_new_source_goes_from_the_first_form_to_live_data(
    platform: Installation, people: People, cast: Cast
) -> None:
    del cast
    centre = people["xinxi"]
    wrong = centre.post("/centre/sources/new", data={"id": "Kai fa", "name": ""})
    said = words(wrong)
    assert "只能用小写字母" in said
    assert "请填写名称" in said
    assert "Kai fa" in wrong.text  # what was typed stays
    made = centre.post(
        "/centre/sources/new",
        data={
            "id": ID,
            "name": "开发区医院集成平台",
            "contact": "李工 0535-000000",
            "organisation": "",
            "organisation_name": "开发区医院",
            "organisation_id": "MKKAIFAQU",
            "organisation_kind": "hospital",
        },
    )
    assert made.headers["location"] == f"/centre/sources/{ID}/setup/how"
    assert "继续接入" in words(centre.get("/centre/sources"))
    how = {"channels": ["mllp"], "charset": "utf-8", "number_period": "never"}
    assert centre.post(made.headers["location"], data=how).status_code == 303
    page = words(centre.get(f"/centre/sources/{ID}/setup/credentials"))
    assert f"MSH-3 {ID} MSH-4 MKKAIFAQU" in page
    assert f"端口 {platform.mllp_port}" in page
    early = centre.post(
        f"/centre/sources/{ID}/setup/live", data={"silent_after": "60", "keep": "on"}
    )
    assert "检查还没有全部通过" in words(early)

    assert platform.send(adt(sender=ID, control="k-elsewhere")) == ["AR"]
    page = words(centre.get(f"/centre/sources/{ID}/setup/test"))
    assert "k-elsewhere" in page  # somebody sends, but is not recognised
    messages = [_adt(control=f"k{n}", visit=f"KV{n}") for n in range(5)]
    assert becomes(lambda: platform.send(*messages) == ["AA"] * 5, 30)
    bad = _adt(control="k-bad", at="20260231080000")
    assert becomes(lambda: platform.send(bad) == ["AE"], 30)
    page = words(centre.get(f"/centre/sources/{ID}/setup/test"))
    assert "没有问题 5 条，有问题 1 条" in page
    assert "全部通过" not in page
    platform.fetch("delete from exchange.message where control_id = 'k-bad'")
    page = words(centre.get(f"/centre/sources/{ID}/setup/test"))
    assert "全部通过" in page
    assert (
        platform.fetch(
            "select from exchange.made d join exchange.message m on m.id = d.message "
            f"where m.source = '{ID}'"
        )
        == []
    )
    done = centre.post(
        f"/centre/sources/{ID}/setup/live", data={"silent_after": "60", "keep": "on"}
    )
    assert done.headers["location"] == f"/centre/sources/{ID}"
    assert becomes(lambda: platform.waiting() == 0, 10)
    page = words(centre.get(f"/centre/sources/{ID}"))
    assert "正常" in page
    assert "累计 6" in page
    (row,) = platform.fetch(
        f"""select count(*) filter (where state = 'stored') as n from exchange.message
            where source = '{ID}'"""
    )
    assert row["n"] == 5
    actions = platform.fetch(
        "select object_id from audit.entry where action = 'manage-sources' and allowed"
    )
    assert {f"new/{ID}", f"{ID}/how", f"{ID}/live/keep"} <= {one["object_id"] for one in actions}


def test_a_message_is_tried_without_being_kept(
    platform: Installation, people: People, cast: Cast
) -> None:
    count = "select count(*) as n from exchange.message"
    before = platform.fetch(count)[0]["n"]
    raw = new_lab_message("haibin", cast.truth, datetime.now(UTC), "TRY-1", {})
    path = "/centre/sources/haibin/setup/test/try"
    page = words(people["xinxi"].post(path, data={"text": raw.decode().replace("\r", "\r\n")}))
    assert "没有问题，生成" in page
    assert "Observation" in page
    file = {"file": ("a.hl7", b"MSH|^~\\&|haibin|\rPID|1", "application/octet-stream")}
    page = words(people["xinxi"].post(path, data={"text": ""}, files=file))
    assert "处有问题" in page
    assert platform.fetch(count)[0]["n"] == before


def test_a_credential_is_shown_once_and_can_be_revoked(
    people: People, cast: Cast, platform: Installation
) -> None:
    del cast
    centre = people["xinxi"]
    page = centre.post("/centre/sources/haibin/credentials", data={"label": "集成平台"})
    found = re.search(r'id="secret">([^<]+)<', page.text)
    assert found
    again = centre.get("/centre/sources/haibin")
    assert found[1] not in again.text
    assert "集成平台" in words(again)
    row = platform.fetch(
        "select id from exchange.credential where source = 'haibin' order by created desc"
    )[0]
    for source in ("yunxi", "haibin"):
        data = {"credential": str(row["id"])}
        centre.post(f"/centre/sources/{source}/credentials/revoke", data=data)
        now = f"select revoked from exchange.credential where id = '{row['id']}'"
        revoked = platform.fetch(now)[0]["revoked"]
        assert (revoked is None) == (source == "yunxi")


def test_wrong_settings_are_named_and_nothing_is_changed(people: People, cast: Cast) -> None:
    del cast
    centre = people["xinxi"]
    wrong = centre.post(
        "/centre/sources/haibin/settings",
        data={
            "name": "别的名字",
            "charset": "ebcdic",
            "silent_after": "0",
            "addresses": "10.1.2.0/99",
        },
    )
    said = words(wrong)
    assert "没有保存：有 4 处需要改正" in said
    assert "这不是地址或网段：10.1.2.0/99" in said
    assert "别的名字" not in words(centre.get("/centre/sources"))


def test_who_saves_settings_that_another_has_changed_is_told(people: People, cast: Cast) -> None:
    """Two windows that were opened before either was saved."""
    del cast
    centre = people["xinxi"]
    page = "/centre/sources/yunxi"
    shown = dict(re.findall(r'name="(was-[^"]+)" value="([^"]*)"', centre.get(page).text))
    shown = {name: html.unescape(text) for name, text in shown.items()}
    form = {
        "name": shown["was-name"],
        "charset": shown["was-charset"],
        "number_period": shown["was-number_period"],
        "channels": shown["was-channels"].split(),
        "table_mapping": shown["was-table_mapping"],
        "table_name": shown["was-table_name"],
        "silent_after": shown["was-silent_after"],
        "messages_per_minute": shown["was-messages_per_minute"],
        "addresses": shown["was-addresses"],
    }
    to = f"{page}/settings"
    assert centre.post(to, data={**shown, **form, "contact": "甲 1"}).status_code == 303
    told = centre.post(to, data={**shown, **form, "contact": "乙 2"})
    assert told.status_code == 409
    assert "甲 1" in told.text
    assert "乙 2" in told.text
    assert "甲 1" in words(centre.get(page))
    again = dict(re.findall(r'name="(was-[^"]+)" value="([^"]*)"', told.text))
    assert centre.post(to, data={**shown, **again, **form, "contact": "乙 2"}).status_code == 303
    assert "乙 2" in words(centre.get(page))


def test_the_console_reaches_no_table_of_the_platform_itself(people: People, cast: Cast) -> None:
    del cast
    own = {"name": "x", "charset": "utf-8", "silent_after": "9", "channels": ["table"]}

    def refused(**fields: str) -> bool:
        answer = people["xinxi"].post("/centre/sources/haibin/settings", data={**own, **fields})
        return answer.status_code == 200 and "没有保存" in answer.text

    assert refused(table_name="accounts.account")
    assert refused(table_name="accounts.account", database_url="-")
    for address in (
        "postgresql:///x?host=/tmp",
        "postgresql://a/x?host=/tmp",
        "file:///etc",
        "a b",
    ):
        assert refused(table_name="t", database_url=address)


def test_a_mapping_is_tried_on_a_file_and_saved(people: People, cast: Cast) -> None:
    del cast
    path = "/centre/sources/yunxi/setup/test"
    page = people["xinxi"].get(path)
    found = re.search(r'name="mapping"[^>]*>(.*?)</textarea>', page.text, re.DOTALL)
    assert found
    mapping = html.unescape(found[1])
    file = {"file": ("a.csv", b"visit_no,patient_no\nV1,P1\n", "text/csv")}
    tried = people["xinxi"].post(f"{path}/mapping", data={"mapping": mapping}, files=file)
    assert "试了 1 行，1 行有问题" in words(tried)
    assert "列 visit_time" in words(tried)
    wrong = {"mapping": mapping.replace("Encounter", "Encunter"), "action": "save"}
    assert "Encunter" in words(people["xinxi"].post(f"{path}/mapping", data=wrong))
    saved = people["xinxi"].post(f"{path}/mapping", data={"mapping": mapping, "action": "save"})
    assert "映射已保存" in words(saved)


def test_a_message_is_found_by_what_an_engineer_has_in_hand(
    platform: Installation, people: People, cast: Cast
) -> None:
    raw = new_lab_message("haibin", cast.truth, datetime.now(UTC), "FIND-1", {})
    platform.send(raw)
    assert becomes(lambda: platform.waiting() == 0, 10)
    number = raw.decode().split("\rPID|")[1].split("|")[2].split("^")[0]
    centre = people["xinxi"]

    def found(**asked: str) -> bool:
        return ">FIND-1<" in centre.get("/centre/messages", params=asked).text

    assert found(control="FIND-1")
    assert found(patient=number, kind="ORU", source="haibin")
    assert not found(patient="nobody-has-this")
    assert not found(control="FIND-1", until="2020-01-01T00:00")
    (row,) = platform.fetch(
        """select d.id from exchange.made d join exchange.message m on m.id = d.message
           where m.control_id = 'FIND-1' and d.kind = 'created' limit 1"""
    )
    types = ("DiagnosticReport", "Observation", "ServiceRequest")
    assert any(found(resource=f"{kind}/{row['id']}") for kind in types)
    assert "记录要写成" in words(centre.get("/centre/messages", params={"resource": "x"}))
    assert "时间看不懂" in words(centre.get("/centre/messages", params={"since": "gestern"}))


def test_a_silent_source_alarms_everybody_of_the_centre_until_it_sends_again(
    platform: Installation, people: People, cast: Cast
) -> None:
    async def look(inside: Platform) -> None:
        async with inside.pool.acquire() as connection:
            await watch(connection, datetime.now(UTC))

    platform.fetch(
        "update exchange.hour set last = last - interval '30 days' where source = 'haibin'"
    )
    platform.inside(look)
    centre = people["xinxi"]
    page = centre.get("/centre/store")
    count = badge(page)
    assert count >= 1
    (row,) = platform.fetch(
        "select id from exchange.alarm where kind = 'silent' and source = 'haibin'"
    )
    assert "分钟没有消息或心跳" in words(centre.get("/centre/alarms"))
    assert centre.post(f"/centre/alarms/{row['id']}/acknowledge").status_code == 303
    assert "已认领" in words(centre.get("/centre/alarms"))
    assert badge(centre.get("/centre/store")) == count - 1
    assert "mk-count" not in people["mayi"].get("/doctor").text
    platform.send(new_lab_message("haibin", cast.truth, datetime.now(UTC), "WAKE-1", {}))

    platform.inside(look)
    ended = platform.fetch(f"select ended, seen_by from exchange.alarm where id = {row['id']}")[0]
    assert ended["ended"] is not None
    assert ended["seen_by"]
