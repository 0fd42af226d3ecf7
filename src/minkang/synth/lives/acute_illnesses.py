"""Sudden illnesses: how often, how bad, what is done.

Rates per 100,000 person-years are set so that admissions by disease are of the order of the
hospital discharges of the China Health Statistics Yearbook (part 5, by ICD-10 chapter). Codes and
names: ICD-10 and ICD-9-CM-3 of the national medical insurance, 2.0.
"""
# ruff: noqa: E501  (a row of a table reads best as one)

from typing import Final

from minkang.synth.lives.acute_visits import Acute
from minkang.synth.lives.acute_visits import acute as a
from minkang.synth.record import Operation


def _op(code: str, name: str, level: int, anaesthesia: str = "") -> Operation:
    return Operation(code, name, level, anaesthesia)


_LUNGS: Final = "cbc 1, inflammation 1, respiratory-pcr .5, culture .3, blood-gas .25"
_GENERAL: Final = "全身麻醉"

# fmt: off
ILLNESSES: Final[tuple[Acute, ...]] = (
    #                          <1    1-2   3-6   7-14  15-29 30-44 45-59 60-74 75+
    a("pneumonia-child", "J18.000", "支气管肺炎", (2600, 2900, 1500, 320, 0, 0, 0, 0, 0), "paediatric",
      "cough fever sputum wheeze breathless", season="winter", days=(3, 8), order=_LUNGS, image="chest-film:pneumonia/pneumonia/pneumonia-severe .95",
      drugs="cefoperazone-sulbactam 6 .3, ceftriaxone 6 .45, azithromycin 5 .4, budesonide-nebulised 6 .85, ambroxol 6 .6, ibuprofen 2 .5",
      acute={"infection": .6, "fever": .75, "breathless": .3}, grave=.5, admitted=.8, nights=7, ambulance=.02, reviews=(7,), facts={"side": "right"}),
    a("pneumonia-mycoplasma", "J15.700", "肺炎支原体性肺炎", (40, 250, 950, 700, 60, 25, 10, 5, 5), "paediatric",
      "cough fever sputum", season="cold", days=(4, 10), order=_LUNGS, image="chest-film:pneumonia .5, chest-ct:pneumonia .6",
      drugs="azithromycin 6 .9, methylprednisolone 3 .2, budesonide-nebulised 5 .6, ambroxol 7 .6, doxycycline 7 .12",
      acute={"infection": .45, "fever": .8, "mycoplasma": .9}, grave=.45, admitted=.65, nights=7, ambulance=.01, reviews=(7, 21)),
    a("pneumonia", "J15.902", "社区获得性肺炎，非重症", (0, 0, 0, 0, 70, 110, 260, 850, 2100), "respiratory",
      "cough fever sputum breathless chest-pain", women=.8, season="winter", days=(2, 8), order=_LUNGS, image="chest-ct:pneumonia/pneumonia/pneumonia-severe .95",
      drugs="moxifloxacin 8 .4, cefoperazone-sulbactam 8 .35, piperacillin-tazobactam 8 .2, ambroxol 8 .75, doxofylline 7 .25",
      acute={"infection": .7, "fever": .6, "breathless": .35}, grave=.55, admitted=.72, nights=9, ambulance=.07, reviews=(14,)),
    a("aspiration", "J69.001", "吸入性肺炎", (0, 0, 0, 0, 0, 2, 10, 70, 520), "respiratory", "fever cough breathless unconscious",
      days=(1, 4), order=_LUNGS, image="chest-ct:pneumonia-severe/pneumonia .95", drugs="piperacillin-tazobactam 9 .6, cefoperazone-sulbactam 9 .4, ambroxol 9 .8",
      acute={"infection": .75, "fever": .6, "breathless": .5}, grave=.7, admitted=.9, nights=11, ambulance=.4, reviews=(10,)),
    a("pneumothorax", "J93.100x001", "自发性气胸", (0, 0, 0, 2, 24, 8, 8, 22, 28), "respiratory", "chest-pain breathless", women=.2, days=(0, 2),
      order="cbc .9, blood-gas .4", image="chest-film:pneumothorax .8, chest-ct:pneumothorax .7", acute={"pain": .5, "breathless": .4}, grave=.6, admitted=.85, nights=7, ambulance=.2,
      operations=((_op("34.0401", "胸腔闭式引流术", 1, "局部麻醉"), .7),), reviews=(14,)),
    a("asthma-attack", "J46.x00x003", "支气管哮喘急性发作（中度）", (0, 60, 170, 90, 25, 40, 60, 110, 120), "respiratory", "wheeze breathless cough", season="pollen", days=(0, 2),
      order="cbc .9, blood-gas .5, allergy .3", image="chest-film .6", drugs="budesonide-nebulised 5 .9, salbutamol-nebulised 5 .7, methylprednisolone 4 .5, montelukast 28 .5",
      acute={"breathless": .7}, grave=.5, admitted=.5, nights=6, ambulance=.15, reviews=(7, 30)),
    a("pulmonary-embolism", "I26.900x001", "肺栓塞", (0, 0, 0, 0, 1, 3, 10, 30, 60), "respiratory", "breathless chest-pain haemoptysis", days=(0, 3),
      order="coagulation 1, heart 1, blood-gas .9", image="chest-ct:embolism 1, echo .6, leg-vein-ultrasound:/thrombosis .7", drugs="enoxaparin 8 .9, rivaroxaban 28 .85",
      acute={"breathless": .7, "heart": .35}, grave=.85, admitted=1, nights=10, ambulance=.35, reviews=(28, 90)),
    a("pyelonephritis", "N10.x02", "急性肾盂肾炎", (0, 25, 25, 20, 70, 65, 75, 110, 160), "renal", "fever low-back-pain frequent-urination chills", women=6, days=(1, 4),
      order="urine 1, cbc 1, inflammation 1, culture .7, renal .9", image="urinary-ultrasound .8", drugs="levofloxacin 8 .6, ceftriaxone 6 .5", acute={"infection": .75, "fever": .75, "urinary": .9}, admitted=.65, nights=7, reviews=(10,)),
    a("renal-colic", "N20.100", "输尿管结石", (0, 0, 0, 5, 160, 330, 310, 180, 80), "urology", "flank-pain vomiting haematuria", women=.45, season="summer", days=(0, 1),
      order="urine .95, cbc .7, renal .5", image="urinary-ultrasound:ureter-stone/hydronephrosis .9, urinary-ct:ureter-stone .35", drugs="diclofenac-suppository 2 .7, tamsulosin 14 .6, paishi-keli 14 .5, levofloxacin 3 .25",
      acute={"pain": .9, "stone": .8}, admitted=.25, nights=4, ambulance=.08, operations=((_op("98.5103", "输尿管体外冲击波碎石术", 1), .35), (_op("56.0x00x005", "经尿道输尿管镜输尿管激光碎石术", 3, _GENERAL), .5)), reviews=(14,)),
    a("urinary-retention", "R33.x00", "尿潴留", (0, 0, 0, 0, 2, 4, 25, 150, 420), "urology", "urinary-retention pelvic-pain", women=.15, season="cold", days=(0, 1),
      order="urine .8, renal .7, tumour-prostate .4", image="urinary-ultrasound:prostate .8", drugs="tamsulosin 28 .8, finasteride 28 .7", acute={"pain": .5}, admitted=.2, nights=6, reviews=(7,)),
    a("pancreatitis", "K85.900", "急性胰腺炎", (0, 0, 0, 2, 30, 75, 70, 75, 85), "digestive", "epigastric-pain vomiting fever", women=.7, season="holidays", days=(0, 2),
      order="pancreas 1, cbc 1, liver 1, lipids .9, electrolytes 1, inflammation .9", image="abdomen-ct:pancreatitis .95, abdomen-ultrasound:gallstones/pancreatitis .6", drugs="esomeprazole 8 .9, somatostatin 5 .8, cefoperazone-sulbactam 6 .4",
      acute={"pain": .85, "infection": .5, "dehydration": .4}, grave=.7, admitted=.97, nights=10, ambulance=.2, reviews=(14, 45)),
    a("gi-bleeding", "K92.208", "上消化道出血", (0, 0, 0, 1, 18, 40, 75, 150, 260), "digestive", "melaena haematemesis dizziness fatigue", women=.5, season="cold", days=(0, 2),
      order="cbc 1, coagulation 1, stool .9, liver .9, blood-group .8", image="gastroscopy:duodenal-ulcer/gastric-ulcer .85", drugs="esomeprazole 7 1, octreotide 3 .3, tranexamic-acid 2 .3",
      acute={"bleeding": .75}, grave=.7, admitted=.93, nights=7, ambulance=.3, operations=((_op("44.4302", "内镜下胃钛夹止血术", 3, "静脉麻醉"), .15),), reviews=(14, 42)),
    a("lower-gi-bleeding", "K92.209", "下消化道出血", (0, 0, 0, 0, 5, 12, 25, 60, 130), "digestive", "blood-in-stool dizziness", days=(0, 2), order="cbc 1, coagulation .9, stool .9",
      image="colonoscopy:/polyp/colitis .8", drugs="tranexamic-acid 3 .4", acute={"bleeding": .45}, grave=.5, admitted=.8, nights=6, ambulance=.12, reviews=(14,)),
    a("bowel-obstruction", "K56.700", "肠梗阻", (20, 12, 8, 6, 15, 25, 55, 140, 270), "surgery", "abdominal-pain vomiting abdominal-distension no-stool", women=.8, days=(0, 3),
      order="cbc 1, electrolytes 1, inflammation .8", image="abdomen-film:obstruction .8, abdomen-ct:obstruction .8", drugs="esomeprazole 5 .7, cefuroxime 5 .5",
      acute={"pain": .7, "dehydration": .5}, grave=.65, admitted=.93, nights=8, ambulance=.15, operations=((_op("54.5903", "肠粘连松解术", 3, _GENERAL), .22),), reviews=(14,)),
    a("cholecystitis", "K80.000x002", "胆囊结石伴急性胆囊炎", (0, 0, 0, 1, 25, 70, 120, 190, 220), "surgery", "right-upper-pain fever vomiting", women=1.2, season="holidays", days=(0, 3),
      order="cbc 1, inflammation .9, liver 1, pancreas .6", image="abdomen-ultrasound:gallstones .95, abdomen-ct:cholecystitis .4", drugs="cefoperazone-sulbactam 6 .6, metronidazole 5 .3, anisodamine 2 .5",
      acute={"pain": .7, "infection": .6, "fever": .4}, grave=.55, admitted=.8, nights=7, ambulance=.1, operations=((_op("51.2300", "腹腔镜下胆囊切除术", 3, _GENERAL), .6),), reviews=(14,)),
    a("cholangitis", "K80.304", "胆总管结石伴急性胆管炎", (0, 0, 0, 0, 3, 10, 30, 80, 130), "surgery", "right-upper-pain fever jaundice chills", days=(0, 3),
      order="cbc 1, inflammation 1, liver 1, coagulation .9, culture .4", image="abdomen-ct:gallstones .4, abdomen-ultrasound:bile-duct-stone .8", drugs="cefoperazone-sulbactam 8 .8, metronidazole 6 .4",
      acute={"infection": .8, "fever": .6, "pain": .6}, grave=.75, admitted=1, nights=10, ambulance=.2, operations=((_op("51.8800x009", "内镜下胆管碎石取石术", 3, _GENERAL), .6),), reviews=(14,)),
    a("appendicitis", "K35.800x001", "急性阑尾炎", (0, 8, 60, 200, 210, 140, 100, 90, 70), "surgery", "right-lower-pain nausea fever vomiting", women=.85, days=(0, 2),
      order="cbc 1, inflammation .9, coagulation 1", image="abdomen-ultrasound:appendicitis .8, abdomen-ct:appendicitis .5", drugs="cefuroxime 4 .6, metronidazole 4 .6, cefoperazone-sulbactam 4 .2",
      acute={"pain": .7, "infection": .65, "fever": .35}, grave=.5, admitted=.92, nights=5, ambulance=.07, operations=((_op("47.0100", "腹腔镜下阑尾切除术", 2, _GENERAL), .85),), reviews=(9,)),
    a("perforated-ulcer", "K26.500x001", "十二指肠溃疡伴穿孔", (0, 0, 0, 0, 6, 9, 12, 16, 18), "surgery", "sudden-abdominal-pain vomiting", women=.25, days=(0, 0),
      order="cbc 1, inflammation 1, pancreas .7, blood-group 1", image="abdomen-film:perforation .9, abdomen-ct:obstruction .7", drugs="esomeprazole 10 1, cefoperazone-sulbactam 7 .8", acute={"pain": .95, "infection": .7},
      grave=.8, admitted=1, nights=9, ambulance=.5, operations=((_op("44.4200x003", "十二指肠溃疡穿孔修补术", 3, _GENERAL), .95),), reviews=(10, 40)),
    a("syncope", "R55.x00x001", "晕厥", (0, 0, 0, 25, 45, 35, 50, 90, 190), "neurology", "syncope dizziness", days=(0, 0), order="cbc .9, glucose .9, electrolytes .8, heart .5",
      image="ecg .98, head-ct .6, holter .3", grave=.4, admitted=.35, nights=5, ambulance=.55, reviews=(10,)),
    a("convulsion", "R56.803", "惊厥", (40, 45, 30, 25, 25, 22, 28, 45, 70), "neurology", "convulsion", women=.75, days=(0, 0), order="cbc .9, glucose .9, electrolytes .9",
      image="head-ct .7, eeg:spikes .5, head-mri .3", drugs="valproate 28 .45, levetiracetam 28 .45, diazepam 1 .4", acute={}, grave=.55, admitted=.5, nights=5, ambulance=.6, reviews=(14, 60)),
    a("tia", "G45.900", "短暂性大脑缺血性发作", (0, 0, 0, 0, 1, 10, 60, 190, 240), "neurology", "limb-weakness slurred-speech dizziness", women=.8, days=(0, 1), order="cbc .9, lipids 1, glucose 1, coagulation .9",
      image="head-mri:/lacunes .9, carotid-ultrasound:plaque .8, ecg .9", drugs="aspirin 28 .9, clopidogrel 21 .7, atorvastatin 28 .9", grave=.5, admitted=.8, nights=7, ambulance=.25, reviews=(14, 60)),
    a("viral-encephalitis", "A86.x00", "病毒性脑炎", (12, 12, 16, 12, 4, 3, 3, 3, 3), "neurology", "fever headache vomiting unconscious", season="summer", days=(1, 5), order="cbc 1, inflammation 1, electrolytes .9",
      image="head-mri .9, eeg .8", drugs="aciclovir 10 .9, mannitol 5 .7", acute={"fever": .7, "infection": .3}, grave=.8, admitted=1, nights=11, ambulance=.25, reviews=(14, 45)),
    a("sepsis", "A41.900", "脓毒症", (60, 8, 4, 2, 3, 6, 14, 60, 210), "intensive", "fever chills unconscious breathless", days=(0, 3), order="cbc 1, inflammation 1, culture .95, blood-gas .9, coagulation 1, heart .7",
      image="chest-ct:/pneumonia-severe .7, abdomen-ct .4", drugs="meropenem 9 .8, norepinephrine 3 .5", acute={"infection": .95, "fever": .7, "dehydration": .4, "sepsis": .8}, grave=.95, admitted=1, nights=13, ambulance=.5, reviews=(14,)),
    a("nephrotic", "N04.900", "肾病综合征", (0, 6, 9, 5, 5, 5, 7, 9, 7), "renal", "leg-swelling foamy-urine", women=.7, days=(4, 20), order="urine 1, urine-protein-day 1, liver 1, renal 1, lipids 1",
      image="urinary-ultrasound .8", drugs="prednisone 28 .9, losartan 28 .6, furosemide 7 .6, enoxaparin 8 .4", grave=.5, admitted=1, nights=11, ambulance=0, reviews=(14, 45, 90)),
    a("anaphylaxis", "T78.200", "过敏性休克", (2, 6, 6, 6, 9, 9, 9, 8, 5), "emergency", "hives breathless syncope", season="summer", days=(0, 0), order="cbc .8, blood-gas .4", image="ecg .7",
      drugs="epinephrine 1 .95, dexamethasone 1 .9, calcium-gluconate 1 .4, loratadine 5 .5", acute={"breathless": .6}, grave=.8, admitted=.45, nights=2, ambulance=.6, facts={"cause": "drug-or-sting"}),
    a("allergy", "T78.400", "变态反应", (50, 90, 80, 60, 80, 70, 60, 40, 25), "emergency", "hives itching swelling", women=1.2, season="summer", days=(0, 1), order="cbc .4",
      drugs="dexamethasone 1 .7, calcium-gluconate 2 .4, loratadine 5 .7", grave=.25, ambulance=.04),
    a("co-poisoning", "T58.x00", "一氧化碳的毒性效应", (2, 5, 6, 7, 10, 10, 16, 28, 34), "emergency", "dizziness headache vomiting confusion", season="winter", days=(0, 0),
      order="blood-gas 1, cbc .9, heart .8, electrolytes .8", image="head-ct .7, ecg .9", drugs="mecobalamin 10 .4, mannitol 3 .3", acute={}, grave=.7, admitted=.6, nights=5, ambulance=.7, reviews=(14,), facts={"cause": "stove"}),
    a("alcohol", "F10.001", "急性酒精中毒", (0, 0, 0, 4, 100, 110, 70, 25, 5), "emergency", "alcohol vomiting unconscious", women=.12, season="holidays", days=(0, 0), order="glucose .8, electrolytes .6, cbc .4, liver .3",
      drugs="naloxone 1 .8, omeprazole 1 .6, vitamin-b1 1 .4", acute={"dehydration": .2}, grave=.4, admitted=.03, nights=1, ambulance=.6),
    a("food-poisoning", "T62.900x002", "食物中毒", (0, 6, 20, 28, 38, 32, 30, 24, 18), "emergency", "vomiting abdominal-pain diarrhoea", season="summer", days=(0, 0), order="cbc .8, stool .7, electrolytes .7",
      drugs="anisodamine 1 .4, montmorillonite 3 .6, levofloxacin 3 .35, oral-rehydration-salts 2 .5", acute={"dehydration": .5, "infection": .3}, grave=.4, admitted=.15, nights=3, ambulance=.12, facts={"cause": "seafood"}),
    a("pesticide", "T60.001", "有机磷中毒", (0, 1, 1, 1, 4, 6, 9, 12, 10), "emergency", "vomiting unconscious sweating", women=1.2, season="summer", days=(0, 0), order="blood-gas .9, liver .9, electrolytes .9", image="ecg .9, chest-ct .5",
      drugs="atropine 3 .9, pralidoxime 3 .9", acute={}, grave=.9, admitted=.95, nights=8, ambulance=.85, operations=((_op("96.3300", "胃灌洗", 0), .9),), reviews=(14,)),
    a("overdose", "T42.701", "镇静催眠药中毒", (0, 2, 2, 6, 14, 9, 6, 4, 4), "emergency", "unconscious confusion vomiting", women=2.4, days=(0, 0), order="blood-gas .8, liver .8", image="ecg .8",
      drugs="flumazenil 1 .4", grave=.8, admitted=.7, nights=3, ambulance=.8, operations=((_op("96.3300", "胃灌洗", 0), .8),)),
    a("heat-stroke", "T67.000x001", "热射病", (0, 0, 0, .5, 1.5, 2, 3, 4, 5), "emergency", "high-fever confusion sweating", women=.35, season="summer", days=(0, 0), order="cbc 1, electrolytes 1, heart .9, coagulation 1, blood-gas .9", image="head-ct .6",
      acute={"fever": .98, "dehydration": .8}, grave=.9, admitted=.95, nights=6, ambulance=.85, reviews=(10,)),
    a("heat-exhaustion", "T67.901", "中暑", (0, 0, 1, 4, 14, 14, 16, 14, 12), "emergency", "dizziness fatigue nausea sweating", women=.6, season="summer", days=(0, 0), order="cbc .7, electrolytes .8",
      drugs="huoxiang-zhengqi 3 .6, oral-rehydration-salts 2 .6", acute={"fever": .3, "dehydration": .4}, grave=.4, ambulance=.35),
    a("retinal-detachment", "H33.001", "孔源性视网膜脱离", (0, 0, 0, 1, 6, 8, 16, 18, 8), "ophthalmology", "flashes curtain-vision blurred-vision", days=(1, 7), order="coagulation .9", image="fundus:detachment 1",
      grave=.5, admitted=.9, nights=5, ambulance=0, operations=((_op("14.7401", "后入路玻璃体切割术", 4, "局部麻醉"), .9),), reviews=(7, 30)),
    a("acute-glaucoma", "H40.203", "原发性急性闭角型青光眼", (0, 0, 0, 0, 0, 2, 12, 35, 35), "ophthalmology", "eye-pain headache blurred-vision vomiting", women=2.4, season="cold", days=(0, 2), order="coagulation .8", image="fundus:cupping .7",
      drugs="mannitol 2 .7, brinzolamide-eye 14 .8, timolol-eye 14 .7", acute={"pain": .8}, grave=.5, admitted=.8, nights=5, ambulance=.05, operations=((_op("12.6400", "外路小梁切除术", 3, "局部麻醉"), .5),), reviews=(7, 30)),
    a("quinsy", "J36.x00", "扁桃体周脓肿", (0, 0, 1, 4, 15, 12, 6, 3, 1), "ent", "sore-throat swallowing-pain fever mouth-opening", days=(2, 6), order="cbc 1, inflammation .9", image="laryngoscopy:pharyngitis .4",
      drugs="cefuroxime 6 .7, metronidazole 5 .6", acute={"infection": .75, "fever": .6, "pain": .5}, admitted=.7, nights=5, ambulance=.03, operations=((_op("28.0x02", "扁桃体切开引流术", 1, "局部麻醉"), .6),), reviews=(5,)),
    a("testicular-torsion", "N44.x00", "睾丸扭转", (2, 0, 2, 14, 8, 1, 0, 0, 0), "urology", "testis-pain vomiting", women=0, days=(0, 0), order="cbc .9, coagulation 1", image="scrotum-ultrasound:torsion 1",
      acute={"pain": .9}, grave=.6, admitted=1, nights=4, ambulance=.05, operations=((_op("63.5201", "睾丸扭转复位术", 2, _GENERAL), .95),), reviews=(10,)),
    a("ovarian-torsion", "N83.502", "卵巢扭转", (0, 0, 0, 3, 14, 12, 6, 2, 1), "gynaecology", "pelvic-pain vomiting", women=99, days=(0, 1), order="cbc 1, coagulation 1, hcg 1, tumour .5", image="gynae-ultrasound:ovarian-cyst 1",
      acute={"pain": .85}, grave=.6, admitted=1, nights=5, ambulance=.08, operations=((_op("65.2501", "腹腔镜卵巢病损切除术", 3, _GENERAL), .95),), reviews=(30,)),
    a("intussusception", "K56.100", "肠套叠", (70, 55, 10, 1, 0, 0, 1, 2, 3), "surgery", "crying vomiting blood-in-stool", women=.6, days=(0, 1), order="cbc .9, electrolytes .8", image="abdomen-ultrasound:intussusception 1",
      acute={"pain": .7, "dehydration": .3}, grave=.6, admitted=.8, nights=2, ambulance=.05, operations=((_op("46.8002", "肠套叠复位术", 2, _GENERAL), .12),), reviews=(7,)),
    a("dehydration-old", "E87.801", "电解质代谢紊乱", (0, 0, 0, 0, 1, 3, 12, 60, 260), "internal", "fatigue unconscious poor-appetite", days=(1, 7), order="electrolytes 1, renal 1, glucose .9", image="ecg .8, head-ct .3",
      drugs="potassium-chloride 5 .6", acute={"dehydration": .6}, grave=.45, admitted=.8, nights=6, ambulance=.25, reviews=(7,)),
    a("epistaxis-bad", "R04.000", "鼻出血", (0, 0, 3, 3, 6, 10, 28, 45, 50), "ent", "nosebleed", women=.55, season="cold", days=(0, 0), order="cbc 1, coagulation 1", image="nasal-endoscopy .5",
      drugs="tranexamic-acid 3 .6", acute={"bleeding": .45}, grave=.45, admitted=.45, nights=4, ambulance=.2, operations=((_op("21.0100", "控制鼻出血，用前鼻孔填塞", 1, "局部麻醉"), .7),), reviews=(5,)),
    a("toothache-night", "K04.001", "急性牙髓炎", (0, 0, 20, 30, 60, 60, 50, 30, 12), "dental", "toothache night-toothache", days=(0, 2), drugs="ibuprofen 2 .8, metronidazole 3 .5", acute={"pain": .7}, grave=.1, ambulance=0, reviews=(3,)),
    a("abdominal-colic", "R10.402", "腹痛", (30, 60, 140, 160, 190, 150, 130, 130, 140), "emergency", "abdominal-pain vomiting", women=1.2, days=(0, 0), order="cbc .9, urine .6, pancreas .3, inflammation .5",
      image="abdomen-ultrasound .6, abdomen-ct .3", drugs="anisodamine 1 .6, omeprazole 2 .4", acute={"pain": .5}, grave=.3, ambulance=.1),
    a("high-fever", "R50.900", "发热", (300, 420, 320, 140, 110, 80, 60, 60, 80), "emergency", "fever chills headache", season="cold", days=(0, 1), order="cbc .95, inflammation .8, flu-antigen .5", image="chest-ct .15",
      drugs="ibuprofen 2 .85, lianhua-qingwen 3 .3", acute={"fever": .9, "infection": .3}, grave=.2, ambulance=.02),
    a("palpitation-attack", "I47.102", "阵发性室上性心动过速", (3, 1, 2, 6, 16, 22, 35, 45, 40), "cardiac", "palpitations chest-tightness dizziness", women=1.3, days=(0, 0), order="heart .8, electrolytes .9", image="ecg:supraventricular-tachycardia 1, echo .4",
      drugs="metoprolol 28 .5, propafenone 5 .5", acute={"heart": .1}, grave=.5, admitted=.4, nights=5, ambulance=.3, operations=((_op("37.3401", "经导管心脏射频消融术", 4, "局部麻醉"), .3),), reviews=(30,)),
)
# fmt: on
