"""How writing goes wrong: a homophone from the input method, a lost or doubled character.

Numbers, units and letters stay as they are, so that what a text quotes remains what was measured.
"""

from random import Random
from typing import Final

_HOMOPHONES: Final = (
    ("未见", "末见"), ("症状", "证状"), ("加重", "加中"), ("缓解", "缓节"), ("复查", "复察"),
    ("明显", "名显"), ("伴有", "拌有"), ("继续", "继序"), ("治疗", "治聊"), ("随诊", "随珍"),
    ("规律", "规侓"), ("检查", "检察"), ("疼痛", "疼疼"), ("受凉", "受良"), ("无明显", "无明险"),
    ("病史", "病使"), ("予以", "予已"), ("避免", "避勉"), ("饮食", "引食"), ("休息", "修息"),
    ("出现", "出线"), ("咳嗽", "咳漱"), ("发热", "发热热"), ("血压", "血呀"), ("服用", "服拥"),
    ("既往", "即往"), ("入院", "如院"), ("恢复", "恢夏"), ("压痛", "压疼"), ("持续", "持序"),
    ("头晕", "头昏晕"), ("按时", "按是"), ("清淡", "清谈"), ("劳累", "劳类"), ("注意", "住意"),
)  # fmt: skip
_PROTECTED: Final = frozenset("0123456789./×^%℃~～-+()（）:：")


def slipped(random: Random, text: str) -> str:
    """The text with one slip; as it is where nothing in it can slip."""
    way = random.random()
    if way < 0.55:
        start = int(random.random() * len(_HOMOPHONES))
        for offset in range(len(_HOMOPHONES)):
            right, wrong = _HOMOPHONES[(start + offset) % len(_HOMOPHONES)]
            if right in text:
                return text.replace(right, wrong, 1)
        return text
    at = int(random.random() * len(text))
    letter = text[at]
    if letter in _PROTECTED or letter.isascii():
        return text
    if way < 0.78:
        return text[:at] + text[at + 1 :]
    return text[:at] + letter + text[at:]
