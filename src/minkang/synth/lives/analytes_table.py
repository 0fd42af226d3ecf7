"""The tables behind `analytes`: one row for each analyte, one for each panel.

Analytes: key, LOINC, local code, name, unit, decimals (or ST, TX for texts), range of men, range of
women ("=" as men's; for texts what is normal), detection limit, coefficient of variation. A point
stands for nothing. Panels: key, local code, name, specimen, hours to the report, analytes; a line
that begins with blanks goes on with the one before.
"""

from typing import Final

_ANALYTES: Final = """
wbc 6690-2 WBC 白细胞计数 10^9/L 2 3.5~9.5 = . 0.07
neutrophils 770-8 NEUT% 中性粒细胞百分比 % 1 40~75 = . 0.0
lymphocytes 736-9 LYMPH% 淋巴细胞百分比 % 1 20~50 = . 0.0
monocytes 5905-5 MONO% 单核细胞百分比 % 1 3~10 = . 0.0
eosinophils 713-8 EO% 嗜酸性粒细胞百分比 % 1 0.4~8 = . 0.0
basophils 706-2 BASO% 嗜碱性粒细胞百分比 % 1 0~1 = . 0.0
neutrophils-count 751-8 NEUT# 中性粒细胞绝对值 10^9/L 2 1.8~6.3 = . 0.0
lymphocytes-count 731-0 LYMPH# 淋巴细胞绝对值 10^9/L 2 1.1~3.2 = . 0.0
monocytes-count 742-7 MONO# 单核细胞绝对值 10^9/L 2 0.1~0.6 = . 0.0
eosinophils-count 711-2 EO# 嗜酸性粒细胞绝对值 10^9/L 2 0.02~0.52 = . 0.0
basophils-count 704-7 BASO# 嗜碱性粒细胞绝对值 10^9/L 2 0~0.06 = . 0.0
rbc 789-8 RBC 红细胞计数 10^12/L 2 4.3~5.8 3.8~5.1 . 0.015
haemoglobin 718-7 HGB 血红蛋白 g/L 0 130~175 115~150 . 0.017
haematocrit 4544-3 HCT 红细胞压积 % 1 40~50 35~45 . 0.0
mcv 787-2 MCV 平均红细胞体积 fL 1 82~100 = . 0.0
mch 785-6 MCH 平均红细胞血红蛋白含量 pg 1 27~34 = . 0.0
mchc 786-4 MCHC 平均红细胞血红蛋白浓度 g/L 0 316~354 = . 0.0
rdw-cv 788-0 RDW-CV 红细胞分布宽度变异系数 % 1 11.5~14.5 = . 0.02
rdw-sd 21000-5 RDW-SD 红细胞分布宽度标准差 fL 1 37~50 = . 0.02
platelets 777-3 PLT 血小板计数 10^9/L 0 125~350 = . 0.06
mpv 32623-1 MPV 平均血小板体积 fL 1 9~13 = . 0.03
pdw 32207-3 PDW 血小板分布宽度 fL 1 9~17 = . 0.05
plateletcrit 51637-7 PCT% 血小板压积 % 2 0.17~0.35 = . 0.0
p-lcr 48386-7 P-LCR 大型血小板比率 % 1 13~43 = . 0.06
reticulocytes 17849-1 RET% 网织红细胞百分比 % 2 0.5~1.5 = . 0.1
esr 30341-2 ESR 红细胞沉降率 mm/h 0 <15 <20 1 0.1
crp 1988-5 CRP C反应蛋白 mg/L 1 <10 = 0.5 0.08
hs-crp 30522-7 hs-CRP 超敏C反应蛋白 mg/L 2 <3 = 0.1 0.08
procalcitonin 33959-8 PCT 降钙素原 ng/mL 2 <0.05 = 0.02 0.08
il6 26881-3 IL-6 白细胞介素6 pg/mL 1 <7 = 1.5 0.1
saa . SAA 血清淀粉样蛋白A mg/L 1 <10 = 1 0.1
glucose 14749-6 GLU 葡萄糖 mmol/L 2 3.9~6.1 = . 0.035
glucose-after 14995-5 GLU2H 餐后2小时血糖 mmol/L 2 <7.8 = . 0.06
glucose-1h . GLU1H 服糖后1小时血糖 mmol/L 2 <10.0 = . 0.06
hba1c 4548-4 HBA1C 糖化血红蛋白 % 1 4~6 = . 0.015
c-peptide 14633-2 C-P C肽 nmol/L 2 0.37~1.47 = 0.02 0.07
insulin 14796-7 INS 胰岛素 pmol/L 1 17.8~173 = 1 0.1
creatinine 14682-9 CREA 肌酐 umol/L 0 57~97 41~73 . 0.03
urea 22664-7 UREA 尿素 mmol/L 2 3.1~8 2.6~7.5 . 0.08
urate 14933-6 UA 尿酸 umol/L 0 208~428 155~357 . 0.045
egfr 98979-8 EGFR 估算肾小球滤过率 mL/min/1.73m2 1 >60 = . 0.0
cystatin-c 33863-2 CYS-C 胱抑素C mg/L 2 0.54~1.15 = . 0.04
bicarbonate-total 2028-9 TCO2 总二氧化碳 mmol/L 1 22~30 = . 0.04
beta2-microglobulin 1952-1 B2-MG β2微球蛋白 mg/L 2 1.0~2.7 = . 0.05
albumin-creatinine 9318-7 UACR 尿白蛋白/肌酐比值 mg/g 1 <30 = 2 0.18
urine-albumin 14957-5 U-mALB 尿微量白蛋白 mg/L 1 <20 = 2 0.18
urine-creatinine 14683-7 U-CREA 尿肌酐 mmol/L 2 . . . 0.25
urine-protein-day 2889-4 U-TP24 24小时尿蛋白定量 g/(24.h) 2 <0.15 = 0.02 0.12
potassium 2823-3 K 钾 mmol/L 2 3.5~5.3 = . 0.035
sodium 2951-2 NA 钠 mmol/L 1 137~147 = . 0.006
chloride 2075-0 CL 氯 mmol/L 1 99~110 = . 0.009
calcium 2000-8 CA 钙 mmol/L 2 2.11~2.52 = . 0.015
phosphate 14879-1 P 无机磷 mmol/L 2 0.85~1.51 = . 0.06
magnesium 2601-3 MG 镁 mmol/L 2 0.75~1.02 = . 0.03
alt 1742-6 ALT 丙氨酸氨基转移酶 U/L 0 9~50 7~40 . 0.1
ast 1920-8 AST 天门冬氨酸氨基转移酶 U/L 0 15~40 13~35 . 0.08
ast-alt 1916-6 AST/ALT 谷草/谷丙比值 1 2 0.8~1.5 = . 0.0
alp 6768-6 ALP 碱性磷酸酶 U/L 0 45~125 50~135 . 0.05
ggt 2324-2 GGT γ-谷氨酰基转移酶 U/L 0 10~60 7~45 . 0.07
bilirubin 14631-6 TBIL 总胆红素 umol/L 1 <26 <21 . 0.12
bilirubin-direct 14629-0 DBIL 直接胆红素 umol/L 1 <8 = . 0.12
bilirubin-indirect 14630-8 IBIL 间接胆红素 umol/L 1 <17 = . 0.0
protein 2885-2 TP 总蛋白 g/L 1 65~85 = . 0.02
albumin 1751-7 ALB 白蛋白 g/L 1 40~55 = . 0.022
globulin 10834-0 GLO 球蛋白 g/L 1 20~40 = . 0.0
albumin-globulin 1759-0 A/G 白球比 1 2 1.2~2.4 = . 0.0
bile-acids 14628-2 TBA 总胆汁酸 umol/L 1 <10 = 0.5 0.25
cholinesterase 2098-2 CHE 胆碱酯酶 U/L 0 5000~12000 4500~11500 . 0.04
prealbumin 14338-8 PA 前白蛋白 mg/L 0 200~430 180~350 . 0.06
ammonia 22763-7 AMM 血氨 umol/L 1 18~72 = . 0.1
cholesterol 14647-2 TC 总胆固醇 mmol/L 2 <5.2 = . 0.035
triglyceride 14927-8 TG 甘油三酯 mmol/L 2 <1.7 = . 0.13
hdl 14646-4 HDL-C 高密度脂蛋白胆固醇 mmol/L 2 >1.0 = . 0.045
ldl 22748-8 LDL-C 低密度脂蛋白胆固醇 mmol/L 2 <3.4 = . 0.045
apo-a1 1869-7 ApoA1 载脂蛋白A1 g/L 2 1.0~1.6 1.1~1.8 . 0.05
apo-b 1884-6 ApoB 载脂蛋白B g/L 2 0.6~1.1 = . 0.05
lipoprotein-a 10835-7 Lp(a) 脂蛋白(a) mg/L 0 <300 = 10 0.1
homocysteine 13965-9 HCY 同型半胱氨酸 umol/L 1 5~15 = . 0.07
troponin 10839-9 TNI 肌钙蛋白I ng/mL 3 <0.04 = 0.01 0.12
myoglobin 2639-3 MYO 肌红蛋白 ng/mL 1 <90 <70 . 0.1
ck 2157-6 CK 肌酸激酶 U/L 0 50~310 40~200 . 0.15
ck-mb 32673-6 CK-MB 肌酸激酶同工酶 U/L 1 <24 = . 0.12
ldh 2532-0 LDH 乳酸脱氢酶 U/L 0 120~250 = . 0.05
hbdh . HBDH α-羟丁酸脱氢酶 U/L 0 72~182 = . 0.06
nt-probnp 33762-6 NT-PROBNP N末端脑钠肽前体 pg/mL 0 <300 = 10 0.12
pt 5902-2 PT 凝血酶原时间 s 1 9.8~13.5 = . 0.025
inr 6301-6 INR 国际标准化比值 1 2 0.85~1.2 = . 0.0
pt-activity 5894-1 PTA 凝血酶原活动度 % 0 80~120 = . 0.0
aptt 14979-9 APTT 活化部分凝血活酶时间 s 1 25~37 = . 0.03
thrombin-time 3243-3 TT 凝血酶时间 s 1 14~21 = . 0.03
fibrinogen 3255-7 FIB 纤维蛋白原 g/L 2 2~4 = . 0.06
d-dimer 48065-7 D-D D-二聚体 mg/L{FEU} 2 <0.55 = 0.1 0.12
fdp 30226-5 FDP 纤维蛋白(原)降解产物 mg/L 2 <5 = 0.5 0.12
antithrombin 27811-9 AT-III 抗凝血酶III活性 % 0 80~120 = . 0.04
tsh 3016-3 TSH 促甲状腺激素 mIU/L 3 0.27~4.2 = 0.005 0.12
ft3 14928-6 FT3 游离三碘甲状腺原氨酸 pmol/L 2 3.1~6.8 = . 0.05
ft4 14920-3 FT4 游离甲状腺素 pmol/L 2 12~22 = . 0.05
t3 14930-2 T3 三碘甲状腺原氨酸 nmol/L 2 1.3~3.1 = . 0.06
t4 14921-1 T4 甲状腺素 nmol/L 1 66~181 = . 0.06
tpo-antibody 8099-4 TPOAb 甲状腺过氧化物酶抗体 IU/mL 1 <34 = 5 0.08
tg-antibody 8098-6 TgAb 甲状腺球蛋白抗体 IU/mL 1 <115 = 10 0.08
ferritin 2276-4 FER 铁蛋白 ug/L 1 30~400 13~150 0.5 0.08
iron 14798-3 FE 血清铁 umol/L 1 10.6~36.7 7.8~32.2 . 0.15
tibc 14800-7 TIBC 总铁结合力 umol/L 1 45~77 = . 0.05
transferrin 3034-6 TRF 转铁蛋白 g/L 2 2.0~3.6 = . 0.05
transferrin-saturation 2502-3 TSAT 转铁蛋白饱和度 % 1 20~50 = . 0.0
folate 14732-2 FOL 叶酸 nmol/L 1 8.8~60.8 = . 0.1
b12 14685-2 VB12 维生素B12 pmol/L 0 145~569 = . 0.08
vitamin-d 62292-8 25-OHD 25-羟维生素D ng/mL 1 20~50 = 3 0.08
hcg 19080-1 HCG 绒毛膜促性腺激素 IU/L 2 . <5 0.5 0.08
progesterone 14890-8 PROG 孕酮 nmol/L 2 . 0.6~86 0.2 0.1
estradiol 14715-7 E2 雌二醇 pmol/L 1 . 46~1828 18 0.1
fsh 15067-2 FSH 卵泡刺激素 IU/L 2 1.5~12.4 1.7~21.5 0.1 0.08
lh 10501-5 LH 黄体生成素 IU/L 2 1.7~8.6 1~95.6 0.1 0.08
prolactin 15081-3 PRL 泌乳素 mIU/L 1 86~324 102~496 1 0.1
testosterone 14913-8 T 睾酮 nmol/L 2 8.6~29 0.29~1.67 0.09 0.08
afp 1834-1 AFP 甲胎蛋白 ng/mL 2 <7 = 0.6 0.08
cea 2039-6 CEA 癌胚抗原 ng/mL 2 <5 = 0.2 0.08
ca125 10334-1 CA125 糖类抗原125 U/mL 2 <35 = 0.6 0.08
ca199 24108-3 CA19-9 糖类抗原19-9 U/mL 2 <27 = 0.6 0.08
ca153 6875-9 CA15-3 糖类抗原15-3 U/mL 2 <25 = 1 0.08
ca724 . CA72-4 糖类抗原72-4 U/mL 2 <6.9 = 0.2 0.12
psa 2857-1 TPSA 总前列腺特异性抗原 ng/mL 3 <4 . 0.003 0.08
psa-free 10886-0 FPSA 游离前列腺特异性抗原 ng/mL 3 <1 . 0.003 0.1
cyfra 25390-6 CYFRA21-1 细胞角蛋白19片段 ng/mL 2 <3.3 = 0.1 0.1
nse 15060-7 NSE 神经元特异性烯醇化酶 ng/mL 2 <16.3 = 0.5 0.1
scc . SCC 鳞状上皮细胞癌抗原 ng/mL 2 <1.5 = 0.1 0.1
amylase 1798-8 AMY 淀粉酶 U/L 0 35~135 = . 0.08
lipase 3040-3 LIP 脂肪酶 U/L 0 13~60 = . 0.1
ph 2744-1 pH 酸碱度 {pH} 2 7.35~7.45 = . 0.0015
pco2 2019-8 PCO2 二氧化碳分压 mm[Hg] 1 35~45 = . 0.04
po2 2703-7 PO2 氧分压 mm[Hg] 1 80~100 = . 0.04
bicarbonate 1960-4 HCO3- 碳酸氢根 mmol/L 1 22~27 = . 0.02
base-excess 1925-7 BE 碱剩余 mmol/L 1 -3~3 = . 0.0
saturation 2708-6 SaO2 动脉血氧饱和度 % 1 95~99 = . 0.005
lactate 2518-9 LAC 乳酸 mmol/L 1 0.5~1.6 = . 0.12
rheumatoid-factor 11572-5 RF 类风湿因子 IU/mL 1 <20 = 5 0.1
aso 5370-2 ASO 抗链球菌溶血素O IU/mL 1 <200 = 10 0.1
igg 2465-3 IgG 免疫球蛋白G g/L 2 8.6~17.4 = . 0.04
iga 2458-8 IgA 免疫球蛋白A g/L 2 1.0~4.2 = . 0.04
igm 2472-9 IgM 免疫球蛋白M g/L 2 0.3~2.2 0.5~2.8 . 0.05
c3 4485-9 C3 补体C3 g/L 2 0.7~1.4 = . 0.05
c4 4498-2 C4 补体C4 g/L 2 0.1~0.4 = . 0.06
ige 19113-0 IgE 总免疫球蛋白E IU/mL 1 <100 = 5 0.1
cd3 8122-4 CD3+ CD3+T淋巴细胞计数 /uL 0 770~2860 = . 0.07
cd4 24467-3 CD4+ CD4+T淋巴细胞计数 /uL 0 410~1590 = . 0.07
cd8 14135-8 CD8+ CD8+T淋巴细胞计数 /uL 0 238~1250 = . 0.07
cd4-cd8 54218-3 CD4/CD8 CD4/CD8比值 1 2 0.71~2.78 = . 0.0
hiv-load 20447-9 HIV-RNA HIV-1核酸定量 copies/mL 0 . = 20 0.2
hbv-load 42595-9 HBV-DNA 乙肝病毒DNA定量 IU/mL 0 . = 20 0.2
hbsag-level 63557-3 HBsAg-Q 乙肝表面抗原定量 IU/mL 2 <0.05 = 0.05 0.1
hbsab-level 16935-9 HBsAb-Q 乙肝表面抗体定量 mIU/mL 2 . = 2 0.1
lithium 14334-7 LI 血锂 mmol/L 2 0.6~1.2 = 0.05 0.08
valproate 4086-5 VPA 丙戊酸血药浓度 ug/mL 1 50~100 = 2 0.08
hbsag 5195-3 HBsAg 乙型肝炎表面抗原 . ST 阴性(-) . . .
hbsab 22322-2 HBsAb 乙型肝炎表面抗体 . ST . . . .
hbeag 13954-3 HBeAg 乙型肝炎e抗原 . ST 阴性(-) . . .
hbeab 13953-5 HBeAb 乙型肝炎e抗体 . ST 阴性(-) . . .
hbcab 13952-7 HBcAb 乙型肝炎核心抗体 . ST 阴性(-) . . .
hcv-antibody 13955-0 HCV-Ab 丙型肝炎病毒抗体 . ST 阴性(-) . . .
hav-igm 13950-1 HAV-IgM 甲型肝炎病毒IgM抗体 . ST 阴性(-) . . .
hev-igm 14212-5 HEV-IgM 戊型肝炎病毒IgM抗体 . ST 阴性(-) . . .
tp-antibody 24110-9 TP-Ab 梅毒螺旋体抗体 . ST 阴性(-) . . .
rpr 20507-0 RPR 快速血浆反应素试验 . ST 阴性(-) . . .
hiv-antibody 56888-1 HIV-Ag/Ab 人类免疫缺陷病毒抗原抗体 . ST 阴性(-) . . .
hiv-confirmation . HIV-WB HIV抗体确证试验 . ST . . . .
sputum-smear 11545-1 AFB 痰涂片抗酸杆菌 . ST 阴性(-) . . .
sputum-smear-2 11545-1 AFB2 痰涂片抗酸杆菌(夜间痰) . ST 阴性(-) . . .
sputum-culture-tb 543-9 TB-CUL 分枝杆菌培养 . ST 阴性 . . .
tb-pcr 38379-4 TB-DNA 结核分枝杆菌核酸 . ST 阴性(-) . . .
rifampicin-resistance 46244-0 RIF-R 利福平耐药基因 . ST 未检出 . . .
igra . IGRA γ-干扰素释放试验 . ST 阴性 . . .
flu-a 80382-5 FluA-Ag 甲型流感病毒抗原 . ST 阴性(-) . . .
flu-b 80383-3 FluB-Ag 乙型流感病毒抗原 . ST 阴性(-) . . .
covid-pcr 94500-6 SARS-CoV-2 新型冠状病毒核酸 . ST 阴性 . . .
flu-a-pcr 92142-9 FluA-RNA 甲型流感病毒核酸 . ST 阴性 . . .
flu-b-pcr 92141-1 FluB-RNA 乙型流感病毒核酸 . ST 阴性 . . .
rsv-pcr 92131-2 RSV-RNA 呼吸道合胞病毒核酸 . ST 阴性 . . .
adenovirus-pcr . ADV-DNA 腺病毒核酸 . ST 阴性 . . .
mycoplasma-pcr . MP-DNA 肺炎支原体核酸 . ST 阴性 . . .
mycoplasma-igm . MP-IgM 肺炎支原体IgM抗体 . ST 阴性(-) . . .
norovirus . NoV-RNA 诺如病毒核酸 . ST 阴性 . . .
rotavirus . RV-Ag 轮状病毒抗原 . ST 阴性(-) . . .
ev71-pcr . EV71-RNA 肠道病毒71型核酸 . ST 阴性 . . .
ca16-pcr . CA16-RNA 柯萨奇病毒A16型核酸 . ST 阴性 . . .
enterovirus-pcr . EV-RNA 肠道病毒通用型核酸 . ST 阴性 . . .
measles-igm . MV-IgM 麻疹病毒IgM抗体 . ST 阴性(-) . . .
rubella-igm . RV-IgM 风疹病毒IgM抗体 . ST 阴性(-) . . .
hantavirus-igm . HFRS-IgM 汉坦病毒IgM抗体 . ST 阴性(-) . . .
sfts-pcr . SFTSV-RNA 新型布尼亚病毒核酸 . ST 阴性 . . .
dengue-ns1 . DENV-NS1 登革病毒NS1抗原 . ST 阴性(-) . . .
malaria . MAL 疟原虫 . ST 未检出 . . .
brucella . SAT 布鲁菌试管凝集试验 . ST 阴性(-) . . .
stool-culture 625-4 STOOL-CUL 粪便致病菌培养 . ST 未检出沙门菌、志贺菌 . . .
sputum-culture 624-7 SP-CUL 痰细菌培养 . ST 正常菌群生长 . . .
blood-culture 600-7 BL-CUL 血培养 . ST 培养5天无细菌生长 . . .
urine-culture 630-4 UR-CUL 尿细菌培养 . ST 无细菌生长 . . .
abo 883-9 ABO ABO血型 . ST . . . .
rh 10331-7 RhD Rh(D)血型 . ST . . . .
antibody-screen 890-4 IAT 不规则抗体筛查 . ST 阴性 . . .
colour-urine 5778-6 COL 尿颜色 . ST 淡黄色 . . .
clarity-urine 5767-9 CLA 尿透明度 . ST 清亮 . . .
ph-urine 5803-2 U-PH 尿酸碱度 {pH} 1 4.5~8 = . 0.08
gravity-urine 5811-5 SG 尿比重 1 3 1.003~1.03 = . 0.0045
protein-urine 20454-5 PRO 尿蛋白 . ST 阴性(-) . . .
glucose-urine 25428-4 U-GLU 尿葡萄糖 . ST 阴性(-) . . .
ketones-urine 2514-8 KET 尿酮体 . ST 阴性(-) . . .
bilirubin-urine 5770-3 U-BIL 尿胆红素 . ST 阴性(-) . . .
urobilinogen-urine 5818-0 URO 尿胆原 . ST 正常 . . .
nitrite-urine 5802-4 NIT 尿亚硝酸盐 . ST 阴性(-) . . .
leukocytes-urine 5799-2 LEU 尿白细胞酯酶 . ST 阴性(-) . . .
blood-urine 5794-3 BLD 尿隐血 . ST 阴性(-) . . .
red-cells-urine 13945-1 U-RBC 尿红细胞(镜检) /[HPF] 0 0~3 = . 0.5
white-cells-urine 5821-4 U-WBC 尿白细胞(镜检) /[HPF] 0 0~5 = . 0.5
casts-urine . U-CAST 尿管型 . ST 未见 . . .
colour-stool . F-COL 粪便颜色 . ST 黄色 . . .
form-stool . F-FORM 粪便性状 . ST 软便 . . .
white-cells-stool . F-WBC 粪便白细胞 /[HPF] 0 0~1 = . 0.5
red-cells-stool . F-RBC 粪便红细胞 /[HPF] 0 0~0 = . 0.5
eggs-stool . F-OVA 虫卵及寄生虫 . ST 未检出 . . .
occult-blood 2335-8 OB 粪便隐血 . ST 阴性(-) . . .
hpv . HPV 高危型人乳头瘤病毒核酸 . ST 阴性 . . .
cytology-cervix . TCT 宫颈液基细胞学 . TX 未见上皮内病变或恶性病变(NILM) . . .
vaginal-cleanness . VC 阴道清洁度 . ST Ⅱ度 . . .
candida . CAN 假丝酵母菌 . ST 未检出 . . .
trichomonas . TV 滴虫 . ST 未检出 . . .
helicobacter . C13-UBT 13C尿素呼气试验 1 1 <4 = 0.1 0.1
comment 8251-1 COMMENT 检验备注 . TX . . . .
"""

_PANELS: Final = """
cbc P-CBC 血常规(五分类) 全血 0.5 wbc neutrophils lymphocytes monocytes eosinophils basophils
  neutrophils-count lymphocytes-count monocytes-count eosinophils-count basophils-count rbc
  haemoglobin haematocrit mcv mch mchc rdw-cv rdw-sd platelets mpv pdw plateletcrit p-lcr
cbc-finger P-CBC3 末梢血常规+C反应蛋白 末梢血 0.4 wbc neutrophils lymphocytes monocytes
  neutrophils-count lymphocytes-count rbc haemoglobin haematocrit mcv mch mchc platelets mpv crp
reticulocytes P-RET 网织红细胞计数 全血 1 reticulocytes
esr P-ESR 血沉 全血 1.5 esr
glucose P-GLU 血糖及糖化血红蛋白 血清 2 glucose hba1c
glucose-fasting P-FPG 空腹血糖 血清 1.5 glucose
glucose-after P-PBG 餐后2小时血糖 血清 1.5 glucose-after
ogtt P-OGTT 口服葡萄糖耐量试验 血清 3 glucose glucose-1h glucose-after
islet P-ISL 胰岛功能 血清 4 c-peptide insulin
renal P-RENAL 肾功能 血清 2.5 creatinine urea urate egfr cystatin-c bicarbonate-total
  beta2-microglobulin
urine-albumin P-UACR 尿微量白蛋白/肌酐 尿液 3 urine-albumin urine-creatinine albumin-creatinine
urine-protein-day P-UTP 24小时尿蛋白定量 24小时尿 4 urine-protein-day
electrolytes P-ELEC 电解质 血清 1.5 potassium sodium chloride calcium phosphate magnesium
liver P-LIVER 肝功能 血清 2.5 alt ast ast-alt alp ggt bilirubin bilirubin-direct
  bilirubin-indirect protein albumin globulin albumin-globulin bile-acids prealbumin
liver-short P-LIV3 肝功能(基层) 血清 3 alt ast bilirubin protein albumin
ammonia P-AMM 血氨 血浆 1 ammonia
lipids P-LIPID 血脂 血清 2.5 cholesterol triglyceride hdl ldl apo-a1 apo-b lipoprotein-a
lipids-short P-LIP4 血脂四项 血清 3 cholesterol triglyceride hdl ldl
homocysteine P-HCY 同型半胱氨酸 血清 3 homocysteine
biochemistry P-BIO 生化全套 血清 3 glucose creatinine urea urate alt ast alp ggt bilirubin
  bilirubin-direct protein albumin globulin cholesterol triglyceride hdl ldl ck ldh potassium
  sodium chloride calcium
inflammation P-INFL 炎症指标 血清 1 crp procalcitonin
infection P-INF 感染指标 血清 1.5 hs-crp procalcitonin il6 saa
heart P-CARD 心肌损伤标志物 血浆 0.7 troponin myoglobin ck-mb nt-probnp
heart-enzymes P-ENZ 心肌酶谱 血清 1.5 ck ck-mb ldh hbdh ast
natriuretic P-BNP 脑钠肽前体 血浆 0.7 nt-probnp
coagulation P-COAG 凝血功能 血浆 1 pt inr pt-activity aptt thrombin-time fibrinogen d-dimer fdp
inr P-INR 凝血酶原时间 血浆 0.8 pt inr pt-activity
d-dimer P-DD D-二聚体 血浆 0.8 d-dimer
thyroid P-THYR 甲状腺功能 血清 5 tsh ft3 ft4 t3 t4
thyroid-antibodies P-TAB 甲状腺抗体 血清 6 tpo-antibody tg-antibody
iron P-FE 铁代谢 血清 5 ferritin iron tibc transferrin transferrin-saturation
vitamins P-VIT 叶酸维生素B12 血清 6 folate b12
vitamin-d P-VD 25-羟维生素D 血清 8 vitamin-d
hcg P-HCG 血HCG测定 血清 1.5 hcg
hcg-progesterone P-HCGP 早孕二项 血清 2 hcg progesterone
hormones P-SEX 性激素六项 血清 6 fsh lh estradiol progesterone prolactin testosterone
tumour P-TUM 肿瘤标志物 血清 6 afp cea ca125 ca199 ca153 ca724
tumour-lung P-TUML 肺癌标志物 血清 6 cea cyfra nse scc
tumour-prostate P-PSA 前列腺特异性抗原 血清 5 psa psa-free
afp P-AFP 甲胎蛋白 血清 5 afp
pancreas P-PAN 胰腺炎二项 血清 1 amylase lipase
blood-gas P-GAS 动脉血气分析 动脉血 0.2 ph pco2 po2 bicarbonate base-excess saturation lactate
rheumatism P-RHEU 风湿三项 血清 3 rheumatoid-factor aso crp
immunity P-IMM 免疫球蛋白及补体 血清 4 igg iga igm c3 c4
allergy P-IGE 总IgE 血清 6 ige
t-cells P-CD 淋巴细胞亚群 全血 24 cd3 cd4 cd8 cd4-cd8
hiv P-HIV 人类免疫缺陷病毒抗体 血清 4 hiv-antibody
hiv-confirmation P-HIVC HIV抗体确证试验 血清 96 hiv-confirmation
hiv-load P-HIVL CD4计数及病毒载量 血浆 48 cd4 cd8 cd4-cd8 hiv-load
hepatitis-b P-HBV 乙肝五项 血清 4 hbsag hbsab hbeag hbeab hbcab
hepatitis-b-load P-HBVD 乙肝病毒定量 血清 26 hbsag-level hbv-load
hepatitis P-HEP 病毒性肝炎抗体 血清 5 hav-igm hcv-antibody hev-igm
hepatitis-c P-HCV 丙型肝炎抗体 血清 4 hcv-antibody
syphilis P-TP 梅毒二项 血清 4 tp-antibody rpr
before-operation P-INF4 术前感染四项 血清 3 hbsag hcv-antibody tp-antibody hiv-antibody
tb P-TB 痰结核菌检查 痰 24 sputum-smear sputum-smear-2 tb-pcr
tb-culture P-TBC 结核分枝杆菌培养及耐药 痰 700 sputum-culture-tb rifampicin-resistance
igra P-IGRA γ-干扰素释放试验 全血 30 igra
flu-antigen P-FLU 甲乙型流感抗原 鼻咽拭子 0.4 flu-a flu-b
respiratory-pcr P-RESP 呼吸道病原体核酸 鼻咽拭子 6 flu-a-pcr flu-b-pcr covid-pcr rsv-pcr
  adenovirus-pcr mycoplasma-pcr
covid-pcr P-COV 新型冠状病毒核酸 鼻咽拭子 6 covid-pcr
mycoplasma P-MP 肺炎支原体抗体 血清 3 mycoplasma-igm
norovirus-pcr P-NOV 诺如病毒核酸 粪便 12 norovirus
rotavirus P-ROTA 轮状病毒抗原 粪便 1 rotavirus
enterovirus P-EV 肠道病毒核酸 粪便 24 ev71-pcr ca16-pcr enterovirus-pcr
measles-igm P-MV 麻疹风疹IgM抗体 血清 24 measles-igm rubella-igm
hantavirus P-HFRS 汉坦病毒抗体 血清 24 hantavirus-igm
sfts-pcr P-SFTS 新型布尼亚病毒核酸 血清 24 sfts-pcr
dengue-ns1 P-DENV 登革病毒抗原 血清 4 dengue-ns1
malaria-smear P-MAL 疟原虫镜检 全血 2 malaria
brucella P-BRU 布鲁菌抗体 血清 24 brucella
stool P-STOOL 粪便常规 粪便 0.7 colour-stool form-stool white-cells-stool red-cells-stool
  eggs-stool occult-blood
occult-blood P-OB 粪便隐血 粪便 0.5 occult-blood
stool-culture P-STC 粪便培养 粪便 60 stool-culture
culture P-CUL 血培养 血液 110 blood-culture
sputum-culture P-SPC 痰培养及药敏 痰 66 sputum-culture
urine-culture P-URC 尿培养及药敏 尿液 50 urine-culture
urine P-URINE 尿常规 尿液 0.7 colour-urine clarity-urine ph-urine gravity-urine protein-urine
  glucose-urine ketones-urine bilirubin-urine urobilinogen-urine nitrite-urine leukocytes-urine
  blood-urine red-cells-urine white-cells-urine casts-urine
blood-group P-ABO 血型鉴定 全血 1 abo rh
cross-match P-XM 血型及抗体筛查 全血 1.5 abo rh antibody-screen
hpv P-HPV 高危型HPV核酸 宫颈脱落细胞 72 hpv
cervix-cytology P-TCT 宫颈液基细胞学 宫颈脱落细胞 72 cytology-cervix
discharge P-VD2 白带常规 阴道分泌物 0.7 vaginal-cleanness candida trichomonas
helicobacter P-UBT 13C呼气试验 呼出气 1 helicobacter
lithium P-LI 血锂浓度 血清 6 lithium
valproate P-VPA 丙戊酸血药浓度 血清 6 valproate
"""

ROWS: Final = {"analytes": _ANALYTES, "panels": _PANELS}
