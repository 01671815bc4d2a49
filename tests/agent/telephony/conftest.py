"""A worker whose calls come by telephone: real livekit-server, livekit-sip and Redis, and lines as an operator writes
them. Two desks can be dialled; who answers there, a test says."""

import asyncio
import itertools
import os
import shutil
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.config import ROOT, Settings
from agent.telephony.provision import provision
from agent.telephony.trunks import load_lines
from evals.phone_servers import PhoneServers
from evals.servers import RunningWorker, end, free_port, start_worker
from evals.sipp import OBEYS, PICKS_UP, Answer, Refer
from evals.telephone import Telephone, calling, dialled

SHOP, COLD, LINKED = "+15550100100", "+15550100180", "+15550100190"
BANK, RECORDED = "+15550100150", "+15550100195"
DESKS = ("+15550100101", "+15550100102")
OUTSIDE = "+1518"  # the beginning of the numbers that we call
USERNAME, PASSWORD = "pbx", "not-a-secret-of-anybody"
OTHERS = {"colddesk": COLD, "linkdesk": LINKED, "taped": RECORDED, "bank": BANK}  # besides the shop
_NUMBERS = itertools.count(1)
PASSWORD_VARIABLE = "TESTED_TRUNK_PASSWORD"
HOOK_VARIABLE, HOOK_SECRET = "TESTED_HOOK_SECRET", "neither-is-this"
RECORDING_KEY = bytes(range(32))


@dataclass(frozen=True, slots=True)
class Office:
    """The worker, its lines, and the ports on which its people's telephones wait, and those of whom we call; where
    links for its people are posted."""

    servers: PhoneServers
    worker: RunningWorker
    settings: Settings
    desk_ports: tuple[int, int]
    outside_port: int
    hook_port: int

    def call(self, to: str = SHOP, *, number: str = "", refer: Refer = OBEYS) -> AbstractAsyncContextManager[Telephone]:
        """A caller's telephone that dials; from a number that has not called before, unless one is given."""
        shows = f"<sip:{number or f'+1555011{next(_NUMBERS):04}'}@127.0.0.1>"
        return calling(self.servers, to, shows=shows, username=USERNAME, password=PASSWORD, refer=refer)

    def desk(self, number: int = 0, answer: Answer = PICKS_UP) -> AbstractAsyncContextManager[Telephone]:
        """The telephone of one of our people."""
        return dialled(answer, port=self.desk_ports[number])

    def outside(self, answer: Answer = PICKS_UP) -> AbstractAsyncContextManager[Telephone]:
        """The telephone of somebody whom we call."""
        return dialled(answer, port=self.outside_port)


@pytest.fixture(scope="session")
def office(phone_servers: PhoneServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One for all calls."""
    folder = tmp_path_factory.mktemp("office")
    ports, outside = (free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)), free_port(socket.SOCK_DGRAM)
    hook, page = free_port(), free_port()
    os.environ |= {PASSWORD_VARIABLE: PASSWORD, HOOK_VARIABLE: HOOK_SECRET}
    settings = Settings.model_validate(
        {
            "LIVEKIT_URL": phone_servers.livekit.url,
            "profiles_dir": _profiles(folder, hook),
            "sip_dir": _lines(folder, ports, outside),
            "profiles": tuple(OTHERS),
            "web_port": page,
            "agent_name": "phoned",
            "var_dir": folder / "var",
        }
    )
    asyncio.run(provision(settings, load_lines(settings.sip_dir, needs_passwords=True)))
    worker = start_worker(
        phone_servers.livekit,
        folder,
        agent_name="phoned",
        PARLEY_PROFILES_DIR=str(settings.profiles_dir),
        PARLEY_PROFILES=",".join(OTHERS),
        PARLEY_RECORDING_KEY=b64encode(RECORDING_KEY).decode(),
        PARLEY_WEB_PORT=str(page),
        PARLEY_SIP_DIR=str(settings.sip_dir),
        PARLEY_CAPACITY="12",
    )
    yield Office(phone_servers, worker, settings, ports, outside, hook)
    end(worker.process)


def _profiles(folder: Path, hook: int) -> Path:
    """The bank as it is, and four shops: one whose people are dialled, one that sends its callers on, one whose people
    get a link, and one that records, in the state of New York."""
    shutil.copytree(ROOT / "profiles" / "bank", folder / "profiles" / "bank")
    for name in ("shop", "colddesk", "linkdesk", "taped"):
        shutil.copytree(ROOT / "profiles" / "shop", folder / "profiles" / name)
        path = folder / "profiles" / name / "profile.yaml"
        profile: dict[str, Any] = yaml.safe_load(path.read_text()) | {"name": name}
        mode = "cold" if name == "colddesk" else "warm"
        profile["transfers"] = {"mode": mode, "to": list(DESKS), "ring_s": 6, "accept_s": 4}
        if name == "linkdesk":
            by_link = {"webhook": f"http://127.0.0.1:{hook}/", "secret_variable": HOOK_VARIABLE}
            profile["transfers"] = {"to": ["browser"], "ring_s": 20, "accept_s": 10, **by_link}
        if name == "taped":
            profile["recording"] = {"enabled": True, "place": "US-NY"}
        profile["departments"] = {"sales": {"hours": ["mon-mon 00:00-00:01"], "to": DESKS[0]}}
        parcel = {"says": "We have a parcel for you, {about}.", "message": "Please call us back."}
        profile["outbound"] = {
            "company": "Sunny Bikes",
            "destinations": ["US"],
            "hours": ["mon-sun 00:00-23:59"],
            "attempts_a_day": 5,
            "rings_s": 30,
            "purposes": {"parcel": {**parcel, "needs_consent": False}},
        }
        path.write_text(yaml.safe_dump(profile, sort_keys=False))
    return folder / "profiles"


def _lines(folder: Path, ports: tuple[int, int], outside: int) -> Path:
    desks: dict[str, object] = {
        f"desk-{place}": {"address": f"127.0.0.1:{port}", "numbers": [SHOP], "destinations": [number]}
        for place, (port, number) in enumerate(zip(ports, DESKS, strict=True))
    }
    desks["outside"] = {"address": f"127.0.0.1:{outside}", "numbers": [SHOP], "destinations": [OUTSIDE]}
    pbx = {"numbers": [SHOP, *OTHERS.values()], "username": USERNAME, "password_variable": PASSWORD_VARIABLE}
    numbers = {SHOP: "shop", **{number: name for name, number in OTHERS.items()}}
    lines = {"inbound": {"pbx": pbx}, "outbound": desks, "numbers": numbers}
    (folder / "sip").mkdir()
    (folder / "sip" / "lines.yaml").write_text(yaml.safe_dump(lines))
    return folder / "sip"
