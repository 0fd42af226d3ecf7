"""The divisions of Weihai: counties, towns and streets with their codes and populations.

Codes and names are those of the statistical division codes. The city had 2.907 million permanent
residents at the census of 2020; counties are rounded, and how they spread over towns is our own
estimate (dense streets, thin towns): it is no census figure.
"""

from typing import Final

from minkang.synth.place.entities import County, Town

_COUNTIES: Final = (
    ("371002", "环翠区", ("371002", "371071", "371072", "371073"), "264200"),
    ("371003", "文登区", ("371003",), "264400"),
    ("371082", "荣成市", ("371082",), "264300"),
    ("371083", "乳山市", ("371083",), "264500"),
)

URBAN: Final = "u"
SEAT: Final = "s"  # urban, with the hospitals and high schools of the county

# Code, name, residents in thousands, urban or seat.
_TOWNS: Final = (
    ("371002001", "环翠楼街道", 95, SEAT), ("371002002", "鲸园街道", 80, SEAT),
    ("371002003", "竹岛街道", 110, URBAN), ("371002011", "孙家疃街道", 45, URBAN),
    ("371002012", "嵩山街道", 78, URBAN), ("371002100", "张村镇", 98, ""),
    ("371002101", "羊亭镇", 42, ""), ("371002102", "温泉镇", 28, ""),
    ("371002109", "桥头镇", 14, ""), ("371071004", "怡园街道", 125, SEAT),
    ("371071007", "田和街道", 95, URBAN), ("371071108", "初村镇", 38, ""),
    ("371072008", "皇冠街道", 105, SEAT), ("371072009", "凤林街道", 72, URBAN),
    ("371072010", "西苑街道", 42, URBAN), ("371072103", "崮山镇", 20, ""),
    ("371072105", "泊于镇", 18, ""), ("371073107", "草庙子镇", 24, ""),
    ("371073112", "汪疃镇", 20, ""), ("371073113", "苘山镇", 38, ""),
    ("371003001", "龙山路街道", 95, SEAT), ("371003002", "天福路街道", 92, SEAT),
    ("371003003", "环山路街道", 78, URBAN), ("371003100", "文登营镇", 30, ""),
    ("371003101", "大水泊镇", 32, ""), ("371003102", "张家产镇", 24, ""),
    ("371003103", "高村镇", 27, ""), ("371003104", "泽库镇", 16, ""),
    ("371003105", "侯家镇", 17, ""), ("371003106", "宋村镇", 32, ""),
    ("371003107", "泽头镇", 21, ""), ("371003108", "小观镇", 18, ""),
    ("371003109", "葛家镇", 25, ""), ("371003110", "米山镇", 13, ""),
    ("371003111", "界石镇", 12, ""), ("371003400", "开发区办事处", 16, URBAN),
    ("371082001", "宁津街道", 24, ""), ("371082002", "港湾街道", 62, URBAN),
    ("371082003", "桃园街道", 22, ""), ("371082004", "王连街道", 22, ""),
    ("371082005", "东山街道", 26, ""), ("371082006", "斥山街道", 32, URBAN),
    ("371082007", "崖头街道", 165, SEAT), ("371082008", "城西街道", 42, URBAN),
    ("371082009", "寻山街道", 30, ""), ("371082010", "崂山街道", 28, ""),
    ("371082101", "俚岛镇", 33, ""), ("371082102", "成山镇", 36, ""),
    ("371082103", "埠柳镇", 18, ""), ("371082104", "港西镇", 14, ""),
    ("371082105", "夏庄镇", 14, ""), ("371082106", "崖西镇", 14, ""),
    ("371082107", "荫子镇", 14, ""), ("371082108", "滕家镇", 23, ""),
    ("371082109", "大疃镇", 13, ""), ("371082110", "上庄镇", 23, ""),
    ("371082111", "虎山镇", 24, ""), ("371082112", "人和镇", 33, ""),
    ("371083001", "城区街道", 142, SEAT), ("371083100", "夏村镇", 38, ""),
    ("371083101", "乳山口镇", 30, ""), ("371083102", "海阳所镇", 20, ""),
    ("371083103", "白沙滩镇", 36, ""), ("371083104", "大孤山镇", 16, ""),
    ("371083105", "南黄镇", 16, ""), ("371083106", "冯家镇", 21, ""),
    ("371083107", "下初镇", 20, ""), ("371083108", "午极镇", 12, ""),
    ("371083109", "育黎镇", 17, ""), ("371083110", "崖子镇", 20, ""),
    ("371083111", "诸往镇", 22, ""), ("371083112", "乳山寨镇", 21, ""),
    ("371083114", "徐家镇", 29, ""),
)  # fmt: skip

CITY: Final = "威海市"
PROVINCE: Final = "山东省"


def towns() -> tuple[Town, ...]:
    """All streets and towns in the order of the list of codes by county."""
    county_of = {zone: code for code, _, zones, _ in _COUNTIES for zone in zones}
    return tuple(
        Town(code, name, county_of[code[:6]], thousands * 1000, bool(mark), mark == SEAT)
        for code, name, thousands, mark in _TOWNS
    )


def counties(of: tuple[Town, ...]) -> tuple[County, ...]:
    """The four counties with the sum of their towns' residents."""
    return tuple(
        County(code, name, sum(t.population for t in of if t.county == code), zones, postcode)
        for code, name, zones, postcode in _COUNTIES
    )
