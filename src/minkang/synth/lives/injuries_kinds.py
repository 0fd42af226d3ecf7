"""Injuries: how often at which age, how they come about, what is done.

Rates per 100,000 person-years are of the order of the national injury surveillance (NISS: falls a
third, then traffic, blunt force, animals, cuts) at emergency departments. External causes (V-Y) are
kept apart from the diagnosis, as the front page wants them.
"""
# ruff: noqa: E501  (a row of a table reads best as one)

from typing import Final

from minkang.synth.lives.acute_visits import Acute
from minkang.synth.lives.acute_visits import acute as a
from minkang.synth.record import Operation


def _op(code: str, name: str, level: int, anaesthesia: str = "") -> Operation:
    return Operation(code, name, level, anaesthesia)


_SPINE: Final = "椎管内麻醉"
_NERVE: Final = "神经阻滞麻醉"
_LOCAL: Final = "局部麻醉"
_PAIN: Final = "celecoxib 7 .4, gutong-tiegao 7 .3, loxoprofen 5 .25"
_CAST: Final = _op("93.5402", "石膏托固定术", 0)
_SUTURE: Final = _op("86.5900x006", "皮肤缝合术", 1, _LOCAL)

# fmt: off
KINDS: Final[tuple[Acute, ...]] = (
    #                                <1  1-2 3-6 7-14 15  30  45  60  75
    a("hip-fracture", "S72.000", "股骨颈骨折", (0, 0, 0, 0, 1, 3, 14, 75, 400), "bone", "hip-pain unable-to-walk", women=1.9, season="cold", days=(0, 1),
      order="cbc 1, coagulation 1, glucose .9", image="hip-film:neck-fracture 1, leg-vein-ultrasound .5, echo .5", drugs="enoxaparin 7 .8, celecoxib 7 .7, calcium-vitamin-d 28 .7",
      acute={"pain": .8}, grave=.75, admitted=.97, nights=12, ambulance=.6, operations=((_op("81.5201", "人工股骨头置换术", 4, _SPINE), .82),), reviews=(30, 90, 180)),
    a("trochanter-fracture", "S72.101", "股骨粗隆间骨折", (0, 0, 0, 0, 1, 2, 8, 55, 430), "bone", "hip-pain unable-to-walk", women=1.7, season="cold", days=(0, 1),
      order="cbc 1, coagulation 1, glucose .9", image="hip-film:trochanter-fracture 1, leg-vein-ultrasound .5, echo .5", drugs="enoxaparin 7 .8, celecoxib 7 .7, calcium-vitamin-d 28 .7",
      acute={"pain": .8, "bleeding": .2}, grave=.75, admitted=.97, nights=12, ambulance=.6, operations=((_op("79.1500x006", "股骨骨折闭合复位髓内针内固定术", 3, _SPINE), .85),), reviews=(30, 90, 180)),
    a("wrist-fracture", "S52.500x001", "桡骨远端骨折", (0, 5, 60, 260, 60, 70, 190, 430, 560), "bone", "wrist-pain", women=1.6, season="cold", days=(0, 1), image="wrist-film:fracture 1",
      drugs=_PAIN, acute={"pain": .5}, grave=.4, admitted=.2, nights=6, operations=((_op("79.3201", "桡骨骨折切开复位内固定术", 3, _NERVE), .8),), reviews=(14, 42)),
    a("vertebra-fracture", "S32.000x002", "腰椎压缩性骨折", (0, 0, 0, 1, 8, 14, 40, 170, 480), "bone", "low-back-pain unable-to-walk", women=2.2, days=(0, 4), image="lumbar-film:compression-fracture .8, lumbar-mri:compression-fracture .7",
      drugs="celecoxib 7 .7, calcium-vitamin-d 28 .8, calcitonin 7 .4", acute={"pain": .6}, grave=.5, admitted=.65, nights=8, ambulance=.2, operations=((_op("81.6601", "经皮椎体球囊扩张成形术", 3, _LOCAL), .6),), reviews=(30,)),
    a("humerus-child", "S42.401", "肱骨髁上骨折", (0, 60, 190, 80, 0, 0, 0, 0, 0), "bone", "elbow-pain", women=.7, season="holidays", days=(0, 0), image="elbow-film:fracture 1",
      acute={"pain": .6}, grave=.5, admitted=.6, nights=5, ambulance=.04, operations=((_op("79.1100x002", "肱骨骨折闭合复位钢针内固定术", 2, "全身麻醉"), .8),), reviews=(14, 35)),
    a("humerus-old", "S42.200x001", "肱骨近端骨折", (0, 0, 0, 5, 8, 12, 35, 90, 170), "bone", "shoulder-pain", women=1.9, days=(0, 1), image="shoulder-film:fracture 1",
      drugs=_PAIN, acute={"pain": .5}, grave=.5, admitted=.5, nights=8, ambulance=.12, operations=((_op("79.3101", "肱骨骨折切开复位内固定术", 3, "全身麻醉"), .75),), reviews=(21, 60)),
    a("ankle-fracture", "S82.800x082", "踝关节骨折", (0, 0, 5, 40, 85, 90, 100, 80, 45), "bone", "ankle-pain unable-to-walk", days=(0, 0), image="ankle-film:fracture 1",
      drugs=_PAIN, acute={"pain": .6}, grave=.5, admitted=.6, nights=10, ambulance=.15, operations=((_op("79.3603", "踝关节骨折切开复位内固定术", 3, _SPINE), .85),), reviews=(21, 60)),
    a("leg-fracture", "S82.201", "胫腓骨干骨折", (0, 8, 16, 32, 55, 60, 65, 45, 30), "bone", "leg-pain leg-swelling unable-to-walk", women=.5, days=(0, 0), image="tibia-film:fracture .9", order="cbc .9, coagulation .9",
      drugs=_PAIN, acute={"pain": .8, "bleeding": .15}, grave=.65, admitted=.9, nights=13, ambulance=.5, operations=((_op("79.3601", "胫骨骨折切开复位内固定术", 3, _SPINE), .85),), reviews=(30, 90)),
    a("clavicle", "S42.000", "锁骨骨折", (0, 15, 50, 90, 60, 55, 55, 40, 25), "bone", "shoulder-pain", women=.45, days=(0, 0), image="clavicle-film:fracture 1", acute={"pain": .5}, grave=.4,
      admitted=.3, nights=6, operations=((_op("79.3904", "锁骨骨折切开复位内固定术", 2, _NERVE), .9),), reviews=(21,)),
    a("rib-fracture", "S22.300", "肋骨骨折", (0, 0, 0, 2, 25, 55, 110, 140, 160), "surgery", "chest-pain breathless", women=.55, days=(0, 2), image="chest-ct:rib-fracture .95", drugs=_PAIN, acute={"pain": .6}, grave=.5,
      admitted=.45, nights=8, ambulance=.2, reviews=(14,)),
    a("fracture", "S62.600", "手指骨折，其他的", (0, 8, 14, 60, 90, 100, 85, 40, 15), "bone", "hand-pain", women=.35, days=(0, 0), image="hand-film:finger-fracture 1", drugs=_PAIN, acute={"pain": .4},
      admitted=.2, nights=5, operations=((_op("79.1400x002", "指骨骨折闭合复位钢针内固定术", 2, _NERVE), .8),), reviews=(14, 35)),
    a("foot-fracture", "S92.300", "跖骨骨折", (0, 0, 8, 40, 50, 50, 55, 40, 25), "bone", "foot-pain", days=(0, 1), image="foot-film:fracture 1", drugs=_PAIN, acute={"pain": .4}, reviews=(21,), admitted=.08, nights=6),
    a("pulled-elbow", "S53.000x003", "桡骨头半脱位", (60, 520, 260, 5, 0, 0, 0, 0, 0), "bone", "arm-not-moved crying", women=1.1, days=(0, 0), acute={"pain": .3}, grave=.1, ambulance=0),
    a("shoulder-dislocation", "S43.000", "肩关节脱位", (0, 0, 0, 1, 20, 14, 12, 18, 18), "bone", "shoulder-pain unable-to-move", women=.6, days=(0, 0), image="shoulder-film:dislocation 1", acute={"pain": .7}, ambulance=.12, reviews=(21,)),
    a("ankle-sprain", "S93.401", "踝关节扭伤", (0, 0, 60, 500, 620, 420, 330, 220, 110), "bone", "ankle-pain", days=(0, 2), image="ankle-film .7", drugs=_PAIN, acute={"pain": .3}, grave=.15, ambulance=.01),
    a("back-sprain", "S33.501", "腰部扭伤", (0, 0, 0, 20, 280, 420, 480, 380, 220), "bone", "low-back-pain", women=.8, days=(0, 2), image="lumbar-film .4", drugs=_PAIN + ", eperisone 5 .4", acute={"pain": .4}, grave=.15, ambulance=.03),
    a("knee-ligament", "S83.601", "膝关节扭伤", (0, 0, 0, 20, 70, 45, 35, 20, 5), "bone", "knee-pain", women=.6, days=(0, 3), image="knee-mri:ligament-tear .7, knee-film .7", drugs=_PAIN, acute={"pain": .4}, admitted=.25, nights=8,
      operations=((_op("81.4504", "关节镜膝关节前交叉韧带重建术", 4, _SPINE), .6),), reviews=(30, 90)),
    a("contusion", "T00.901", "多处挫伤", (40, 200, 320, 420, 520, 520, 520, 480, 430), "surgery", "trauma swelling", women=.75, days=(0, 2), image="chest-film .2, hand-film .1", drugs=_PAIN, acute={"pain": .3}, grave=.15, ambulance=.04),
    a("head-bump", "S00.001", "头皮挫伤", (420, 620, 420, 180, 60, 60, 80, 120, 220), "surgery", "head-injury scalp-swelling", women=.7, days=(0, 0), image="head-ct .6", grave=.2, ambulance=.05),
    a("scalp-cut", "S01.001", "头皮裂伤", (30, 260, 280, 120, 70, 65, 70, 80, 130), "surgery", "scalp-bleeding head-injury", women=.5, days=(0, 0), image="head-ct .6", drugs="tetanus-immunoglobulin 1 .5, cefuroxime 3 .35",
      acute={"bleeding": .1}, grave=.25, ambulance=.08, reviews=(3, 8)),
    a("concussion", "S06.000", "脑震荡", (10, 40, 50, 60, 80, 80, 85, 80, 70), "neurology", "head-injury headache vomiting", women=.7, days=(0, 0), image="head-ct 1", order="cbc .7", drugs="mecobalamin 7 .3", grave=.5, admitted=.5, nights=6, ambulance=.35, reviews=(10,)),
    a("subdural", "S06.500", "创伤性硬膜下出血", (4, 2, 2, 3, 8, 12, 28, 60, 130), "neurology", "head-injury headache unconscious vomiting", women=.5, days=(0, 2), image="head-ct:subdural 1", order="cbc 1, coagulation 1",
      drugs="mannitol 5 .7", acute={"bleeding": .2}, grave=.9, admitted=1, nights=14, ambulance=.8, operations=((_op("01.3104", "脑膜切开伴硬脑膜下腔血肿清除术", 4, "全身麻醉"), .4),), reviews=(21, 60)),
    a("spleen", "S36.002", "创伤性脾破裂", (0, 0, 1, 3, 6, 7, 7, 4, 2), "surgery", "abdominal-pain syncope", women=.35, days=(0, 0), image="abdomen-ct:spleen-rupture 1", order="cbc 1, coagulation 1, blood-group 1", acute={"bleeding": .9, "pain": .7},
      grave=.95, admitted=1, nights=12, ambulance=.85, operations=((_op("41.5x00", "全脾切除术", 3, "全身麻醉"), .7),), reviews=(14,)),
    a("hand-cut", "S61.901", "开放性手部损伤", (20, 90, 130, 170, 380, 420, 400, 220, 90), "surgery", "wound", women=.5, days=(0, 0), image="hand-film .4", drugs="tetanus-immunoglobulin 1 .6, cefuroxime 3 .5",
      acute={"bleeding": .1, "pain": .3}, grave=.25, operations=(), reviews=(3, 12), ambulance=.02),
    a("tendon-cut", "T14.601", "肌腱损伤", (0, 2, 3, 6, 28, 32, 28, 12, 3), "bone", "wound unable-to-move", women=.25, days=(0, 0), order="cbc .9, coagulation .9", image="hand-film .9", acute={"pain": .5, "bleeding": .15}, grave=.5, admitted=.97, nights=9,
      ambulance=.1, operations=((_op("82.4501", "手部伸肌腱缝合术", 3, _NERVE), .95),), reviews=(14, 42)),
    a("leg-cut", "S81.900", "小腿开放性伤口", (4, 30, 60, 110, 130, 130, 130, 90, 60), "surgery", "wound", women=.55, days=(0, 0), drugs="tetanus-immunoglobulin 1 .6, cefuroxime 3 .5", acute={"bleeding": .1}, grave=.25, reviews=(3, 12)),
    a("nail", "S91.301", "开放性足损伤", (0, 5, 15, 40, 60, 80, 100, 70, 30), "surgery", "wound", women=.5, season="summer", days=(0, 1), drugs="tetanus-immunoglobulin 1 .9, cefuroxime 3 .4", acute={"pain": .2}, grave=.15),
    a("burn", "T30.000", "身体烧伤", (180, 380, 90, 40, 70, 80, 70, 60, 60), "surgery", "burn blisters", days=(0, 0), order="cbc .3", drugs="silver-sulfadiazine 7 .8, jingwan-hong 7 .5", acute={"pain": .5, "infection": .1}, grave=.4, admitted=.12, nights=9, ambulance=.08,
      operations=((_op("86.2200x011", "皮肤和皮下坏死组织切除清创术", 2, _LOCAL), .6),), reviews=(3, 8)),
    a("dog-bite", "W54.x00", "被狗咬伤或抓伤", (40, 350, 620, 620, 480, 480, 620, 640, 430), "emergency", "bite", women=1.05, season="summer", days=(0, 0), grave=.1, ambulance=0),
    a("cat-scratch", "Z20.300", "接触和暴露于狂犬病", (5, 120, 260, 420, 560, 420, 300, 220, 120), "emergency", "bite", women=1.9, season="summer", days=(0, 0), grave=.1, ambulance=0),
    a("foreign-body", "T17.200", "咽内异物", (5, 120, 190, 160, 190, 220, 230, 210, 130), "ent", "foreign-body-throat swallowing-pain", women=1.2, days=(0, 1), image="laryngoscopy:foreign-body .7", acute={"pain": .2}, grave=.1, ambulance=0),
    a("airway-body", "T17.500", "支气管内异物", (14, 22, 5, 1, 0, 0, 1, 2, 4), "ent", "whoop breathless", women=.65, days=(0, 3), image="bronchoscopy 1", order="cbc .9, coagulation .9", acute={"breathless": .6}, grave=.85, admitted=1, nights=4,
      ambulance=.3, operations=((_op("98.1503", "气管镜支气管异物取出术", 3, "全身麻醉"), .97),), reviews=(7,)),
    a("swallowed", "T18.200", "胃内异物", (20, 90, 60, 16, 3, 3, 4, 6, 8), "digestive", "swallowed-object", days=(0, 0), image="abdomen-film .95", grave=.3, operations=(), reviews=(4,), ambulance=.02),
    a("eye-injury", "S05.100x004", "眼球挫伤", (0, 5, 14, 28, 32, 30, 28, 16, 8), "ophthalmology", "eye-pain blurred-vision", women=.3, days=(0, 1), image="fundus .7", acute={"pain": .3}, admitted=.25, nights=6, reviews=(5,)),
    a("jellyfish", "T63.600x004", "接触海生动物后中毒", (0, 2, 16, 34, 34, 28, 20, 10, 2), "emergency", "insect-bite rash", women=.7, season="summer", days=(0, 0), drugs="dexamethasone 1 .7, calamine-lotion 3 .5, loratadine 4 .5", acute={"pain": .4}, grave=.25, ambulance=.05),
    a("fish-spine", "S61.000x001", "手指开放性损伤", (0, 0, 2, 5, 30, 50, 60, 30, 6), "surgery", "wound", women=.4, season="summer", days=(0, 1), drugs="tetanus-immunoglobulin 1 .6, levofloxacin 4 .5", acute={"infection": .15, "pain": .3}, grave=.2, reviews=(2,)),
    a("bee-sting", "T63.401", "蜂蜇伤", (0, 6, 22, 30, 36, 45, 70, 80, 45), "emergency", "insect-bite swelling", season="summer", days=(0, 0), drugs="dexamethasone 1 .8, loratadine 4 .6", acute={"pain": .3}, grave=.3, ambulance=.06),
    a("snake-bite", "T63.001", "毒蛇咬伤", (0, 0, 1, 2, 3, 5, 9, 9, 4), "emergency", "bite swelling", women=.6, season="summer", days=(0, 0), order="coagulation 1, cbc 1, renal .9", drugs="snake-antivenom 1 .8, tetanus-immunoglobulin 1 .8, jidesheng 5 .7", acute={"pain": .5}, grave=.7, admitted=.8, nights=5, ambulance=.3),
    a("crush", "S68.100x002", "单指完全离断", (0, 0, 0, 1, 10, 14, 14, 4, 1), "bone", "wound unable-to-move", women=.2, days=(0, 0), image="hand-film:amputation 1", order="cbc 1, coagulation 1", acute={"pain": .9, "bleeding": .4}, grave=.8, admitted=1, nights=14, ambulance=.35,
      operations=((_op("84.2201", "手指断指再植术", 4, _NERVE), .7),), reviews=(21, 60)),
    a("polytrauma", "T07.x00", "多处损伤", (0, 2, 5, 8, 22, 24, 26, 22, 18), "intensive", "trauma unconscious breathless", women=.45, days=(0, 0), order="cbc 1, coagulation 1, blood-group 1, blood-gas .9, liver .9", image="head-ct:contusion .95, chest-ct:rib-fracture .95, abdomen-ct .9, pelvis-film:fracture .6",
      acute={"bleeding": .7, "pain": .9}, grave=.95, admitted=1, nights=24, ambulance=.95, operations=((_op("79.3900x043", "骨盆骨折切开复位钢板内固定术", 4, "全身麻醉"), .4),), reviews=(30, 90)),
    a("near-drowning", "T75.100x001", "溺水", (0, 2, 2, 3, 1, 1, 1, 1, 1), "intensive", "breathless unconscious", women=.5, season="summer", days=(0, 0), order="cbc 1, blood-gas 1, electrolytes 1", image="chest-ct:pneumonia-severe 1", acute={"breathless": .8, "infection": .3}, grave=.9, admitted=1, nights=7, ambulance=.9, reviews=(14,)),
)

MECHANISMS: Final[dict[str, tuple[tuple[str, str, float], ...]]] = {
    "fall": (("W01.x00", "在同一平面上滑倒、绊倒和摔倒", .7), ("W10.x00", "在楼梯或台阶上跌倒和跌落", .16), ("W06.x00", "涉及床上的跌落", .14)),
    "height": (("W13.x00", "从房屋或建筑结构上跌落或跌出", .5), ("W11.x00", "在梯子上跌倒和跌落", .5)),
    "traffic": (("V29.900", "骑摩托车人员在交通事故中的损伤", .4), ("V03.x00", "行人在与小汽车、轻型货车或篷车碰撞中的损伤", .3), ("V13.x00", "骑脚踏车人员在脚踏车与小汽车、轻型货车或篷车碰撞中的损伤", .3)),
    "sport": (("W18.x00", "在同一平面的其他跌倒", .6), ("X50.x00", "操劳过度和剧烈或重复运动", .4)),
    "machine": (("W31.x00", "接触其他的机械", 1.0),),
    "blade": (("W26.000", "接触刀、剑或匕首", .6), ("W25.x00", "接触锋利的玻璃", .4)),
    "blow": (("W22.x00", "撞在其他物体上或被其他物体击中", .7), ("W20.x00", "被投掷、抛出或坠落物体击中", .3)),
    "dog": (("W54.x00", "被狗咬伤或抓伤", 1.0),),
    "cat": (("W55.x00", "被其他哺乳动物咬伤或抓伤", 1.0),),
    "heat": (("X12.x00", "接触其他热液体", .7), ("X10.x00", "接触热饮料、食物和动植物油", .3)),
    "sea": (("X26.x00", "接触有毒的海生动物和植物", 1.0),),
    "bee": (("X23.x00", "接触大黄蜂、黄蜂和蜜蜂", 1.0),),
    "snake": (("X20.x00", "接触毒蛇和蜥蜴", 1.0),),
    "swallow": (("W44.x00", "异物进入或穿入眼或自然腔口", 1.0),),
    "water": (("W69.x00", "在自然水域中淹溺和沉没", 1.0),),
}
"""How it came about: codes and names of external causes, with weights."""

CAUSES: Final[dict[str, tuple[tuple[str, float], ...]]] = {
    "hip-fracture": (("fall", .93), ("traffic", .07)), "trochanter-fracture": (("fall", .93), ("traffic", .07)),
    "wrist-fracture": (("fall", .85), ("sport", .15)), "vertebra-fracture": (("fall", .85), ("height", .15)),
    "humerus-child": (("fall", .8), ("sport", .2)), "humerus-old": (("fall", .85), ("traffic", .15)),
    "ankle-fracture": (("fall", .5), ("sport", .25), ("traffic", .25)), "leg-fracture": (("traffic", .6), ("fall", .2), ("machine", .2)),
    "clavicle": (("fall", .5), ("traffic", .5)), "rib-fracture": (("fall", .5), ("traffic", .4), ("height", .1)),
    "fracture": (("machine", .5), ("blow", .3), ("sport", .2)), "foot-fracture": (("blow", .5), ("fall", .5)),
    "shoulder-dislocation": (("fall", .6), ("sport", .4)), "ankle-sprain": (("sport", .5), ("fall", .5)), "back-sprain": (("sport", 1.0),),
    "knee-ligament": (("sport", .7), ("traffic", .3)), "contusion": (("fall", .5), ("blow", .3), ("traffic", .2)),
    "head-bump": (("fall", .85), ("blow", .15)), "scalp-cut": (("fall", .6), ("blow", .4)), "concussion": (("traffic", .55), ("fall", .45)),
    "subdural": (("fall", .6), ("traffic", .4)), "spleen": (("traffic", .7), ("height", .3)), "hand-cut": (("blade", .7), ("machine", .3)),
    "tendon-cut": (("blade", .4), ("machine", .6)), "leg-cut": (("blade", .4), ("fall", .6)), "nail": (("blow", 1.0),), "burn": (("heat", 1.0),),
    "dog-bite": (("dog", 1.0),), "cat-scratch": (("cat", 1.0),), "foreign-body": (("swallow", 1.0),), "airway-body": (("swallow", 1.0),),
    "swallowed": (("swallow", 1.0),), "eye-injury": (("blow", 1.0),), "jellyfish": (("sea", 1.0),), "fish-spine": (("sea", 1.0),),
    "bee-sting": (("bee", 1.0),), "snake-bite": (("snake", 1.0),), "crush": (("machine", 1.0),), "polytrauma": (("traffic", .75), ("height", .25)),
    "near-drowning": (("water", 1.0),), "pulled-elbow": (("blow", 1.0),),
}
"""Mechanisms by kind of injury, with weights."""
# fmt: on
