"""What a machine needs before Parley runs on it: `python3 -m deploy.steps venv livekit-server page`.

The standard library only, since these steps bring everything else. `make` and the Dockerfile both call them.
"""
