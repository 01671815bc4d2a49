"""SpokenLanguage: which language one call is in. What is known of the caller decides before a word is said, their first
words correct a guess, and they may ask for another one at any time."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import phonenumbers
from livekit import rtc

from agent.call.call import Call
from agent.dialog.turn_taking import TurnTaking
from agent.events import LanguageChosen, LanguageSource
from agent.language.asking import asked_for, is_all, surely_in
from agent.language.packs import pack
from agent.profile.profile import Profile
from agent.providers import catalog
from agent.providers.local.speech_client import SpeechClient

ATTRIBUTE = "language"  # of a participant, and of a room's metadata
HEADER = "x-language"  # of an INVITE; livekit-sip hands it on as an attribute
_CODE = re.compile(r"[a-z]{2,3}")  # of ISO 639
LIKELY = 0.4  # of a first turn's language, by the detector's own score
GUESSES: frozenset[LanguageSource] = frozenset({"number", "profile"})  # which the first words may correct
logger = logging.getLogger("parley.language")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A language and what told it."""

    language: str
    by: LanguageSource


def choose(
    offered: tuple[str, ...], *, told: str = "", attributes: Mapping[str, str] | None = None, number: str = ""
) -> Chosen:
    """The language of a call before anybody has spoken: by what room or dispatch have `told`, a participant's
    attribute, a SIP header, the country of the number (E.164), or else the first of those offered. One that is not
    offered tells nothing."""
    headers = {name.lower().removeprefix("sip.h."): value for name, value in (attributes or {}).items()}
    said: tuple[tuple[str, LanguageSource], ...] = (
        (told, "room"),
        ((attributes or {}).get(ATTRIBUTE, ""), "participant"),
        (headers.get(HEADER, ""), "sip_header"),
        (_of_number(number, offered), "number"),
    )
    for value, by in said:
        code = value.strip().lower().replace("_", "-").partition("-")[0]
        if code in offered:
            return Chosen(code, by)
        if code:
            named = code if _CODE.fullmatch(code) else ""  # whoever dials in may write anything there
            logger.warning("a language that is not offered", extra={"language": named, "by": by})
    return Chosen(offered[0], "profile")


def of_metadata(metadata: str) -> str:
    """What a room's metadata, JSON, says of the language; "" for nothing."""
    with suppress(ValueError, AttributeError):
        return str(json.loads(metadata).get(ATTRIBUTE) or "")
    return ""


def _of_number(number: str, offered: tuple[str, ...]) -> str:
    """Where one of the languages is spoken in that country, and no other."""
    with suppress(phonenumbers.NumberParseException):
        country = phonenumbers.region_code_for_number(phonenumbers.parse(number)) if number else None
        found = [code for code in offered if country in pack(code).spoken_in]
        return found[0] if len(found) == 1 else ""
    return ""


class SpokenLanguage:
    """One per call; of a profile that has one language it does nothing. `profiles` are its versions by language, the
    first one first; `use` has ears, voice and turn-taking go on in one, while the caller's own may still turn out to be
    another. `told` is the language that the dispatch names, or empty."""

    def __init__(self, call: Call, profiles: Mapping[str, Profile], use: Callable[[Profile, bool], None]) -> None:
        self._call = call
        self._profiles = profiles
        self._use = use
        self.told = ""
        self._is_open = len(profiles) > 1  # the caller's first words may tell that it is another
        self._confirms = ("", "")  # the turn that asked for a language, and what is said to that

    def begin(self, metadata: str, caller: rtc.RemoteParticipant | None) -> None:
        """The caller has come into a room with this metadata."""
        if len(self._profiles) == 1:
            return
        told = self.told or of_metadata(metadata)
        attributes = dict(caller.attributes) if caller else {}
        found = choose(tuple(self._profiles), told=told, attributes=attributes, number=self._call.number)
        self._is_open = found.by in GUESSES
        self._speak(found.language, found.by)

    def go_on(self, language: str) -> None:
        """In that of the job before."""
        if len(self._profiles) == 1:
            return
        self._is_open = False
        self._speak(language if language in self._profiles else self._call.profile.language, "taken_up")

    def hear(self, text: str) -> bool:
        """A turn of the caller's, before it is answered; true when the answer is in another language than before."""
        if len(self._profiles) == 1:
            return False
        spoken, offered = self._call.profile.language, tuple(self._profiles)
        was_open, self._is_open, self._confirms = self._is_open, False, ("", "")
        if wanted := asked_for(text, offered, spoken):
            self._speak(wanted, "asked")
        elif was_open and (wanted := surely_in(text, frozenset(offered), LIKELY)) and wanted != spoken:
            self._speak(wanted, "detected")
        elif was_open:
            self._use(self._call.profile, False)
            return False
        else:
            return False
        self._confirms = (text, self._call.profile.sentences.switched)
        return True

    def confirmation(self, text: str) -> tuple[str, bool]:
        """What is said first to the turn that changed the language, and whether that answers all of it."""
        turn, sentence = self._confirms
        return (sentence, is_all(text, tuple(self._profiles))) if sentence and turn == text else ("", False)

    def _speak(self, language: str, by: LanguageSource) -> None:
        if language != self._call.profile.language:
            self._call.speak(self._profiles[language])
            self._call.memory.language = language
        self._use(self._call.profile, self._is_open)
        self._call.emit(LanguageChosen(language=language, by=by))


def go_on_in(turns: TurnTaking, client: SpeechClient, profile: Profile, may_be_another: bool) -> None:
    """Ears, voice and turn-taking in the language of this version of the profile."""
    turns.speak(profile, catalog.lent_to_voice(profile, client), may_be_another=may_be_another)
