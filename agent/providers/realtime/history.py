"""What a speech-to-speech model knows of the call, beside what we know: which of our items are which of its own, so
that its turns stay the sound that they were, and all else is told to it."""

from collections.abc import Sequence

from livekit.agents import llm

from agent.providers.realtime.answer import Answer, letters

KEPT = 4  # answers that may still turn up in the history


class History:
    """That of one connection."""

    def __init__(self) -> None:
        self._theirs: dict[str, list[str]] = {}  # the model's items, by our item's id, or the call's
        self._heard: list[str] = []  # its items of the caller's speech that no turn of ours is known for
        self._answers: list[Answer] = []
        self._awaiting: str | None = None  # our turn whose sound is on its way

    def await_sound(self, item: llm.ChatItem) -> None:
        """The caller's turn was sent as sound: the next of the model's items is it."""
        self._awaiting = item.id

    def heard(self, item_id: str) -> None:
        """The model has an item of the caller's speech."""
        if self._awaiting:
            self._theirs[self._awaiting] = [item_id]
            self._awaiting = None
        else:
            self._heard.append(item_id)

    def answered(self, answer: Answer) -> None:
        """The model is answering."""
        self._answers = [*self._answers, answer][-KEPT:]

    def left(self, answer: Answer) -> None:
        """Somebody else has answered."""
        self._answers = [other for other in self._answers if other is not answer]

    def called(self, call: llm.FunctionCall) -> None:
        """The model asks for a tool."""
        self._theirs[call.call_id] = [call.id]

    @property
    def has_heard(self) -> bool:
        """True when there is speech of the caller's, as the model heard it, that belongs to no turn yet."""
        return bool(self._heard)

    def learn(self, items: Sequence[llm.ChatItem]) -> list[tuple[Answer, llm.ChatMessage]]:
        """Find the model's speech, and the caller's as it heard it, in the call's history. Gives what the caller has
        cut off and the model does not know to be cut."""
        cut: list[tuple[Answer, llm.ChatMessage]] = []
        for item in items:
            if not isinstance(item, llm.ChatMessage) or item.id in self._theirs:
                continue
            if item.role == "assistant" and (answer := self._spoken_in(item)):
                self._theirs[item.id] = answer.messages
                self._answers.remove(answer)
                if item.interrupted:
                    cut.append((answer, item))
        last = items[-1] if items else None
        if self._heard and isinstance(last, llm.ChatMessage) and last.role == "user" and last.id not in self._theirs:
            self._theirs[last.id], self._heard = self._heard, []
        return cut

    def told(self, items: Sequence[llm.ChatItem], remote: llm.ChatContext) -> llm.ChatContext:
        """The history as the model shall have it: its own items where they are, the others in words; not the one whose
        sound is on its way, nor what is told with each request."""
        found: list[llm.ChatItem] = []
        for item in items:
            is_note = isinstance(item, llm.ChatMessage) and item.role in {"system", "developer"}
            if is_note or item.id == self._awaiting:
                continue
            ids = self._theirs.get(item.call_id if isinstance(item, llm.FunctionCall) else item.id, [item.id])
            theirs = [known for one in ids if (known := remote.get_by_id(one)) is not None]
            found += theirs or [item]
        return llm.ChatContext(found)

    def _spoken_in(self, item: llm.ChatMessage) -> Answer | None:
        said = letters(item.text_content or "")
        for answer in self._answers:
            if said and (said == answer.letters or (item.interrupted and answer.letters.startswith(said))):
                return answer
        return None
