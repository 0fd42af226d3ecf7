"""Forms that clinicians fill: Questionnaires as data, read, checked and turned into facts.

Lives here: the Questionnaires (JSON beside the modules), what of them is understood
(`definitions`), answers and what is wrong with them (`answers`), answers as QuestionnaireResponse
and back (`responses`), what they say as resources of the record (`extract`), and the rules of the
national norm (`rules`: `chronic` for follow-ups, `checks` for check-ups and visits). Does not live
here: who may write (policy), how a form looks (web).

Use `form_of` and `forms`, `read_answers`, `responses.response_of`, `extract.resources_of`.
"""

from minkang.record.questionnaires.answers import Answers, Fault, read_answers
from minkang.record.questionnaires.definitions import Form, FormBroken, Item, form_of, forms

__all__ = ["Answers", "Fault", "Form", "FormBroken", "Item", "form_of", "forms", "read_answers"]
