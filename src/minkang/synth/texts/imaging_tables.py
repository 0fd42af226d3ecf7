# ruff: noqa: E501
"""Studies and their findings, as phrases: what stands in a report when all is well, and when not.

Slots: {s} side, {a} and {b} sizes in mm, {n} a small number, {r} a heart rate, {c} a size in cm.
"""

from typing import Final

# key | name | modality | part | price in yuan | minutes from order to report
STUDIES_TABLE: Final = """
chest-film|胸部正侧位DR|DX|胸部|70|40
chest-ct|胸部CT平扫|CT|胸部|260|90
head-ct|颅脑CT平扫|CT|颅脑|220|60
head-mri|颅脑MRI平扫+DWI|MR|颅脑|480|240
head-mra|颅脑MRA|MR|颅脑血管|420|240
abdomen-ct|腹部CT平扫+增强|CT|腹部|520|180
pelvis-ct|骨盆CT平扫|CT|骨盆|260|120
sinus-ct|鼻窦CT平扫|CT|鼻窦|230|90
ear-ct|颞骨CT平扫|CT|颞骨|260|120
lumbar-ct|腰椎间盘CT平扫|CT|腰椎|260|90
lumbar-mri|腰椎MRI平扫|MR|腰椎|460|300
cervical-mri|颈椎MRI平扫|MR|颈椎|460|300
knee-mri|膝关节MRI平扫|MR|膝关节|460|300
shoulder-mri|肩关节MRI平扫|MR|肩关节|460|300
urinary-ct|泌尿系CT平扫|CT|泌尿系|260|90
mrcp|磁共振胰胆管成像MRCP|MR|胰胆管|460|240
neck-ct|颈部CT平扫+增强|CT|颈部|380|120
pet-ct|全身PET-CT|PT|全身|7000|1440
abdomen-ultrasound|腹部彩超（肝胆胰脾）|US|腹部|90|25
urinary-ultrasound|泌尿系彩超|US|泌尿系|90|25
gynae-ultrasound|子宫附件彩超|US|子宫附件|100|25
obstetric-ultrasound|产科彩超|US|胎儿|150|30
thyroid-ultrasound|甲状腺彩超|US|甲状腺|90|25
neck-ultrasound|颈部淋巴结彩超|US|颈部|90|25
breast-ultrasound|乳腺彩超|US|乳腺|90|25
carotid-ultrasound|颈动脉彩超|US|颈动脉|120|30
leg-vein-ultrasound|下肢静脉彩超|US|下肢静脉|140|30
leg-artery-ultrasound|下肢动脉彩超|US|下肢动脉|140|30
soft-tissue-ultrasound|浅表软组织彩超|US|软组织|80|20
scrotum-ultrasound|阴囊彩超|US|阴囊|90|25
hip-ultrasound|婴幼儿髋关节超声|US|髋关节|90|25
echo|超声心动图|US|心脏|180|40
ecg|十二导联心电图|ECG|心脏|20|10
holter|24小时动态心电图|ECG|心脏|160|1560
pressure-monitor|24小时动态血压|ECG|血压|120|1560
treadmill|平板运动试验|ECG|心脏|180|60
eeg|脑电图|EEG|颅脑|120|120
nerve-conduction|肌电图（神经传导）|EMG|四肢|260|180
lung-function|肺功能检查|PF|肺|120|30
sleep-study|多导睡眠监测|PSG|睡眠|420|1440
bone-density|双能X线骨密度|DX|骨|140|30
lumbar-film|腰椎正侧位DR|DX|腰椎|80|40
cervical-film|颈椎正侧位DR|DX|颈椎|80|40
thoracic-film|胸椎正侧位DR|DX|胸椎|80|40
wrist-film|腕关节正侧位DR|DX|腕关节|70|40
hand-film|手正斜位DR|DX|手|70|40
elbow-film|肘关节正侧位DR|DX|肘关节|70|40
forearm-film|尺桡骨正侧位DR|DX|前臂|70|40
shoulder-film|肩关节正位DR|DX|肩关节|70|40
clavicle-film|锁骨正位DR|DX|锁骨|70|40
rib-film|肋骨正斜位DR|DX|肋骨|80|40
hip-film|髋关节正位DR|DX|髋关节|80|40
pelvis-film|骨盆正位DR|DX|骨盆|80|40
femur-film|股骨正侧位DR|DX|股骨|80|40
knee-film|膝关节正侧位DR|DX|膝关节|70|40
tibia-film|胫腓骨正侧位DR|DX|小腿|70|40
ankle-film|踝关节正侧位DR|DX|踝关节|70|40
foot-film|足正斜位DR|DX|足|70|40
abdomen-film|立位腹部平片|DX|腹部|70|40
nasopharynx-film|鼻咽侧位DR|DX|鼻咽|60|40
dental-film|牙片|DX|牙|20|15
bone-age|左手骨龄片|DX|左手|80|60
gastroscopy|电子胃镜|ES|上消化道|280|60
colonoscopy|电子结肠镜|ES|结肠|360|90
bronchoscopy|电子支气管镜|ES|支气管|420|120
laryngoscopy|电子喉镜|ES|喉|160|30
nasal-endoscopy|鼻内镜|ES|鼻腔|120|20
hysteroscopy|宫腔镜检查|ES|宫腔|420|60
colposcopy|电子阴道镜|ES|宫颈|140|30
cystoscopy|膀胱镜检查|ES|膀胱|320|60
coronary-angiography|冠状动脉造影|XA|冠状动脉|3200|120
coronary-ct|冠状动脉CTA|CT|冠状动脉|980|240
mammography|乳腺钼靶|MG|乳腺|180|60
fundus|眼底照相|OP|眼底|60|20
oct|黄斑OCT|OP|黄斑|160|30
refraction|验光|OP|双眼|30|15
eye-pressure|眼压测量|OP|双眼|20|10
slit-lamp|裂隙灯检查|OP|双眼|20|10
audiometry|纯音测听|AU|双耳|60|30
pathology|病理学检查|SM|组织|320|4320
cervical-cytology|宫颈液基细胞学|SM|宫颈|120|4320
"""

NORMAL: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "chest-film": (
        ("两肺纹理清晰，走行自然，肺野透光度正常，未见明显实质性病变。", "双肺野清晰，肺纹理走行分布正常，未见异常密度影。", "两肺纹理略增多，未见明显渗出及实变影。"),
        ("双肺门影不大，结构清晰。", "两肺门影未见增大、增浓。", "肺门大小、位置正常。"),
        ("心影大小、形态正常，纵隔居中。", "心影不大，主动脉未见异常，纵隔未见增宽。", "心脏形态大小在正常范围。"),
        ("双膈面光整，肋膈角锐利。", "两膈光滑，双侧肋膈角锐利。", "膈肌位置正常，肋膈角清晰。"),
    ),
    "chest-ct": (
        ("胸廓对称，双肺纹理清晰，肺实质内未见明显异常密度影。", "双肺野透亮度正常，肺内未见明确结节、渗出及实变影。", "两肺支气管血管束走行自然，未见异常密度灶。"),
        ("气管及各级支气管通畅，管壁未见增厚。", "各叶段支气管开口通畅。", "气管、支气管管腔通畅。"),
        ("纵隔内未见肿大淋巴结，心影不大。", "纵隔、肺门未见明显肿大淋巴结，心脏大血管形态正常。", "心脏大小正常，纵隔结构清晰。"),
        ("双侧胸腔未见积液。", "胸膜未见增厚，胸腔无积液。", "未见胸腔积液及胸膜增厚。"),
    ),
    "head-ct": (
        ("脑实质内未见明显异常密度影，灰白质界限清楚。", "双侧大脑半球对称，脑实质密度均匀。", "脑实质密度未见明显异常，灰白质分界清。"),
        ("脑室、脑池大小形态正常。", "脑室系统未见扩大及受压变形。", "脑室、脑池、脑沟未见增宽。"),
        ("中线结构居中。", "中线结构无移位。"),
        ("颅骨骨质未见异常。", "颅骨未见骨折线。", "所见颅骨完整。"),
    ),
    "head-mri": (
        ("脑实质内未见明显异常信号，DWI未见弥散受限。", "双侧大脑半球对称，脑实质信号均匀，DWI未见高信号。", "脑实质内未见明确异常信号灶，弥散加权未见异常。"),
        ("脑室、脑池、脑沟大小形态正常。", "脑室系统大小形态正常，脑沟裂不宽。"),
        ("中线结构居中，小脑、脑干形态信号正常。", "中线无移位，脑干及小脑未见异常。"),
        ("所见鼻窦、乳突信号正常。", "颅底结构清晰。"),
    ),
    "head-mra": (
        ("双侧颈内动脉、大脑前、中、后动脉走行自然，管腔未见明显狭窄。", "颅内各大动脉显影良好，管壁光整。"),
        ("椎基底动脉未见狭窄及扩张。", "基底动脉走行正常。"),
    ),
    "abdomen-ct": (
        ("肝脏大小形态正常，实质密度均匀，增强扫描未见异常强化灶。", "肝脏轮廓光整，各叶比例正常，未见异常强化。"),
        ("胆囊不大，壁不厚，肝内外胆管无扩张。", "胆囊形态正常，胆管未见扩张。"),
        ("胰腺、脾脏形态密度正常。", "脾不大，胰腺形态正常，胰管不扩张。"),
        ("双肾、肾上腺未见异常，肠管未见扩张及管壁增厚。", "双肾强化均匀，胃肠道未见明显占位。"),
        ("腹膜后未见肿大淋巴结，腹腔无积液。", "腹腔及腹膜后未见肿大淋巴结及积液。"),
    ),
    "pelvis-ct": (("骨盆诸骨骨质结构完整，未见骨折。", "骨盆骨皮质连续。"), ("双侧骶髂关节间隙正常，关节面光整。", "骶髂关节面清晰。"), ("周围软组织未见肿胀。",)),
    "sinus-ct": (("双侧上颌窦、筛窦、额窦及蝶窦气化良好，窦壁骨质完整。", "诸鼻窦腔清晰，黏膜不厚。"), ("鼻中隔居中，鼻甲不大。", "鼻中隔略偏曲，下鼻甲不大。")),
    "ear-ct": (("双侧乳突气化良好，鼓室腔清晰，听骨链完整。", "双侧中耳鼓室、乳突窦未见异常密度影。"), ("内耳结构清晰。", "双侧内听道对称。")),
    "lumbar-ct": (("腰3/4、腰4/5、腰5/骶1椎间盘未见明显膨出及突出。", "所扫椎间盘后缘平直。"), ("椎管无狭窄，硬膜囊未受压。", "椎管前后径正常。"), ("小关节对称，骨质未见破坏。", "黄韧带不厚。")),
    "lumbar-mri": (("腰椎生理曲度存在，各椎体信号正常，椎间盘未见突出。", "腰椎序列整齐，椎间盘信号正常，后缘平直。"), ("椎管无狭窄，硬膜囊及神经根未受压。", "马尾神经走行自然。"), ("脊髓圆锥位置正常，信号均匀。", "椎旁软组织信号正常。")),
    "cervical-mri": (("颈椎生理曲度存在，椎间盘未见突出。", "颈椎序列可，椎间盘后缘平直。"), ("椎管无狭窄，脊髓信号均匀。", "颈髓形态、信号正常。"), ("椎旁软组织未见异常。",)),
    "knee-mri": (("内外侧半月板形态、信号正常。", "半月板未见异常高信号。"), ("前后交叉韧带及内外侧副韧带连续。", "交叉韧带走行连续，信号正常。"), ("关节软骨未见缺损，关节腔无积液。", "骨质信号正常，髌上囊少量生理性积液。")),
    "shoulder-mri": (("肩袖肌腱走行连续，信号均匀。", "冈上肌腱未见撕裂。"), ("盂唇形态正常，肱骨头信号均匀。", "肩锁关节在位。"), ("关节腔无积液。",)),
    "urinary-ct": (("双肾形态、大小正常，实质内未见结石及占位。", "双肾轮廓光整，密度均匀。"), ("双侧输尿管未见扩张及结石。", "肾盂、输尿管无积水。"), ("膀胱充盈良好，壁不厚。", "膀胱内未见异常密度。")),
    "mrcp": (("肝内外胆管走行自然，未见扩张及充盈缺损。", "胆总管不扩张，腔内未见异常信号。"), ("主胰管显影良好，不扩张。", "胆囊显影正常，胰管未见异常。")),
    "neck-ct": (("颈部各间隙清晰，未见肿块及积气积液。", "咽旁间隙对称，未见异常强化。"), ("气道通畅，颈部淋巴结不大。", "甲状腺形态正常，颈部未见肿大淋巴结。")),
    "pet-ct": (("全身骨骼显影未见异常代谢增高灶。", "脑、颈部未见异常FDG摄取。"), ("胸腹部未见异常高代谢灶。", "肝、肺、肾上腺未见异常摄取。")),
    "abdomen-ultrasound": (
        ("肝脏形态大小正常，包膜光整，实质回声均匀，肝内管道结构清晰。", "肝脏切面形态正常，实质回声细密均匀，门静脉不宽。", "肝脏大小正常，表面光滑，内部回声均匀。"),
        ("胆囊大小正常，壁光滑，腔内透声好，胆总管不扩张。", "胆囊壁不厚，囊内未见异常回声，肝内外胆管不扩张。"),
        ("胰腺形态正常，回声均匀，主胰管不扩张。", "胰腺大小形态正常。", "胰腺部分受肠气遮挡，显示部分未见异常。"),
        ("脾脏不大，回声均匀。", "脾脏形态、大小正常。"),
    ),
    "urinary-ultrasound": (
        ("双肾大小形态正常，皮髓质界限清，集合系统无分离，未见强回声。", "双肾轮廓清晰，实质回声均匀，未见结石及积水。"),
        ("双侧输尿管未见扩张。", "输尿管上段未见扩张，余段受肠气干扰。"),
        ("膀胱充盈可，壁光滑，腔内透声好。", "膀胱壁不厚，内未见异常回声。"),
    ),
    "gynae-ultrasound": (
        ("子宫前位，大小形态正常，肌层回声均匀。", "子宫后位，大小正常，肌层回声尚均匀。", "子宫平位，形态规则，肌层回声均匀。"),
        ("内膜居中，厚约{a}mm，回声均匀。", "宫腔线清晰，内膜厚约{a}mm。"),
        ("双侧卵巢大小正常，附件区未见明显包块。", "双侧附件区未见明显异常回声。"),
        ("盆腔未见明显积液。", "直肠子宫陷凹未见游离液。"),
    ),
    "obstetric-ultrasound": (
        ("宫内见一胎儿回声，胎心搏动规律，{r}次/分，胎动可见。", "宫内单活胎，胎心率{r}次/分，律齐，可见胎动。"),
        ("双顶径、头围、腹围、股骨长与孕周相符。", "各径线测值符合孕周。"),
        ("胎盘位于前壁，成熟度与孕周相符，下缘远离宫颈内口。", "胎盘附着于后壁，厚度正常，下缘距宫颈内口较远。"),
        ("羊水量正常，透声好。", "羊水最大深度{c}cm，透声可。"),
    ),
    "thyroid-ultrasound": (
        ("甲状腺双侧叶大小形态正常，包膜光整。", "甲状腺左右叶对称，形态正常。"),
        ("实质回声均匀，未见明显结节。", "腺体回声均匀，未见占位。"),
        ("CDFI：腺体内血流分布正常。", "CDFI示血流信号未见异常。"),
        ("双侧颈部未见异常肿大淋巴结。", "颈部淋巴结未见明显肿大。"),
    ),
    "neck-ultrasound": (("双侧颈部见数个淋巴结回声，皮髓质分界清，未见明显肿大。", "双侧颈部未见异常肿大淋巴结。"), ("CDFI：血流呈门型分布。", "周围软组织未见异常回声。")),
    "breast-ultrasound": (("双侧乳腺腺体层结构清晰，回声分布均匀，未见明显肿块。", "双乳腺体层次清楚，导管无扩张，未见占位。"), ("CDFI：未见异常血流信号。", "CDFI：血流分布正常。"), ("双侧腋下未见异常肿大淋巴结。", "腋窝淋巴结未见肿大。")),
    "carotid-ultrasound": (("双侧颈总动脉、颈内动脉、颈外动脉内径正常，内中膜不厚，未见斑块。", "双侧颈动脉走行正常，内膜光滑，IMT约0.8mm。"), ("CDFI：血流充盈好，频谱正常。", "血流速度在正常范围。"), ("双侧椎动脉走行正常，血流通畅。", "椎动脉内径对称。")),
    "leg-vein-ultrasound": (("双下肢深静脉管腔通畅，加压可压闭，未见血栓回声。", "股静脉、腘静脉、胫后静脉血流通畅，自发性存在。"), ("瓣膜功能良好，未见明显反流。", "大隐静脉不扩张。")),
    "leg-artery-ultrasound": (("双下肢动脉走行正常，内膜光滑，管腔通畅。", "股动脉、腘动脉、足背动脉血流充盈好。"), ("频谱呈三相波。", "血流速度正常。")),
    "soft-tissue-ultrasound": (("所检区皮肤、皮下软组织层次清晰，未见占位。", "局部软组织回声未见异常。"), ("CDFI：未见异常血流。", "周围组织未见液性暗区。")),
    "scrotum-ultrasound": (("双侧睾丸、附睾大小形态正常，回声均匀。", "双侧睾丸对称，血流正常。"), ("鞘膜腔未见积液，精索静脉不曲张。", "未见鞘膜积液。")),
    "hip-ultrasound": (("双髋臼顶形态良好，骨缘锐利，α角大于60°。", "双侧股骨头位于髋臼内，骨顶形态好。"), ("Graf分型：双侧Ⅰ型。", "动态观察稳定。")),
    "echo": (
        ("各房室腔内径正常，室壁厚度正常。", "心房、心室内径在正常范围，室间隔及左室后壁不厚。"),
        ("室壁运动协调，左室射血分数{e}%。", "左室收缩功能正常，LVEF {e}%。"),
        ("各瓣膜形态、启闭正常，未见明显反流。", "瓣膜回声纤细，开放好，二尖瓣、三尖瓣微量反流。"),
        ("心包腔未见积液。", "心包未见异常。"),
    ),
    "ecg": (("窦性心律，心率{r}次/分，心电轴正常。", "窦性心律，{r}次/分，电轴不偏。", "窦律，心率{r}次/分，各间期正常。"), ("ST段、T波未见异常。", "各导联ST-T未见明显改变。", "ST-T正常。")),
    "holter": (("全程窦性心律，平均心率{r}次/分。", "24小时心搏总数约10万次，平均心率{r}次/分。"), ("偶发房性及室性早搏，未见长间歇。", "未见明显心律失常。"), ("ST-T未见动态改变。", "未见缺血性ST段改变。")),
    "pressure-monitor": (("24小时平均血压正常，血压昼夜节律呈杓型。", "白天及夜间平均血压均在正常范围。"), ("血压负荷值正常。", "未见血压明显波动。")),
    "treadmill": (("运动达次极量心率，运动中及恢复期未诉胸痛。", "按Bruce方案达到目标心率。"), ("ST段未见缺血性改变。", "未见心律失常。")),
    "eeg": (("背景以9～10Hz α节律为主，双侧对称。", "α节律调节、调幅尚好。"), ("未见痫样放电。", "睁闭眼反应存在，过度换气未见异常。")),
    "nerve-conduction": (("所检神经运动及感觉传导速度、波幅正常。", "四肢神经传导在正常范围。"), ("F波出现率正常。", "未见神经源性损害。")),
    "lung-function": (("FVC、FEV1占预计值正常，FEV1/FVC 大于0.70。", "肺通气功能正常，FEV1/FVC在正常范围。"), ("弥散功能正常。", "支气管舒张试验阴性。")),
    "sleep-study": (("睡眠结构正常，AHI {n}次/小时以下。", "总睡眠时间约7小时，睡眠效率正常。"), ("最低血氧饱和度92%。", "未见明显呼吸事件。")),
    "bone-density": (("腰椎L1～L4及股骨颈T值均大于-1.0。", "腰椎、髋部骨密度在正常范围。"), ("骨折风险低。",)),
    "lumbar-film": (("腰椎生理曲度存在，序列整齐。", "腰椎曲度自然，序列正常。"), ("椎体未见骨质增生及破坏，椎间隙不窄。", "各椎体形态正常，椎间隙等宽。"), ("椎旁软组织影未见异常。", "腰大肌影清晰。")),
    "cervical-film": (("颈椎生理曲度存在，序列整齐。", "颈椎曲度自然。"), ("椎体边缘光整，椎间隙正常。", "各椎间隙未见狭窄。"), ("椎前软组织不厚。", "项韧带未见钙化。")),
    "thoracic-film": (("胸椎曲度存在，序列整齐。",), ("椎体形态正常，未见压缩。", "胸椎未见骨质破坏。"), ("椎旁软组织未见异常。",)),
    "abdomen-film": (("双膈下未见游离气体。", "膈下未见新月形透亮影。"), ("肠管未见扩张积气及气液平面。", "腹部肠气分布正常。")),
    "nasopharynx-film": (("鼻咽顶后壁软组织不厚，气道通畅。", "腺样体不大，A/N约0.5。"), ("椎前软组织不厚。",)),
    "dental-film": (("牙体及牙根未见异常密度影，根尖周骨质正常。", "所示牙齿牙周膜清晰连续。"), ("牙槽骨高度正常。", "牙槽嵴顶清晰。")),
    "bone-age": (("左手诸骨骨化中心发育与年龄相符。", "骨龄与生活年龄相符。"), ("骨质结构未见异常。",)),
    "gastroscopy": (("食管黏膜光滑，血管纹理清晰，齿状线清楚。", "食管通畅，黏膜色泽正常。"), ("胃底、胃体黏膜光滑，黏液湖清。", "胃体皱襞走行规则，黏液湖清亮。"), ("胃窦黏膜红白相间，以红为主，幽门圆，开闭好。", "胃窦蠕动好，黏膜光滑。"), ("十二指肠球部及降部未见异常。", "球部形态正常，降部未见异常。")),
    "colonoscopy": (("循腔进镜至回盲部，阑尾开口清晰，回盲瓣正常。", "进镜顺利至末端回肠约10cm，黏膜光滑。"), ("所见结肠黏膜光滑，血管纹理清晰，未见息肉及溃疡。", "全结肠黏膜色泽正常，未见占位。"), ("直肠黏膜光滑。", "退镜观察直肠未见异常。")),
    "bronchoscopy": (("气管通畅，隆突锐利。", "声门活动好，气管黏膜光滑。"), ("双侧各叶段支气管开口通畅，黏膜光滑，未见新生物。", "左右主支气管及分支通畅。")),
    "laryngoscopy": (("双侧声带色白，活动好，闭合可。", "声带光滑，运动对称。"), ("会厌形态正常，梨状窝对称。", "咽后壁淋巴滤泡不多。")),
    "nasal-endoscopy": (("鼻腔黏膜色泽正常，鼻甲不大。", "双侧鼻腔通畅，中鼻道清洁。"), ("鼻咽部光滑。", "鼻中隔居中。")),
    "hysteroscopy": (("宫腔形态正常，内膜薄，色粉红。", "宫腔未见占位。"), ("双侧输卵管开口可见。",)),
    "colposcopy": (("宫颈光滑，鳞柱交界可见，醋酸试验阴性。", "转化区Ⅰ型，未见异常图像。"), ("碘试验着色均匀。",)),
    "cystoscopy": (("膀胱黏膜光滑，未见新生物。", "膀胱壁光滑，三角区正常。"), ("双侧输尿管开口喷尿清。",)),
    "coronary-angiography": (("左主干未见狭窄。", "左主干开口及体部正常。"), ("前降支、回旋支管腔光滑，血流TIMI 3级。", "前降支、回旋支未见明显狭窄，TIMI血流3级。"), ("右冠状动脉未见狭窄。", "右冠优势型，管腔光滑。")),
    "coronary-ct": (("冠状动脉起源、走行正常。", "右优势型冠脉。"), ("前降支、回旋支、右冠未见明显斑块及狭窄。", "各主支管腔通畅。")),
    "mammography": (("双乳呈散在纤维腺体型，未见明确肿块及恶性钙化。", "双乳腺体致密，未见结构扭曲。"), ("皮肤、乳头未见异常，腋下未见肿大淋巴结。", "双侧腋前淋巴结未见肿大。")),
    "fundus": (("双眼视盘边界清，色淡红，C/D约0.3。", "视盘界清，杯盘比正常。"), ("视网膜平伏，血管走行正常，A:V约2:3。", "视网膜未见出血、渗出。"), ("黄斑中心凹反光可见。", "黄斑区未见异常。")),
    "oct": (("双眼黄斑区视网膜各层结构清晰。", "黄斑中心凹形态正常。"), ("未见积液。",)),
    "refraction": (("双眼裸眼视力及矫正视力正常。", "双眼屈光状态与年龄相符。"), ("眼位正。",)),
    "eye-pressure": (("右眼15mmHg，左眼16mmHg。", "双眼眼压正常。"),),
    "slit-lamp": (("双眼结膜不充血，角膜透明，前房清。", "双眼前节未见异常。"), ("晶状体透明。",)),
    "audiometry": (("双耳各频率听阈均在25dB以内。", "双耳气骨导听阈正常。"), ("声导抗双耳A型。",)),
    "pathology": (("送检组织呈慢性炎改变，未见异型细胞。", "镜下见黏膜组织，间质少量淋巴细胞浸润。"), ("未见癌。", "未见恶性证据。")),
    "cervical-cytology": (("标本满意，未见上皮内病变或恶性细胞（NILM）。", "细胞量满意，NILM。"), ("轻度炎症。",)),
}  # fmt: skip
"""By study: its parts in order, each with the ways of saying that nothing is wrong there."""

_JOINTS: Final = (
    "wrist-film", "hand-film", "elbow-film", "forearm-film", "shoulder-film", "clavicle-film",
    "rib-film", "hip-film", "pelvis-film", "femur-film", "knee-film", "tibia-film", "ankle-film",
    "foot-film",
)  # fmt: skip

PLAIN_BONE: Final = (
    ("诸骨骨质结构完整，骨皮质连续，未见明显骨折线。", "骨质形态密度正常，未见骨折及脱位征象。", "所示诸骨未见明显骨质异常。"),
    ("关节在位，关节间隙正常，关节面光整。", "关节对应关系良好。", "关节面光滑，间隙不窄。"),
    ("周围软组织未见肿胀。", "软组织影未见异常。", "周围软组织层次清晰。"),
)  # fmt: skip

NORMAL.update(dict.fromkeys(_JOINTS, PLAIN_BONE))

NOTHING: Final[dict[str, tuple[str, ...]]] = {
    "DX": ("未见明显异常。", "{part}DR平片未见明显异常。"),
    "CT": ("{part}CT平扫未见明显异常。", "未见明显异常，请结合临床。", "扫描范围内未见明显异常。"),
    "MR": ("{part}MRI平扫未见明显异常。", "未见明显异常信号，请结合临床。"),
    "US": ("{part}超声未见明显异常。", "目前超声所见未见明显异常。"),
    "ECG": ("正常心电图。", "大致正常心电图。", "窦性心律，正常范围心电图。"),
    "ES": ("所见未见明显异常。", "{part}内镜检查未见明显异常。"),
    "XA": ("冠状动脉造影未见明显狭窄。",),
    "MG": ("双乳BI-RADS 1类。", "双乳未见明显异常，BI-RADS 1类。"),
    "OP": ("双眼未见明显异常。", "大致正常。"),
    "": ("未见明显异常。", "大致正常。"),
}  # fmt: skip
"""What the impression says when nothing is wrong, by modality ("" for all others)."""

# study | finding | part it stands in | what is seen, ways by ; | impression, ways by ;
FINDINGS_TABLE: Final = """
chest-film|pneumonia|0|{s}下肺野见斑片状密度增高影，边缘模糊。;{s}肺中下野见片絮状渗出影，密度不均。;{s}下肺纹理增粗模糊，见小片状模糊影。|考虑{s}肺炎症，建议治疗后复查。;{s}下肺炎症表现。
chest-film|pneumonia-severe|0|双肺野见多发片状实变影，以中下肺野为著，边缘模糊。|双肺多发炎症，建议CT检查。
chest-film|bronchitis|0|两肺纹理增多、增粗、紊乱。;双肺纹理增粗，以双下肺为著。|支气管炎表现，请结合临床。;双肺纹理增粗，考虑支气管炎。
chest-film|emphysema|0|两肺透光度增高，肺纹理稀疏，肋间隙增宽。;双肺野透亮度增高，膈面低平。|慢支、肺气肿表现。;双肺透光度增高，考虑肺气肿。
chest-film|tuberculosis|0|{s}上肺野见斑片、条索状密度增高影，密度不均，内可见小透亮区。;{s}肺尖后段见斑点、结节状影，边缘模糊。|{s}上肺结核可能，请结合痰检。;考虑{s}上肺继发性肺结核。
chest-film|old-tuberculosis|0|{s}上肺见条索、钙化影，边界清楚。|{s}上肺陈旧性病变。;{s}肺陈旧性结核。
chest-film|nodule|0|{s}肺野见一结节状密度增高影，大小约{a}mm×{b}mm。|{s}肺结节，建议CT进一步检查。
chest-film|mass|0|{s}肺门区见团块状密度增高影，约{c}cm，边缘毛糙。|{s}肺占位，建议CT增强检查。
chest-film|cardiomegaly|2|心影增大，心胸比约0.56，主动脉迂曲。;心影呈主动脉型增大。|心影增大，请结合临床。;主动脉硬化，心影增大。
chest-film|heart-failure|2|心影向两侧增大，双肺门影增浓，肺淤血表现。|心影增大，肺淤血，考虑心功能不全。
chest-film|effusion|3|{s}侧肋膈角变钝，可见弧形液性密度影。|{s}侧胸腔积液。
chest-film|pneumothorax|0|{s}侧肺野外带见无肺纹理透亮区，肺组织压缩约{n}0%。|{s}侧气胸。
chest-film|rib-fracture|3|{s}侧第{n}肋骨质不连续，断端轻度错位。|{s}侧第{n}肋骨骨折。
chest-film|respiratory-distress|0|双肺透亮度减低，见弥漫性细颗粒影及支气管充气征。|新生儿呼吸窘迫综合征改变。
chest-film|pneumoconiosis|0|两肺见弥漫分布的类圆形小阴影，以中上肺野为著，密集度1级。|符合尘肺样改变，请职业病诊断机构会诊。
chest-film|aorta|2|主动脉弓迂曲、钙化。|主动脉硬化。
chest-ct|pneumonia|0|{s}肺下叶见片状磨玻璃影及实变影，边缘模糊，内可见支气管充气征。;{s}肺下叶背段见斑片状渗出影。|{s}肺下叶炎症，建议治疗后复查。;考虑{s}肺下叶感染性病变。
chest-ct|pneumonia-severe|0|双肺多发斑片、实变影，以胸膜下及下叶为著，见支气管充气征。|双肺多发感染性病变，请结合临床。
chest-ct|pneumonia-viral|0|双肺多发磨玻璃密度影，以胸膜下分布为主，部分伴小叶间隔增厚。|双肺多发磨玻璃影，考虑病毒性肺炎可能。
chest-ct|pneumonia-resolving|0|原{s}肺下叶斑片影较前明显吸收，残留少许索条影。|{s}肺炎症，较前吸收好转。
chest-ct|bronchitis|1|双肺支气管血管束增粗，管壁稍增厚。;各级支气管管壁增厚。|支气管炎CT表现。;双肺支气管炎，请结合临床。
chest-ct|bronchiectasis|1|{s}肺下叶支气管呈柱状及囊状扩张，管壁增厚，部分腔内见黏液栓。|{s}肺下叶支气管扩张并感染。
chest-ct|emphysema|0|双肺透亮度增高，见多发无壁低密度区，双上肺为著，部分肺大疱形成。|肺气肿、肺大疱。;双肺肺气肿，慢性支气管炎改变。
chest-ct|nodule|0|{s}肺上叶见一磨玻璃结节，大小约{a}mm×{b}mm，边界清。;{s}肺下叶胸膜下见一实性小结节，直径约{a}mm。|{s}肺小结节，建议年度随访。;{s}肺结节，LU-RADS 2类，建议6～12月复查。
chest-ct|nodule-suspicious|0|{s}肺上叶见一混合磨玻璃结节，大小约{a}mm×{b}mm，边缘毛刺，邻近胸膜牵拉。|{s}肺上叶结节，恶性不除外，建议进一步检查。
chest-ct|mass|0|{s}肺上叶见一软组织肿块，约{c}cm，边缘分叶、毛刺，邻近胸膜牵拉凹陷。;{s}肺门区见不规则软组织密度肿块，约{c}cm，支气管截断。|{s}肺占位，考虑肺癌，建议病理检查。;考虑{s}肺恶性肿瘤并阻塞性改变。
chest-ct|metastases|0|双肺见多发大小不等结节影，边界清，较大者约{a}mm。|双肺多发转移瘤。
chest-ct|after-surgery|0|{s}肺术后改变，术区见条索影及金属缝线影，未见明确复发征象。|{s}肺术后改变，请定期复查。
chest-ct|recurrence|0|{s}肺术区残端见软组织结节，约{c}cm，较前增大。|{s}肺术后局部复发可能。
chest-ct|tuberculosis|0|{s}肺上叶尖后段见斑片、树芽状影及薄壁空洞，周围见卫星灶。;{s}肺上叶见多发结节、条索影，部分融合，可见空洞。|{s}肺上叶继发性肺结核，活动期可能。;考虑{s}上肺结核，请结合痰菌检查。
chest-ct|old-tuberculosis|0|{s}肺上叶见条索及钙化灶，边界清。|{s}肺上叶陈旧性结核。
chest-ct|effusion|3|{s}侧胸腔见弧形液体密度影，深约{a}mm。|{s}侧胸腔积液。
chest-ct|heart-failure|3|心影增大，双侧胸腔少量积液，双肺小叶间隔增厚。|心影增大，肺水肿，双侧胸腔积液，考虑心功能不全。
chest-ct|rib-fracture|3|{s}侧第{n}肋骨皮质中断，断端稍错位。|{s}侧第{n}肋骨折。
chest-ct|embolism|2|增强示{s}肺动脉分支内见充盈缺损。|{s}肺动脉分支栓塞。
chest-ct|pneumothorax|0|{s}侧胸腔见气体密度影，肺组织压缩约{n}0%。|{s}侧气胸。
chest-ct|interstitial|0|双肺下叶胸膜下见网格状及蜂窝状影。|双肺间质性改变。
chest-ct|contusion|0|{s}肺见片状模糊影，邻近肋骨走行区软组织肿胀。|{s}肺挫伤。
head-ct|lacunes|0|双侧基底节区见多发点状低密度影，边界清。;{s}侧基底节区见小斑点状低密度影。|双侧基底节区多发腔隙灶。;腔隙性脑梗死。
head-ct|infarct|0|{s}侧基底节、放射冠区见片状低密度影，边界不清。;{s}侧额颞叶见大片低密度影，脑沟变浅。|{s}侧脑梗死，建议MRI检查。;考虑{s}侧大脑半球急性期脑梗死。
head-ct|old-infarct|0|{s}侧基底节区见片状脑脊液样低密度影，边界清楚，邻近脑室轻度扩大。|{s}侧基底节区陈旧性脑梗死。;脑内陈旧性梗死灶、软化灶。
head-ct|haemorrhage|0|{s}侧基底节区见类圆形高密度影，大小约{a}mm×{b}mm，周围见低密度水肿带。;{s}侧丘脑区见高密度血肿影，约{a}mm×{b}mm，破入脑室。|{s}侧基底节区脑出血。;{s}侧脑出血，请结合临床并动态复查。
head-ct|haemorrhage-resolving|0|{s}侧基底节区血肿较前密度减低、范围缩小。|{s}侧脑出血吸收期改变。
head-ct|subarachnoid|1|脑沟、脑池内见线样高密度影。|蛛网膜下腔出血。
head-ct|subdural|0|{s}侧额颞顶部颅板下见新月形影，厚约{a}mm，邻近脑沟变浅。|{s}侧硬膜下血肿。
head-ct|contusion|0|{s}侧额叶见斑片状高低混杂密度影。|{s}侧额叶脑挫裂伤。
head-ct|skull-fracture|3|{s}侧颞骨见线样透亮影，邻近头皮软组织肿胀。|{s}侧颞骨线形骨折，头皮血肿。
head-ct|scalp|3|{s}侧头皮软组织肿胀，颅骨未见骨折线。|{s}侧头皮软组织肿胀，颅内未见明显异常。
head-ct|atrophy|1|脑沟、脑裂增宽，脑室轻度扩大。|老年性脑改变，脑萎缩。
head-ct|tumour|0|{s}侧额叶见不规则肿块，周围水肿明显，中线轻度移位。|{s}侧额叶占位，建议MRI增强。
head-mri|lacunes|0|双侧基底节、放射冠区见多发小斑点状长T1长T2信号，DWI未见高信号。|双侧基底节区多发腔隙灶。;脑内多发缺血灶、腔隙灶。
head-mri|infarct|0|{s}侧放射冠、基底节区见片状长T2信号，DWI呈高信号，ADC减低。;{s}侧大脑中动脉供血区见片状DWI高信号。|{s}侧基底节区急性脑梗死。;{s}侧大脑半球急性期脑梗死。
head-mri|infarct-brainstem|2|脑桥{s}份见斑片状DWI高信号。|脑桥急性梗死。
head-mri|old-infarct|0|{s}侧基底节区见片状长T1长T2信号，FLAIR中心低信号，DWI无高信号。|{s}侧陈旧性脑梗死。
head-mri|atrophy|1|双侧海马体积缩小，脑沟裂增宽，脑室扩大。|脑萎缩，双侧海马萎缩。;脑萎缩改变，请结合临床。
head-mri|ischaemia|0|双侧额顶叶白质见散在斑点状FLAIR高信号。|脑白质缺血性改变，Fazekas 1级。
head-mri|tumour|0|{s}侧额叶见占位，增强不均匀强化，约{c}cm。|{s}侧额叶占位性病变。
head-mri|metastases|0|脑内见多发结节状强化灶，周围水肿。|脑内多发转移瘤。
head-mra|stenosis|0|{s}侧大脑中动脉M1段管腔变细，狭窄约{n}0%。|{s}侧大脑中动脉狭窄。
abdomen-ct|appendicitis|3|阑尾增粗，直径约{a}mm，壁增厚，周围脂肪间隙模糊。|急性阑尾炎。
abdomen-ct|pancreatitis|2|胰腺体积增大，边缘模糊，周围见渗出及积液。|急性胰腺炎。
abdomen-ct|gallstones|1|胆囊内见结节状高密度影，约{a}mm。|胆囊结石。
abdomen-ct|cholecystitis|1|胆囊增大，壁增厚、毛糙，周围少量渗出，腔内见高密度结石影。|急性胆囊炎、胆囊结石。
abdomen-ct|obstruction|3|小肠管腔扩张，见多发气液平面，移行段位于右下腹。|小肠梗阻。
abdomen-ct|rectal-mass|3|直肠壁不规则增厚，局部管腔狭窄，长约{c}cm，增强不均匀强化，周围脂肪间隙欠清。|直肠占位，考虑直肠癌。;直肠癌，请结合肠镜病理。
abdomen-ct|colon-mass|3|乙状结肠壁不规则增厚，局部管腔狭窄，长约{c}cm，增强不均匀强化，周围见小淋巴结。|乙状结肠占位，考虑结肠癌。;结肠癌，请结合肠镜病理。
abdomen-ct|liver-mass|0|肝右叶见类圆形肿块，约{c}cm，动脉期明显强化，门脉期减低。|肝右叶占位，考虑肝细胞癌。
abdomen-ct|liver-metastases|0|肝内见多发环形强化结节，较大者约{a}mm。|肝多发转移瘤。
abdomen-ct|pancreas-mass|2|胰头区见低密度肿块，约{c}cm，胰管及胆总管扩张。|胰头占位，考虑胰腺癌。
abdomen-ct|stomach-mass|3|胃窦部胃壁不规则增厚，增强明显强化，周围见肿大淋巴结。|胃窦占位，考虑胃癌。
abdomen-ct|cirrhosis|0|肝脏体积缩小，表面呈波浪状，脾大，门静脉增宽，腹腔积液。|肝硬化，脾大，腹水。
abdomen-ct|kidney-stone|3|{s}肾盂内见结节状高密度影，约{a}mm。|{s}肾结石。
abdomen-ct|after-surgery|3|术后改变，吻合口壁光整，未见明确复发。|术后改变，未见复发及转移征象。
abdomen-ct|recurrence|3|吻合口区管壁不规则增厚，周围见软组织结节。|术后局部复发可能。
abdomen-ct|spleen-rupture|2|脾脏形态不规整，内见裂隙样低密度影，脾周积血。|脾破裂，腹腔积血。
pelvis-ct|sacroiliitis|1|双侧骶髂关节面毛糙、硬化，关节间隙变窄。|双侧骶髂关节炎，Ⅱ级。
pelvis-ct|fracture|0|{s}侧耻骨支骨质不连续，断端轻度错位。|{s}侧耻骨支骨折。
sinus-ct|sinusitis|0|双侧上颌窦、筛窦黏膜增厚，窦腔内见液平。;{s}侧上颌窦内见软组织密度影充填。|鼻窦炎。;双侧上颌窦、筛窦炎。
sinus-ct|polyps|1|双侧鼻腔见软组织密度影，与鼻甲分界不清。|鼻息肉，鼻窦炎。
ear-ct|otitis|0|{s}侧鼓室、乳突内见软组织密度影，听骨链部分模糊。|{s}侧慢性中耳乳突炎。
lumbar-ct|disc-herniation|0|腰4/5椎间盘向后突出约{n}mm，硬膜囊前缘受压。;腰5/骶1椎间盘向{s}后突出，{s}侧神经根受压。|腰4/5椎间盘突出。;腰椎间盘突出症，请结合临床。
lumbar-ct|degeneration|2|腰椎椎体缘骨质增生，小关节退变，黄韧带肥厚。|腰椎退行性变。
lumbar-mri|disc-herniation|0|腰4/5、腰5/骶1椎间盘T2信号减低，向后突出，压迫硬膜囊及{s}侧神经根。|腰4/5、腰5/骶1椎间盘突出。
lumbar-mri|stenosis|1|腰3/4～腰5/骶1黄韧带肥厚，椎管前后径变窄，马尾神经冗余。|腰椎管狭窄。
lumbar-mri|compression-fracture|0|腰1椎体楔形变，T2压脂呈高信号。|腰1椎体新鲜压缩性骨折。
lumbar-mri|metastases|0|多个椎体见斑片状长T1信号，压脂高信号。|多发椎体转移瘤。
cervical-mri|disc-herniation|0|颈5/6椎间盘向后突出，硬膜囊受压。|颈5/6椎间盘突出。
cervical-mri|stenosis|1|颈4/5～6/7椎管狭窄，脊髓受压，见条状高信号。|颈椎管狭窄，脊髓受压变性。
knee-mri|meniscus-tear|0|{s}膝内侧半月板后角见线样高信号达关节面。|{s}膝内侧半月板后角撕裂（Ⅲ级）。
knee-mri|ligament-tear|1|{s}膝前交叉韧带连续性中断，走行松弛。|{s}膝前交叉韧带撕裂。
shoulder-mri|cuff-tear|0|{s}冈上肌腱附着处见高信号，连续性部分中断。|{s}肩冈上肌腱部分撕裂。
urinary-ct|kidney-stone|0|{s}肾盏内见点状、结节状高密度影，约{a}mm。|{s}肾结石。
urinary-ct|ureter-stone|1|{s}输尿管下段见高密度影，约{n}mm×{a}mm，其上输尿管及肾盂扩张积水。|{s}输尿管结石并肾积水。
urinary-ct|mass|0|{s}肾见不均匀强化肿块，约{c}cm。|{s}肾占位，考虑肾癌。
pet-ct|metastases|1|纵隔淋巴结、多发椎体见异常高代谢灶。|多发淋巴结、骨转移。
abdomen-ultrasound|fatty-liver|0|肝脏回声细密增强，后方回声衰减，肝内管道结构欠清晰。;肝实质回声增强、分布不均，远场衰减。|脂肪肝。;轻度脂肪肝。;中度脂肪肝。
abdomen-ultrasound|gallstones|1|胆囊内见强回声光团，大小约{a}mm，后伴声影，随体位移动。;胆囊腔内见多发强回声，较大者{a}mm，伴声影。|胆囊结石。;胆囊多发结石。
abdomen-ultrasound|cholecystitis|1|胆囊增大，壁增厚约{n}mm、毛糙，腔内见强回声伴声影。|胆囊炎、胆囊结石。;急性胆囊炎，胆囊结石。
abdomen-ultrasound|gallbladder-polyp|1|胆囊壁见稍强回声附着，约{n}mm，不随体位移动。|胆囊息肉样病变。
abdomen-ultrasound|bile-duct-stone|1|胆总管内径约{a}mm，下段见强回声，伴声影。|胆总管结石并扩张。
abdomen-ultrasound|cirrhosis|0|肝脏表面不光滑，实质回声增粗、不均，门静脉内径约{a}mm，脾大。|肝硬化，脾大。
abdomen-ultrasound|liver-cyst|0|肝内见无回声，大小约{a}mm×{b}mm，边界清，后方回声增强。|肝囊肿。
abdomen-ultrasound|haemangioma|0|肝右叶见稍强回声结节，约{a}mm×{b}mm，边界清，呈网格状。|肝血管瘤可能。
abdomen-ultrasound|liver-mass|0|肝右叶见低回声团块，约{c}cm，边界不清，周边见声晕。|肝内实质性占位，建议增强CT。
abdomen-ultrasound|liver-metastases|0|肝内见多发低回声结节，呈“牛眼征”。|肝内多发占位，考虑转移。
abdomen-ultrasound|ascites|3|腹腔见液性暗区，最深约{c}cm。|腹腔积液。
abdomen-ultrasound|splenomegaly|3|脾脏增大，肋间厚约{n}5mm。|脾大。
abdomen-ultrasound|pancreatitis|2|胰腺弥漫性增大，回声减低，周围见少量液性暗区。|急性胰腺炎表现。
abdomen-ultrasound|appendicitis|3|右下腹见管状低回声，直径约{a}mm，不可压缩，周围系膜回声增强。|右下腹异常回声，考虑阑尾炎。
abdomen-ultrasound|mesenteric-nodes|3|右下腹及脐周见多个低回声淋巴结，较大者约{a}mm×{n}mm，皮髓质分界清。|肠系膜淋巴结肿大。
abdomen-ultrasound|intussusception|3|右上腹见“同心圆”征包块，约{c}cm。|肠套叠。
abdomen-ultrasound|hernia|3|{s}侧腹股沟区见肠管样回声，增加腹压时突出。|{s}侧腹股沟疝。
abdomen-ultrasound|hydrocele|3|{s}侧阴囊内见液性暗区，包绕睾丸。|{s}侧鞘膜积液。
abdomen-ultrasound|kidney-stone|3|{s}肾集合系统内见强回声，约{n}mm，伴声影。|{s}肾结石。
abdomen-ultrasound|renal-small|3|双肾体积缩小，皮质变薄，回声增强，皮髓质分界不清。|双肾慢性弥漫性病变。
urinary-ultrasound|kidney-stone|0|{s}肾集合系统内见强回声光团，约{n}mm，后伴声影，无积水。|{s}肾结石。
urinary-ultrasound|ureter-stone|1|{s}侧输尿管上段扩张，内见强回声，约{n}mm，{s}肾集合系统分离约{a}mm。|{s}侧输尿管结石并肾积水。
urinary-ultrasound|hydronephrosis|0|{s}肾集合系统分离，约{a}mm。|{s}肾积水。
urinary-ultrasound|renal-cyst|0|{s}肾见无回声，约{a}mm×{b}mm，边界清，后方回声增强。|{s}肾囊肿。
urinary-ultrasound|prostate|2|前列腺增大，约48mm×36mm×34mm，内腺增大，突入膀胱，残余尿约{n}0ml。|前列腺增生。;前列腺增生伴钙化。
urinary-ultrasound|renal-small|0|双肾缩小，皮质变薄，实质回声增强，皮髓质分界不清。|双肾慢性弥漫性病变。
urinary-ultrasound|mass|0|{s}肾见低回声团块，约{c}cm，血流丰富。|{s}肾占位，建议增强CT。
urinary-ultrasound|bladder-mass|2|膀胱壁见乳头状突起，约{a}mm，内见血流。|膀胱占位，建议膀胱镜。
urinary-ultrasound|cystitis|2|膀胱壁增厚、毛糙。|膀胱炎表现。
gynae-ultrasound|fibroids|0|子宫增大，肌层见低回声结节，大小约{a}mm×{b}mm，边界清。;子宫肌壁间见多个低回声，较大者{a}mm×{b}mm。|子宫肌瘤。;子宫多发肌瘤。
gynae-ultrasound|adenomyosis|0|子宫球形增大，后壁增厚，回声不均。|子宫腺肌症。
gynae-ultrasound|ovarian-cyst|2|{s}侧附件区见无回声，约{a}mm×{b}mm，壁薄，透声好。|{s}侧卵巢囊肿。
gynae-ultrasound|endometrioma|2|{s}侧附件区见囊性包块，约{a}mm×{b}mm，内充满细密光点。|{s}侧卵巢囊肿，子宫内膜异位囊肿可能。
gynae-ultrasound|polycystic|2|双侧卵巢增大，每个切面卵泡数大于12个，呈项链状排列。|双侧卵巢多囊样改变。
gynae-ultrasound|iud|1|宫腔内见节育器强回声，位置正常。|宫内节育器，位置正常。
gynae-ultrasound|thick-endometrium|1|子宫内膜增厚，约{a}mm，回声不均。|子宫内膜增厚，建议进一步检查。
gynae-ultrasound|polyp|1|宫腔内见稍强回声，约{a}mm×{n}mm，边界清。|宫腔占位，内膜息肉可能。
gynae-ultrasound|fluid|3|直肠子宫陷凹见液性暗区，深约{a}mm。|盆腔少量积液。
gynae-ultrasound|ectopic|2|{s}侧附件区见不均质包块，约{a}mm×{b}mm，宫腔内未见孕囊。|{s}侧附件区包块，异位妊娠可能。
gynae-ultrasound|early-pregnancy|1|宫腔内见妊娠囊，约{a}mm×{b}mm，可见卵黄囊及胚芽，见原始心管搏动。|宫内早孕。
gynae-ultrasound|miscarriage|1|宫腔内见变形孕囊，未见胎心搏动。|宫内妊娠，胚胎停育。
gynae-ultrasound|retained|1|宫腔内见不均质稍强回声，约{a}mm×{n}mm。|宫腔内异常回声，组织残留可能。
gynae-ultrasound|cervical-mass|0|宫颈增大，见低回声团块，约{c}cm，血流丰富。|宫颈占位。
obstetric-ultrasound|early|0|宫腔内见妊娠囊，可见胚芽及原始心管搏动，顶臀长约{a}mm。|宫内早孕，活胎。
obstetric-ultrasound|nt|0|宫内单活胎，胎心{r}次/分，NT厚约1.{n}mm，顶臀长约6{n}mm。|宫内孕约12周，NT测值正常范围。
obstetric-ultrasound|breech|0|胎头位于宫底，胎心{r}次/分。|宫内单活胎，臀位。
obstetric-ultrasound|placenta-praevia|2|胎盘下缘覆盖宫颈内口。|前置胎盘。
obstetric-ultrasound|oligohydramnios|3|羊水指数约{n}cm。|羊水偏少。
obstetric-ultrasound|twins|0|宫内见两个胎儿回声，胎心均规律。|宫内双活胎。
obstetric-ultrasound|cord|2|胎儿颈部见“U”形压迹。|胎儿脐带绕颈一周可能。
obstetric-ultrasound|miscarriage|0|妊娠囊变形，胚芽未见心管搏动。|胚胎停育。
obstetric-ultrasound|growth-restriction|1|腹围小于相应孕周第10百分位。|胎儿生长受限可能。
obstetric-ultrasound|large|1|双顶径、腹围大于相应孕周，估重约4100g。|巨大儿可能。
obstetric-ultrasound|fetal-death|0|未见胎心搏动及胎动。|胎死宫内。
obstetric-ultrasound|anomaly|1|胎儿心脏见室间隔连续性中断。|胎儿室间隔缺损可能，建议产前诊断。
thyroid-ultrasound|nodule|1|{s}侧叶见低回声结节，约{n}mm×{n}mm，边界清，形态规则。;双侧叶见多个囊实性结节，较大者约{a}mm×{n}mm。|甲状腺结节，TI-RADS 3类。;甲状腺{s}叶结节，TI-RADS 3类，建议随访。
thyroid-ultrasound|nodule-suspicious|1|{s}侧叶见低回声结节，约{a}mm×{n}mm，边界不清，纵横比>1，内见点状强回声。|甲状腺{s}叶结节，TI-RADS 4b类，建议穿刺。
thyroid-ultrasound|thyroiditis|1|甲状腺回声减低、不均，见片状低回声区。|甲状腺回声不均，亚急性甲状腺炎可能。;桥本甲状腺炎可能。
thyroid-ultrasound|diffuse|1|甲状腺弥漫性增大，回声增粗不均，血流信号丰富。|甲状腺弥漫性病变，请结合甲功。
thyroid-ultrasound|after-surgery|0|甲状腺术后，术区未见异常回声。|甲状腺术后改变。
neck-ultrasound|nodes|0|{s}侧颈部见多个淋巴结，较大者约{a}mm×{n}mm，皮髓质分界尚清。|{s}侧颈部淋巴结肿大，反应性增生可能。
neck-ultrasound|parotitis|1|{s}侧腮腺增大，回声不均，血流丰富。|{s}侧腮腺炎表现。
breast-ultrasound|hyperplasia|0|双乳腺体层增厚，结构紊乱，回声不均，呈豹纹样。|乳腺增生，BI-RADS 2类。;双侧乳腺增生症。
breast-ultrasound|nodule|0|{s}乳外上象限见低回声结节，约{a}mm×{n}mm，边界清，形态规则。|{s}乳结节，BI-RADS 3类，建议6月复查。
breast-ultrasound|nodule-suspicious|0|{s}乳外上象限见低回声结节，约{a}mm×{b}mm，边界不清，形态不规则，内见点状强回声及血流。|{s}乳占位，BI-RADS 4c类，建议穿刺活检。
breast-ultrasound|mass|0|{s}乳见不规则低回声肿块，约{a}mm×{b}mm，边缘毛刺，血流丰富，{s}腋下见肿大淋巴结。|{s}乳占位，BI-RADS 5类。
breast-ultrasound|mastitis|0|{s}乳腺体层增厚，回声减低不均，内见液性暗区约{a}mm。|{s}乳乳腺炎，脓肿形成可能。
breast-ultrasound|after-surgery|0|{s}乳术后缺如，胸壁未见异常回声。|{s}乳术后改变。
breast-ultrasound|cyst|0|{s}乳见无回声结节，约{n}mm，边界清。|{s}乳囊肿，BI-RADS 2类。
carotid-ultrasound|plaque|0|双侧颈动脉内中膜增厚，{s}侧颈总动脉分叉处见混合回声斑块，约{a}mm×2mm。;双侧颈动脉内中膜毛糙，球部见多发斑块。|双侧颈动脉粥样硬化并斑块形成。;{s}侧颈动脉斑块形成。
carotid-ultrasound|thickening|0|双侧颈动脉内中膜增厚，约1.2mm。|双侧颈动脉内中膜增厚。
carotid-ultrasound|stenosis|0|{s}侧颈内动脉起始处见斑块，管腔狭窄约{n}0%，流速增快。|{s}侧颈内动脉狭窄。
leg-vein-ultrasound|thrombosis|0|{s}侧股总静脉至腘静脉管腔内见低回声充填，加压不能压闭，未见血流。|{s}下肢深静脉血栓形成。
leg-vein-ultrasound|varices|1|{s}侧大隐静脉扩张迂曲，瓣膜反流。|{s}下肢大隐静脉曲张。
leg-vein-ultrasound|muscular|0|{s}小腿肌间静脉扩张，内见低回声。|{s}小腿肌间静脉血栓。
leg-artery-ultrasound|plaque|0|双下肢动脉内膜毛糙，见多发强回声斑块。|双下肢动脉粥样硬化，多发斑块。
leg-artery-ultrasound|stenosis|0|{s}侧股浅动脉见斑块，管腔狭窄，远端频谱呈单相波。|{s}下肢动脉狭窄、闭塞。
soft-tissue-ultrasound|lipoma|0|皮下脂肪层见稍强回声结节，约{a}mm×{n}mm，边界清。|皮下实性结节，脂肪瘤可能。
soft-tissue-ultrasound|cyst|0|皮下见囊性结节，约{a}mm，边界清。|皮下囊性结节，表皮样囊肿可能。
soft-tissue-ultrasound|abscess|0|局部见不规则液性暗区，约{a}mm×{b}mm，内见细密光点。|局部脓肿形成。
soft-tissue-ultrasound|hernia|0|{s}侧腹股沟区见疝囊，内容物为肠管及网膜。|{s}侧腹股沟斜疝。
scrotum-ultrasound|hydrocele|1|{s}侧睾丸鞘膜腔见液性暗区，深约{a}mm。|{s}侧鞘膜积液。
scrotum-ultrasound|varicocele|1|{s}侧精索静脉迂曲扩张，内径约3mm，反流。|{s}侧精索静脉曲张。
scrotum-ultrasound|epididymitis|0|{s}侧附睾增大，回声不均，血流丰富。|{s}侧附睾炎。
scrotum-ultrasound|torsion|0|{s}侧睾丸增大，内未见血流信号。|{s}侧睾丸扭转可能。
hip-ultrasound|dysplasia|0|{s}侧髋臼顶浅平，α角约52°。|{s}侧髋关节Graf Ⅱa型。
echo|coronary|1|左室壁节段性运动减弱，LVEF 5{n}%。|节段性室壁运动异常，请结合临床。;左室舒张功能减低，节段性运动减弱。
echo|old-infarct|1|左室前壁、心尖部变薄，运动消失，LVEF 4{n}%。|陈旧性心肌梗死改变，左室收缩功能减低。
echo|infarct|1|左室前壁运动明显减弱，LVEF 4{n}%。|左室节段性运动异常，符合心肌梗死表现。
echo|heart-failure|0|左房、左室增大，左室舒张末内径6{n}mm，室壁运动普遍减弱，LVEF 3{n}%。|左心增大，左室收缩功能减低。;全心增大，EF值减低。
echo|hypertensive|0|室间隔及左室后壁增厚，约12mm，左房轻度增大。|左室肥厚，左室舒张功能减低。;符合高血压性心脏改变。
echo|valve|2|主动脉瓣钙化，开放受限，轻-中度反流。;二尖瓣反流，轻-中度。|老年性瓣膜退行性变。;二尖瓣轻-中度反流。
echo|atrial-fibrillation|0|左房增大，心律绝对不齐。|左房增大，心房颤动。
echo|septal-defect|2|房间隔中部回声失落约{n}mm，左向右分流。|先天性心脏病：房间隔缺损。
echo|coronary-dilated|2|左冠状动脉主干内径约3.{n}mm，管壁回声增强。|左冠状动脉轻度扩张，请结合临床。
echo|effusion|3|心包腔见液性暗区，深约{a}mm。|心包积液。
echo|pulmonary-hypertension|2|三尖瓣反流，估测肺动脉收缩压约5{n}mmHg。|肺动脉高压，三尖瓣反流。
echo|diastolic|2|E/A<1，各瓣膜未见明显反流。|左室舒张功能减低。
ecg|sinus-tachycardia|0|窦性心动过速，心率11{n}次/分。|窦性心动过速。
ecg|sinus-bradycardia|0|窦性心动过缓，心率5{n}次/分。|窦性心动过缓。
ecg|premature-beats|0|窦性心律，可见提前出现的宽大畸形QRS波，代偿间歇完全。;窦性心律，偶见提前P'波。|窦性心律，室性早搏。;窦性心律，房性早搏。
ecg|atrial-fibrillation|0|P波消失，代之以f波，RR间期绝对不等，平均心室率8{n}次/分。|心房颤动。;心房颤动，ST-T改变。
ecg|t-wave-changes|1|V4～V6导联T波低平、倒置。;Ⅱ、Ⅲ、aVF导联T波低平。|T波改变。;ST-T改变，请结合临床。
ecg|ischaemia|1|V3～V6导联ST段压低0.1mV，T波倒置。|ST-T改变，心肌缺血可能。
ecg|st-elevation|1|V1～V4导联ST段弓背向上抬高0.3mV，T波高耸。;Ⅱ、Ⅲ、aVF导联ST段抬高0.2mV。|急性前壁心肌梗死可能，请立即结合临床。;急性下壁心肌梗死可能。
ecg|infarct|1|V1～V4导联ST段弓背向上抬高0.3mV。;Ⅱ、Ⅲ、aVF导联ST段抬高，可见异常Q波。|急性心肌梗死，请立即结合临床。;急性前间壁心肌梗死。
ecg|old-infarct|1|V1～V3导联呈QS型，ST段回至等电位线。;Ⅱ、Ⅲ、aVF导联见异常Q波。|陈旧性前间壁心肌梗死。;陈旧性下壁心肌梗死。
ecg|left-hypertrophy|1|RV5+SV1=4.{n}mV，V5、V6导联T波低平。|左心室高电压，ST-T改变。;左心室肥大。
ecg|right-bundle|0|窦性心律，QRS波群宽0.13s，V1呈rsR'型。|完全性右束支传导阻滞。
ecg|left-bundle|0|窦性心律，QRS波群宽0.14s，V5、V6呈宽大R波。|完全性左束支传导阻滞。
ecg|av-block|0|窦性心律，P-R间期0.24s。|一度房室传导阻滞。
ecg|supraventricular-tachycardia|0|窄QRS心动过速，频率17{n}次/分，未见明显P波。|阵发性室上性心动过速。
ecg|ventricular-fibrillation|0|QRS-T波群消失，代之以不规则颤动波。|心室颤动。
ecg|asystole|0|呈一直线，未见电活动。|全心停搏。
ecg|low-voltage|1|各肢体导联QRS波电压低于0.5mV。|肢体导联低电压。
ecg|hypokalaemia|1|各导联T波低平，U波明显。|ST-T-U改变，低钾可能。
ecg|normal-variant|0|窦性心律不齐，心率{r}次/分。|窦性心律不齐。
holter|premature-beats|1|频发室性早搏，共12{n}6次，部分呈二联律。;房性早搏3{n}2次，部分成对。|窦性心律，频发室性早搏。;窦性心律，房性早搏。
holter|atrial-fibrillation|0|阵发性心房颤动，最长持续2小时。|阵发性心房颤动。
pressure-monitor|high|0|24小时平均血压146/88mmHg，夜间血压下降不足，呈非杓型。|动态血压增高，非杓型节律。
treadmill|positive|1|运动中V4～V6导联ST段水平压低0.15mV。|运动试验阳性。
eeg|spikes|1|{s}侧颞区见散发尖波、尖慢波。|异常脑电图，见痫样放电。
eeg|slow|0|背景节律减慢，弥漫θ波增多。|轻度异常脑电图。
nerve-conduction|carpal-tunnel|0|{s}侧正中神经腕部远端潜伏期延长，感觉传导速度减慢。|{s}侧腕管综合征电生理改变。
nerve-conduction|neuropathy|0|双下肢腓总、胫神经传导速度减慢，腓肠神经感觉电位波幅降低。|周围神经病变，感觉运动均受累。
lung-function|obstruction|0|FEV1/FVC 0.5{n}，FEV1占预计值6{n}%，支气管舒张试验阴性。|中度阻塞性通气功能障碍。
lung-function|obstruction-mild|0|FEV1/FVC 0.6{n}，FEV1占预计值8{n}%。|轻度阻塞性通气功能障碍。
lung-function|obstruction-severe|0|FEV1/FVC 0.4{n}，FEV1占预计值3{n}%。|重度阻塞性通气功能障碍。
lung-function|asthma|1|支气管舒张试验阳性，FEV1改善率1{n}%。|支气管舒张试验阳性，符合支气管哮喘。
lung-function|restriction|0|FVC占预计值6{n}%，FEV1/FVC正常。|限制性通气功能障碍。
sleep-study|apnoea|0|AHI 2{n}次/小时，以阻塞性为主，最低血氧饱和度7{n}%。|中度阻塞性睡眠呼吸暂停低通气综合征。
bone-density|osteoporosis|0|腰椎L1～L4 T值-2.{n}，股骨颈T值-2.{n}。|骨质疏松。
bone-density|osteopenia|0|腰椎L1～L4 T值-1.{n}。|骨量减少。
lumbar-film|degeneration|1|椎体缘唇样骨质增生，腰4/5、腰5/骶1椎间隙变窄。;腰椎诸椎体缘见骨赘形成。|腰椎退行性变。;腰椎骨质增生。
lumbar-film|compression-fracture|1|腰1椎体楔形变扁，前缘压缩约1/3。|腰1椎体压缩性骨折。
lumbar-film|scoliosis|0|腰椎向{s}侧弯，Cobb角约1{n}°。|腰椎侧弯。
lumbar-film|spondylolisthesis|0|腰4椎体向前滑移Ⅰ度。|腰4椎体Ⅰ度滑脱。
cervical-film|degeneration|1|颈椎曲度变直，颈5～7椎体缘骨质增生，椎间隙变窄。|颈椎退行性变。;颈椎病改变。
thoracic-film|compression-fracture|1|胸12椎体楔形变。|胸12椎体压缩性骨折。
thoracic-film|degeneration|1|胸椎椎体缘骨质增生。|胸椎退行性变。
wrist-film|fracture|0|{s}桡骨远端骨皮质不连续，断端向背侧移位，掌倾角减小。;{s}侧桡骨远端见横行骨折线，轻度嵌插。|{s}桡骨远端骨折。;{s}侧Colles骨折。
wrist-film|fracture-healing|0|{s}桡骨远端骨折线模糊，周围见骨痂生长，对位对线良好。|{s}桡骨远端骨折复查，骨痂形成。
wrist-film|arthrosis|1|腕关节间隙变窄，关节缘骨质增生。|腕关节退行性变。
wrist-film|greenstick|0|{s}桡骨远端骨皮质皱褶隆起。|{s}桡骨远端青枝骨折。
hand-film|erosion|1|双手近端指间关节间隙变窄，关节面下见小囊状骨质破坏。|双手类风湿性关节炎改变。
hand-film|fracture|0|{s}手第{n}掌骨见骨折线，断端成角。;{s}手中节指骨骨皮质中断。|{s}手掌骨骨折。;{s}手指骨骨折。
hand-film|arthrosis|1|远端指间关节缘骨质增生。|双手骨关节炎。
elbow-film|fracture|0|{s}肱骨髁上见骨折线，远端向后移位。;{s}桡骨小头见骨折线。|{s}肱骨髁上骨折。;{s}桡骨小头骨折。
elbow-film|dislocation|1|{s}桡骨头与肱骨小头对应关系失常。|{s}肘关节脱位。
forearm-film|fracture|0|{s}尺桡骨中段骨皮质中断，断端错位成角。|{s}尺桡骨双骨折。
shoulder-film|fracture|0|{s}肱骨外科颈见骨折线，断端嵌插。|{s}肱骨外科颈骨折。
shoulder-film|dislocation|1|{s}肱骨头脱离关节盂，位于喙突下。|{s}肩关节前脱位。
shoulder-film|calcification|2|{s}肱骨大结节旁见斑片状钙化影。|{s}肩钙化性肌腱炎。
shoulder-film|arthrosis|1|{s}肩关节间隙变窄，关节缘骨质增生。|{s}肩关节退行性变。
clavicle-film|fracture|0|{s}锁骨中段骨质不连续，断端错位重叠。|{s}锁骨骨折。
rib-film|fracture|0|{s}侧第{n}肋腋段骨皮质不连续，断端轻度错位。|{s}侧第{n}肋骨骨折。
rib-film|rib-fracture|0|{s}侧第{n}、{n}肋骨皮质中断。|{s}侧肋骨骨折。
hip-film|fracture|0|{s}股骨颈骨皮质中断，断端错位，颈干角变小。;{s}股骨粗隆间见骨折线，断端内翻。|{s}股骨颈骨折。;{s}股骨粗隆间骨折。
hip-film|neck-fracture|0|{s}股骨颈骨皮质中断，断端错位，Garden Ⅲ型。|{s}股骨颈骨折。
hip-film|trochanter-fracture|0|{s}股骨粗隆间见骨折线，小粗隆分离，断端内翻。|{s}股骨粗隆间骨折。
hip-film|necrosis|0|{s}股骨头变扁，密度不均，见囊状透亮区及硬化。|{s}股骨头缺血性坏死。
hip-film|arthrosis|1|{s}髋关节间隙变窄，关节面硬化，骨赘形成。|{s}髋关节骨关节炎。
hip-film|prosthesis|1|{s}髋关节置换术后，假体位置良好，未见松动。|{s}髋关节置换术后改变。
hip-film|fixation|0|{s}股骨近端内固定术后，内固定位置良好，对位对线可。|{s}股骨骨折内固定术后。
pelvis-film|fracture|0|{s}侧耻骨上下支骨质不连续。|骨盆骨折。
femur-film|fracture|0|{s}股骨干中段骨折，断端重叠移位。|{s}股骨干骨折。
knee-film|arthrosis|1|{s}膝关节内侧间隙变窄，髁间隆突变尖，关节缘骨质增生。;双膝关节间隙变窄，髌骨上下缘骨刺形成。|{s}膝关节骨关节炎。;双膝退行性骨关节病。
knee-film|fracture|0|{s}胫骨平台外侧见骨折线，轻度塌陷。;{s}髌骨横行骨折，断端分离。|{s}胫骨平台骨折。;{s}髌骨骨折。
knee-film|effusion|2|{s}膝髌上囊肿胀，密度增高。|{s}膝关节积液。
knee-film|prosthesis|1|{s}膝关节置换术后，假体位置良好。|{s}膝关节置换术后改变。
tibia-film|fracture|0|{s}胫腓骨下段骨折，断端成角移位。|{s}胫腓骨骨折。
ankle-film|fracture|0|{s}外踝骨皮质中断，断端轻度移位。;{s}内、外踝骨折，距骨外移。|{s}外踝骨折。;{s}双踝骨折。
ankle-film|sprain|2|{s}踝关节周围软组织肿胀，未见骨折线。|{s}踝关节软组织肿胀。
foot-film|heel-spur|0|{s}跟骨结节下缘见骨刺形成。|{s}跟骨骨刺。
foot-film|fracture|0|{s}第{n}跖骨基底部见骨折线。|{s}足跖骨骨折。
foot-film|gout|1|第1跖趾关节旁软组织肿胀，骨质见穿凿样破坏。|第1跖趾关节改变，痛风性关节炎可能。
foot-film|osteomyelitis|0|趾骨骨质破坏，周围软组织肿胀。|糖尿病足，趾骨骨髓炎可能。
abdomen-film|obstruction|1|小肠管腔扩张积气，见多个阶梯状气液平面。|肠梗阻。
abdomen-film|perforation|0|右膈下见新月形游离气体。|消化道穿孔。
abdomen-film|faeces|1|结肠内见较多粪影。|结肠内容物较多。
nasopharynx-film|adenoids|0|鼻咽顶后壁软组织增厚，A/N约0.7{n}，气道变窄。|腺样体肥大。
dental-film|deep-caries|0|患牙冠部见透射影，近髓。|龋坏近髓。
dental-film|periapical-lesion|0|患牙根尖见类圆形透射影，边界尚清。|根尖周炎。
dental-film|bone-loss|1|牙槽骨水平吸收至根中1/3。|牙周炎，牙槽骨吸收。
dental-film|impacted|0|下颌第三磨牙近中阻生。|下颌智齿阻生。
bone-age|advanced|0|骨龄较生活年龄提前约1.5岁。|骨龄提前。
bone-age|delayed|0|骨龄较生活年龄落后约1.5岁。|骨龄落后。
gastroscopy|gastritis|2|胃窦黏膜充血，红白相间，以红为主，散在平坦糜烂。;胃窦黏膜充血水肿，见条状红斑。|慢性非萎缩性胃炎。;慢性非萎缩性胃炎伴糜烂。
gastroscopy|atrophic-gastritis|2|胃窦黏膜变薄，红白相间以白为主，血管透见。|慢性萎缩性胃炎（C-2），待病理。
gastroscopy|gastric-ulcer|2|胃角见一溃疡，约{a}mm×{n}mm，底覆白苔，周边黏膜充血水肿，取活检4块。|胃角溃疡（A1期），待病理。;胃溃疡。
gastroscopy|duodenal-ulcer|3|球部前壁见溃疡，约{n}mm×{n}mm，覆白苔，周围黏膜充血。|十二指肠球部溃疡（A1期）。
gastroscopy|bleeding-ulcer|3|球部后壁见溃疡，约{a}mm，可见血痂及渗血，予钛夹止血。|十二指肠球部溃疡并出血（Forrest Ⅱa），内镜下止血。
gastroscopy|oesophagitis|0|食管下段见条形糜烂，长约5mm，未融合。|反流性食管炎（LA-A级）。
gastroscopy|varices|0|食管中下段见曲张静脉，蛇形迂曲，红色征阳性。|食管静脉曲张（重度）。
gastroscopy|cancer|2|胃窦小弯侧见不规则溃疡型肿物，约{c}cm，边缘隆起，质脆易出血，取活检6块。|胃窦癌？待病理。
gastroscopy|stomach-cancer|2|胃窦见溃疡型肿物，约{c}cm，质脆，触之易出血，取活检6块。|胃癌？待病理。
gastroscopy|oesophagus-cancer|0|距门齿30cm见菜花样肿物，占管腔1/2，质脆易出血，活检5块。|食管癌？待病理。
gastroscopy|polyp|1|胃体见一息肉，约{n}mm，山田Ⅱ型，活检钳除。|胃息肉（已钳除）。
gastroscopy|bile-reflux|1|黏液湖呈黄色，胃窦黏膜充血。|胆汁反流性胃炎。
gastroscopy|after-surgery|2|残胃黏膜充血，吻合口光滑。|残胃炎。
colonoscopy|polyp|1|横结肠见一息肉，约{n}mm，表面光滑，予内镜下切除。;乙状结肠见亚蒂息肉，约{a}mm，切除送检。|结肠息肉（已切除）。;结肠多发息肉。
colonoscopy|polyps|1|结肠见多枚息肉，{n}～{a}mm，予内镜下切除。|结肠多发息肉（已切除）。
colonoscopy|cancer|1|乙状结肠见环腔生长肿物，表面溃烂，质脆易出血，管腔狭窄，活检6块。;距肛门约{a}cm见菜花样肿物，占管腔2/3，取活检。|结肠癌？待病理。;结肠占位，考虑恶性，待病理。
colonoscopy|rectal-cancer|2|直肠距肛门约{n}cm见环腔生长肿物，表面溃烂，质脆易出血，活检6块。;直肠距肛门约{n}cm见菜花样肿物，占管腔2/3，取活检。|直肠癌？待病理。;直肠占位，考虑恶性，待病理。
colonoscopy|colon-mass|1|乙状结肠见隆起型肿物，约{c}cm，表面溃疡，活检6块。|结肠占位，待病理。
colonoscopy|adenoma|1|升结肠见侧向发育型息肉，约{a}mm，予切除。|结肠腺瘤性息肉（已切除），待病理。
colonoscopy|colitis|2|直肠、乙状结肠黏膜充血水肿，散在糜烂。|结直肠炎。
colonoscopy|ulcerative-colitis|1|直肠至降结肠黏膜弥漫充血、糜烂，血管纹理消失。|溃疡性结肠炎（左半结肠型，活动期）。
colonoscopy|haemorrhoids|2|肛缘见曲张静脉团。|内痔。
colonoscopy|after-surgery|1|吻合口光滑，未见狭窄及新生物。|结肠术后改变。
colonoscopy|diverticulum|1|升结肠见多个憩室开口。|结肠憩室。
bronchoscopy|mass|1|{s}上叶支气管开口见新生物，表面凹凸不平，管腔狭窄，活检。|{s}上叶支气管新生物，待病理。
bronchoscopy|bronchitis|1|支气管黏膜充血，见白色黏痰。|支气管炎症性改变。
bronchoscopy|tuberculosis|1|{s}上叶支气管黏膜充血，见坏死物附着。|支气管结核可能。
laryngoscopy|pharyngitis|1|咽后壁黏膜充血，淋巴滤泡增生。|慢性咽炎。
laryngoscopy|laryngitis|0|双侧声带充血、肿胀，闭合欠佳。|急性喉炎。;慢性喉炎。
laryngoscopy|polyp|0|{s}侧声带前中1/3见息肉样物。|{s}侧声带息肉。
laryngoscopy|foreign-body|1|{s}侧梨状窝见鱼刺样异物，钳取顺利。|咽部异物（已取出）。
nasal-endoscopy|polyps|0|双侧中鼻道见荔枝肉样新生物，伴脓性分泌物。|鼻息肉，慢性鼻窦炎。
nasal-endoscopy|rhinitis|0|鼻黏膜苍白水肿，下鼻甲肿大，见清水样分泌物。|变应性鼻炎。
nasal-endoscopy|adenoids|1|鼻咽顶见腺样体组织，堵塞后鼻孔约3/4。|腺样体肥大。
nasal-endoscopy|epistaxis|0|{s}侧鼻中隔黎氏区黏膜糜烂，见血痂。|鼻出血。
hysteroscopy|polyp|0|宫腔后壁见息肉样物，约{a}mm，予切除。|子宫内膜息肉（已切除）。
hysteroscopy|fibroid|0|宫腔见黏膜下肌瘤，约{a}mm。|子宫黏膜下肌瘤。
colposcopy|cervicitis|0|宫颈柱状上皮异位，充血，醋酸白试验阴性。|慢性宫颈炎。
colposcopy|hsil|0|宫颈6点见厚醋白上皮，边界清，见粗大镶嵌，取活检。|高级别病变可疑，待病理。
colposcopy|cancer|0|宫颈见菜花样赘生物，触之易出血，见异型血管，取活检。|宫颈癌可疑，待病理。
cystoscopy|tumour|0|膀胱{s}侧壁见乳头状肿物，约{a}mm。|膀胱肿瘤。
coronary-angiography|stenosis|1|前降支近中段弥漫性斑块，最重狭窄8{n}%，TIMI血流2～3级。;前降支近段狭窄约9{n}%，回旋支中段狭窄60%。|冠状动脉粥样硬化性心脏病，前降支病变，于前降支植入支架1枚。;冠心病，双支病变。
coronary-angiography|occlusion|1|前降支近段完全闭塞，TIMI血流0级，血栓影。|前降支近段急性闭塞，行PCI植入支架1枚，术后TIMI 3级。
coronary-angiography|single-vessel|1|前降支中段狭窄约8{n}%，余血管未见明显狭窄。|冠心病，单支病变。
coronary-angiography|two-vessel|1|前降支近段狭窄8{n}%，回旋支远段狭窄7{n}%。|冠心病，双支病变。
coronary-angiography|three-vessel|1|前降支、回旋支、右冠均见弥漫病变，最重狭窄9{n}%。|冠心病，三支病变。
coronary-angiography|mild|1|前降支中段轻度斑块，狭窄约3{n}%。|冠状动脉轻度粥样硬化。
coronary-angiography|stent-open|1|前降支支架内通畅，未见再狭窄。|冠脉支架术后，支架通畅。
coronary-ct|stenosis|1|前降支近段见混合斑块，管腔狭窄约5{n}%。|冠状动脉粥样硬化，前降支中度狭窄。
coronary-ct|plaque|1|前降支近段见钙化斑块，管腔轻度狭窄。|冠状动脉轻度狭窄。
mammography|nodule|0|{s}乳外上象限见等密度结节，约{a}mm，边缘光整。|{s}乳结节，BI-RADS 3类。
mammography|mass|0|{s}乳外上象限见高密度肿块，约{a}mm，边缘毛刺，伴簇状细小钙化。|{s}乳占位，BI-RADS 5类。
mammography|calcification|0|{s}乳见簇状细小多形性钙化。|{s}乳可疑钙化，BI-RADS 4b类。
mammography|nodule-suspicious|0|{s}乳见不规则结节，约{a}mm，边缘浸润。|{s}乳结节，BI-RADS 4c类。
mammography|hyperplasia|0|双乳腺体增厚、致密。|双乳增生，BI-RADS 2类。
fundus|retinopathy|1|双眼视网膜见散在微血管瘤、点片状出血及硬性渗出。|糖尿病视网膜病变（中度NPDR）。
fundus|retinopathy-mild|1|双眼后极部见少许微血管瘤。|糖尿病视网膜病变（轻度NPDR）。
fundus|retinopathy-moderate|1|双眼散在微血管瘤、出血斑及硬性渗出。|糖尿病视网膜病变（中度NPDR）。
fundus|retinopathy-severe|1|双眼四象限出血，静脉串珠样改变，见棉绒斑。|糖尿病视网膜病变（重度NPDR）。
fundus|retinopathy-proliferative|1|双眼见新生血管、玻璃体积血。|增殖性糖尿病视网膜病变。
fundus|arteriosclerosis|1|视网膜动脉变细，A:V约1:2，动静脉交叉压迹。|视网膜动脉硬化Ⅱ级。
fundus|cupping|0|{s}眼视盘C/D约0.8，盘沿变窄。|{s}眼杯盘比增大，青光眼可疑。
fundus|macular-degeneration|2|黄斑区见玻璃膜疣及色素紊乱。|年龄相关性黄斑变性。
fundus|myopic|1|视盘颞侧近视弧，豹纹状眼底。|高度近视眼底改变。
oct|oedema|0|黄斑区视网膜增厚，层间见囊样低反射。|黄斑水肿。
refraction|myopia|0|双眼远视力下降，散瞳后右眼-2.{n}DS，左眼-2.{n}DS，矫正视力1.0。|双眼近视。
refraction|astigmatism|0|双眼散光，-1.{n}DC。|双眼散光。
refraction|hyperopia|0|双眼远视，+3.{n}DS。|双眼远视。
refraction|presbyopia|0|近附加+2.00D，近视力1.0。|老视。
refraction|amblyopia|0|{s}眼矫正视力0.5。|{s}眼弱视。
eye-pressure|high|0|{s}眼2{n}mmHg，对侧16mmHg。|{s}眼眼压升高。
slit-lamp|cataract|1|双眼晶状体皮质及核混浊，C2N3。|双眼年龄相关性白内障。
slit-lamp|conjunctivitis|0|双眼结膜充血，睑结膜滤泡增生，分泌物多。|双眼结膜炎。
slit-lamp|dry|0|泪膜破裂时间5秒，角膜点状着色。|双眼干眼。
audiometry|high-tone-loss|0|双耳高频听阈升高，4kHz约5{n}dB。|双耳感音神经性聋，高频下降型。
audiometry|low-tone-loss|0|{s}耳低频听阈升高，250Hz约4{n}dB。|{s}耳低频感音神经性聋。
audiometry|severe-loss|0|双耳平均听阈约7{n}dB。|双耳重度感音神经性聋。
audiometry|noise-loss|0|双耳4kHz呈V形切迹，语频听阈正常。|双耳高频听力下降，噪声性可疑，建议复查。
audiometry|conductive-loss|0|{s}耳气骨导差约3{n}dB。|{s}耳传导性聋。
pathology|adenocarcinoma|0|镜下见异型腺体浸润生长，核分裂象易见，浸润至肌层，脉管内见癌栓。|中分化腺癌。
pathology|lung-adenocarcinoma|0|镜下见异型腺样结构，贴壁及腺泡样生长，TTF-1(+)，Napsin A(+)。|（肺）浸润性腺癌，中分化。
pathology|squamous|0|镜下见异型鳞状细胞巢状浸润，见角化珠。|中分化鳞状细胞癌。
pathology|small-cell|0|镜下见小圆细胞弥漫分布，Syn(+)，CD56(+)。|小细胞癌。
pathology|breast-carcinoma|0|镜下见浸润性导管癌，组织学Ⅱ级，ER(+80%)，PR(+60%)，HER2(1+)，Ki-67约20%。|浸润性导管癌Ⅱ级。
pathology|adenoma|0|镜下见管状腺瘤，伴低级别上皮内瘤变。|管状腺瘤。
pathology|hepatocellular|0|镜下见异型肝细胞呈梁状排列，Hepatocyte(+)，Glypican-3(+)。|肝细胞癌，中分化。
pathology|papillary|0|镜下见乳头状结构，毛玻璃样核，见核沟。|甲状腺乳头状癌。
pathology|benign|0|镜下见增生的纤维及腺体组织，未见异型。|良性病变。
pathology|appendicitis|0|阑尾壁全层见中性粒细胞浸润。|急性化脓性阑尾炎。
pathology|gallbladder|0|胆囊黏膜慢性炎，肌层增厚。|慢性胆囊炎，胆囊结石。
pathology|leiomyoma|0|镜下见平滑肌束编织状排列，未见异型。|子宫平滑肌瘤。
pathology|prostate-carcinoma|0|镜下见异型腺体融合，Gleason评分4+3=7。|前列腺腺泡腺癌，Gleason 4+3。
pathology|atrophic|0|胃窦黏膜慢性萎缩性炎，伴肠上皮化生。|慢性萎缩性胃炎，肠化（+），Hp（+）。
pathology|gastritis|0|胃窦黏膜慢性炎，轻度活动。|慢性浅表性胃炎，Hp（-）。
pathology|cin3|0|宫颈鳞状上皮全层异型，累及腺体。|HSIL（CIN3）累腺。
cervical-cytology|asc-us|0|见非典型鳞状细胞，意义不明确。|ASC-US。
cervical-cytology|lsil|0|见低级别鳞状上皮内病变细胞。|LSIL。
cervical-cytology|hsil|0|见高级别鳞状上皮内病变细胞。|HSIL。
chest-film|pneumonia-both|0|双肺下野见散在斑片状密度增高影，边缘模糊。|双肺炎症，建议治疗后复查。;双下肺炎症表现。
chest-ct|pneumonia-both|0|双肺下叶见多发斑片状渗出影，边缘模糊。;双肺散在片状磨玻璃影及实变影。|双肺下叶炎症。;双肺感染性病变，建议治疗后复查。
chest-ct|foreign-body|1|{s}主支气管腔内见异常密度影，远端肺野透亮度增高。|{s}主支气管异物可能，阻塞性肺气肿。
abdomen-film|free-air|0|双膈下见新月形游离气体影。|膈下游离气体，消化道穿孔。
abdomen-film|foreign-body|1|腹部见金属密度异物影，约{a}mm。|消化道异物。
abdomen-ct|free-air|3|腹腔内见游离气体影，胃窦部壁增厚、周围渗出。|腹腔游离气体，消化道穿孔。
mrcp|bile-duct-stone|0|胆总管下段见充盈缺损，约{n}mm，其上胆管扩张。|胆总管下段结石，胆道扩张。
neck-ct|abscess|0|{s}侧扁桃体周围见低密度区，环形强化，约{a}mm×{b}mm。|{s}侧扁桃体周围脓肿。
fundus|detachment|1|{s}眼颞上方视网膜呈灰白色隆起，可见马蹄形裂孔。|{s}眼孔源性视网膜脱离。
hip-film|femoral-neck-fracture|0|{s}股骨颈骨皮质中断，断端错位，颈干角变小。|{s}股骨颈骨折。
hip-film|after-surgery|1|{s}髋部术后，内植物位置良好，未见松动及断裂。|{s}髋部术后改变，位置良好。
wrist-film|distal-radius-fracture|0|{s}桡骨远端骨皮质不连续，断端向背侧移位，掌倾角减小。;{s}桡骨远端见横行骨折线，轻度嵌插。|{s}桡骨远端骨折。
elbow-film|supracondylar-fracture|0|{s}肱骨髁上见骨折线，远端向后上移位。|{s}肱骨髁上骨折。
shoulder-film|proximal-humerus-fracture|0|{s}肱骨外科颈见骨折线，断端嵌插，大结节轻度移位。|{s}肱骨近端骨折。
shoulder-film|clavicle-fracture|0|{s}锁骨中段骨质不连续，断端错位重叠。|{s}锁骨骨折。
ankle-film|ankle-fracture|0|{s}外踝、内踝骨皮质中断，距骨轻度外移。|{s}踝关节骨折（双踝）。
knee-film|tibia-fracture|0|{s}胫骨近端骨皮质中断，断端轻度错位。|{s}胫骨骨折。
hand-film|finger-fracture|0|{s}手指中节指骨见骨折线，对位可。|{s}手指骨骨折。
hand-film|amputation|0|{s}手指远节缺如，断端不整。|{s}手指外伤性离断。
foot-film|metatarsal-fracture|0|{s}足第{n}跖骨基底部见骨折线，对位可。|{s}足跖骨骨折。
pelvis-film|pelvis-fracture|0|{s}侧耻骨上下支骨质不连续，断端轻度移位。|骨盆骨折（{s}侧耻骨支）。
laryngoscopy|fish-bone|1|{s}侧扁桃体下极见鱼刺样异物，钳取顺利。|咽部异物（已取出）。
laryngoscopy|vocal-polyp|0|{s}侧声带前中1/3见息肉样新生物，基底较宽。|{s}侧声带息肉。
sinus-ct|deviated-septum|1|鼻中隔向{s}偏曲，见棘突，{s}侧总鼻道狭窄。|鼻中隔偏曲。
echo|low-ejection|1|左室壁运动弥漫性减弱，LVEF 3{n}%。|左室收缩功能减低。
obstetric-ultrasound|early-pregnancy|0|宫腔内见妊娠囊，可见胚芽及原始心管搏动。|宫内早孕，活胎。
obstetric-ultrasound|placenta-previa|2|胎盘下缘覆盖宫颈内口。|前置胎盘。
obstetric-ultrasound|nuchal-cord|2|胎儿颈部见“U”形压迹。|胎儿脐带绕颈一周可能。
"""
