"""What makes a resource sensitive or notifiable: its topics, told by codes, words and labels.

The topics are those that Chinese law sets apart: HIV and sexually transmitted disease (艾滋病防治
条例, art. 39; GB/T 39725-2020, level 5), mental disorder (精神卫生法, art. 4 and 23), heredity
(人类遗传资源管理条例), termination of pregnancy, contraception and infertility (母婴保健法, 人口与
计划生育法), and, which is no restriction but a duty, the notifiable diseases (传染病防治法).
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from minkang.fhir import Resource


class Topic(StrEnum):
    """Topics of a resource; all but NOTIFIABLE restrict who may see it."""

    RESTRICTED = "restricted"
    HIV_STD = "hiv-std"
    MENTAL = "mental"
    GENETIC = "genetic"
    REPRODUCTIVE = "reproductive"
    NOTIFIABLE = "notifiable"


SENSITIVE_TOPICS: Final = frozenset(Topic) - {Topic.NOTIFIABLE}
"""The topics that make a resource sensitive."""

CONFIDENTIALITY: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_ACT: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"

# Security labels of FHIR (v3-Confidentiality, v3-ActCode: sensitivity policies).
_LABELS: Final = {
    (CONFIDENTIALITY, "R"): Topic.RESTRICTED,
    (CONFIDENTIALITY, "V"): Topic.RESTRICTED,
    (_ACT, "HIV"): Topic.HIV_STD,
    (_ACT, "STD"): Topic.HIV_STD,
    (_ACT, "PSY"): Topic.MENTAL,
    (_ACT, "MH"): Topic.MENTAL,
    (_ACT, "GDIS"): Topic.GENETIC,
    (_ACT, "SEX"): Topic.REPRODUCTIVE,
    (_ACT, "PREGNANT"): Topic.REPRODUCTIVE,
}

# ICD-10 blocks. Notifiable: the list of 传染病防治法 as of 2026-04-01.
_CODES: Final = (
    (Topic.HIV_STD, r"A5[0-9]|A6[0-4]|B2[0-4]|R75|Z21|Z22\.4|Z11\.4|Z20\.6"),
    (Topic.MENTAL, r"F\d\d"),
    (Topic.GENETIC, r"Q9[0-9]|Z31\.5|Z36\.0|D56|D66|D67|E84|G10|G71\.0"),
    (Topic.REPRODUCTIVE, r"O0[0-8]|N46|N97|Z30|Z31|Z64\.0"),
    (
        Topic.NOTIFIABLE,
        (
            r"A0[01369]|A08|A1[5-9]|A20|A22|A23|A27|A30|A33|A3[6-9]|A5[0-4]|A75|A80|A82|A83\.0|A9[017]"
            r"|A92\.0|A93\.8|A98\.5|B04|B05|B06|B08\.4|B1[5-9]|B2[0-4]|B26|B30\.3|B5[0-4]|B55\.0|B65"
            r"|B67|B74|J09|J10|J11|U04|U07\.[12]"
        ),
    ),
)
_ICD: Final = tuple((topic, re.compile(f"(?:{blocks})", re.IGNORECASE)) for topic, blocks in _CODES)

# LOINC: HIV antibody, RNA, CD4 count, syphilis antibodies; chromosome analysis, gene studies.
_LOINC: Final = {
    **dict.fromkeys(
        ("56888-1", "7917-8", "20447-9", "24110-9", "20507-0", "24467-3", "22461-8"), Topic.HIV_STD
    ),
    **dict.fromkeys(("29770-5", "62386-6", "51969-4", "81247-9"), Topic.GENETIC),
    **dict.fromkeys(("44249-1", "69737-5"), Topic.MENTAL),
}

# Where a source sends words or codes of its own.
_WORDS: Final = (
    (
        Topic.HIV_STD,
        re.compile(r"HIV|AIDS|艾滋|人类免疫缺陷|梅毒|淋病|尖锐湿疣|生殖器疱疹", re.IGNORECASE),
    ),
    (Topic.MENTAL, re.compile(r"精神分裂|双相|抑郁|躁狂|精神障碍|妄想性")),
    (Topic.GENETIC, re.compile(r"基因检测|基因突变|染色体核型|遗传咨询|基因分型|全外显子")),
    (Topic.REPRODUCTIVE, re.compile(r"人工流产|药物流产|引产|不孕|不育|宫内节育器|输卵管结扎")),
    (
        Topic.NOTIFIABLE,
        re.compile(
            r"艾滋|梅毒|淋病|肺结核|病毒性肝炎|麻疹|霍乱|鼠疫|狂犬病|登革|猩红热|手足口病|百日咳"
            r"|布鲁氏菌|新型冠状病毒感染|猴痘|伤寒|痢疾|流行性腮腺炎|疟疾|血吸虫"
        ),
    ),
)
_NONE: Final[frozenset[Topic]] = frozenset()
_ELEMENTS: Final = (
    "code",
    "valueCodeableConcept",
    "medicationCodeableConcept",
    "vaccineCode",
)


def topics_of(resource: Resource) -> frozenset[Topic]:
    """The topics of a resource: by its type, the codes of what it is about, its security labels."""
    found = _NONE
    if resource.get("resourceType") == "MolecularSequence":
        found = frozenset([Topic.GENETIC])
    labels = resource.get("meta", {}).get("security")
    if labels:
        found |= {
            _LABELS[key]
            for one in labels
            if (key := (str(one.get("system")), str(one.get("code")))) in _LABELS
        }
    for concept in _concepts(resource):
        if not isinstance(concept, dict):
            continue
        for coding in concept.get("coding", ()):
            told = _told(str(coding.get("code", "")), str(coding.get("display", "")))
            found = found | told if told else found
        if text := concept.get("text"):
            told = _told("", str(text))
            found = found | told if told else found
    return found


def _concepts(resource: Resource) -> Iterable[Any]:
    for name in _ELEMENTS:
        if name in resource:
            yield resource[name]
    yield from resource.get("reasonCode", ())


@lru_cache(maxsize=50_000)
def _told(code: str, text: str) -> frozenset[Topic]:
    """What a code (of ICD-10 or LOINC, or a source's own) and its words tell."""
    found = {topic for topic, pattern in _ICD if pattern.match(code)}
    if code in _LOINC:
        found.add(_LOINC[code])
    found |= {topic for topic, words in _WORDS if words.search(code) or words.search(text)}
    return frozenset(found)
