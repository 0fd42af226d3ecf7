"""What pressure, sugar and lipids come to: heart, brain, kidney, eye, foot, as it is treated.

Infarction with stent, angina, heart failure, stroke with thrombolysis and rehabilitation, dialysis,
laser, debridement: admissions by the usual pathways, with what is controlled afterwards. The last
admission before a death belongs to `endings`.
"""

from collections.abc import Iterator

from minkang.synth.lives import complications_brain, complications_heart, complications_sugar
from minkang.synth.lives.life import Life
from minkang.synth.record import Form, Plan


def plans(life: Life) -> Iterator[Plan | Form]:
    """Admissions and special visits for the complications of this life."""
    yield from complications_heart.plans(life)
    yield from complications_brain.plans(life)
    yield from complications_sugar.plans(life)
