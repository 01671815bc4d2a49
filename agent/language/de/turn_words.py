"""What the turn rules must know of German."""

from itertools import product

from agent.rules.language import Language, phrases

_ASKED = ("", "was ", "wann ", "wo ", "wie ", "warum ", "wer ")
_VERBS = ("kann", "können", "könnte", "könnten", "haben", "hätten", "darf", "soll", "würden", "werden", "möchte")
_SUBJECTS = ("ich", "sie", "wir", "man", "ihr", "du", "er", "es")
# on which a clause with its verb at the end, or a question, may end: "wann sie da sind"
_CLOSING = "ist, sind, war, waren, hat, haben, wird, werden, kann, können, könnte, hätte"

GERMAN = Language(
    hanging=phrases(
        f"""ein, eine, einen, einem, einer, eines, der, die, das, den, dem, des, mein, meine, meinen, meinem,
        meiner, ihr, ihre, ihren, ihrem, unser, unsere, unseren, kein, keine, keinen, dieser, diese, dieses,
        diesen, jeder, jede, jedes, welche, welcher, herr, frau, und, oder, aber, weil, dass, wenn, ob, als,
        denn, sondern, obwohl, bevor, bis, damit, mit, von, vom, zu, zum, zur, für, am, im, in, an, auf,
        bei, beim, nach, um, über, unter, zwischen, während, ohne, gegen, seit, durch, aus, pro, für den,
        für die, am besten, das heißt, ich, ich bin, ich habe, ich hätte, ich möchte, ich würde, ich will,
        ich wollte, ich brauche, wir, wir sind, wir möchten, wir hätten, wir würden, er, sie, es, man, es
        geht, ich heiße, mein name, sehr, ganz, so, {_CLOSING}"""
    ),
    binding=phrases(
        """ein, eine, einen, einem, einer, der, die, das, den, dem, mein, meine, ihr, unser, und, oder, aber,
        weil, dass, wenn, für, mit, von, vom, zum, zur, im, am, herr, frau"""
    ),
    stranded=frozenset(),  # "für" and its like end no German question
    closing=phrases(_CLOSING),
    openers=phrases(
        """wo, was, wie, wer, wen, wem, wann, warum, wieso, weshalb, welche, welcher, welches, welchen, wohin,
        woher, wofür, ob, wenn, dass, weil, die, der, das"""
    ),
    halves=frozenset(f"{word}{verb} {who}" for word, verb, who in product(_ASKED, _VERBS, _SUBJECTS)),
    hesitations=phrases("äh, ähm, öh, öhm, hm, hmm, mm, mmm, em, ehm, tja, also, nun, na ja, ah, eh"),
    backchannels=phrases(
        """mm, mmm, mhm, hm, hmm, aha, ah, oh, ach, ach so, achso, ja, jo, jap, jawohl, ja ja, genau, klar,
        okay, ok, gut, schön, prima, super, toll, fein, alles klar, in ordnung, verstehe, verstanden, ich
        verstehe, richtig, stimmt, sehr gut, gerne, gern, natürlich, na klar, danke, vielen dank, danke
        schön, perfekt, interessant"""
    ),
    answers=phrases(
        """ja, jo, jap, jawohl, ja ja, genau, klar, okay, ok, gut, alles klar, in ordnung, richtig, stimmt,
        gerne, gern, natürlich, na klar, perfekt"""
    ),
    denials=phrases("nein, nee, nö, nein danke, nein nein, auf keinen"),
    stops=phrases(
        """stopp, stop, halt, warte, warten, moment, einen moment, moment mal, sekunde, eine sekunde,
        entschuldigung, entschuldigen, verzeihung, nein, nee, nö, hallo, ruhe, aufhören, hören sie, genug,
        vergessen sie, vergiss es, abbrechen, stornieren, frage, eine frage, kann ich, können sie, könnten
        sie, darf ich, aber, was, wie, wann, wo, warum, wer, nicht das, lieber"""
    ),
    noises=phrases("ä, äh, öh, ah, eh, oh, uh, hm, hmm, mm, m, ha, he, hu, puh, na, s, t, das, die"),
)
