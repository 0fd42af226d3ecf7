"""What a medicine contains: substance by generic name, ATC code; and what an allergy covers."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec
import yaml

ATC: Final = "http://www.whocc.no/atc"
# Salts and esters before a name, forms and strengths after it (通用名命名原则, Pharmacopoeia).
_BEFORE: Final = re.compile(
    r"^(?:注射用|吸入用|外用|复方(?!磺胺甲噁唑))?"
    r"(?:盐酸|硫酸|苯磺酸|马来酸|磷酸|枸橼酸|酒石酸|琥珀酸|富马酸|甲磺酸|醋酸|糠酸|硝酸|消旋|"
    r"氢溴酸)?"
)
_AFTER: Final = re.compile(
    r"(?:缓释|控释|肠溶|分散|咀嚼|泡腾|口腔崩解|双层|干混悬|软)*"
    r"(?:片|胶囊|颗粒|注射液|口服溶液|混悬液|混悬剂|溶液|糖浆|滴眼液|滴耳液|滴剂|乳膏|软膏|凝胶|"
    r"喷雾剂|鼻喷雾剂|气雾剂|粉雾剂|栓|散|丸|贴膏|凝胶贴膏|口服液|针)"
    r"[（(]?[ⅠⅡⅢIV0-9%.R]*[）)]?$"
)
_LOCAL: Final = re.compile(
    r"滴眼|滴耳|滴鼻|乳膏|软膏|凝胶|贴膏|喷雾|气雾|粉雾|吸入|栓|阴道|洗剂|外用"
)
_SALT_AFTER: Final = re.compile(r"(?:钙|钠|钾|镁|酯|铋钾)+$")


class AllergyGroup(msgspec.Struct, frozen=True):
    """Words that an entry names a group of medicines by, and the ATC codes it covers."""

    words: tuple[str, ...]
    covers: tuple[str, ...]
    crosses: tuple[str, ...]


class _Table(msgspec.Struct, frozen=True):
    substances: dict[str, str]
    allergies: tuple[AllergyGroup, ...]


class Substance(msgspec.Struct, frozen=True):
    """What a medicine is grouped by; `atc` is that of the systemic forms, empty if unknown.

    `local`: drops, ointments and the like; they are a group of their own and double nothing else.
    """

    name: str
    atc: str
    local: bool = False

    @property
    def group(self) -> str:
        """The chemical subgroup, level 4 of ATC; empty if not known or local."""
        return self.atc[:5] if len(self.atc) >= 5 and not self.local else ""

    @property
    def key(self) -> str:
        """What is the same medicine to a doctor has the same key."""
        return f"{self.atc or self.name}{'/local' if self.local else ''}"


@cache
def _table() -> _Table:
    text = files("minkang.record").joinpath("substances.yaml").read_text("utf-8")
    return msgspec.convert(yaml.safe_load(text), _Table)


@cache
def _by_name() -> Mapping[str, str]:
    return {name: code for code, name in _table().substances.items()}


def substance_of(concept: Mapping[str, Any], name: str) -> Substance:
    """The substance of a medicine: by its ATC code if it was sent, else by the generic name."""
    for coding in concept.get("coding", []):
        if coding.get("system") == ATC and coding.get("code"):
            code = str(coding["code"])
            return Substance(_table().substances.get(code, substance_name(name)), code)
    plain = substance_name(name)
    return Substance(plain, _by_name().get(plain, ""), bool(_LOCAL.search(name)))


@cache
def substance_name(name: str) -> str:
    """A generic name without salt, form and strength: 盐酸二甲双胍缓释片 is 二甲双胍."""
    kept = _AFTER.sub("", name.strip())
    known = _by_name()
    for shorter in (kept, _BEFORE.sub("", kept), _SALT_AFTER.sub("", _BEFORE.sub("", kept))):
        if shorter in known:
            return shorter
    return kept or name


def allergy_groups() -> tuple[AllergyGroup, ...]:
    """What the entries of allergies cover."""
    return _table().allergies
