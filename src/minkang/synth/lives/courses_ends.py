"""What a death demands of the years before it: the disease that kills begins plausibly earlier."""

from minkang.synth.lives.courses_drafts import YEAR, Draft, Drawing, find


def lead_to_death(drawing: Drawing) -> None:
    """Put the killing course, and mostly its causes, before the death. Cancers come elsewhere."""
    match drawing.cause:
        case "heart":
            _heart(drawing)
        case "brain":
            _brain(drawing)
        case "lungs":
            _lungs(drawing)
        case "diabetes" | "kidney":
            _sugar_or_kidney(drawing)
        case "liver":
            _liver(drawing)
        case "nerves":
            _nerves(drawing)
        case _:
            return


def _since(drawing: Drawing, low: float, high: float) -> int:
    """A day some years before the end, not before the age of 25."""
    day = drawing.end - round(drawing.random.uniform(low, high) * YEAR)
    return min(drawing.end, max(day, drawing.day(25.0), drawing.born))


def _force(drawing: Drawing, key: str, low: float, high: float, severity: float) -> Draft:
    """The course of that key, begun between `low` and `high` years before death at the latest."""
    since = _since(drawing, low, high)
    draft = drawing.drafts.get(key)
    if draft is None:
        draft = Draft(key, since, severity)
        drawing.drafts[key] = draft
    draft.since = min(draft.since, since)
    draft.severity = max(draft.severity, severity)
    return draft


def _heart(drawing: Drawing) -> None:
    random = drawing.random
    severity = random.uniform(0.55, 1.0)
    if random.random() < 0.75:
        _force(drawing, "hypertension", 4, 22, random.uniform(0.3, 1))
    coronary = _force(drawing, "coronary", 0.3, 13, severity)
    kind = random.random()
    if kind < 0.52:
        first = random.random() < 0.6
        since = drawing.end if first else _since(drawing, 0.5, 8)
        old = drawing.drafts.get("infarction")
        if old is None:
            old = Draft("infarction", since, 0.95, cause="coronary", facts={"wall": "anterior"})
            drawing.drafts["infarction"] = old
        if since == drawing.end and random.random() < 0.4:
            old.facts = old.facts | {"at-home": "1"} if old.since == drawing.end else old.facts
        old.facts = old.facts | {"fatal": "1"}
        coronary.since = min(coronary.since, old.since)
    elif kind < 0.85:
        failure = _force(drawing, "heart-failure", 0.4, 6, random.uniform(0.6, 1))
        failure.cause, failure.facts = "coronary", {"fatal": "1"}
        coronary.since = min(coronary.since, failure.since)
    else:
        coronary.facts = {"fatal": "1"}


def _brain(drawing: Drawing) -> None:
    random = drawing.random
    if random.random() < 0.88:
        _force(drawing, "hypertension", 4, 24, random.uniform(0.35, 1))
    key = "stroke-haemorrhagic" if random.random() < 0.4 else "stroke-ischaemic"
    chance = random.random()
    if chance < 0.42:
        low, high = 0.0, 0.06
    elif chance < 0.6:
        low, high = 0.06, 0.6
    else:
        low, high = 0.6, 9.0
    stroke = _force(drawing, key, low, high, random.uniform(0.65, 1.0))
    stroke.cause = "hypertension" if "hypertension" in drawing.drafts else ""
    stroke.facts = {"fatal": "1"}


def _lungs(drawing: Drawing) -> None:
    random = drawing.random
    if random.random() < 0.86:
        copd = _force(drawing, "copd", 5, 24, random.uniform(0.7, 1.0))
        copd.facts = {"fatal": "1"}
        find(drawing, copd, drawing.end - round(random.uniform(0.5, 9) * YEAR))


def _sugar_or_kidney(drawing: Drawing) -> None:
    random = drawing.random
    sweet = drawing.cause == "diabetes" or random.random() < 0.4
    if sweet and "diabetes-type-1" not in drawing.drafts:
        sugar = _force(drawing, "diabetes", 7, 26, random.uniform(0.6, 1))
        if drawing.cause == "diabetes":
            sugar.facts = {"fatal": "1"}
    if drawing.cause == "kidney" or random.random() < 0.45:
        kidney = _force(drawing, "kidney", 5, 12, random.uniform(0.8, 1))
        if drawing.cause == "kidney":
            kidney.facts = {"fatal": "1"}
        if "diabetes" in drawing.drafts:
            kidney.cause = "diabetes"


def _liver(drawing: Drawing) -> None:
    cirrhosis = _force(drawing, "cirrhosis", 0.8, 8, drawing.random.uniform(0.7, 1))
    cirrhosis.facts = {"fatal": "1"}
    hepatitis = Draft("hepatitis-b", drawing.born, 0.8)
    drawing.drafts["hepatitis-b"] = hepatitis
    cirrhosis.cause = "hepatitis-b"


def _nerves(drawing: Drawing) -> None:
    key = "dementia" if drawing.random.random() < 0.8 else "parkinson"
    draft = _force(drawing, key, 3, 10, drawing.random.uniform(0.7, 1))
    draft.facts = {"fatal": "1"}
    find(drawing, draft, drawing.end - round(drawing.random.uniform(1, 5) * YEAR))
