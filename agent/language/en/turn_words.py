"""What the turn rules must know of English."""

from agent.rules.language import Language, phrases


def _halves() -> frozenset[str]:
    """Whether it is asked when or whether: an auxiliary and its subject want a verb, or what somebody is."""
    subjects = ["i", "you", "we", "they", "he", "she", "it"]
    verbs = ["do", "does", "did", "can", "could", "will", "would", "should", "shall", "may", "have", "has", "had"]
    being = ["is", "are", "was", "were", "am"]
    asked = ["", "what ", "when ", "where ", "why ", "how ", "who "]
    wanting = {f"{word}{verb} {subject}" for word in asked for verb in verbs for subject in subjects}
    wanting |= {f"{word}{verb} {subject}" for word in ("", "when ", "why ") for verb in being for subject in subjects}
    return frozenset(wanting)


_CLOSING = "is, are, was, were, be, been, has, had, could, should"

ENGLISH = Language(
    hanging=phrases(
        f"""a, an, the, my, your, our, their, its, some, any, every, each, mr, mrs, which, whose,
        and, or, but, because, if, when, whether, unless, although, until, than, as, i mean, sort of,
        with, from, to, of, for, at, by, into, about, between, during, within, without, per, about the, on the, in the,
        kind of, i, i'm, i'd, i'll, i've, we, we're, we'd, we'll, we've, he's, she's, they're, you're, it's, that's,
        there's, what's, where's, who's, how's, like to, gonna, wanna, let me, very, just, that the,
        {_CLOSING}"""
    ),
    binding=phrases(
        "a, an, the, my, your, our, their, its, every, mr, mrs, and, or, but, because, if, unless, although, than"
    ),
    stranded=phrases("with, from, to, of, for, at, into, about"),
    closing=phrases(_CLOSING),
    openers=phrases("where, what, how, who, when, which, why, whether, if, that"),
    halves=_halves(),
    hesitations=phrases("um, umm, uh, uhm, er, erm, ehm, hmm, mm, mmm, ah, eh"),
    backchannels=phrases(
        """mm, mmm, mhm, mm hm, mm hmm, hm, hmm, uh huh, uhuh, um, uh, ah, oh, aha, yeah, yep, yup, yes, ya, m, huh,
        wow, ok, okay, k, right, sure, i see, got it, alright, all right, good, great, fine, nice, cool, perfect,
        exactly, of course, makes sense, i understand, understood, really, go on, interesting, thank you, thanks"""
    ),
    answers=phrases(
        "yeah, yep, yup, yes, ya, ok, okay, right, sure, alright, all right, fine, good, exactly, of course, perfect"
    ),
    denials=phrases("no, nope, nah, no thanks, no thank you"),
    stops=phrases(
        """stop, wait, hold on, hang on, excuse me, no, nope, sorry, pardon, hello, what, actually, one moment, but,
        one second, just a, be quiet, never mind, nevermind, forget it, shut up, enough, listen, that's not, not that,
        not this, cancel, question, can i, can you, could you, may i, let me, why, how, when, where, who"""
    ),
    noises=phrases("you, the, a, i, oh, uh, ah, hm, hmm, mm, m, and, huh, it, s, t, ha, he, ugh, whoa, ooh"),
)
