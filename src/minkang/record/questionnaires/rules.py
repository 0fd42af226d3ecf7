"""Which rules of the norm hold for a form."""

from typing import Final

from minkang.record.questionnaires import checks, chronic
from minkang.record.questionnaires.answers import Answers, Fault
from minkang.record.questionnaires.chronic import Advice, Past

CHRONIC: Final = frozenset({"hypertension-followup", "diabetes-followup"})


def advice_on(answers: Answers, past: Past) -> Advice:
    """What the norm says of the answers given so far."""
    if answers.form.key in CHRONIC:
        return chronic.advise(answers, past)
    return checks.advise(answers, past)


def faults_in(answers: Answers, past: Past) -> tuple[Fault, ...]:
    """What does not fit together, beside what the Questionnaire itself says."""
    if answers.form.key in CHRONIC:
        return chronic.faults(answers, past)
    return checks.faults(answers, past)
