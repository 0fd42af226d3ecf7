"""What the region is held against: expected values with their source, and how far off it may be.

Fixed before the region was measured for the first time; a row is never widened afterwards. A row
that lies outside is mended in the region, or stands in `EXPLAINED` with its reason: three at most.

Sources: the five plans by city and line of the seed text (Weihai's seven plans of 2022, Laiyang,
Changle, Jinan, Siping); `yearbook` is the China Health Statistics Yearbook, `survey` the Report on
Nutrition and Chronic Diseases of Chinese Residents (2020), `census` the city's bulletins of the
census of 2020, `bulletin` its yearly statistical bulletins: their values are carried over as we
remember them, to the digits shown, and no document of theirs lies with the project.
"""

from typing import Final, Literal

import msgspec

Depth = Literal["place", "thin", "full"]


class Expected(msgspec.Struct, frozen=True):
    """One row: inside where the measure lies in low-high, each end moved outwards by `slack`.

    `slack` is a share of the value. With `rare`, the expected range need only meet the exact 95 %
    interval of the measure, which is a count over a number of people or events.
    """

    key: str
    name: str
    unit: str
    low: float
    high: float
    slack: float
    source: str
    depth: Depth
    rare: bool = False


# fmt: off
EXPECTED: Final = (
    # What there is
    Expected("institutions", "医疗卫生机构数", "家", 2562, 2562, .03, "Weihai 2022, L151", "place"),
    Expected("hospitals", "医院数", "家", 69, 69, .05, "Weihai 2022, L151", "place"),
    Expected("township-centres", "镇卫生院数", "家", 62, 62, .05, "Weihai 2022, L29", "place"),
    Expected("village-rooms", "村卫生室数", "家", 1199, 1199, .05, "Weihai 2022, L29", "place"),
    Expected("community-centres", "社区卫生服务机构数", "家", 83, 83, .05, "Weihai 2022, L29",
             "place"),
    Expected("ems-stations", "急救站数", "处", 40, 40, .05, "Weihai 2022, L365", "place"),
    Expected("beds", "每千人口床位", "张", 6.66, 7.5, .03, "Weihai 2022, L212", "place"),
    Expected("beds-primary", "每千人口基层床位", "张", .8, 1.5, .05, "Weihai 2022, L215", "place"),
    Expected("beds-tcm", "每千人口中医类医院床位", "张", 1.14, 1.35, .05, "Weihai 2022, L219",
             "place"),
    Expected("beds-mental", "每千人口精神科床位", "张", .26, .78, .05, "Weihai 2022, L218",
             "place"),
    Expected("beds-intensive", "每千人口重症床位", "张", .12, .45, .05, "Weihai 2022, L216",
             "place"),
    Expected("physicians", "每千人口执业（助理）医师", "人", 3.51, 3.85, .03, "Weihai 2022, L221",
             "place"),
    Expected("physicians-tcm", "每千人口中医执业（助理）医师", "人", .71, .80, .05,
             "Weihai 2022, L222", "place"),
    Expected("nurses", "每千人口注册护士", "人", 3.80, 3.95, .03, "Weihai 2022, L529-533", "place"),
    Expected("public-health-staff", "每千人口公共卫生人员", "人", .85, .93, .05,
             "Weihai 2022, L224, L513", "place"),

    # Who lives here (thin lives)
    Expected("household-size", "平均每户人数", "人", 2.3, 2.4, .05, "census", "thin"),
    Expected("age-0-14", "0-14岁占比", "%", 11.5, 11.7, .06, "census", "thin"),
    Expected("age-60", "60岁及以上占比", "%", 29.4, 29.7, .05, "census", "thin"),
    Expected("age-65", "65岁及以上占比", "%", 21.6, 21.7, .06, "census", "thin"),
    Expected("births", "出生率（期内平均）", "‰", 4.0, 6.0, .05, "bulletin", "thin"),
    Expected("sex-ratio", "出生性别比", "女=100", 106.58, 108, 0, "Changle, L14; census", "thin",
             rare=True),
    Expected("deaths", "死亡率（期内平均）", "‰", 8.0, 9.5, .05, "bulletin", "thin"),
    Expected("deaths-45-64", "45-64岁死亡率", "‰", 3.0, 4.5, .1, "census, life expectancy of the"
             " province", "thin"),
    Expected("deaths-65-74", "65-74岁死亡率", "‰", 12, 18, .1, "census, as above", "thin"),
    Expected("deaths-75-84", "75-84岁死亡率", "‰", 38, 55, .1, "census, as above", "thin"),
    Expected("deaths-85", "85岁及以上死亡率", "‰", 110, 160, .1, "census, as above", "thin"),
    Expected("life-expectancy", "人均预期寿命", "岁", 80.1, 81.5, .012,
             "Laiyang, L98; Changle, L7", "thin"),
    Expected("infant-mortality", "婴儿死亡率", "‰", 1.77, 2.48, 0,
             "Weihai 2022, L643; Laiyang, L101; Jinan, L147", "thin", rare=True),
    Expected("under-five-mortality", "5岁以下儿童死亡率", "‰", 2.51, 3.71, 0,
             "Weihai 2022, L643; Laiyang, L102; Jinan, L148", "thin", rare=True),
    Expected("maternal-mortality", "孕产妇死亡率", "/10万", 2.0, 8.2, 0, "Weihai 2022, L693;"
             " Jinan, L146", "thin", rare=True),

    # What they have (full lives)
    Expected("hypertension-18-44", "18-44岁高血压患病率", "%", 13.3, 13.3, .25, "survey", "full"),
    Expected("hypertension-45-59", "45-59岁高血压患病率", "%", 37.8, 37.8, .15, "survey", "full"),
    Expected("hypertension-60", "60岁及以上高血压患病率", "%", 59.2, 59.2, .12, "survey", "full"),
    Expected("diabetes-18-44", "18-44岁糖尿病患病率", "%", 6.3, 6.3, .3, "survey", "full"),
    Expected("diabetes-45-59", "45-59岁糖尿病患病率", "%", 16.1, 16.1, .2, "survey", "full"),
    Expected("diabetes-60", "60岁及以上糖尿病患病率", "%", 24.6, 24.6, .15, "survey", "full"),
    Expected("mental", "严重精神障碍登记患病率", "‰", 4.5, 4.5, .25, "Jinan, L460", "full",
             rare=True),

    # How it is looked after (full lives, last twelve months unless it says otherwise)
    Expected("hypertension-managed", "高血压患者健康管理率", "%", 41.1, 43.15, .15,
             "Laiyang, L45; Changle, L11", "full"),
    Expected("hypertension-standard", "高血压患者规范管理率", "%", 60, 70, .08,
             "Laiyang, L45; Changle, L11, L126; Jinan, L156", "full"),
    Expected("diabetes-managed", "2型糖尿病患者健康管理率", "%", 41.65, 42.3, .15,
             "Laiyang, L45; Changle, L11", "full"),
    Expected("diabetes-standard", "2型糖尿病患者规范管理率", "%", 60, 70, .08,
             "Laiyang, L45; Changle, L11, L134; Jinan, L157", "full"),
    Expected("old-checked", "65岁及以上老年人健康管理率", "%", 65, 75, .05,
             "Laiyang, L45; Siping, L328", "full"),
    Expected("vaccinated", "儿童国家免疫规划疫苗全程接种率", "%", 90, 99, 0,
             "Jinan, L155; Changle, L118", "full", rare=True),
    Expected("early-file", "早孕建册率", "%", 90, 97, 0, "Laiyang, L45", "full", rare=True),
    Expected("postnatal-visit", "产后访视率", "%", 92, 99, 0, "Laiyang, L45", "full", rare=True),
    Expected("newborn-visit", "新生儿访视率", "%", 90, 99, 0, "Weihai 2022, L765", "full",
             rare=True),
    Expected("child-managed", "3岁以下儿童系统管理率", "%", 91, 98, 0,
             "Weihai 2022, L695; Laiyang, L45", "full", rare=True),
    Expected("caesarean", "剖宫产率", "%", 36.5, 46, 0, "Laiyang, L45; yearbook", "full",
             rare=True),
    Expected("mental-managed", "严重精神障碍患者管理率", "%", 80, 95, 0,
             "Laiyang, L45; Siping, L262", "full", rare=True),

    # What is done (full lives, whole years)
    Expected("visits", "年人均门急诊人次", "次", 5.27, 6.8, .05,
             "Weihai 2022, L157 (15.33 million in 2020); yearbook 2023", "full"),
    Expected("primary-share", "基层诊疗量占比", "%", 50, 60, .1,
             "yearbook; Weihai 2022, L61 (aim)", "full"),
    Expected("admissions", "年住院率", "%", 16.3, 21.4, .05, "yearbook 2020, 2023", "full"),
    Expected("stay", "平均住院日", "天", 7.8, 9.5, .05, "Weihai 2022, L157; Changle, L273",
             "full"),
    Expected("occupancy", "床位使用率", "%", 63.23, 75, .1, "Weihai 2022, L157, L321", "full"),
)
# fmt: on

MONTHS_CORRELATION: Final = 0.8
"""Least correlation of the region's monthly cases with the national ones, for a disease with
enough cases (see `infections`)."""

CASES_RATIO: Final = (0.8, 1.25)
"""Cases of a disease in the region over those expected from the national incidence."""

MOST_EXPLAINED: Final = 3

EXPLAINED: Final[dict[str, str]] = {}
"""Rows that lie outside, with the reason why they may."""
