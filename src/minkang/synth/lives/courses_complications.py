"""How one disease comes of another: hazards that rise once a cause is there.

Relative hazards are rounded from the large cohorts (pressure, sugar, lipids, smoking for the heart
and brain; pressure and sugar for the kidney; infarction and fibrillation for heart failure). They
multiply tables of whole-population shares, so each has a base below 1 that leaves the population's
share where the surveys put it.
"""

from typing import Final

from minkang.synth.lives.courses_drafts import YEAR, Draft, Drawing
from minkang.synth.lives.courses_rates import NEVER, bound, onset

# Disease, its base factor, and what each cause multiplies.
# fmt: off
_CAUSES: Final[tuple[tuple[str, float, tuple[tuple[str, float], ...]], ...]] = (
    ("coronary", 0.50, (("hypertension", 1.8), ("diabetes", 1.8), ("dyslipidaemia", 1.6),
                        ("smoking", 1.5))),
    ("atrial-fibrillation", 0.68, (("hypertension", 1.5), ("coronary", 1.8))),
    ("stroke-ischaemic", 0.46, (("hypertension", 2.4), ("diabetes", 1.5),
                                ("atrial-fibrillation", 3.0), ("smoking", 1.35))),
    ("stroke-haemorrhagic", 0.40, (("hypertension", 4.0), ("drink", 1.4))),
    ("kidney", 0.55, (("hypertension", 1.7), ("diabetes", 2.3))),
    ("heart-failure", 0.42, (("coronary", 3.2), ("hypertension", 1.7),
                             ("atrial-fibrillation", 2.0))),
)
# fmt: on
_SEVERE: Final = frozenset(("hypertension", "diabetes"))


def complicate(drawing: Drawing) -> None:
    """Draw what comes of pressure, sugar, lipids and smoke: heart, brain, kidney, eye, nerve."""
    for key, base, causes in _CAUSES:
        drawn, severity = drawing.random.expovariate(1.0), drawing.random.random()
        if drawn > bound(key, drawing.person.sex) * 30:
            continue
        turns, leading = _turns(drawing, base, causes)
        age = onset(key, drawing.person.sex, drawn, 1.0, turns)
        if age >= NEVER:
            continue
        since = drawing.likely(key, drawing.day(age))
        draft = drawing.add(key, since, 0.92 * severity if key == "kidney" else severity)
        if draft is not None and not draft.cause and leading:
            draft.cause = _cause_before(drawing, leading, draft.since)
    _of_sugar(drawing)


def _turns(
    drawing: Drawing, base: float, causes: tuple[tuple[str, float], ...]
) -> tuple[tuple[tuple[float, float], ...], tuple[str, ...]]:
    """The factor on the hazard from each age on, and the causes that are there, strongest first."""
    begins = [(0.0, 1.0, "")]
    for cause, factor in causes:
        if cause == "smoking":
            if drawing.habits.smokes_from:
                begins.append((drawing.habits.smokes_from + 10, factor, ""))
        elif cause == "drink":
            if drawing.habits.drinks == 2:
                begins.append((30.0, factor, ""))
        elif (draft := drawing.drafts.get(cause)) is not None:
            worse = 0.7 + 0.6 * draft.severity if cause in _SEVERE else 1.0
            begins.append((drawing.age(draft.since), factor * worse, cause))
    begins.sort()
    turns, hazard = [], base
    for age, times, _ in begins:
        hazard *= times
        turns.append((age, hazard))
    leading = sorted((-times, name) for _, times, name in begins if name)
    return tuple(turns), tuple(name for _, name in leading)


def _cause_before(drawing: Drawing, names: tuple[str, ...], day: int) -> str:
    return next((name for name in names if drawing.drafts[name].since < day), "")


def _of_sugar(drawing: Drawing) -> None:
    """Retina, nerves and feet of those with diabetes, by years and severity of it.

    About one in four of them has a retinopathy, one in three a neuropathy, one in fifty a foot.
    """
    random = drawing.random
    eye, nerve, foot = (random.expovariate(1.0) for _ in range(3))
    severities = [random.random() for _ in range(3)]
    sugar = drawing.drafts.get("diabetes") or drawing.drafts.get("diabetes-type-1")
    if sugar is None:
        return
    worse = 0.55 + 0.9 * sugar.severity
    years = (4 + eye / (0.030 * worse), 2 + nerve / (0.036 * worse), 8 + foot / (0.0035 * worse))
    for key, wait, severity in zip(
        ("retinopathy", "neuropathy", "diabetic-foot"), years, severities, strict=True
    ):
        if wait < 70:
            grave = 0.5 * severity + 0.5 * sugar.severity
            drawing.add(key, sugar.since + round(wait * YEAR), grave, sugar.key)


def infarction(drawing: Drawing) -> None:
    """Whether and when the coronary disease closes a vessel: about one in seven, often first."""
    random = drawing.random
    at_once, wait, severity = random.random(), random.expovariate(1.0), random.random()
    coronary = drawing.drafts.get("coronary")
    if coronary is None or at_once > 0.24:
        return
    since = coronary.since + (0 if at_once < 0.05 else round(wait * 9 * YEAR))
    draft = drawing.add("infarction", since, 0.85 * severity, "coronary")
    if draft is not None:
        draft.facts = {"wall": random.choice(("anterior", "inferior", "inferior", "lateral"))}


def reveal(drawing: Drawing, event: Draft) -> tuple[str, ...]:
    """What an admission for such an event finds besides."""
    if event.key == "infarction":
        return ("coronary", "hypertension", "diabetes", "dyslipidaemia", "kidney")
    if event.key.startswith("stroke"):
        return ("hypertension", "diabetes", "dyslipidaemia", "atrial-fibrillation", "kidney")
    if event.key == "heart-failure":
        return ("hypertension", "diabetes", "atrial-fibrillation", "coronary", "kidney")
    return ()
