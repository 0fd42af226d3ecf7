"""What is typed into the search box: taken apart, and found by name, sound, date and digits."""

from typing import Any

import pytest

from minkang.identity import find_residents
from minkang.identity.typed import Typed, birth_date, like_sounds, typed
from minkang.store import Change, Scope, Store, write


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("王伟", Typed("王伟")),
        ("wangwei", Typed("wangwei")),
        ("王伟 6789", Typed("王伟", "", "6789")),
        ("wangwei6789", Typed("wangwei", "", "6789")),
        ("王伟19800412", Typed("王伟", "1980-04-12")),
        ("19800412", Typed("", "1980-04-12")),
        ("1980-04-12", Typed("", "1980-04-12")),
        ("1980年4月2日", Typed("", "1980-04-02")),
        ("19800231", Typed("19800231")),
        ("", Typed()),
    ],
)
def test_a_text_is_taken_apart(text: str, found: Typed) -> None:
    assert typed(text) == found


def test_a_day_that_never_was_is_no_birth_date() -> None:
    assert birth_date("20230229") == ""
    assert birth_date("20240229") == "2024-02-29"


@pytest.mark.parametrize(
    ("meant", "wrote"),
    [("zhangwei", "zangwei"), ("liulan", "niulan"), ("lifang", "lifan"), ("chenjing", "cenjin")],
)
def test_what_is_often_mixed_up_is_thought_of(meant: str, wrote: str) -> None:
    assert meant in like_sounds(wrote)
    assert wrote not in like_sounds(wrote)
    assert len(like_sounds("zhangchangsheng" * 2)) <= 24


def of(key: str, name: str, born: str, phone: str) -> list[dict[str, Any]]:
    patient = {"resourceType": "Patient", "id": f"{key}-p", "name": [{"text": name}]}
    person = {
        "resourceType": "Person",
        "id": key,
        "name": [{"text": name}],
        "birthDate": born,
        "telecom": [{"system": "phone", "value": phone}],
        "link": [{"target": {"reference": f"Patient/{key}-p"}}],
    }
    return [patient, person]


async def test_residents_are_found_by_what_people_know_of_them(store: Store) -> None:
    several = [
        *of("one", "张伟", "1980-04-12", "13900006789"),
        *of("two", "张伟", "1955-01-02", "13900001111"),
        *of("three", "刘兰", "1980-04-12", "13900002222"),
    ]
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(one, "") for one in several])

    async def seek(text: str) -> tuple[str, set[str]]:
        found = await find_residents(store, Scope.whole(), text)
        return found.by, {one.person for one in found.residents}

    assert await seek("张伟") == ("name", {"one", "two"})
    assert await seek("张伟 6789") == ("name", {"one"})
    assert await seek("zhangwei 1955") == ("pinyin", {"two"})
    assert await seek("zw") == ("pinyin", {"one", "two"})
    assert await seek("zangwei") == ("like-pinyin", {"one", "two"})
    assert await seek("niulan") == ("like-pinyin", {"three"})
    assert await seek("19800412") == ("birth-date", {"one", "three"})
    assert await seek("张19800412") == ("birth-date", {"one"})
    assert await seek("liulan 19800412") == ("birth-date", {"three"})
    assert await seek("13900002222") == ("phone", {"three"})
    assert await seek("139 0000 2222") == ("phone", {"three"})
    assert await seek("13900003333") == ("phone", set())
    nobody = await find_residents(store, Scope.nothing(), "19800412")
    assert nobody.residents == ()
