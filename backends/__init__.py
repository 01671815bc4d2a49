"""The systems of record that tools ask; each module is one, and owns the money and date arithmetic of it.

A backend module declares `KIND` (its Protocol), `connect(url, clock)` and `prepare(url)`; the toolbox finds it
by the name that profile.yaml lists under `backends`.
"""
