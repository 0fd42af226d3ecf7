"""What is done about each notifiable infection: diagnosis, signs, tests, treatment, where.

Codes and names: ICD-10 of the national medical insurance, 2.0. `proved` is the share of reports
that are laboratory-confirmed; the others are clinical. Delays from onset to diagnosis follow the
published analyses of the report system: a day for hand-foot-mouth disease and influenza, ten days
and more for brucellosis and hepatitis.
"""
# ruff: noqa: E501  (a row of a table reads best as one)

from typing import Final

import msgspec

from minkang.synth.lives.frequencies_orders import Medicines, Tests, medicines, tests
from minkang.synth.record import Diagnosis


class Treated(msgspec.Struct, frozen=True, gc=False):
    """How an infection is met with. `admitted` and `nights` at the usual severity."""

    diagnosis: Diagnosis
    symptoms: tuple[str, ...]
    delay: tuple[int, int]
    specialty: str
    care: str
    tests: Tests
    medicines: Medicines
    acute: dict[str, float]
    proved: float
    admitted: float
    nights: int
    again: tuple[int, ...]


def _row(
    code: str,
    name: str,
    symptoms: str,
    delay: tuple[int, int],
    specialty: str,
    care: str,
    order: str,
    drugs: str,
    acute: dict[str, float],
    proved: float,
    admitted: float = 0.0,
    nights: int = 0,
    again: tuple[int, ...] = (),
) -> Treated:
    return Treated(
        Diagnosis(code, name), tuple(symptoms.split()), delay, specialty, care, tests(order),
        medicines(drugs), acute, proved, admitted, nights, again,
    )  # fmt: skip


# fmt: off
TREATED: Final = {
    "influenza": _row("J10.100x001", "已知病毒的流行性感冒", "fever cough sore-throat headache fatigue", (0, 2), "internal", "child", "flu-antigen .95, cbc .7, inflammation .4",
        "oseltamivir 5 .75, ibuprofen 3 .6, lianhua-qingwen 4 .4, ambroxol 4 .2", {"fever": .85, "infection": .2}, .93, .05, 5),
    "covid-19": _row("U07.100x002", "新型冠状病毒感染", "fever sore-throat cough fatigue headache", (1, 4), "internal", "basic", "respiratory-pcr .9, cbc .6, inflammation .4",
        "ibuprofen 3 .6, lianhua-qingwen 5 .6, nirmatrelvir-ritonavir 5 .08, ambroxol 5 .3", {"fever": .6, "infection": .2}, .9, .07, 8),
    "hand-foot-mouth": _row("B08.401", "手足口病", "rash fever mouth-ulcer poor-appetite", (0, 2), "paediatric", "child", "cbc .7, inflammation .4, enterovirus .12",
        "interferon-spray 5 .7, xiaoer-chiqiao 4 .5, ibuprofen 2 .4", {"fever": .4}, .07, .03, 5),
    "infectious-diarrhoea": _row("A09.004", "感染性腹泻", "diarrhoea vomiting abdominal-pain fever", (0, 2), "infectious", "basic", "stool .95, cbc .6, norovirus-pcr .15, electrolytes .2",
        "montmorillonite 3 .7, oral-rehydration-salts 3 .6, bifidobacterium 5 .5, levofloxacin 3 .15", {"dehydration": .4, "fever": .2}, .3, .07, 4),
    "varicella": _row("B01.900x001", "水痘", "rash fever itching", (1, 3), "paediatric", "child", "cbc .5", "aciclovir 5 .7, calamine-lotion 7 .7, ibuprofen 2 .2", {"fever": .4}, .04, .01, 6),
    "mumps": _row("B26.900x001", "流行性腮腺炎", "parotid-swelling fever headache", (1, 3), "paediatric", "child", "cbc .7, inflammation .3, pancreas .3", "banlangen 5 .6, lanqin 5 .4, ibuprofen 3 .5", {"fever": .5}, .05, .02, 5),
    "scarlet-fever": _row("A38.x00", "猩红热", "fever rash sore-throat", (1, 3), "paediatric", "child-grave", "cbc .95, inflammation .8, culture .3", "amoxicillin 10 .6, cefuroxime 10 .5, ibuprofen 2 .5", {"fever": .8, "infection": .6}, .12, .06, 6, (5,)),
    "pertussis": _row("A37.900", "百日咳", "whoop cough vomiting", (7, 25), "paediatric", "child-grave", "respiratory-pcr .95, cbc .95", "azithromycin 5 .85, ambroxol 7 .5, budesonide-nebulised 5 .5", {"infection": .2}, .8, .15, 8, (7,)),
    "measles": _row("B05.900x001", "麻疹", "fever rash cough red-eye", (2, 5), "infectious", "child-grave", "measles-igm .95, cbc .95, inflammation .6", "ibuprofen 4 .7, vitamin-a 2 .6", {"fever": .95, "infection": .3}, .9, .3, 7, (7,)),
    "rubella": _row("B06.900x001", "风疹", "rash fever sore-throat", (1, 3), "infectious", "child", "measles-igm .6, cbc .8", "ibuprofen 2 .4", {"fever": .4}, .45, .01, 4),
    "hepatitis-a": _row("B15.901", "急性甲型病毒性肝炎", "jaundice fatigue poor-appetite fever", (5, 14), "infectious", "grave", "liver 1, hepatitis-b .8, cbc .9, coagulation .8", "diammonium-glycyrrhizinate 14 .7, bicyclol 14 .5", {}, .95, .8, 14, (14,)),
    "hepatitis-c": _row("B18.200", "慢性丙型病毒性肝炎", "asymptomatic fatigue", (5, 90), "infectious", "grave", "liver 1, hepatitis-b .8, cbc .8", "sofosbuvir-velpatasvir 28 .7", {}, .75, .05, 8, (28, 84)),
    "hepatitis-e": _row("B17.200", "急性戊型肝炎", "jaundice fatigue poor-appetite nausea", (5, 16), "infectious", "grave", "liver 1, hepatitis-b .8, cbc .9, coagulation .8", "diammonium-glycyrrhizinate 14 .7, bicyclol 14 .5", {}, .95, .75, 14, (14,)),
    "dysentery": _row("A03.901", "急性细菌性痢疾", "diarrhoea bloody-diarrhoea abdominal-pain fever", (0, 3), "infectious", "basic", "stool 1, cbc .9, culture .35, inflammation .5", "levofloxacin 5 .6, ceftriaxone 4 .3, montmorillonite 3 .4, oral-rehydration-salts 3 .5", {"infection": .6, "fever": .6, "dehydration": .4}, .22, .12, 5),
    "syphilis": _row("A53.000x001", "隐性梅毒", "asymptomatic", (7, 60), "skin", "grave", "syphilis 1, hiv .8", "benzathine-penicillin 1 .95", {}, .9, .02, 7, (7, 14, 90)),
    "gonorrhoea": _row("A54.900x001", "淋病", "urethral-discharge dysuria", (1, 7), "skin", "special", "culture .8, syphilis .8, hiv .7", "ceftriaxone 1 .95, azithromycin 1 .5", {"infection": .2}, .95, .01, 4, (7,)),
    "brucellosis": _row("A23.900", "布氏菌病", "fever fatigue joint-pain sweating low-back-pain", (7, 30), "infectious", "grave", "brucella 1, cbc .95, inflammation .9, liver .9, culture .4", "doxycycline 28 .95, rifampicin 28 .9", {"fever": .5, "infection": .35}, .85, .45, 12, (14, 42)),
    "haemorrhagic-fever": _row("A98.500x001+N08.0*", "流行性出血热[肾综合征出血热]", "fever headache low-back-pain fatigue low-urine", (3, 7), "infectious", "grave", "hantavirus 1, cbc 1, urine 1, renal 1, coagulation 1, liver 1", "ribavirin 5 .5, esomeprazole 5 .5", {"fever": .8, "infection": .6, "bleeding": .2}, .9, .97, 13, (14,)),
    "severe-fever-thrombocytopenia": _row("A93.802", "发热伴血小板减少综合征", "fever fatigue poor-appetite diarrhoea", (4, 8), "infectious", "grave", "sfts-pcr 1, cbc 1, liver 1, coagulation 1, heart .9", "ribavirin 6 .4, leucogen 6 .4", {"fever": .85, "infection": .3, "bleeding": .2}, .97, .97, 11, (14,)),
    "dengue": _row("A97.000", "登革热不伴预警", "fever headache joint-pain rash", (2, 5), "infectious", "grave", "dengue-ns1 1, cbc 1, liver .8", "paracetamol 4 .8", {"fever": .9}, .95, .6, 6),
    "malaria": _row("B54.x00", "疟疾", "fever chills headache", (2, 7), "infectious", "grave", "malaria-smear 1, cbc 1, liver .8, renal .8", "artesunate 5 .95", {"fever": .95}, .97, .9, 6, (14,)),
    "typhoid": _row("A01.000", "伤寒", "fever fatigue abdominal-pain diarrhoea", (4, 12), "infectious", "grave", "culture 1, cbc 1, liver .9, inflammation .8", "ceftriaxone 10 .7, levofloxacin 10 .5", {"fever": .9, "infection": .4}, .75, .75, 12, (10,)),
    "haemorrhagic-conjunctivitis": _row("B30.301+H13.1*", "流行性出血性结膜炎", "red-eye eye-pain tearing", (0, 2), "ophthalmology", "eye", "", "ganciclovir-eye 7 .8, levofloxacin-eye 7 .6, interferon-eye 7 .4", {}, .02),
    "japanese-encephalitis": _row("A83.000", "日本脑炎", "fever headache unconscious vomiting", (2, 5), "infectious", "grave", "cbc 1, electrolytes 1", "mannitol 7 .9, aciclovir 10 .5", {"fever": .95, "infection": .3}, .95, 1.0, 18, (21,)),
    "unknown-pneumonia": _row("J18.900", "肺炎", "fever cough fatigue", (1, 5), "respiratory", "basic", "respiratory-pcr .8, cbc .95, inflammation .9", "levofloxacin 7 .5, ambroxol 7 .5, ibuprofen 3 .5, lianhua-qingwen 4 .3", {"fever": .85, "infection": .25}, 0.0, .3, 10, (7,)),
}
"""By key of the disease. Tuberculosis, hepatitis B and HIV have courses of years, planned there."""
# fmt: on

PROOFS: Final = {
    "influenza": (
        ("flu-antigen", "influenza-a"),
        ("flu-antigen", "influenza-a"),
        ("flu-antigen", "influenza-b"),
    ),
    "covid-19": (("covid-pcr", "covid"),),
    "hand-foot-mouth": (("enterovirus", "ca16"), ("enterovirus", "enterovirus")),
    "infectious-diarrhoea": (("norovirus-pcr", "norovirus"), ("rotavirus", "rotavirus")),
    "measles": (("measles-igm", "measles"),),
    "rubella": (("measles-igm", "rubella"),),
    "hepatitis-a": (("hepatitis", "hepatitis-a"),),
    "hepatitis-c": (("hepatitis-c", "hepatitis-c"),),
    "hepatitis-e": (("hepatitis", "hepatitis-e"),),
    "dysentery": (("stool-culture", "dysentery"),),
    "typhoid": (("culture", "salmonella"),),
    "syphilis": (("syphilis", "syphilis"),),
    "brucellosis": (("brucella", "brucellosis"),),
    "haemorrhagic-fever": (("hantavirus", "hantavirus"),),
    "severe-fever-thrombocytopenia": (("sfts-pcr", "sfts"),),
    "dengue": (("dengue-ns1", "dengue"),),
    "malaria": (("malaria-smear", "malaria"),),
}
"""Of each disease, the panel that proves it and what in `Plan.acute` makes the panel positive."""

LASTING: Final = {
    "tuberculosis": "tuberculosis",
    "hepatitis-b": "hepatitis-b",
    "aids": "hiv",
}
"""Diseases whose visits belong to a condition (its key): here only the card is filled in."""
