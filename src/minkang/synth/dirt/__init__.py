"""The dirt: what goes wrong between a life and the platform, each kind switchable and recorded.

Lives here: the kinds (`kinds`), what desks get wrong about people (`registration`, `desk`), what
befalls messages and rows on their way (`soil`), sources in trouble (`sources`), and the record of
every stain (`stain`). Does not live here: mistakes of doctors in their texts (`synth.texts`), the
spread of laboratories' habits (`synth.lives.laboratory`): those are how real systems are.

Use `kinds.chosen` for the switches, `registration.registration` and `registration.filed` for what
is written about people, `soil.soil` for the stream.
"""
