"""Floor: who may speak. What listening sees of the agent's side, and the three things it may do to it."""

import re
from collections.abc import Callable

from livekit.agents import AgentSession

from agent.call.call import Call
from agent.turns.voice_out import VoiceOut

_WORD_S = 0.45  # a slow voice


class Floor:
    """One per call. `saying` gives the text of what the agent says; without `voice` LiveKit's state must do."""

    def __init__(self, session: AgentSession[Call], voice: VoiceOut | None, saying: Callable[[], str]) -> None:
        self._session = session
        self._voice = voice
        self._saying = saying

    @property
    def is_taken(self) -> bool:
        """True while the agent answers: it thinks, or its voice sounds or is held. The very end is nobody's to take."""
        if self._voice is None or not self._voice.is_playing:
            return self._session.current_speech is not None
        return not self._voice.is_ending

    @property
    def may_be_stopped(self) -> bool:
        """False while a tool changes something and its result must be told."""
        speech = self._session.current_speech
        return speech is None or speech.allow_interruptions

    @property
    def saying(self) -> str:
        """What the agent is saying; "" while it is silent."""
        return self._saying() if self._voice is None or self._voice.is_playing else ""

    @property
    def is_asking(self) -> bool:
        """True at the question that ends what the agent says; without `voice`, from the speech's beginning."""
        question = re.split(r"(?<=[.!])\s+", self.saying.rstrip())[-1]
        if not question.endswith("?"):
            return False
        return self._voice is None or self._voice.ends_within(len(question.split()) * _WORD_S)

    def hold(self) -> None:
        """Silence at once; nothing is lost."""
        if self._voice:
            self._voice.hold()  # LiveKit's own pause ends when a new reply begins
        if output := self._session.output.audio:
            output.pause()

    def release(self) -> None:
        """Go on at the cut."""
        if self._voice:
            self._voice.release()
        if output := self._session.output.audio:
            output.resume()

    def stop(self) -> None:
        """The caller has the floor; what was not heard stays unsaid."""
        self._session.interrupt()
        if self._voice:
            self._voice.release()

    async def until_stoppable(self) -> None:
        """Until the agent may be stopped: what changes something is done and told."""
        speech = self._session.current_speech
        while speech is not None and not speech.allow_interruptions:
            await speech.wait_for_playout()
            speech = self._session.current_speech
