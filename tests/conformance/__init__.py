"""The running server seen from outside: TestScripts, official examples, a client from the registry.

`runner` carries out FHIR TestScripts, `own_values` asks for a resource by its own values,
`serving` runs `minkang serve --open` as an operator would. Nothing here looks into the database.
"""
