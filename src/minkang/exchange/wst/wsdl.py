"""The description of the service (WSDL 1.1), with bindings for SOAP 1.1 and 1.2."""

from xml.sax.saxutils import quoteattr

from minkang.exchange.wst.envelope import NAMESPACE, OPERATION


def wsdl(address: str) -> bytes:
    """The WSDL of the service at an address."""
    ports = "".join(
        f'<wsdl:port name="HIPMessageService{name}" binding="tns:HIPMessageService{name}">'
        f"<{prefix}:address location={quoteattr(address)}/></wsdl:port>"
        for name, prefix in (("Soap11", "soap"), ("Soap12", "soap12"))
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions name="HIPMessageService" targetNamespace="{NAMESPACE}" xmlns:tns="{NAMESPACE}"
    xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/">
  <wsdl:types>
    <xs:schema targetNamespace="{NAMESPACE}" elementFormDefault="qualified">
      <xs:element name="{OPERATION}">
        <xs:complexType><xs:sequence>
          <xs:element name="action" type="xs:string"/>
          <xs:element name="message" type="xs:string"/>
        </xs:sequence></xs:complexType>
      </xs:element>
      <xs:element name="{OPERATION}Response">
        <xs:complexType><xs:sequence>
          <xs:element name="{OPERATION}Result" type="xs:string"/>
        </xs:sequence></xs:complexType>
      </xs:element>
    </xs:schema>
  </wsdl:types>
  <wsdl:message name="{OPERATION}Request">
    <wsdl:part name="parameters" element="tns:{OPERATION}"/>
  </wsdl:message>
  <wsdl:message name="{OPERATION}Response">
    <wsdl:part name="parameters" element="tns:{OPERATION}Response"/>
  </wsdl:message>
  <wsdl:portType name="HIPMessageService">
    <wsdl:operation name="{OPERATION}">
      <wsdl:input message="tns:{OPERATION}Request"/>
      <wsdl:output message="tns:{OPERATION}Response"/>
    </wsdl:operation>
  </wsdl:portType>
  {_binding("Soap11", "soap")}
  {_binding("Soap12", "soap12")}
  <wsdl:service name="HIPMessageService">{ports}</wsdl:service>
</wsdl:definitions>
""".encode()


def _binding(name: str, prefix: str) -> str:
    return (
        f'<wsdl:binding name="HIPMessageService{name}" type="tns:HIPMessageService">'
        f'<{prefix}:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>'
        f'<wsdl:operation name="{OPERATION}">'
        f'<{prefix}:operation soapAction="{NAMESPACE}:{OPERATION}" style="document"/>'
        f'<wsdl:input><{prefix}:body use="literal"/></wsdl:input>'
        f'<wsdl:output><{prefix}:body use="literal"/></wsdl:output>'
        "</wsdl:operation></wsdl:binding>"
    )
