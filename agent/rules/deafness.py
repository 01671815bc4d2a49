"""When an STT that says nothing is deaf: what a VAD heard that no words have come for. A value; times are seconds on
whatever clock the caller keeps to."""

from dataclasses import dataclass, replace
from math import inf

STALLED_S = 1.5  # of speech without a word
LATE_S = 1.1  # after the speech, for the words that end it
SLACK_S = 0.3  # words that came so shortly before the end of the speech were of its end


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Speech since `began_at` (None: all has been answered), `ended_at` when there is a silence behind it. `words_at`
    is when words last came, `speech_s` how much was spoken for which no final has come."""

    began_at: float | None = None
    ended_at: float | None = None
    words_at: float = -inf
    speech_s: float = 0.0

    def spoke(self, since: float) -> "Unanswered":
        """The caller speaks, since then."""
        return replace(self, began_at=since if self.began_at is None else self.began_at, ended_at=None)

    def paused(self, at: float, speech_s: float) -> "Unanswered":
        """The caller has been silent since then, after so much speech. A VAD notices it after the words that ended it
        may have come: then nothing is owed."""
        if self.began_at is not None and self.began_at == self.words_at and at <= self.words_at + SLACK_S:
            return Unanswered(words_at=self.words_at)
        return replace(self, ended_at=at, speech_s=self.speech_s + speech_s)

    def understood(self, at: float, *, is_final: bool) -> "Unanswered":
        """Words have come; final ones answer all speech that has ended."""
        if not is_final:
            return replace(self, words_at=at)
        is_speaking = self.began_at is not None and self.ended_at is None
        return Unanswered(began_at=at if is_speaking else None, words_at=at)

    def late_at(self, *, has_interim: bool, ends_turns: bool) -> float:
        """When it is too late for words, of an STT that tells words before they are final, and of one whose finals wait
        for the turn's end; inf while nothing is owed."""
        if self.began_at is None:
            return inf
        if self.ended_at is None:
            return max(self.began_at, self.words_at) + STALLED_S if has_interim else inf
        if ends_turns and self.words_at >= self.ended_at - SLACK_S:
            return inf
        return max(self.ended_at, self.words_at) + LATE_S
