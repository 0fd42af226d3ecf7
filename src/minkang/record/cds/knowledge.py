"""What the rules know, read from `knowledge.yaml` once."""

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Final

import msgspec

_FORMS: Final = re.compile(
    r"(注射用|盐酸|硫酸|苯磺酸|马来酸|酒石酸|富马酸|甲磺酸|琥珀酸|枸橼酸|磷酸|复方)|"
    r"(肠溶|缓释|控释|分散|咀嚼|泡腾|口腔崩解|薄膜衣|干混悬|混悬|糖衣|软)*"
    r"(片剂?|胶囊剂?|颗粒剂?|口服液|口服溶液|注射液|注射剂|滴眼液|滴丸|乳膏|软膏|凝胶|喷雾剂|"
    r"吸入剂|气雾剂|贴剂|栓剂?|糖浆|散剂?|丸)$|[ 　]*[\d.]+ *(?:mg|g|ml|μg|ug|片|粒).*$|[(（].*$"
)
_SALTS: Final = re.compile(r"(钠|钾|钙)$")
_SHORTEST: Final = 3  # 碘化钾 is no salt of a 碘化


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An examination that institutions recognise from one another, for so many days."""

    id: str
    name: str
    days: int
    loinc: tuple[str, ...]
    words: tuple[str, ...]


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a clinician may do otherwise."""

    code: str
    text: str


class Allergen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A class of medicines that share an allergy."""

    id: str
    name: str
    words: tuple[str, ...]


class Chronic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A chronic disease, by the beginnings of its codes."""

    name: str
    icd10: tuple[str, ...]


class Knowledge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it.

    Attributes:
        unlisted_days: for how long a result of an examination that is not listed is mentioned.
        supply_days: how long a prescription lasts that does not say.
    """

    unlisted_days: int
    supply_days: int
    recognised: tuple[Item, ...]
    repeat_reasons: tuple[Reason, ...]
    medicine_reasons: tuple[Reason, ...]
    allergens: tuple[Allergen, ...]
    chronic: tuple[Chronic, ...]


@cache
def knowledge() -> Knowledge:
    """What the release brings."""
    text = (resources.files("minkang.record.cds") / "knowledge.yaml").read_bytes()
    return msgspec.yaml.decode(text, type=Knowledge)


def item_of(codes: Sequence[str], name: str) -> Item | None:
    """The listed examination of some LOINC codes, or of a name; None if it is not listed."""
    for one in knowledge().recognised:
        if any(code in one.loinc for code in codes):
            return one
    plain = _plain(name)
    fitting = [
        (len(word), one)
        for one in knowledge().recognised
        for word in one.words
        if _plain(word) in plain
    ]
    return max(fitting, key=lambda found: found[0], default=(0, None))[1]


def ingredient_of(name: str) -> str:
    """A medicine's name without strength, form and salt: 盐酸二甲双胍缓释片 0.5g → 二甲双胍."""
    kept, before = name.strip(), ""
    while kept and kept != before:
        before, kept = kept, _FORMS.sub("", kept).strip() or kept
    return _SALTS.sub("", kept) if len(kept) > _SHORTEST else kept


def classes_of(name: str) -> frozenset[str]:
    """Ids of the classes of allergens that a medicine or a substance belongs to."""
    return frozenset(
        one.id for one in knowledge().allergens if any(word in name for word in one.words)
    )


def _plain(text: str) -> str:
    return text.replace(" ", "").upper()
