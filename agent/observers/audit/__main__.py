"""`python -m agent.observers.audit verify|export|show CALL`: look at the audit log, and prove that it is whole."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from typing import TextIO

from cryptography.fernet import InvalidToken

from agent.config import Settings
from agent.errors import ConfigError, StoreError, VoiceAgentError
from agent.language.packs import ENGLISH, pack
from agent.memory.chain import Link
from agent.memory.ledger import Ledger
from agent.memory.store import Store
from agent.redaction.door import Sealer


def main(arguments: list[str] | None = None, out: TextIO = sys.stdout) -> int:
    """Do what is asked; 1 when the log does not verify. Raises VoiceAgentError, a sentence for the operator."""
    asked = _parser().parse_args(arguments)
    settings = Settings.load()
    Store(settings.store).prepare()
    ledger = Ledger(settings.store, settings.audit_key)
    match asked.what:
        case "verify":
            return _verify(ledger, asked.public_key, settings, out)
        case "export":
            lines = _training(ledger.all()) if asked.purpose == "training" else _exported(ledger)
            out.writelines(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
        case "show":
            out.writelines(f"{line}\n" for line in shown(ledger, asked.call, settings, is_unsealed=asked.unsealed))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m agent.observers.audit", description=__doc__)
    ways = parser.add_subparsers(dest="what", required=True)
    verify = ways.add_parser("verify", help="whether every record is there, in its place and unchanged")
    verify.add_argument("--public-key", action="append", default=[], help="not PARLEY_AUDIT_KEY; may be repeated")
    export = ways.add_parser("export", help="all records as JSON lines, with the heads and the public key")
    export.add_argument("--for", dest="purpose", choices=["auditor", "training"], default="auditor")
    show = ways.add_parser("show", help="one call, as an auditor reads it")
    show.add_argument("call")
    show.add_argument("--unsealed", action="store_true", help="with what placeholders stand for (PARLEY_PRIVACY_KEY)")
    return parser


def _verify(ledger: Ledger, public_keys: list[str], settings: Settings, out: TextIO) -> int:
    findings = ledger.verify(public_keys)
    for finding in findings:
        out.write(f"record {finding.position} {finding.what}\n")
    waiting = len([*(settings.var_dir / "audit").glob("*.jsonl")])
    if waiting:
        out.write(f"{waiting} files with records wait on disk for a worker to write them (PARLEY_VAR_DIR/audit)\n")
    heads = ledger.heads()
    signed = "signed" if public_keys or settings.audit_key else "not checked for signatures: PARLEY_AUDIT_KEY is empty"
    if not findings:
        count = heads[-1].position if heads else 0
        out.write(f"whole: {count} records on {len(heads)} days, {signed}\n")
    return 1 if findings else 0


def _exported(ledger: Ledger) -> Iterator[dict[str, object]]:
    """Every record with its place in the chain, so that whoever gets it can check it."""
    yield {"public_key": ledger.public_key}
    for link in ledger.all():
        yield {
            "position": link.position, "id": link.id, "call": link.call_id, "kind": link.kind, "at": _time(link),
            "body": json.loads(link.body or "{}"), "digest": link.digest, "hash": link.hash,
        }  # fmt: skip
    for head in ledger.heads():
        yield {"day": head.day, "position": head.position, "hash": head.hash, "signature": head.signature}


def _training(links: Iterable[Link]) -> Iterator[dict[str, object]]:
    """Conversations without private values and without ids: turns of both sides, and what tools were asked and said."""
    calls: dict[str, list[Link]] = {}
    for link in links:
        calls.setdefault(link.call_id or "", []).append(link)
    for call in calls.values():
        bodies = [json.loads(link.body or "{}") for link in call]
        messages = [message for body in bodies if (message := _message(body))]
        if any(message["role"] == "user" for message in messages):
            profile = next((body["profile"] for body in bodies if "profile" in body), "")
            yield {"profile": profile, "messages": messages}


def _message(body: dict[str, object]) -> dict[str, object] | None:
    match body.get("event"):
        case "caller_spoke" if body["text"]:
            return {"role": "user", "content": body["text"]}
        case "agent_spoke" if body["text"]:
            return {"role": "assistant", "content": body["text"]}
        case "tool_called":
            return {"role": "assistant", "tool_call": {"name": body["tool"], "arguments": body["arguments"]}}
        case "tool_returned":
            return {"role": "tool", "name": body["tool"], "content": body["sentence"]}
    return None


def shown(ledger: Ledger, call_id: str, settings: Settings, *, is_unsealed: bool) -> Iterator[str]:
    """A line for each record of a call. Raises StoreError when there is none, ConfigError without the key that was
    asked for."""
    links = ledger.of(call_id)
    if not links:
        raise StoreError(f"there is no call {call_id} in the audit log; `export` tells those that there are")
    if is_unsealed and not settings.privacy_key:
        raise ConfigError("--unsealed needs PARLEY_PRIVACY_KEY, the key that the values were sealed with")
    sealer = Sealer(settings.privacy_key) if is_unsealed else None
    values: dict[str, str] = {}  # the latest: a job that took the call up has counted anew
    yield _disclosure(links)
    for link in links:
        body = json.loads(link.body or "{}")
        if link.kind == "VALUE":
            values |= {body["placeholder"]: _opened(sealer, body["sealed"])} if sealer else {}
            continue
        told = ", ".join(f"{name}={value}" for name, value in body.items() if name != "event")
        for placeholder, value in values.items():
            told = told.replace(placeholder, f"{placeholder}={value}")
        yield f"{link.position:>6} {_time(link)} {link.kind:<11} {body.get('event', '')} {told}"


def _opened(sealer: Sealer, sealed: str) -> str:
    try:
        return sealer.open(sealed)
    except InvalidToken:
        raise ConfigError("PARLEY_PRIVACY_KEY is not the key that these values were sealed with") from None


def _disclosure(links: Iterable[Link]) -> str:
    """Whether the caller was told that an AI speaks, when, and in which language; by what was heard, not by what was
    planned. Once for each language that was spoken."""
    told: list[str] = []
    for link in links:
        body = json.loads(link.body or "{}")
        if body.get("event") == "ai_disclosed":
            when = "in the greeting" if body["turn"] == 0 else f"after turn {body['turn']}"
            language = body.get("language", ENGLISH)
            spoken = "" if language == ENGLISH else f", in {pack(language).name}"
            told.append(f"AI disclosed {when}{spoken}, at {_time(link)} (record {link.position})")
    return "\n".join(told) or "AI not disclosed: the caller has not heard that no person speaks"


def _time(link: Link) -> str:
    return link.at.isoformat(timespec="milliseconds") if link.at else ""


if __name__ == "__main__":
    try:
        sys.exit(main())
    except VoiceAgentError as error:
        raise SystemExit(f"parley: {error}") from None
