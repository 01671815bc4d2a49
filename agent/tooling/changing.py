"""What a tool that changes something goes through: the values it was given are read back, and it runs once, after the
caller's yes to exactly these. Whoever thinks; agent/call/agreement.py knows what was said and heard."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, time

from livekit.agents import RunContext

from agent.answer import Value
from agent.call.call import Call, hold_on
from agent.call.rehearsals import rehearsal_key
from agent.errors import NotFound, Refused
from agent.intent import Intent
from agent.understanding.consent import named_others
from agent.understanding.frames import confirmation
from agent.understanding.wording import Wording

FIRST_ASKS = (
    " The first call changes nothing: it answers with a question that reads everything back. Say that question word "
    "for word; when the caller has said yes to it, call this again with the same arguments, and it is done once."
)


@dataclass(frozen=True, slots=True)
class Change:
    """One call of a tool that changes something, with the arguments that it will really get."""

    tool: str
    intent: Intent
    given: Mapping[str, object]

    @property
    def figures(self) -> tuple[object, ...]:
        """Everything that it depends on."""
        return (rehearsal_key(self.tool, self.given),)

    def question(self, call: Call) -> str:
        """What the caller must hear and agree to, in their language; for a tool with `confirm`."""
        return confirmation(self.intent, self._values, self.tool, Wording.of(call.profile))

    async def once_agreed(self, context: RunContext[Call], work: Callable[[], Awaitable[str]]) -> str:
        """What the work says, or said when it was done in this turn. A no of it ends what was agreed to; an answer that
        did not come leaves it open. Raises Asked with the question when there is no yes to it yet."""
        agreements = context.userdata.agreements
        async with agreements.lock:
            agreed = agreements.agreed(self.tool, self.figures, self.question(context.userdata))
            if agreed.sentence:
                return agreed.sentence
            hold_on(context)
            try:
                sentence = await work()
            except (Refused, NotFound):
                agreements.drop()
                raise
            return agreements.finish(agreed, sentence)

    def weigh(self, call: Call) -> None:
        """A yes that names another value than these, and one that was not in the question either, is no yes to them."""
        heard, slots = call.agreements.heard, {slot.name: slot for slot in self.intent.slots}
        others = named_others(heard, self.intent.slots, self._values, call.now(), call.profile.language)
        question, say = call.agreements.answered, Wording.of(call.profile).say
        if any(name in self._values or say(slots[name], value) not in question for name, value in others.items()):
            call.agreements.doubt(self.tool)

    def announce(self, call: Call, question: str) -> None:
        """A mind of ours is about to ask for the yes by itself."""
        if self.intent.confirm:
            call.agreements.announce(self.tool, self.figures, question)

    @property
    def _values(self) -> dict[str, Value]:
        """Without what was left out."""
        return {name: _plain(value) for name, value in self.given.items() if value is not None and value != ""}


def _plain(value: object) -> Value:
    """As the understanding writes it, and anything else in words that can be said."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(str(_plain(part)) for part in value)
    return value if isinstance(value, int) else str(value)
