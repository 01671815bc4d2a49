"""A speech-to-speech model in a call: one connection (wire) that hears, thinks and speaks, in the places of three."""
