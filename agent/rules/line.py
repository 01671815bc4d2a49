"""The line: how noisy it is, by what the VAD makes of it while nobody speaks; how sure the VAD must be there; and since
when the caller makes no sound."""

from dataclasses import dataclass, replace

_FIRST, _LATER = 0.05, 0.01  # how much one frame of 32 ms teaches: within two seconds at first, ten later
_LEARNING_FRAMES = 60
_MARGIN = 0.15  # above what noise alone makes the VAD believe
_HIGHEST = 0.85  # a VAD that must be surer misses people
_NEAR_DB = 12.0  # speech that stands out by less needs more than a blip to count
_LONGER_S = 0.06


@dataclass(frozen=True, slots=True)
class Ears:
    """What the VAD is set to: its threshold, 0 to 1, and the shortest speech in seconds."""

    threshold: float
    min_speech_s: float


@dataclass(frozen=True, slots=True)
class Loudness:
    """How loud the caller is in this utterance, and since when only somebody much quieter is heard: a second voice in
    the room keeps a VAD believing. Levels are dB of full scale."""

    loud_db: float = -90.0
    now_db: float = -90.0
    far_s: float = 0.0
    loudest_db: float = -90.0

    FAR_DB = 11.0  # below the caller's loud syllables
    FAR_S = 0.4  # nobody's own quiet syllables last so long
    SOFTEST_DB = -45.0  # of a caller's voice

    def heard(self, level_db: float, seconds: float, near_db: float = -90.0) -> "Loudness":
        """One more frame of the utterance; softer than `near_db` speaks somebody else."""
        now_db = _over_gaps(level_db, self.now_db, seconds)
        before_db = max(self.loud_db, self.SOFTEST_DB)  # not its first frame at once: that may be a click
        rise = 0.3 if now_db > before_db else 0.004
        loud_db = before_db + rise * (now_db - before_db)
        is_far = now_db < max(loud_db - self.FAR_DB, near_db)
        far_s = self.far_s + seconds if is_far else 0.0
        return Loudness(loud_db, now_db, far_s, max(self.loudest_db, loud_db))

    @property
    def silence_s(self) -> float:
        """How long the caller has been silent, whoever else speaks; 0 while that is not sure."""
        return self.far_s if self.far_s >= self.FAR_S else 0.0


@dataclass(frozen=True, slots=True)
class Nearness:
    """For how long there has been a sound that is surely this caller's, by how loud they were in their turns so far:
    somebody else in the room and the agent's own echo are softer. Levels are dB of full scale."""

    loud_db: float = -90.0  # before the first turn with words everything is near
    now_db: float = -90.0
    seconds: float = 0.0
    far_s: float = 0.0  # of a voice, without anything near in it
    company_s: float = 0.0  # how much was lately said that was too soft for the caller

    FAR_DB, FAINT_DB = 9.0, 11.0  # below the caller's loudest syllables, which vary by 2 dB among synthetic sentences
    FADES_DB = 0.25  # for each second of a far voice: a caller who has moved away is heard again
    FALLS = 0.3  # of the difference, for a turn that was softer
    OWN_S = 0.5  # nobody's own soft syllables last so long
    COMPANY_S = 1.0  # less than this may be the caller, once softly
    LONGEST_S, FORGETS = 3.0, 0.05  # of company, and how much of it for each second without

    @property
    def near_db(self) -> float:
        """What is softer is not the caller."""
        return self.loud_db - self.FAR_DB

    @property
    def is_faint(self) -> bool:
        """True when what is heard is too soft even for a caller who mumbles."""
        return self.now_db <= self.loud_db - self.FAINT_DB

    @property
    def has_company(self) -> bool:
        """True when somebody else is talking in the caller's room."""
        return self.company_s > self.COMPANY_S

    def heard(self, level_db: float, seconds: float, *, is_voice: bool) -> "Nearness":
        """One more frame; `is_voice` when it is a person's, and not the agent's echo."""
        now_db = _over_gaps(level_db, self.now_db, seconds)
        if now_db > self.near_db:
            return replace(self, now_db=now_db, seconds=self.seconds + seconds, far_s=0.0)
        far = replace(self, now_db=now_db, seconds=0.0, far_s=self.far_s + seconds if is_voice else 0.0)
        if far.far_s > self.OWN_S:
            company_s = min(self.LONGEST_S, self.company_s + seconds)
            return replace(far, loud_db=self.loud_db - self.FADES_DB * seconds, company_s=company_s)
        return replace(far, company_s=max(0.0, self.company_s - self.FORGETS * seconds))

    def spoke(self, loudest_db: float) -> "Nearness":
        """The caller's turn, with words, is over."""
        step = loudest_db - self.loud_db
        is_softer = step < 0.0 and self.loud_db > -90.0
        return replace(self, loud_db=self.loud_db + (self.FALLS * step if is_softer else step))


@dataclass(frozen=True, slots=True)
class Quiet:
    """Since when the line has been as quiet as while nobody speaks. A level shows that 0.1 s before a VAD is sure;
    where the line is never quiet, it shows nothing and the VAD must do. Levels are dB of full scale."""

    loud_db: float = -90.0
    seconds: float = 0.0

    DEPTH_DB = 40.0  # below the loudest syllables: no consonant of theirs is so weak for long
    NOISE_DB = 6.0  # above the line's noise: that is noise
    LEAST_DEPTH_DB = 28.0  # noise nearer to the voice than this hides its weak consonants

    def heard(self, level_db: float, seconds: float, noise_db: float) -> "Quiet":
        """One more piece of the utterance, of 10 ms or so, on a line with that noise."""
        loud_db = max(level_db, self.loud_db - 6.0 * seconds)
        noisy_db = min(noise_db + self.NOISE_DB, loud_db - self.LEAST_DEPTH_DB)
        is_quiet = level_db < max(loud_db - self.DEPTH_DB, noisy_db)
        return Quiet(loud_db, self.seconds + seconds if is_quiet else 0.0)


@dataclass(frozen=True, slots=True)
class Line:
    """What was heard so far. `noise_p` is the probability of speech that noise alone reaches in 19 of 20 frames,
    `mistakes` how often lately a sound was taken for speech that had no words. Levels are dB of full scale."""

    frames: int = 0
    noise_p: float = 0.0
    noise_db: float = -90.0
    speech_db: float = -25.0
    mistakes: float = 0.0

    def heard_noise(self, level_db: float, probability: float) -> "Line":
        """One frame while nobody speaks."""
        rate = _FIRST if self.frames < _LEARNING_FRAMES else _LATER
        step = 0.95 * rate if probability > self.noise_p else -0.05 * rate
        noise_db = level_db if not self.frames else self.noise_db + rate * (level_db - self.noise_db)
        noise_p = min(1.0, max(0.0, self.noise_p + step))
        return replace(self, frames=self.frames + 1, noise_p=noise_p, noise_db=noise_db)

    def heard_speech(self, level_db: float) -> "Line":
        """One frame of an utterance."""
        return replace(self, speech_db=self.speech_db + _LATER * (level_db - self.speech_db))

    def was_mistaken(self) -> "Line":
        """What was taken for speech had no words in it."""
        return replace(self, mistakes=min(3.0, self.mistakes + 1.0))

    def was_right(self) -> "Line":
        """It had."""
        return replace(self, mistakes=max(0.0, self.mistakes - 0.5))

    def ears(self, base: Ears) -> Ears:
        """What the VAD should be set to; never easier to convince than the profile wants."""
        wanted = max(base.threshold, self.noise_p + _MARGIN) + 0.1 * self.mistakes
        is_near = self.frames >= _LEARNING_FRAMES and self.speech_db - self.noise_db < _NEAR_DB
        threshold = min(max(_HIGHEST, base.threshold), wanted)
        return Ears(round(threshold, 2), base.min_speech_s + (_LONGER_S if is_near else 0.0))


def _over_gaps(level_db: float, before_db: float, seconds: float) -> float:
    """The level without the gaps between syllables: it falls by 60 dB a second at most."""
    return max(level_db, before_db - 60.0 * seconds)
