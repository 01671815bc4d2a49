"""A profile with three personas: a desk that hands over to parcels, and to a vault, which wants to know who calls."""

import shutil
from pathlib import Path

from agent.config import ROOT
from agent.profile.profile import Profile, load_profile

DESK = """---
tools: [current_date_and_time, end_call]
knowledge: [store.md]
hand_over_to: [parcels, vault]
---
# Who you are

You are the desk.
"""
PARCELS = """---
tools: [lookup_order, check_shipping, end_call]
about: orders and parcels
asked: [can I talk to the parcel department, give me your shipping people]
hello: This is the parcel desk.
hand_over_to: [desk]
---
You are the parcel desk.
"""
VAULT = """---
tier: full
tools: [end_call]
about: secrets
asked: [I want to hear a secret, open the vault]
hand_over_to: [desk]
---
You guard the vault.
"""


def write_desks(folder: Path) -> Path:
    """The shop with these personas, in a folder of profiles; returns the shop's own folder."""
    shutil.copytree(ROOT / "profiles" / "shop", folder / "shop")
    for name, text in (("desk", DESK), ("parcels", PARCELS), ("vault", VAULT)):
        (folder / "shop" / "personas" / f"{name}.md").write_text(text, encoding="utf-8")
    return folder / "shop"


def desks(folder: Path) -> Profile:
    """It, loaded."""
    return load_profile("shop", write_desks(folder).parent)
