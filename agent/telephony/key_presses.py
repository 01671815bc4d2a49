"""Keys that we press: DTMF to the telephone in a room."""

import asyncio

from livekit import rtc

CODES = {key: code for code, key in enumerate("0123456789*#ABCD")}
APART_S = 0.25  # a menu's ear loses keys that come closer together


async def press(room: rtc.Room, keys: str) -> None:
    """One after the other."""
    for key in keys:
        await room.local_participant.publish_dtmf(code=CODES[key], digit=key)
        await asyncio.sleep(APART_S)
