"""The hospitals and the public-health institutions of city and counties, one row each.

Their number and beds follow the Weihai plan for medical institutions (section 1 and table 1, base
year 2020): 69 hospitals, of them 7 of grade 3A, 1 of 3B, 7 of 2A; per 1,000 residents 6.66 beds,
of which 2.0 in public hospitals of the city, 2.1 in public hospitals of the counties (2.9 with
the 0.8 of primary care), 1.14 in hospitals of Chinese medicine, 0.26 for mental disorders. Two
general hospitals of the city, five of counties; 5 maternal and child institutions, 1 blood
station, 1 command centre of 120; 744 institutions run by society.
"""

from typing import Final

import msgspec


class HospitalRow(msgspec.Struct, frozen=True, gc=False):
    """A row of the tables below; `system` empty is the institution's own.

    `level` is a key of LEVELS, `rank` city, county or zone.
    """

    key: str
    name: str
    kind: str
    level: str
    town: str
    beds: int
    rank: str = "county"
    system: str = ""

    @property
    def short(self) -> str:
        """The name as people say it."""
        for long, short in _SHORTER:
            if self.name.endswith(long):
                return self.name.removesuffix(long) + short
        return self.name


_SHORTER: Final = (
    ("人民医院", "医院"), ("中心医院", "医院"), ("中医医院", "中医院"), ("妇幼保健院", "妇幼"),
    ("疾病预防控制中心", "疾控"), ("疾病预防控制站", "疾控站"), ("卫生监督所", "卫监所"),
    ("急救指挥中心", "急救中心"), ("卫生健康信息中心", "信息中心"),
)  # fmt: skip

LEVELS: Final = {
    "3A": "三级甲等", "3B": "三级乙等", "2A": "二级甲等", "2": "二级", "": "",
}  # fmt: skip

_R = HospitalRow

PUBLIC: Final = (
    _R("haibin", "海滨人民医院", "city-general", "3A", "371002001", 1740, "city"),
    _R("gangcheng", "港城中医医院", "tcm-hospital", "3A", "371071004", 820, "city"),
    _R("wangchao", "望潮中心医院", "city-general", "3A", "371003002", 1250, "city"),
    _R("songgu", "松谷骨伤医院", "bone-hospital", "3A", "371003001", 700, "city"),
    _R("jingwei", "静苇精神卫生中心", "mental-hospital", "3B", "371072009", 420, "city"),
    _R("chuanran", "鹭洲传染病医院", "infectious-hospital", "2", "371002012", 420, "city"),
    _R("yinxing", "银杏妇幼保健院", "mch-hospital", "3A", "371002002", 450, "city", "fuyou"),
    _R("biwan", "碧湾人民医院", "county-general", "2A", "371002001", 560),
    _R("songling", "松岭人民医院", "county-general", "2A", "371003001", 780),
    _R("dongjiao", "东礁人民医院", "county-general", "3A", "371082007", 1000),
    _R("shiou", "石鸥人民医院", "county-general", "2A", "371082002", 560),
    _R("shanhu", "珊湖人民医院", "county-general", "2A", "371083001", 760),
    _R("yunfan", "云帆中医医院", "county-tcm", "3A", "371082007", 560),
    _R("biquan", "碧泉中医医院", "county-tcm", "2A", "371083001", 360),
    _R("zhuying", "竹影中医医院", "county-tcm", "2", "371002002", 180),
    _R("jinli", "金栗中医医院", "county-tcm", "2A", "371003002", 240),
    _R("fengming", "枫鸣医院", "small-general", "2", "371072008", 220),
    _R("heyuan", "荷苑医院", "small-general", "2", "371071007", 200),
    _R("lanxi", "岚汐医院", "small-general", "2", "371073113", 90),
    _R("haiyan", "海晏精神病医院", "small-mental", "2", "371082008", 84, "county", "jingwei"),
    _R("huanfu", "朗月妇幼保健院", "mch-hospital", "", "371002002", 60, "county", "fuyou"),
    _R("wenfu", "初阳妇幼保健院", "mch-hospital", "2", "371003001", 150, "county", "fuyou"),
    _R("rongfu", "晴芽妇幼保健院", "mch-hospital", "2A", "371082007", 180, "county", "fuyou"),
    _R("rufu", "新荷妇幼保健院", "mch-hospital", "2", "371083001", 120, "county", "fuyou"),
)  # fmt: skip

PUBLIC_HEALTH: Final = (
    _R("jikong", "蓝屿疾病预防控制中心", "cdc", "", "371002012", 0, "city", "jikong"),
    _R("cdc-huancui", "环翠蓝汀疾病预防控制中心", "cdc", "", "371002001", 0, "county", "jikong"),
    _R("cdc-wendeng", "文登蓝汀疾病预防控制中心", "cdc", "", "371003001", 0, "county", "jikong"),
    _R("cdc-rongcheng", "荣成蓝汀疾病预防控制中心", "cdc", "", "371082007", 0, "county", "jikong"),
    _R("cdc-rushan", "乳山蓝汀疾病预防控制中心", "cdc", "", "371083001", 0, "county", "jikong"),
    _R("cdc-gaoqu", "怡园蓝汀疾病预防控制站", "cdc", "", "371071004", 0, "zone", "jikong"),
    _R("cdc-jingqu", "皇冠蓝汀疾病预防控制站", "cdc", "", "371072008", 0, "zone", "jikong"),
    _R("cdc-lingang", "草庙子蓝汀疾病预防控制站", "cdc", "", "371073107", 0, "zone", "jikong"),
    _R("weijian", "蓝屿卫生监督所", "health-supervision", "", "371002012", 0, "city"),
    _R("weijian-huancui", "环翠蓝汀卫生监督所", "health-supervision", "", "371002001", 0),
    _R("weijian-wendeng", "文登蓝汀卫生监督所", "health-supervision", "", "371003001", 0),
    _R("weijian-rongcheng", "荣成蓝汀卫生监督所", "health-supervision", "", "371082007", 0),
    _R("weijian-rushan", "乳山蓝汀卫生监督所", "health-supervision", "", "371083001", 0),
    _R("weijian-gaoqu", "怡园蓝汀卫生监督所", "health-supervision", "", "371071004", 0, "zone"),
    _R("weijian-jingqu", "皇冠蓝汀卫生监督所", "health-supervision", "", "371072008", 0, "zone"),
    _R("weijian-lingang", "草庙子蓝汀卫生监督所", "health-supervision", "", "371073107", 0, "zone"),
    _R("xueye", "霞帆中心血站", "blood-station", "", "371002012", 0, "city", "xueye"),
    _R("jijiu", "鸥翼急救指挥中心", "emergency-centre", "", "371072009", 0, "city", "jijiu"),
    _R("pifang", "沧溪皮肤病防治所", "specialised-institute", "", "371003001", 0, "city"),
    _R("jiefang", "晴川结核病防治所", "specialised-institute", "", "371082007", 0),
    _R("yafang", "月汀口腔病防治所", "specialised-institute", "", "371002002", 0, "city"),
    _R("zhifang", "松麓职业病防治所", "specialised-institute", "", "371083001", 0, "city"),
)  # fmt: skip

REGISTER: Final = _R(
    "renkou", "海澄卫生健康信息中心", "health-office", "", "371002001", 0, "city", "renkou"
)

PRIVATE: Final = (
    ("private-general", "综合医院", 17, 162), ("private-tcm", "中医医院", 10, 45),
    ("small-mental", "精神病医院", 3, 84), ("eye-hospital", "眼科医院", 4, 55),
    ("dental-hospital", "口腔医院", 4, 20), ("women-hospital", "妇产医院", 3, 60),
    ("rehabilitation-hospital", "康复医院", 3, 40), ("nursing-hospital", "护理院", 6, 180),
)  # fmt: skip
"""Kind, ending of the name, how many, beds each: the hospitals that society runs."""

OTHERS: Final = (
    ("laboratory-centre", "医学检验实验室", 4), ("check-up-centre", "健康体检中心", 7),
    ("dialysis-centre", "血液透析中心", 5), ("sanatorium", "疗养院", 3),
)  # fmt: skip

FAMILY_PLANNING: Final = 28
CLINICS: Final = (
    ("clinic", "诊所", 274),
    ("tcm-clinic", "中医诊所", 180),
    ("dental-clinic", "口腔诊所", 150),
)
OUTPATIENT: Final = 90
INFIRMARIES: Final = 380
STATIONS: Final = 64
ROOMS: Final = 1199
TOWNSHIP_CENTRES: Final = 62
PRIMARY_BEDS: Final = 2325
"""Primary care: 2,418 institutions, of them 62 township centres, 1,199 village rooms, 83 community
institutions (Weihai plan for primary care, section 1.1); 0.8 beds per 1,000."""

AMBULANCES: Final = (40, 55, 11)
"""Stations, vehicles always ready, of these with negative pressure (plans for institutions,
section 1, and for emergencies, section 1)."""
