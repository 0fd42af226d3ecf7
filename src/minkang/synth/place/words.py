"""Invented words of the coast, from which villages, institutions and schools are named."""

from random import Random
from typing import Final

_VILLAGE_FIRST: Final = tuple(
    "柳石松杏梨枣槐榆沙潮雁鹭鸥岚霞云泉溪湖桥塔井柿菊兰荻芦苇蛎桑楸栗椿葛蒲莲鹤鲲鹊燕"
)
_VILLAGE_SECOND: Final = tuple("泉岚鹭鸥霞石溪台前后东西山下上南北里汀屿")
_VILLAGE_LAST: Final = tuple("夼疃泊庄埠寨沟岭口滩屯河店港家峪")
_COMMUNITY_FIRST: Final = tuple("听望观揽枕临依沐映栖怡和景锦瑞朗澄漱")
_COMMUNITY_SECOND: Final = tuple("涛潮澜汐云霞溪月枫松帆鸥晖岚泉竹")
_COMMUNITY_LAST: Final = ("", "里", "苑", "园")
_ROAD_FIRST: Final = tuple("望渔安松潮杏春和银碧云海枫鹭帆霞沧汐桐柳")
_ROAD_SECOND: Final = tuple("歌康涛声花晖平滩湾溪晏林影港光浪泉荫")
_ROAD_LAST: Final = ("路", "路", "街", "巷")

_INSTITUTION_FIRST: Final = tuple("海港云鹭碧银松望潮澄珊帆霞鸥榕枫岚沧晴汀荻蓝虹月")
_INSTITUTION_SECOND: Final = tuple("滨城溪岛湾杏岭潮泉湖帆影晖涛澜屿堤畔汐麓桥苑川")


def village_names(random: Random, count: int) -> list[str]:
    """That many different names of villages (柳泉夼村): poetic, and on no map as a set.

    Raises:
        ValueError: more are asked for than there are.
    """
    words = [
        f"{first}{second}{last}村"
        for first in _VILLAGE_FIRST
        for second in _VILLAGE_SECOND
        for last in _VILLAGE_LAST
        if first != second
    ]
    return random.sample(words, count)


def community_names(random: Random, count: int, taken: frozenset[str]) -> list[str]:
    """That many different names of communities (听涛里社区), none of them taken.

    Raises:
        ValueError: more are asked for than there are.
    """
    words = [
        f"{first}{second}{last}社区"
        for first in _COMMUNITY_FIRST
        for second in _COMMUNITY_SECOND
        for last in _COMMUNITY_LAST
    ]
    return random.sample([word for word in words if word not in taken], count)


def roads(random: Random) -> tuple[str, ...]:
    """Two to four roads of a community."""
    found = {
        random.choice(_ROAD_FIRST) + random.choice(_ROAD_SECOND) + random.choice(_ROAD_LAST): None
        for _ in range(random.randint(2, 4))
    }
    return tuple(found)


def institution_words(random: Random, taken: frozenset[str]) -> list[str]:
    """All invented two-character words for institutions, shuffled, without the taken ones."""
    words = [
        first + second
        for first in _INSTITUTION_FIRST
        for second in _INSTITUTION_SECOND
        if first != second and first + second not in taken
    ]
    random.shuffle(words)
    return words
