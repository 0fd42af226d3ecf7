"""A shared document as short as one can be that says something."""


def document(number: str = "DOC1", kind: str = "C0039", name: str = "欧阳小明") -> bytes:
    """A document of a kind whose body stays in the original."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3">
  <id root="2.16.156.10011.1.1" extension="{number}"/>
  <code code="{kind}" codeSystem="2.16.156.10011.2.4"/>
  <title>样例</title>
  <effectiveTime value="20260503081500"/>
  <recordTarget><patientRole>
    <id root="2.16.156.10011.1.12" extension="Z-{number}"/>
    <patient><name>{name}</name></patient>
  </patientRole></recordTarget>
  <component><structuredBody><component><section>
    <code code="10154-3" codeSystem="2.16.840.1.113883.6.1"/>
    <entry><observation classCode="OBS" moodCode="EVN">
      <code code="DE04.01.119.00" codeSystem="2.16.156.10011.2.2.1" displayName="主诉"/>
      <value xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="ST">头痛三天</value>
    </observation></entry>
  </section></component></structuredBody></component>
</ClinicalDocument>
""".encode()
