"""Words of the identity desk's pages: rules of links, why a pair waits, refused decisions."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from minkang.identity.grouping import Pair, pair_of
from minkang.identity.linkage.explain import RULES as WORDS
from minkang.identity.linkage.explain import Language, said
from minkang.identity.review_list import Line
from minkang.policy.mask import masked_name
from minkang.store import Stored
from minkang.web.rendering import N_, language_of
from minkang.web.visitor import Visitor
from minkang.web.wording import ZONE

Say = Callable[[str], str]

RULES: Final[Mapping[str, str]] = {
    "id-number": N_("身份证号相同，姓名、性别、出生日期相符"),
    "card": N_("核实过的卡或证件相同"),
    "weights": N_("多项信息的权重"),
    "decision": N_("由人决定"),
    "merged": N_("来源机构合并"),
    "apart": N_("单独"),
}
"""Why a registration belongs to its resident."""

CHANGES: Final[Mapping[str, str]] = {
    "change": N_("来源资料变化"),
    "decision": N_("人工决定"),
    "revocation": N_("撤销决定"),
    "definition": N_("更换匹配规则"),
    "upgrade": N_("平台升级"),
}
"""Why a link ended."""

SEPARATOR: Final = "~"
"""Between the two Patient ids of a pair in addresses: no FHIR id has it."""


def rule_words(rule: str, say: Say) -> str:
    """Why a link stands; a rule that has no words here as it is."""
    return say(RULES[rule]) if rule in RULES else rule


def spoken(visitor: Visitor) -> Language:
    """The visitor's language, as explanations know it."""
    return "zh" if language_of(visitor.request) == "zh-CN" else "en"


def cause_words(cause: str, visitor: Visitor) -> str:
    """Why a pair waits for a person: the guard that held it back, or that it is in between."""
    if cause == "weights":
        return visitor.say("证据不足以自动关联")
    return said(WORDS, cause, spoken(visitor))


def cause_of_change(cause: str, say: Say) -> str:
    """Why a link ended; a cause that has no words here as it is."""
    return say(CHANGES[cause]) if cause in CHANGES else cause


def pair_key(pair: Pair) -> str:
    """A pair as addresses name it."""
    return SEPARATOR.join(pair)


def pair_from(text: str) -> Pair | None:
    """The pair that an address names; None if it names none."""
    one, found, other = text.partition(SEPARATOR)
    if not found or not one or not other or one == other or len(text) > 140:
        return None
    return pair_of(one, other)


def short(patient: Stored | None, names: Mapping[str, str]) -> dict[str, Any]:
    """A registration as lists show it: no more of the name than the surname."""
    resource = patient.resource if patient else {}
    name = next((one.get("text", "") for one in resource.get("name", [])), "")
    source = patient.source if patient else ""
    return {
        "name": masked_name(name),
        "sex": resource.get("gender", ""),
        "born": resource.get("birthDate", ""),
        "institution": names.get(source, source),
    }


def weight_text(weight: float) -> str:
    """A weight as pages show it, with its sign."""
    return f"{weight:+.1f}"


def place_of(line: Line) -> str:
    """Where a page of the queue ends, for an address."""
    return f"{line.urgency!r}{SEPARATOR}{line.id}"


def place_from(text: str) -> tuple[float, int] | None:
    """The place that an address names; None if it names none."""
    urgency, _, number = text.partition(SEPARATOR)
    try:
        return float(urgency), int(number)
    except ValueError:
        return None


def day_from(text: str) -> datetime | None:
    """Midnight of a day as browsers send it; None if it is none."""
    try:
        return datetime.fromisoformat(text[:10]).replace(tzinfo=ZONE)
    except ValueError:
        return None


def midnight(now: datetime) -> datetime:
    """When today began, in China."""
    return now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
