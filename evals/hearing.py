"""What the local STT makes of sounds outside of a call: how well each voice is understood, which values it gets right,
and which words were heard of an answer that was stopped."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from agent.providers.local.sound_variants import WIDE, Retouch
from agent.providers.local.speech_client import SpeechClient
from agent.speaking.pronounce import spoken
from evals.caller import RATE, Samples
from evals.playing import Played
from evals.resuming import by_sound, by_words, joined
from evals.scenes import Item
from evals.scores import Heard, Score
from evals.verdicts import Span, Verdict, false_stop
from evals.voices import resampled
from evals.wer import RATE as STT_RATE
from evals.wer import errors, words
from evals.written import holds

# What a call's STT gets before the first word, as sound of a quiet line. A small model hears the same value otherwise
# behind another lead-in, or none: most of these count.
_LEAD_INS_S = (0.4, 0.5, 0.6)


async def listened(
    client: SpeechClient, items: Mapping[str, Sequence[Item]], line: Retouch
) -> tuple[dict[str, Heard], dict[int, bool]]:
    """What the STT alone makes of sentences and values, given to it as on that line: each voice's errors, and by the
    item's id whether it got the value right."""
    wrong: dict[str, Heard] = {}
    for item in [*items.get("hesitations", ()), *items.get("dictation", ())]:
        if item.judge != "cut off":  # a number has too many spellings to count words
            continue
        heard = await transcribed(client, item.sound, line)
        said, known = item.text.replace("|", ""), wrong.get(item.voice, Heard(0, 0))
        wrong[item.voice] = Heard(known.wrong + errors(said, heard), known.words + len(words(said)))
    values = {id(item): await gets(client, item, line) for item in items.get("dictation", ())}
    return wrong, values


async def gets(client: SpeechClient, item: Item, line: Retouch) -> bool:
    """Whether the STT alone gets the value right, in most of its lead-ins."""
    heard = [await transcribed(client, item.sound, line, lead_in_s=lead_in_s) for lead_in_s in _LEAD_INS_S]
    return sum(holds(text, item.value) for text in heard) > len(heard) / 2


async def transcribed(client: SpeechClient, sound: Samples, line: Retouch = WIDE, *, lead_in_s: float = 0.0) -> str:
    """The words in a sound of any length, outside of a call."""
    lead_in = np.random.default_rng(0).normal(0.0, 1.5, int(lead_in_s * RATE)).round().astype(np.int16)
    pcm = resampled(np.concatenate([lead_in, sound, np.zeros(RATE // 5, np.int16)]), RATE, STT_RATE)
    return await client.transcribe(line.first(pcm.tobytes()))


async def resumed(client: SpeechClient, score: Score, played: Played | None, greeting: Samples | None) -> Score:
    """The score with what was lost or doubled where the answer was stopped by mistake. Where it was not stopped, the
    same look at its middle shows how often the look itself is wrong."""
    if played is None or played.item.judge != "talked on":
        return score
    stop = false_stop(played.take)
    if played.item.play == "over greeting":
        if stop is None or greeting is None:
            return score
        return replace(score, resume=by_sound(greeting, played.agent, stop))
    if stop is not None:
        return replace(score, resume=await worded(client, played, stop))
    return replace(score, control=await worded(client, played, None)) if score.was_unmoved else score


async def worded(client: SpeechClient, played: Played, stop: Span | None) -> Verdict:
    """Whether the words around the stop, or in the middle of an answer without one, are those that were meant."""
    told = played.take.told("agent_spoke", played.take.began)[0]
    voiced = [span for span in played.take.agent if span.began < told.at]
    answer = Span(voiced[0].began, voiced[-1].ended)
    if stop is None:
        heard = played.agent[int(answer.began * RATE) : int(answer.ended * RATE)]
        share = 0.5
    else:
        heard = joined(played.agent, answer, stop)
        before_s = sum(min(span.ended, stop.began) - span.began for span in voiced if span.began < stop.began)
        share = before_s / sum(span.length_s for span in voiced)
    return by_words(spoken(str(told.fields["text"])), await transcribed(client, heard), share)
