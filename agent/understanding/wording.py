"""How a tool's values and the question about them are worded in the language that is spoken."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

from agent.answer import Value
from agent.intent import Intent, Slot, SlotKind
from agent.language.pack import LanguagePack
from agent.language.packs import ENGLISH, pack
from agent.profile.languages import pack_of, texts_of
from agent.profile.profile import Profile
from agent.rules import written
from agent.understanding.reading.slots import is_birth


@dataclass(frozen=True, slots=True)
class Wording:
    """In English the tools have their questions and phrases; in any other language the profile has."""

    language: LanguagePack = field(default_factory=lambda: pack(ENGLISH))
    confirm: Mapping[str, str] = field(default_factory=dict)
    phrases: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, profile: Profile) -> "Wording":
        """That of the language that is spoken. Raises ConfigError."""
        texts = texts_of(profile)
        return cls(pack_of(profile), texts.confirm, texts.phrases, texts.values)

    def question(self, tool: str, intent: Intent) -> str:
        """What is asked before the tool acts, with its values' names in it."""
        return self.confirm.get(tool, intent.confirm)

    def phrase(self, slot: Slot, value: Value) -> str:
        """A value as it stands in such a question."""
        is_ours = self.language.code == ENGLISH
        return (slot.phrase if is_ours else self.phrases.get(slot.name, "{}")).format(self.say(slot, value))

    def say(self, slot: Slot, value: Value) -> str:
        """A value as the caller should read it; the voice says its words."""
        writes = self.language.writes
        match slot.kind:
            case SlotKind.CODE:
                return written.code(str(value))
            case SlotKind.PHONE:
                return written.phone(str(value))
            case SlotKind.DATE:
                day = date.fromisoformat(str(value))
                return writes.birth(day) if is_birth(slot) else writes.day(day)
            case SlotKind.TIME:
                return writes.clock(time.fromisoformat(str(value)))
            case SlotKind.NUMBER:
                return writes.number(int(value))
            case SlotKind.YES_NO:
                return writes.yes_no(bool(value))
            case _:
                return self.values.get(str(value), str(value))


IN_ENGLISH = Wording()
