"""Courses of cancer: stage, how it is found, what kind it is, whether it comes back.

Stage shares and five-year survival follow the published cancer registries of China (all sites
about 43 %; lung 29 %, stomach 35 %, bowel 58 %, liver 14 %, breast 84 %, thyroid 92 %); nobody is
left alive years after a stage that almost nobody survives, and nobody dies of one that is cured.
"""

from datetime import date
from random import Random
from typing import Final

import msgspec

from minkang.synth.lives.courses_deaths import fatal_cancer
from minkang.synth.lives.courses_drafts import OPEN, YEAR, Draft, Drawing, find
from minkang.synth.lives.courses_rates import NEVER, bound, onset
from minkang.synth.record import World


class Site(msgspec.Struct, frozen=True, gc=False):
    """One cancer: shares of stages I-IV at finding, median years lived with each, where it sits.

    `places` are (ICD-10 code, name, place in words, key for operations).
    """

    stages: tuple[float, float, float, float]
    medians: tuple[float, float, float, float]
    kinds: tuple[str, ...]
    places: tuple[tuple[str, str, str, str], ...]


# fmt: off
_LUNG: Final = (
    ("C34.100x004", "右肺上叶恶性肿瘤", "右肺上叶", "right-upper"),
    ("C34.201", "肺中叶恶性肿瘤", "右肺中叶", "right-middle"),
    ("C34.300x004", "右肺下叶恶性肿瘤", "右肺下叶", "right-lower"),
    ("C34.100x003", "左肺上叶恶性肿瘤", "左肺上叶", "left-upper"),
    ("C34.300x003", "左肺下叶恶性肿瘤", "左肺下叶", "left-lower"),
)
SITES: Final = {
    "lung-cancer": Site((0.34, 0.12, 0.22, 0.32), (16, 6, 2.4, 1.1),
                        ("腺癌", "腺癌", "腺癌", "鳞状细胞癌", "小细胞癌"), _LUNG),
    "stomach-cancer": Site((0.24, 0.2, 0.32, 0.24), (18, 8, 2.8, 0.9), ("腺癌", "印戒细胞癌"), (
        ("C16.900", "胃恶性肿瘤", "胃窦", "distal"),
        ("C16.000", "贲门恶性肿瘤", "贲门", "proximal"),
        ("C16.200", "胃体恶性肿瘤", "胃体", "distal"))),
    "colorectal-cancer": Site((0.2, 0.28, 0.32, 0.2), (20, 12, 6, 1.7),
                              ("腺癌", "腺癌", "黏液腺癌"), (
        ("C20.x00", "直肠恶性肿瘤", "直肠", "rectum"),
        ("C20.x00", "直肠恶性肿瘤", "直肠", "rectum"),
        ("C18.700", "乙状结肠恶性肿瘤", "乙状结肠", "sigmoid"),
        ("C18.200", "升结肠恶性肿瘤", "升结肠", "right"),
        ("C18.600", "降结肠恶性肿瘤", "降结肠", "left"))),
    "liver-cancer": Site((0.25, 0.2, 0.3, 0.25), (6, 3, 1.1, 0.5), ("肝细胞癌",), (
        ("C22.000", "肝细胞癌", "肝右叶", "right"), ("C22.000", "肝细胞癌", "肝左叶", "left"))),
    "oesophagus-cancer": Site((0.18, 0.28, 0.34, 0.2), (12, 5, 1.9, 0.8), ("鳞状细胞癌",), (
        ("C15.900", "食管恶性肿瘤", "食管中段", "middle"),)),
    "breast-cancer": Site((0.28, 0.42, 0.22, 0.08), (30, 24, 11, 3), ("浸润性导管癌",), (
        ("C50.400", "乳房上外象限恶性肿瘤", "右乳外上象限", "right"),
        ("C50.400", "乳房上外象限恶性肿瘤", "左乳外上象限", "left"),
        ("C50.200", "乳房上内象限恶性肿瘤", "左乳内上象限", "left"))),
    "cervical-cancer": Site((0.45, 0.25, 0.22, 0.08), (25, 15, 6, 1.5), ("鳞状细胞癌",), (
        ("C53.900", "宫颈恶性肿瘤", "宫颈", ""),)),
    "thyroid-cancer": Site((0.8, 0.12, 0.06, 0.02), (45, 35, 25, 6), ("乳头状癌",), (
        ("C73.x00", "甲状腺恶性肿瘤", "甲状腺右叶", "right"),
        ("C73.x00", "甲状腺恶性肿瘤", "甲状腺左叶", "left"))),
    "prostate-cancer": Site((0.2, 0.25, 0.25, 0.3), (20, 15, 9, 3), ("腺癌",), (
        ("C61.x00", "前列腺恶性肿瘤", "前列腺", ""),)),
    "pancreas-cancer": Site((0.06, 0.2, 0.3, 0.44), (4, 1.8, 0.9, 0.4), ("导管腺癌",), (
        ("C25.000", "胰头恶性肿瘤", "胰头", "head"), ("C25.200", "胰尾恶性肿瘤", "胰尾", "tail"))),
}
# fmt: on
STAGES: Final = ("I", "II", "III", "IV")
_SCREENED: Final = frozenset(("lung-cancer", "colorectal-cancer", "breast-cancer"))


def cancers(world: World, drawing: Drawing) -> None:
    """Draw the cancers of a life: the one that kills, and those that are lived with."""
    person, random = drawing.person, drawing.random
    fatal = fatal_cancer(world, person) if drawing.cause == "cancer" else ""
    if fatal:
        _deadly(drawing, fatal)
    for key in SITES:
        if key == "pancreas-cancer":
            continue
        drawn = random.expovariate(1.0)
        if (key, person.sex) in _WRONG_SEX or drawn > bound(key, person.sex) * 3:
            continue
        smoker = key in ("lung-cancer", "oesophagus-cancer") and drawing.habits.smokes_from > 0
        age = onset(key, person.sex, drawn, 1.6 if smoker else 0.85)
        if age < NEVER and key != fatal:
            _lived_with(drawing, key, drawing.day(age))


_WRONG_SEX: Final = frozenset(
    (("breast-cancer", "M"), ("cervical-cancer", "M"), ("prostate-cancer", "F"))
)


def _lived_with(drawing: Drawing, key: str, since: int) -> None:
    """A cancer that does not kill before the end of what is known."""
    site, random = SITES[key], drawing.random
    found = since + round(random.expovariate(1.0) * 0.5 * YEAR) + 20
    if found > drawing.end:
        return
    years = (drawing.end - found) / YEAR
    weights = [
        share * 0.5 ** (years / median)
        for share, median in zip(site.stages, site.medians, strict=True)
    ]
    stage = random.choices((0, 1, 2, 3), weights)[0]
    draft = drawing.add(key, since, 0.2 + 0.22 * stage)
    if draft is None:
        return
    find(drawing, draft, found, delay=random.randint(8, 25))
    again = stage > 0 and years > 1.2 and random.random() < 0.1 * stage
    recurred = found + round(random.uniform(0.8, years) * YEAR) if again else OPEN
    _describe(random, draft, site, stage, recurred)


def _deadly(drawing: Drawing, key: str) -> None:
    """The cancer that kills: later stages, found at a likely distance before death."""
    site, random = SITES[key], drawing.random
    weights = [share / median for share, median in zip(site.stages, site.medians, strict=True)]
    stage = random.choices((0, 1, 2, 3), weights)[0]
    lead = min(site.medians[stage] * 1.6, 11.0) * max(0.12, random.betavariate(1.6, 2.2)) + 0.1
    found = drawing.end - round(lead * YEAR)
    since = found - round(random.uniform(0.3, 1.6) * YEAR)
    draft = drawing.add(key, max(since, drawing.born), 0.35 + 0.2 * stage)
    if draft is None:
        return
    treat = drawing.age(found) < 82 or random.random() < 0.4
    find(drawing, draft, max(found, draft.since + 10), treat=treat, delay=random.randint(8, 25))
    back = drawing.end - round(min(0.55 * lead, 1.4) * YEAR)
    recurred = back if stage < 3 and back > draft.found + 150 else OPEN
    _describe(random, draft, site, stage, recurred)
    draft.facts["fatal"] = "1"


def _describe(random: Random, draft: Draft, site: Site, stage: int, recurred: int) -> None:
    code, name, words, place = random.choice(site.places)
    draft.code, draft.name = code, name
    screened = draft.key in _SCREENED and stage < 2 and random.random() < 0.45
    draft.facts = {
        "stage": STAGES[stage],
        "kind": random.choice(site.kinds),
        "site": words,
        "place": place,
        "way": "screening" if screened else "symptoms",
        "size": f"{random.uniform(0.8, 2.4) + 0.9 * stage:.1f}",
    }
    if stage == 3:
        spread = {"lung-cancer": ("brain", "bone"), "breast-cancer": ("bone", "lung")}
        draft.facts["spread"] = random.choice(spread.get(draft.key, ("liver", "liver", "lung")))
    if recurred < OPEN:
        draft.facts["recurred"] = date.fromordinal(recurred).isoformat()
