"""Symptoms by key: what they are called, how patients' words are written down, what is asked next.

A table, one symptom a line. `group` says which symptoms are the same thing by other words, so that
a history never denies what it has just stated.
"""

from collections.abc import Iterator
from typing import Final

import msgspec


class Symptom(msgspec.Struct, frozen=True, gc=False):
    """One symptom.

    `name` stands in lists and denials; `forms` in complaints, at most ten characters each;
    `details` are what a present illness says of it; `sign` is the key of a finding on examination
    (`examination.SIGNS`), empty where there is none; `sex` is M or F where only they have it.
    """

    key: str
    name: str
    system: str
    group: str
    forms: tuple[str, ...]
    details: tuple[str, ...]
    sign: str
    sex: str


# key | name | system | group | forms | details | sign | sex
_TABLE: Final = """
fever|发热|general|fever|发热,发热,反复发热|体温最高{t}，无明显规律,测体温{t}，自服退热药后可降至正常，数小时后复升,发热以午后及夜间为著，最高{t},伴畏寒，体温波动，最高{t}|fever|
high-fever|高热|general|fever|高热,持续高热|体温骤升至{t}，伴寒战,高热不退，最高{t}，物理降温效果不佳|fever|
low-fever|低热|general|fever|低热,午后低热|多于午后出现，晨起可自行消退,体温在37.3～38.0℃之间波动||
chills|畏寒|general|chills|畏寒,寒战,畏寒、寒战|寒战时伴全身发抖，持续约半小时,畏寒明显，加衣被不能缓解||
fatigue|乏力|general|fatigue|乏力,全身乏力,疲乏无力|休息后不能完全缓解,活动后明显，影响日常劳作,近期渐加重，不愿活动||
night-sweats|盗汗|general|sweat|盗汗,夜间盗汗|醒后汗止，内衣常湿透,每于后半夜出现||
sweating|多汗|general|sweat|多汗,怕热多汗|稍动即汗出,与气温无明显关系|hyperthyroid|
weight-loss|消瘦|general|weight|消瘦,体重下降|近期体重下降约{kg}kg,饮食未刻意控制，衣带渐宽|thin|
weight-gain|体重增加|general|weight|体重增加,体重渐增|近一年体重增加约{kg}kg||
poor-appetite|纳差|general|appetite|纳差,食欲减退,胃纳差|进食量约为平日一半,厌油腻，不思饮食||
body-aches|全身酸痛|general|aches|全身酸痛,全身肌肉酸痛|以腰背及四肢肌肉为著,伴关节酸楚，活动后不减||
malaise|全身不适|general|malaise|全身不适,周身不适|难以描述具体部位||
oedema|水肿|general|oedema|双下肢水肿,颜面及下肢水肿,下肢浮肿|晨轻暮重，按之凹陷,以踝部为著，久坐久站后加重|oedema|
leg-swelling|下肢肿胀|general|oedema|下肢肿胀,单侧下肢肿胀|伴胀痛，行走后加重|leg-swelling|
lymph-nodes|淋巴结肿大|general|nodes|颈部包块,淋巴结肿大|质韧，可推动，无明显压痛|nodes|
pallor|面色苍白|general|pallor|面色苍白,面色萎黄|家属发现面色渐差|pallor|
jaundice|黄疸|digestive|jaundice|皮肤黄染,皮肤、巩膜黄染|尿色加深如浓茶,大便颜色变浅|jaundice|
cough|咳嗽|respiratory|cough|咳嗽,咳嗽,阵发性咳嗽,干咳|呈阵发性，夜间及晨起明显,以干咳为主，遇冷空气加重,为单声咳，不剧烈,咳嗽频繁，影响睡眠|coarse|
chronic-cough|慢性咳嗽|respiratory|cough|反复咳嗽,慢性咳嗽|每于秋冬季节及受凉后发作,刺激性干咳，夜间为著|coarse|
sputum|咳痰|respiratory|sputum|咳痰,咳嗽、咳痰|为白色黏痰，量少，不易咳出,为黄色脓痰，量中等,痰白质稀，易咳出|coarse|
haemoptysis|咯血|respiratory|haemoptysis|咯血,痰中带血|为痰中带鲜红血丝，每日数口,量约{ml}ml，色鲜红|moist|
wheeze|喘息|respiratory|dyspnoea|喘息,气喘,发作性喘息|夜间及凌晨易发，可闻及喉间哮鸣,接触冷空气后诱发|wheeze|
breathless|气短|respiratory|dyspnoea|气短,呼吸困难,胸闷气短|活动后明显，休息可稍缓解,上二楼即需停歇,夜间可平卧|moist|
dyspnoea|呼吸困难|respiratory|dyspnoea|呼吸困难,气促,活动后气促|呈进行性加重，不能平卧,静息状态下亦感气促|moist|
orthopnoea|夜间不能平卧|heart|dyspnoea|夜间不能平卧,夜间憋醒|需高枕卧位，坐起后可缓解,端坐呼吸，伴大汗|moist|
chest-tightness|胸闷|heart|chest|胸闷,胸闷不适,阵发性胸闷|活动及情绪激动后出现，持续数分钟,深吸气后稍舒,多于劳累后发生||
chest-pain|胸痛|heart|chest-pain|胸痛,突发胸痛,阵发性胸痛|位于胸骨后，呈压榨样，向左肩背部放射,持续约{min}分钟，含服硝酸甘油可缓解,与活动有关，休息后减轻||
pleuritic-pain|胸痛|respiratory|chest-pain|胸痛,呼吸时胸痛|深呼吸及咳嗽时加重，呈针刺样||
palpitations|心悸|heart|palpitations|心悸,心慌,阵发性心慌|发作时自觉心跳快而不齐，持续数分钟至数小时,突发突止,多于劳累、情绪激动后出现|arrhythmia|
syncope|晕厥|neuro|syncope|晕厥,一过性意识丧失|约{min}分钟后自行醒转，醒后无肢体活动障碍,发作前有黑蒙、出冷汗||
dizziness|头晕|neuro|dizziness|头晕,头昏沉,反复头晕|与体位改变有关,呈昏沉感，无视物旋转,晨起明显，活动后减轻,血压升高时明显||
vertigo|眩晕|neuro|dizziness|眩晕,发作性眩晕,视物旋转|起卧及转头时诱发，持续不足1分钟,伴视物旋转，睁眼加重，不敢活动|nystagmus|
headache|头痛|neuro|headache|头痛,阵发性头痛,头部胀痛|以双颞部胀痛为主，休息后可缓解,呈搏动性，畏光、畏声,以后枕部为著，测血压时偏高||
severe-headache|剧烈头痛|neuro|headache|剧烈头痛,突发剧烈头痛|突然发生，难以忍受，呈炸裂样|stiff-neck|
limb-weakness|肢体无力|neuro|weakness|肢体无力,{side}侧肢体无力,一侧肢体无力|持物不稳，行走拖步,晨起时发现，渐加重|weakness|
weakness-right|右侧肢体无力|neuro|weakness|右侧肢体无力|右手持物不稳，行走向右偏斜|weakness-right|
weakness-left|左侧肢体无力|neuro|weakness|左侧肢体无力|左手持物不稳，左下肢行走拖步|weakness-left|
slurred-speech|言语不清|neuro|speech|言语不清,说话含糊|能理解他人言语，表达费力|speech|
facial-palsy|口角歪斜|neuro|face|口角歪斜,口眼歪斜|晨起洗漱时发现，漱口漏水,患侧闭目不全|face|
numbness|麻木|neuro|numbness|肢体麻木,手足麻木,四肢末端麻木|呈手套、袜套样分布,持续存在，夜间明显|numb|
convulsion|抽搐|neuro|convulsion|抽搐,突发抽搐|发作时双眼上翻、四肢强直抖动、呼之不应，约{min}分钟自行缓解,发作后嗜睡||
unconscious|意识不清|neuro|consciousness|意识不清,意识障碍,呼之不应|家属发现时呼之不应，伴小便失禁|coma|
confusion|意识模糊|neuro|consciousness|意识模糊,神志恍惚|时有答非所问，昼夜颠倒|coma|
memory-loss|记忆力减退|neuro|memory|记忆力减退,近事遗忘|以近事遗忘为主，常丢三落四,外出曾迷路，不识归途|dementia|
tremor|肢体抖动|neuro|tremor|肢体抖动,手抖|静止时明显，紧张时加重，睡眠时消失|tremor|
slowness|动作迟缓|neuro|tremor|动作迟缓,行动迟缓|起步困难，步幅变小，系扣费力|tremor|
insomnia|失眠|mental|sleep|失眠,睡眠差,入睡困难|入睡需1小时以上，易醒，醒后难再入睡,多梦早醒，白天精神差||
anxiety|焦虑|mental|anxiety|紧张、担心,焦虑不安,心烦|常为小事担心，坐立不安,伴手心出汗、心跳快|anxious|
low-mood|情绪低落|mental|mood|情绪低落,心情差|晨重暮轻，对以往爱好失去兴趣,常独自流泪，自觉没有用处|depressed|
loss-of-interest|兴趣减退|mental|mood|兴趣减退,懒言少动|不愿出门，少与人交往|depressed|
hallucinations|幻听|mental|psychosis|凭空闻语,言行异常|凭空听到有人议论自己，对空言语|psychotic|
delusions|疑人害己|mental|psychosis|疑人害己,多疑|坚信邻里监视、加害，不听解释|psychotic|
agitation|烦躁|mental|mania|烦躁、易激惹,易激惹|易发脾气，坐卧不安|anxious|
mania|兴奋话多|mental|mania|兴奋、话多,言语增多|话多、睡眠需要减少，挥霍钱物|manic|
suicidal|消极言行|mental|suicidal|消极言行|流露轻生念头，家属看护|depressed|
thirst|口渴|endocrine|thirst|口渴、多饮,口干、多饮|每日饮水约3000ml，伴多尿,夜间需起床饮水||
polyuria|多尿|endocrine|polyuria|多尿,夜尿增多|夜间排尿3～4次，尿量多||
hunger|多食易饥|endocrine|hunger|多食易饥|餐前常有饥饿、心慌感||
hypoglycaemia|心慌、出汗|endocrine|hypo|心慌、出汗、饥饿感|进食后约10分钟缓解，测指血糖偏低||
blurred-vision|视物模糊|eye|vision|视物模糊,视力下降|无眼红、眼痛，渐进性加重,视远视近均不清|vision|
neck-lump|颈部肿物|endocrine|nodes|颈部肿物,颈前包块|随吞咽上下移动，无疼痛|thyroid|
heat-intolerance|怕热|endocrine|sweat|怕热、多汗|伴易怒、手抖|hyperthyroid|
cold-intolerance|怕冷|endocrine|cold|怕冷,畏寒怕冷|伴少汗、皮肤干燥||
constipation|便秘|digestive|stool|便秘,大便干结|3～5日一行，干结如羊粪，排便费力,需用开塞露辅助||
diarrhoea|腹泻|digestive|diarrhoea|腹泻,腹泻,稀水样便|每日{n}次，为黄色稀水样便，无黏液脓血,为稀糊状便，便后腹痛可减|tender-soft|
watery-diarrhoea|水样泻|digestive|diarrhoea|水样腹泻,腹泻|每日{n}次，量多，为蛋花汤样|dry|
bloody-diarrhoea|黏液脓血便|digestive|diarrhoea|黏液脓血便,脓血便|每日{n}次，伴里急后重|tender-left|
vomiting|呕吐|digestive|vomit|呕吐,恶心、呕吐|为胃内容物，非喷射性，每日{n}次,进食后明显，吐后稍舒|dry|
nausea|恶心|digestive|vomit|恶心,恶心不适|进食油腻后明显，未吐||
abdominal-pain|腹痛|digestive|belly|腹痛,脐周腹痛,阵发性腹痛|呈阵发性隐痛，与进食关系不明显,为阵发性绞痛，可自行缓解|tender-soft|
epigastric-pain|上腹痛|digestive|belly|上腹痛,上腹部隐痛,上腹胀痛|餐后加重，伴烧灼感,空腹时明显，进食后缓解,呈持续性隐痛，阵发性加重|tender-epigastric|
right-upper-pain|右上腹痛|digestive|belly|右上腹痛,右上腹绞痛|进食油腻后发作，向右肩背部放射|murphy|
right-lower-pain|转移性右下腹痛|digestive|belly|转移性右下腹痛,右下腹痛|起初位于脐周，数小时后固定于右下腹，持续加重|mcburney|
left-lower-pain|左下腹痛|digestive|belly|左下腹痛|排便后可减轻|tender-left|
abdominal-distension|腹胀|digestive|bloating|腹胀,腹部胀满|餐后明显，嗳气后减轻,伴肠鸣、矢气|distended|
ascites|腹部膨隆|digestive|bloating|腹部膨隆,腹围增大|渐进性腹胀，伴尿量减少|ascites|
heartburn|反酸、烧心|digestive|reflux|反酸、烧心,烧心|餐后及平卧时明显，夜间偶可烧醒||
acid-reflux|反酸|digestive|reflux|反酸,反酸、嗳气|弯腰及平卧时加重||
belching|嗳气|digestive|reflux|嗳气,嗳气频频|餐后明显，与情绪有关||
dysphagia|吞咽困难|digestive|swallow|吞咽困难,进食哽噎感|进行性加重，初为固体食物，渐至半流食|thin|
haematemesis|呕血|digestive|gi-bleeding|呕血,呕血1次|为暗红色血液，混有血块，量约{ml}ml|pallor|
melaena|黑便|digestive|gi-bleeding|黑便,解柏油样便|为柏油样，每日{n}次，伴头晕、乏力|pallor|
blood-in-stool|便血|digestive|rectal|便血,大便带血|色鲜红，便后滴出，不与大便相混|rectal|
anal-pain|肛门疼痛|digestive|rectal|肛门疼痛,肛周肿痛|排便时加重，坐位时明显|rectal|
anal-swelling|肛门肿物|digestive|rectal|肛门肿物脱出|便后脱出，可自行还纳|rectal|
groin-lump|腹股沟肿物|digestive|hernia|腹股沟可复性肿物,腹股沟肿块|站立及咳嗽时突出，平卧可还纳|hernia|
hiccup|呃逆|digestive|reflux|呃逆|声响而频，不能自止||
foreign-body-throat|咽部异物感|ent|throat|咽部异物感,误吞鱼刺|进食海鱼后出现，吞咽时刺痛,与进食无关，时轻时重|throat|
dysuria|尿痛|urinary|dysuria|尿痛,尿频、尿急、尿痛|排尿时烧灼感，伴下腹坠胀|suprapubic|
frequent-urination|尿频|urinary|dysuria|尿频、尿急,尿频|每日排尿10余次，每次量少|suprapubic|
urgency|尿急|urinary|dysuria|尿急|偶有急迫性尿失禁||
haematuria|血尿|urinary|haematuria|肉眼血尿,血尿|为全程无痛性肉眼血尿,尿呈洗肉水样，伴腰痛||
flank-pain|腰腹部绞痛|urinary|colic|腰腹部绞痛,腰部绞痛,突发腰痛|呈阵发性绞痛，向会阴部放射，辗转不安,伴恶心，未解肉眼血尿|flank|
difficult-urination|排尿困难|urinary|retention|排尿困难,排尿费力,尿线变细|尿等待、尿线变细、尿后滴沥,夜尿{n}次|prostate|M
urinary-retention|不能排尿|urinary|retention|不能自行排尿|下腹胀痛难忍|bladder|
nocturia|夜尿增多|urinary|polyuria|夜尿增多|每夜{n}次，影响睡眠||
foamy-urine|泡沫尿|urinary|foam|泡沫尿,尿中泡沫增多|泡沫久置不散||
low-urine|尿少|urinary|oliguria|尿少,尿量减少|24小时尿量约{ml}ml|oedema|
incontinence|尿失禁|urinary|incontinence|尿失禁,咳嗽时漏尿|咳嗽、大笑时漏尿||
testis-pain|阴囊疼痛|urinary|scrotum|阴囊疼痛,阴囊坠胀|久站后明显|scrotum|M
low-back-pain|腰痛|bone|back|腰痛,腰部酸痛,反复腰痛|弯腰及劳累后加重，休息后减轻,晨起僵硬，活动后稍缓解|lumbar|
back-pain|背痛|bone|back|背痛,腰背痛|久坐及劳累后加重|lumbar|
sciatica|腰腿痛|bone|back|腰痛伴下肢放射痛,腰腿痛|咳嗽时加重，向小腿外侧放射,行走约200米后需停歇|straight-leg|
neck-pain|颈部疼痛|bone|neck|颈肩部疼痛,颈部疼痛,颈项僵痛|伏案后加重，转头受限,向上肢放射，伴手指麻木|neck|
shoulder-pain|肩部疼痛|bone|shoulder|肩部疼痛,肩痛、活动受限|夜间明显，上举及后伸受限|shoulder|
elbow-pain|肘部疼痛|bone|elbow|肘部疼痛|拧毛巾、提物时加重|elbow|
knee-pain|膝关节疼痛|bone|knee|膝关节疼痛,双膝疼痛|上下楼梯及下蹲时加重，休息缓解,伴晨僵，约10分钟缓解|knee|
hip-pain|髋部疼痛|bone|hip|髋部疼痛|行走时加重，渐出现跛行|hip|
joint-pain|关节疼痛|bone|joint|关节疼痛,多关节肿痛|以双手小关节为主，晨僵超过1小时,呈游走性|joint|
joint-swelling|关节肿胀|bone|joint|关节肿胀,关节红肿热痛|局部皮温高，不能触碰|joint|
toe-pain|足趾关节红肿疼痛|bone|joint|足趾红肿疼痛,足部关节红肿热痛|夜间突发，难以忍受，发作前曾饮酒、进食海鲜,局部红肿，不能着地|toe|
heel-pain|足跟痛|bone|foot|足跟痛|晨起下地第一步明显|foot|
leg-pain|下肢疼痛|bone|leg|下肢疼痛,小腿疼痛|行走约300米后小腿胀痛，休息可缓解|pulse|
leg-cramps|小腿抽筋|bone|leg|小腿抽筋|夜间多发，需起床活动||
wrist-pain|腕部疼痛|bone|wrist|腕部疼痛,腕部肿痛、活动受限|跌倒时手掌撑地，局部肿胀|wrist|
hand-pain|手指疼痛|bone|hand|手指疼痛|屈伸时弹响|hand|
ankle-pain|踝部肿痛|bone|ankle|踝部肿痛,踝部扭伤后肿痛|扭伤后迅速肿胀，负重疼痛|ankle|
foot-pain|足部疼痛|bone|foot|足部疼痛|行走时加重|foot|
rib-pain|肋部疼痛|bone|rib|胸肋部疼痛|深呼吸、翻身时加重|rib|
muscle-pain|肌肉酸痛|bone|aches|肌肉酸痛|劳累后加重||
stiffness|关节僵硬|bone|joint|晨僵|活动后减轻|joint|
height-loss|身高变矮|bone|back|身高变矮、驼背|较年轻时矮约4cm|lumbar|
trauma|外伤|injury|injury|外伤后疼痛,外伤|伤后局部疼痛、肿胀，无昏迷史|wound|
wound|皮肤裂伤|injury|injury|皮肤裂伤、出血,外伤后出血|伤后自行压迫止血，创面污染不重|wound|
bleeding|出血|injury|injury|出血不止,外伤后出血|压迫后出血减少|wound|
head-injury|头部外伤|injury|injury|头部外伤,头部外伤后头痛|伤后无昏迷，能回忆受伤经过,伤后曾有短暂意识丧失，约1分钟|wound-head|
fall|摔伤|injury|injury|摔伤后疼痛,跌倒后疼痛|不慎跌倒，当即疼痛，活动受限|wound|
hip-fall|摔伤后髋部疼痛|injury|injury|摔伤后髋部疼痛,摔伤后不能站立|不慎跌倒，髋部着地，不能站立行走|hip-fracture|
burn|烫伤|injury|injury|热液烫伤,烫伤后疼痛|伤后即以冷水冲洗|burn|
bite|咬伤|injury|injury|动物咬伤,犬咬伤|伤后自行肥皂水冲洗，少量渗血|bite|
dog-bite|犬咬伤|injury|injury|犬咬伤|被家养犬咬伤，皮肤破损，少量渗血|bite|
cat-scratch|猫抓伤|injury|injury|猫抓伤|被家猫抓伤，表皮破损|bite|
insect-bite|虫咬伤|skin|rash|虫咬后红肿,虫咬伤|局部红肿、瘙痒|rash|
jellyfish-sting|海蜇蜇伤|injury|injury|海蜇蜇伤|游泳时被蜇，局部灼痛、条索状红斑|rash|
sprain|扭伤|injury|injury|扭伤后肿痛|扭伤后疼痛，活动受限|ankle|
electric-shock|电击伤|injury|injury|触电后不适|触电后短暂麻木|wound|
drowning|溺水|injury|injury|溺水|被救起后呛咳、气促|moist|
poisoning|误服毒物|injury|poison|误服药物,误服毒物|家属发现后送来，伴恶心、呕吐|coma|
carbon-monoxide|煤气中毒|injury|poison|煤气中毒,煤炉取暖后头痛|室内煤炉取暖，门窗紧闭|coma|
alcohol|饮酒后意识不清|injury|poison|饮酒后呕吐,大量饮酒后意识不清|饮白酒约{ml}ml后出现|alcohol|
heat|高温作业后不适|injury|heat|高温下头晕、大汗|于高温环境劳作后出现|fever|
rash|皮疹|skin|rash|皮疹,皮肤红斑、丘疹,全身皮疹|为红色斑丘疹，压之褪色，伴瘙痒,先见于躯干，渐及四肢|rash|
itching|皮肤瘙痒|skin|itch|皮肤瘙痒,全身皮肤瘙痒|夜间明显，搔抓后可见抓痕,反复发作，遇热加重|scratch|
hives|风团|skin|rash|风团、瘙痒,全身风团|起落不定，24小时内可自行消退|hives|
blisters|水疱|skin|blister|水疱,簇集性水疱|簇集成群，基底红，伴灼痛|blisters|
zoster-pain|带状疱疹样疼痛|skin|blister|皮肤簇集水疱、疼痛|沿神经呈带状分布，不超过中线，刺痛明显|zoster|
acne|面部痤疮|skin|acne|面部丘疹、脓疱|以面颊及前额为主，挤压后加重|acne|
hair-loss|脱发|skin|hair|脱发|洗头时脱落明显|hair|
skin-lump|皮下肿物|skin|lump|皮下肿物,皮肤肿物|缓慢增大，无疼痛|lump|
boil|疖肿|skin|boil|皮肤红肿、疼痛,疖肿|局部红肿热痛，中央有脓头|boil|
nail-changes|指甲增厚|skin|nail|趾甲增厚、变色|甲板增厚、变黄|nail|
peeling|脱屑|skin|peeling|皮肤脱屑、瘙痒,足部脱屑|趾间浸渍、脱屑|feet|
warts|疣|skin|lump|皮肤赘生物|表面粗糙，渐增多|lump|
dry-skin|皮肤干燥|skin|itch|皮肤干燥、瘙痒|秋冬加重|scratch|
mole|色素痣|skin|lump|色素痣增大|近期色泽加深|lump|
foot-ulcer|足部溃疡|skin|ulcer|足部溃疡,足部破溃|创面渗液，久不愈合|ulcer|
chapped|皮肤皲裂|skin|peeling|手足皲裂|干燥、疼痛|feet|
red-eye|眼红|eye|red-eye|眼红,眼红、分泌物多|晨起分泌物多，睁眼困难,伴异物感、流泪|red-eye|
eye-pain|眼痛|eye|red-eye|眼痛,眼胀痛|伴同侧头痛、视物模糊|eye-pressure|
eye-itch|眼痒|eye|itch-eye|眼痒,双眼痒|揉眼后加重，春季明显|red-eye|
dry-eye|眼干涩|eye|dry-eye|双眼干涩,眼干、异物感|用眼久后加重|dry-eye|
tearing|流泪|eye|tearing|流泪,迎风流泪|遇冷风加重|dry-eye|
poor-vision|视力下降|eye|vision|视力下降,视物不清|看远不清，看近尚可,视物如隔薄雾，渐加重|vision|
floaters|眼前黑影|eye|vision|眼前黑影飘动|不伴闪光感|vision|
eyelid-lump|眼睑肿物|eye|lid|眼睑肿物,眼睑红肿|局部硬结，压痛|lid|
eye-injury|眼外伤|eye|injury|眼部外伤,异物入眼|异物溅入后疼痛、流泪|red-eye|
squint|斜视|eye|vision|眼位偏斜|注视时一眼偏斜|vision|
sore-throat|咽痛|ent|throat|咽痛,咽喉肿痛,咽干、咽痛|吞咽时加重,以晨起为著，饮水后稍缓|throat|
hoarseness|声音嘶哑|ent|voice|声音嘶哑|用声过度后加重|throat|
runny-nose|流涕|ent|nose|流涕,流清涕,鼻塞、流涕|初为清涕，后转黄稠,量多，清水样|nose|
nasal-congestion|鼻塞|ent|nose|鼻塞,双侧鼻塞|交替性，夜间加重|nose|
stuffy-nose|鼻塞|ent|nose|鼻塞|晨起及夜间明显|nose|
sneezing|喷嚏|ent|nose|阵发性喷嚏,鼻痒、喷嚏|晨起连续十余个，伴清涕|nose-pale|
nosebleed|鼻出血|ent|epistaxis|鼻出血|单侧，量少，压迫后可止|epistaxis|
earache|耳痛|ent|ear|耳痛,耳部疼痛|呈持续性胀痛，夜间哭闹,牵拉耳廓时加重|ear|
ear-discharge|耳流脓|ent|ear|耳流脓|量少，无异味|ear|
hearing-loss|听力下降|ent|hearing|听力下降,突发听力下降|伴耳闷堵感|hearing|
tinnitus|耳鸣|ent|hearing|耳鸣|呈蝉鸣样，夜间安静时明显|hearing|
snoring|打鼾|ent|snore|睡眠打鼾,打鼾、张口呼吸|仰卧时重，伴憋气|tonsils|
smell-loss|嗅觉减退|ent|nose|嗅觉减退|伴鼻塞|nose|
toothache|牙痛|mouth|tooth|牙痛,牙齿疼痛|冷热刺激加重，夜间痛明显,咬合痛|tooth|
gum-bleeding|牙龈出血|mouth|gum|牙龈出血,牙龈肿痛|刷牙时出血|gum|
gum-swelling|牙龈肿痛|mouth|gum|牙龈肿痛|局部红肿，咬合不适|gum|
mouth-ulcer|口腔溃疡|mouth|ulcer-mouth|口腔溃疡,口腔疼痛|进食酸辣时疼痛加重，反复发作|mouth|
loose-tooth|牙齿松动|mouth|tooth|牙齿松动|咀嚼无力|tooth|
missing-tooth|牙齿缺失|mouth|tooth|牙齿缺失|要求修复|tooth|
tooth-injury|牙外伤|mouth|tooth|牙外伤|摔倒后磕碰|tooth|
bad-breath|口臭|mouth|gum|口臭|晨起明显|gum|
jaw-pain|颌面部疼痛|mouth|jaw|张口疼痛|张口受限，关节弹响|jaw|
mouth-blisters|口腔疱疹|mouth|ulcer-mouth|口腔疱疹,口腔疱疹、拒食|咽峡部疼痛，流涎、拒食|herpangina|
hand-foot-rash|手足皮疹|skin|rash|手、足、口腔疱疹,手足皮疹|手掌、足底及臀部散在红色斑丘疹、疱疹|hand-foot|
parotid-swelling|腮腺肿痛|mouth|parotid|耳下肿痛,腮腺肿大|以耳垂为中心肿大，咀嚼时加重|parotid|
barking-cough|犬吠样咳嗽|respiratory|cough|犬吠样咳嗽|夜间突发，伴声嘶、吸气性喉鸣|croup|
whoop|痉挛性咳嗽|respiratory|cough|阵发性痉挛性咳嗽|咳后有鸡鸣样回声，咳时面红、伴呕吐|coarse|
strawberry-tongue|草莓舌|skin|rash|发热、皮疹|皮肤弥漫性充血，其上针尖样红疹，压之褪色|scarlet|
koplik|麻疹样皮疹|skin|rash|发热、皮疹|疹自耳后发际渐及面、躯干、四肢|measles|
crying|哭闹|child|crying|哭闹不安,阵发性哭闹|难以安抚，夜间明显||
poor-feeding|吃奶差|child|appetite|吃奶差,拒奶|每次奶量较平日减少约一半||
poor-growth|生长缓慢|child|growth|生长缓慢,身高增长缓慢|近一年身高增长不足5cm|thin|
bed-wetting|遗尿|child|incontinence|遗尿|每周3～4次||
delayed-speech|语言发育迟缓|child|development|说话晚,语言落后|仅能说单字，理解尚可||
hyperactivity|多动|child|development|注意力不集中、多动|上课小动作多，作业拖拉||
night-terror|夜惊|child|crying|夜惊|入睡后哭闹，醒后不能回忆||
umbilical|脐部渗液|child|umbilical|脐部渗液|脐窝少量分泌物|umbilical|
diaper-rash|臀红|child|rash|臀部红疹|与尿布接触处明显|rash|
eczema|面部湿疹|skin|rash|面部红斑、丘疹|反复发作，瘙痒，夜间抓挠|rash|
early-puberty|乳房发育早|child|puberty|乳房发育|发现乳核，轻触痛|breast-bud|F
menstrual-pain|痛经|gyn|menses|痛经,经期腹痛|月经第1日明显，热敷可缓解||F
irregular-menses|月经不调|gyn|menses|月经不规律,月经紊乱|周期20～60天，经期延长||F
heavy-menses|月经量多|gyn|menses|月经量多,经期延长|伴血块，经期8～10天|pallor|F
amenorrhoea|停经|gyn|amenorrhoea|停经,闭经|平素月经规律，既往周期28～30天||F
vaginal-bleeding|阴道流血|gyn|bleeding|阴道流血,不规则阴道流血|量少，暗红色，无组织物排出,量如月经|cervix|F
postmenopausal-bleeding|绝经后阴道流血|gyn|bleeding|绝经后阴道流血|量少，点滴状|cervix|F
contact-bleeding|接触性出血|gyn|bleeding|同房后阴道流血|量少，色鲜红|cervix|F
vaginal-discharge|白带异常|gyn|discharge|白带增多,白带增多、外阴瘙痒|呈豆渣样，伴外阴瘙痒,色黄，有异味|discharge|F
vulval-itching|外阴瘙痒|gyn|discharge|外阴瘙痒|夜间明显，影响睡眠|discharge|F
pelvic-pain|下腹痛|gyn|belly|下腹痛,下腹坠痛|经期加重，向腰骶部放射|adnexa|F
hot-flushes|潮热|gyn|sweat|潮热、出汗,烘热汗出|每日发作5～6次，伴心烦||F
breast-lump|乳房肿块|gyn|breast|乳房肿块,发现乳房肿物|无疼痛，无乳头溢液|breast|F
breast-pain|乳房胀痛|gyn|breast|乳房胀痛,乳房疼痛|经前加重，经后缓解|breast-tender|F
nipple-discharge|乳头溢液|gyn|breast|乳头溢液|淡黄色，挤压时出现|breast|F
infertility|不孕|gyn|infertility|未避孕未孕1年|月经尚规律，丈夫精液检查待查||F
morning-sickness|孕吐|obstetric|vomit|停经后恶心、呕吐|晨起明显，可进少量流食||F
labour-pain|规律腹痛|obstetric|labour|规律腹痛,规律宫缩|宫缩间隔5～6分钟，持续30秒,伴见红|labour|F
contractions|规律宫缩|obstetric|labour|规律宫缩|间隔5～6分钟，持续30～40秒|labour|F
waters-broken|阴道流液|obstetric|labour|阴道流液|色清，量中，无异味|labour|F
show|见红|obstetric|labour|见红|少量血性分泌物|labour|F
less-movement|胎动减少|obstetric|movement|自觉胎动减少|12小时胎动少于平日一半|pregnant|F
antenatal|产前检查|obstetric|antenatal|产前检查|无腹痛、阴道流血及流液，自觉胎动正常|pregnant|F
postpartum|产后复查|obstetric|antenatal|产后复查|恶露已净，无发热||F
asymptomatic|无不适|general|none|无明显不适|一般情况好，无自觉不适||
checkup|体检|general|none|健康体检|一般情况好，无特殊不适||
follow-up|复诊|general|none|复诊|病情平稳，规律服药||
refill|取药|general|none|复诊取药|病情平稳，规律服药，要求继续取药||
high-blood-pressure|血压升高|heart|pressure|血压升高,发现血压高|自测血压波动于{bp}mmHg之间||
high-glucose|血糖升高|endocrine|glucose|血糖升高,发现血糖高|自测空腹血糖{glu}mmol/L左右||
high-lipids|血脂升高|endocrine|lipids|发现血脂高|无胸闷、胸痛||
vaccination|预防接种|general|none|预防接种|近期无发热，无接种禁忌||
bleeding-tendency|皮肤瘀斑|blood|purpura|皮肤瘀点、瘀斑,皮肤紫癜|无明显外伤，下肢为著|purpura|
choking|饮水呛咳|neuro|swallow|饮水呛咳|进流食时明显|speech|
gait|行走不稳|neuro|gait|行走不稳|步态不稳，易向一侧偏斜|weakness|
rehabilitation|活动不利|neuro|weakness|肢体活动不利|肌力较前好转，仍需扶行|weakness|
cyanosis|口唇发绀|respiratory|dyspnoea|口唇发绀、气促|活动后加重|cyanosis|
apnoea|呼吸暂停|respiratory|snore|睡眠中憋醒|家属诉夜间有呼吸停顿|tonsils|
cardiac-arrest|呼吸心跳停止|heart|arrest|呼吸、心跳停止|家属发现时呼之不应，无自主呼吸|arrest|
bone-pain|骨痛|bone|bone|骨痛|夜间明显，止痛药效差|lumbar|
cancer-pain|癌性疼痛|general|pain|疼痛加重|需口服阿片类药物，夜间明显|thin|
bedridden|卧床|general|bed|长期卧床|生活不能自理，需人照料|bed|
pressure-sore|压疮|skin|ulcer|骶尾部皮肤破溃|长期卧床，局部渗液|ulcer|
travel-fever|旅行后发热|general|fever|旅居后发热|近期有外地旅居史，体温最高{t}|fever|
tick-bite|蜱虫叮咬|skin|bite|蜱虫叮咬后发热|野外劳作后发现蜱虫附着|bite|
genital-ulcer|生殖器溃疡|skin|genital|外生殖器溃疡|无明显疼痛|genital|
urethral-discharge|尿道分泌物|urinary|dysuria|尿道流脓|伴尿道烧灼感|genital|M
walking-difficulty|跛行|bone|gait|行走困难|步行距离渐缩短|hip|
fainting|头晕欲倒|neuro|syncope|一过性黑蒙|站起时出现，数秒缓解||
chest-injury|胸部外伤|injury|injury|胸部外伤后疼痛|伤后胸痛，深呼吸加重|rib|
tingling|蚁行感|neuro|numbness|肢体蚁行感|夜间明显|numb|
hand-tremor|手抖|neuro|tremor|手抖|紧张时加重|tremor|
nightmares|多梦|mental|sleep|多梦、易醒|醒后疲乏||
worry|担心|mental|anxiety|过度担心|难以控制|anxious|
cold-hands|手足冷|general|cold|手足不温|冬季加重||
thirst-dry|口干|general|thirst|口干|饮水不解||
bitter-mouth|口苦|digestive|bitter|口苦、口干|晨起明显||
drowsy|嗜睡|neuro|consciousness|嗜睡,嗜睡、反应差|唤之能醒，停止刺激复入睡|coma|
confused|意识混乱|neuro|consciousness|意识混乱,胡言乱语|时轻时重，夜间明显|coma|
drunk|饮酒后兴奋、步态不稳|injury|poison|饮酒后呕吐、言语不清|饮酒量较平日多|alcohol|
lower-abdominal-pain|下腹痛|urinary|belly|下腹痛,下腹坠痛,下腹隐痛|呈持续性隐痛，活动后明显,阵发性坠痛|suprapubic|
upper-abdominal-pain|上腹痛|digestive|belly|上腹痛,上腹部疼痛,中上腹痛|持续性疼痛，阵发性加剧，向腰背部放射,餐后加重|tender-epigastric|
sudden-abdominal-pain|突发腹痛|digestive|belly|突发腹痛,突发剧烈腹痛|如刀割样，迅速波及全腹|mcburney|
right-upper-abdominal-pain|右上腹痛|digestive|belly|右上腹痛,右上腹胀痛|进食油腻后发作，向右肩背放射|murphy|
right-lower-abdominal-pain|右下腹痛|digestive|belly|转移性右下腹痛,右下腹痛|起初位于上腹及脐周，后固定于右下腹|mcburney|
black-stool|黑便|digestive|gi-bleeding|黑便,排黑色柏油便|每日{n}次，量中等，伴头晕|pallor|
bloody-stool|血便|digestive|diarrhoea|黏液血便,血便|每日{n}次，伴里急后重|tender-left|
bloating|腹胀|digestive|bloating|腹胀,餐后腹胀,脘腹胀满|餐后及下午明显，矢气后减轻|distended|
no-stool|停止排气排便|digestive|stool|停止排气、排便|伴腹胀、呕吐|distended|
swallowing-pain|吞咽痛|ent|throat|吞咽疼痛|进食硬物时明显|throat|
mouth-opening|张口困难|mouth|jaw|张口受限|局部肿胀，张口时疼痛加重|jaw|
seizure|抽搐发作|neuro|convulsion|突发抽搐,四肢抽搐|发作时意识丧失、口吐白沫，约{min}分钟缓解,发作后不能回忆||
arm-weakness|上肢无力|neuro|weakness|一侧上肢无力|持物易落，症状持续不缓解|weakness|
leg-weakness|下肢无力|bone|weakness|双下肢无力,下肢无力|行走时易疲劳|lumbar|
swelling|局部肿胀|injury|swelling|局部肿胀|肿胀渐加重，皮温稍高|wound|
flashes|眼前闪光|eye|vision|眼前闪光感|暗处明显|vision|
curtain-vision|视物遮挡感|eye|vision|眼前幕状遮挡|由一侧渐扩大|vision|
scrotal-pain|阴囊疼痛|urinary|scrotum|阴囊疼痛,突发阴囊疼痛|向腹股沟放射，行走加重|scrotum|M
scrotal-swelling|阴囊肿大|urinary|scrotum|阴囊肿大,阴囊肿物|站立时明显，平卧稍减|scrotum|M
paroxysmal-crying|阵发性哭闹|child|crying|阵发性哭闹|间歇时安静，伴屈腿、拒抱|tender-soft|
night-toothache|夜间牙痛|mouth|tooth|牙痛,夜间牙痛|冷热刺激加重，不能定位|tooth|
hoarse|声音嘶哑|ent|voice|声音嘶哑,声嘶|用声多及受凉后加重|throat|
oral-ulcer|口腔溃疡|mouth|ulcer-mouth|口腔溃疡,反复口腔溃疡|进食时疼痛明显|mouth|
oral-white-patches|口腔白斑|mouth|ulcer-mouth|口腔白膜,口腔白色斑块|不易拭去，吃奶时哭闹|mouth|
itchy-nose|鼻痒|ent|nose|鼻痒,鼻痒、喷嚏|晨起及遇冷空气明显|nose-pale|
nose-foreign-body|鼻腔异物|ent|nose|鼻腔异物|家长发现患儿将异物塞入鼻腔|nose|
mouth-breathing|张口呼吸|ent|snore|夜间张口呼吸|仰卧时重，伴打鼾|tonsils|
pale|面色苍白|general|pallor|面色苍白,面色差|家长发现面色差，活动后明显|pallor|
irritable|烦躁|child|crying|烦躁、易怒|夜间睡眠不安||
restless|睡眠不安|child|crying|睡眠不安|入睡后翻动多、易惊醒||
late-teething|出牙迟|child|growth|出牙迟|同龄儿已出牙，饮食可||
short|身材矮小|child|growth|身材矮小,身高落后|较同龄儿矮，年增长不足5cm|thin|
tics|抽动|child|tics|眨眼、耸肩,不自主抽动|紧张时明显，睡眠时消失||
blinking|频繁眨眼|eye|tics|频繁眨眼|看电视后明显|red-eye|
inattention|注意力不集中|child|development|注意力不集中|上课走神，作业拖拉||
foreskin|包皮过长|urinary|foreskin|包皮过长,包皮不能上翻|排尿时包皮鼓起，无红肿|scrotum|M
painful-urination|尿痛|urinary|dysuria|尿痛,尿频、尿痛|排尿末明显，有烧灼感|suprapubic|
urgent-urination|尿急|urinary|dysuria|尿急、尿频|难以控制，偶有漏尿|suprapubic|
weak-stream|尿线变细|urinary|retention|排尿费力、尿线变细|尿等待，尿后滴沥|prostate|M
night-urination|夜尿增多|urinary|polyuria|夜尿增多|每夜{n}次，影响睡眠||
oliguria|尿少|urinary|oliguria|尿少|24小时尿量约{ml}ml|oedema|
perineal-pain|会阴部不适|urinary|perineum|会阴部坠胀不适|久坐后加重|prostate|M
genital-swelling|外生殖器红肿|urinary|scrotum|外生殖器红肿|局部红肿，有分泌物|genital|
genital-rash|外生殖器皮疹|skin|genital|外生殖器皮疹|无明显痛痒|genital|
itching-vulva|外阴瘙痒|gyn|discharge|外阴瘙痒|夜间明显|discharge|F
discharge|分泌物增多|gyn|discharge|分泌物增多|色黄，伴异味|discharge|F
breast-budding|乳房发育|child|puberty|乳房发育|触之稍痛，未来月经|breast-bud|F
eye-discharge|眼部分泌物多|eye|red-eye|眼分泌物增多|晨起睁眼困难|red-eye|
itchy-eye|眼痒|eye|itch-eye|眼痒,双眼痒|春秋季明显，揉眼后加重|red-eye|
photophobia|畏光|eye|red-eye|畏光、流泪|强光下加重|red-eye|
eye-fatigue|眼疲劳|eye|dry-eye|眼疲劳,眼酸胀|用眼后明显，休息可缓解|dry-eye|
eye-foreign-feeling|眼异物感|eye|dry-eye|眼异物感|眨眼时明显|red-eye|
distorted-vision|视物变形|eye|vision|视物变形|直线变弯，渐加重|vision|
purpura|皮肤紫癜|blood|purpura|皮肤紫癜,双下肢紫癜|对称分布，压之不褪色，无瘙痒|purpura|
throat-itch|咽痒|ent|throat|咽痒,咽痒、咳嗽|遇冷空气及异味加重|throat|
throat-foreign-feeling|咽部异物感|ent|throat|咽部异物感|咽之不下，吐之不出，进食无碍|throat|
throat-foreign-body|咽部异物|ent|throat|误咽鱼刺后咽痛,咽部异物|进食海鱼后出现，吞咽时刺痛|throat|
swallowed-object|误吞异物|child|swallowed|误吞异物|家长发现后即来，无呛咳||
facial-pain|面部疼痛|neuro|face-pain|面部疼痛|呈电击样，洗脸、进食时诱发||
reduced-smell|嗅觉减退|ent|nose|嗅觉减退|伴鼻塞|nose|
abnormal-finding|体检发现异常|general|none|体检发现异常|无自觉不适，体检时发现||
daytime-sleepiness|白天嗜睡|ent|snore|白天嗜睡|夜间打鼾、憋气|tonsils|
ear-fullness|耳闷|ent|ear-full|耳闷堵感|自听增强，捏鼻鼓气稍缓|hearing|
ear-itch|耳痒|ent|ear|耳痒|掏耳后加重|ear|
ear-pain|耳痛|ent|ear|耳痛|呈持续性，牵拉耳廓加重|ear|
leg-veins|下肢静脉迂曲|skin|veins|下肢静脉迂曲|久站后酸胀|leg-swelling|
anal-lump|肛门肿物|digestive|rectal|肛门肿物,便后肿物脱出|可自行还纳|rectal|
anal-discharge|肛周流脓|digestive|rectal|肛周流脓水|反复发作，伴硬结|rectal|
leg-numbness|下肢麻木|bone|numbness|下肢麻木,腰痛伴下肢麻木|以小腿外侧为著|straight-leg|
arm-numbness|上肢麻木|bone|numbness|上肢麻木,颈痛伴上肢麻木|以手指为著|neck|
hand-numbness|手麻|bone|numbness|手指麻木|夜间麻醒，甩手缓解|numb|
shoulder-stiffness|肩部僵硬|bone|shoulder|肩部僵硬|上举、摸背受限|shoulder|
knee-swelling|膝关节肿胀|bone|knee|膝关节肿胀|活动后加重|knee|
joint-stiffness|关节僵硬|bone|joint|晨僵|活动后减轻|joint|
finger-pain|手指疼痛|bone|hand|手指疼痛,手指肿痛|屈伸时明显|hand|
finger-swelling|手指肿胀|injury|hand|手指肿痛|伤后肿胀，屈伸受限|hand|
wrist-lump|腕部肿物|bone|wrist|腕背肿物|质韧，无明显疼痛|lump|
wrist-swelling|腕部肿痛|injury|wrist|腕部肿痛、活动受限|伤后迅速肿胀|wrist|
elbow-swelling|肘部肿痛|injury|elbow|肘部肿痛、活动受限|伤后不能屈伸|elbow|
shoulder-swelling|肩部肿痛|injury|shoulder|肩部肿痛、活动受限|伤后不能抬臂|shoulder|
ankle-swelling|踝部肿痛|injury|ankle|踝部肿痛|伤后不能负重|ankle|
foot-swelling|足部肿痛|injury|foot|足部肿痛|伤后行走困难|ankle|
walking-limp|跛行|bone|gait|跛行|行走后疼痛|hip|
unsteady|行走不稳|neuro|gait|行走不稳|转身时明显|nystagmus|
anxious|紧张|mental|anxiety|紧张、心慌|遇事易紧张|anxious|
facial-weakness|面部歪斜|neuro|face|口角歪斜,闭目不全|晨起发现，漱口漏水|face|
painful-rash|皮肤疼痛性皮疹|skin|blister|皮肤红斑水疱、疼痛|呈针刺样痛，夜间明显|zoster|
chest-wall-pain|胸壁疼痛|bone|chest-wall|胸壁疼痛|按压及翻身时加重|rib|
foot-itch|足痒|skin|itch|足部瘙痒、脱屑|趾间明显|feet|
nail-change|甲改变|skin|nail|甲增厚、变色|渐累及多甲|nail|
pimples|面部丘疹|skin|acne|面部丘疹、脓疱|经前加重|acne|
scaly-rash|鳞屑性皮疹|skin|rash|红斑、鳞屑|刮除鳞屑可见点状出血，冬重夏轻|rash|
skin-pain|皮肤疼痛|skin|skin-pain|皮肤红肿疼痛|局部皮温高|boil|
skin-redness|皮肤发红|skin|rash|皮肤发红、瘙痒|接触后出现|rash|
pale-patches|皮肤白斑|skin|colour|皮肤白斑|无痛痒，缓慢扩大||
brown-spots|皮肤色斑|skin|colour|面部褐色斑|日晒后加深||
lip-blisters|口唇水疱|skin|blister|口唇簇集水疱|伴灼热感|blisters|
painful-lump|疼痛性肿块|skin|boil|皮下肿块、疼痛|红肿，触痛|boil|
tooth-hole|牙洞|mouth|tooth|牙齿龋洞|食物嵌塞|tooth|
chewing-trouble|咀嚼困难|mouth|tooth|咀嚼困难|缺牙后出现|tooth|
crooked-teeth|牙列不齐|mouth|tooth|牙列不齐|要求矫正|tooth|
tooth-check|口腔检查|mouth|tooth|要求口腔检查|无自觉不适|tooth|
irregular-periods|月经紊乱|gyn|menses|月经紊乱,月经不规律|周期20～50天不等||F
period-pain|痛经|gyn|menses|痛经|经期第一、二日明显||F
heavy-periods|月经量多|gyn|menses|月经量多,经期延长|伴血块|pallor|F
no-conception|不孕|gyn|infertility|未避孕未孕1年余|月经尚规律||F
vaginal-lump|阴道肿物|gyn|prolapse|阴道肿物脱出|久站后明显，平卧可还纳|cervix|F
iud-check|节育器检查|gyn|none|要求检查节育器|无腹痛及阴道流血||F
paroxysmal-cough|阵发性咳嗽|respiratory|cough|阵发性痉挛性咳嗽,阵咳|夜间明显，咳后呕吐|coarse|
unable-to-walk|不能行走|injury|walk|伤后不能行走|患肢不能负重|hip-fracture|
unable-to-move|活动受限|injury|walk|伤后活动受限|疼痛剧烈，不能活动|wound|
arm-not-moved|上肢不能活动|injury|arm|上肢不愿活动|被牵拉后哭闹，不能抬举|elbow|
pain-after-injury|外伤后疼痛|injury|injury|外伤后疼痛|局部肿胀、压痛|wound|
scalp-swelling|头皮肿胀|injury|scalp|头皮血肿|局部肿痛，无昏迷、呕吐|wound-head|
scalp-bleeding|头皮裂伤|injury|scalp|头皮裂伤、出血|压迫后出血减少|wound-head|
hand-wound|手部裂伤|injury|wounds|手部裂伤、出血|手指活动可，无麻木|wound|
leg-wound|下肢裂伤|injury|wounds|下肢裂伤、出血|压迫止血后来诊|wound|
foot-wound|足部刺伤|injury|wounds|足部刺伤、疼痛|为铁钉刺入，少量出血|wound|
burn-pain|烫伤后疼痛|injury|burns|烫伤后疼痛|伤后冷水冲洗约10分钟|burn|
animal-bite|动物咬伤|injury|bites|被犬咬伤,被猫抓伤|皮肤破损，已用肥皂水冲洗|bite|
sting-pain|蜇伤后疼痛|injury|bites|被蜂蜇伤后肿痛,蜇伤后疼痛|局部红肿、灼痛|rash|
plate-in-place|内固定在位|injury|none|骨折术后要求取内固定|骨折已愈合，活动可||
after-surgery|术后复查|general|none|术后复查|伤口愈合好，无明显不适||
vaccine-due|接种疫苗|general|none|按程序接种疫苗|无发热等不适||
follow-up-visit|随访|general|none|定期随访|病情平稳||

"""

_OF_MEN: Final = {"pelvic-pain": "lower-abdominal-pain"}


def fitting(keys: tuple[str, ...], sex: str) -> tuple[str, ...]:
    """The symptoms that somebody of that sex can have; the same tuple where all fit."""
    if all(SYMPTOMS[key].sex in ("", sex) for key in keys if key in SYMPTOMS):
        return keys
    kept = []
    for key in keys:
        own = _OF_MEN.get(key, key) if sex == "M" else key
        if own in SYMPTOMS and SYMPTOMS[own].sex in ("", sex):
            kept.append(own)
    return tuple(kept) or ("fatigue",)


_EMPTY: Final = ("无明显加重及缓解因素",)


def _symptoms() -> Iterator[Symptom]:
    for line in _TABLE.strip().splitlines():
        key, name, system, group, forms, details, sign, sex = line.split("|")
        yield Symptom(
            key, name, system, group, tuple(forms.split(",")),
            tuple(details.split(",")) if details else _EMPTY, sign, sex,
        )  # fmt: skip


SYMPTOMS: Final = {symptom.key: symptom for symptom in _symptoms()}

DENIED: Final[dict[str, tuple[str, ...]]] = {
    "general": ("fever", "cough", "chest-tightness", "abdominal-pain", "night-sweats", "rash"),
    "respiratory": (
        "fever", "chills", "sputum", "haemoptysis", "chest-pain", "wheeze", "breathless",
        "night-sweats", "palpitations", "rash",
    ),
    "heart": (
        "chest-pain", "palpitations", "syncope", "breathless", "orthopnoea", "dizziness", "cough",
        "haemoptysis", "oedema", "fever", "nausea",
    ),
    "digestive": (
        "fever", "nausea", "vomiting", "diarrhoea", "melaena", "haematemesis", "jaundice",
        "abdominal-distension", "heartburn", "blood-in-stool", "chest-tightness",
    ),
    "neuro": (
        "nausea", "vomiting", "convulsion", "limb-weakness", "slurred-speech", "unconscious",
        "blurred-vision", "chest-tightness", "palpitations", "tinnitus", "fever", "numbness",
    ),
    "endocrine": (
        "thirst", "polyuria", "hunger", "weight-loss", "blurred-vision", "numbness", "foamy-urine",
        "palpitations", "chest-tightness", "sweating",
    ),
    "urinary": ("fever", "chills", "haematuria", "dysuria", "low-back-pain", "oedema", "nausea"),
    "bone": (
        "fever", "numbness", "limb-weakness", "night-sweats", "joint-swelling", "rash",
        "incontinence", "weight-loss",
    ),
    "injury": (
        "unconscious", "headache", "vomiting", "chest-tightness", "abdominal-pain", "numbness",
        "breathless", "convulsion",
    ),
    "skin": ("fever", "joint-pain", "abdominal-pain", "breathless", "chest-tightness", "vomiting"),
    "eye": ("eye-pain", "floaters", "headache", "nausea", "fever", "tearing", "red-eye"),
    "ent": (
        "fever", "cough", "headache", "breathless", "earache", "tinnitus", "dysphagia",
        "hoarseness", "nosebleed",
    ),
    "mouth": ("fever", "gum-bleeding", "mouth-ulcer", "dysphagia", "jaw-pain"),
    "gyn": (
        "fever", "abdominal-pain", "dysuria", "vaginal-bleeding", "vulval-itching", "nausea",
        "breast-pain", "dizziness",
    ),
    "obstetric": (
        "headache", "dizziness", "blurred-vision", "abdominal-pain", "vaginal-bleeding", "oedema",
        "itching", "palpitations",
    ),
    "mental": ("headache", "palpitations", "convulsion", "hallucinations", "suicidal", "fever"),
    "child": ("fever", "cough", "vomiting", "diarrhoea", "convulsion", "rash", "wheeze"),
    "blood": ("fever", "gum-bleeding", "melaena", "joint-pain", "abdominal-pain", "nosebleed"),
}  # fmt: skip
"""What is asked after, and denied where it is not there, by the system of the chief symptom."""
