"""What the turn rules must know of Spanish."""

from itertools import product

from agent.rules.language import Language, phrases

# "Pueden", "me puede", "hay": a question that lacks what is asked for
_ASKED = ("", "qué ", "cuándo ", "dónde ", "cómo ", "cuánto ", "quién ", "a qué ")
_VERBS = (
    "puede",
    "puedo",
    "podría",
    "podrían",
    "pueden",
    "tiene",
    "tienen",
    "me puede",
    "me podría",
    "está",
    "son",
    "es",
)
# on which a question may end that began with such a word: "dónde está"
_CLOSING = "es, está, están, son, fue, era, hay, tiene, tienen, puede, pueden, puedo"

SPANISH = Language(
    hanging=phrases(
        f"""un, una, unos, unas, el, la, los, las, lo, mi, mis, su, sus, tu, tus, nuestro, nuestra, este, esta,
        ese, esa, algún, alguna, ningún, ninguna, cada, otro, otra, señor, señora, don, doña, y, e, o, u,
        pero, porque, si, cuando, donde, aunque, hasta, que, como, sino, mientras, es que, o sea, con, de,
        del, al, a, para, por, en, sin, sobre, entre, desde, durante, según, hacia, ante, tras, a las, a la,
        a nombre, para el, para la, de la, en el, en la, con el, con la, por la, me, te, se, nos, le, les,
        yo, quiero, quería, quisiera, queremos, necesito, necesitamos, me gustaría, nos gustaría, voy a,
        vamos a, tengo que, déjeme, muy, más, menos, {_CLOSING}"""
    ),
    binding=phrases(
        """un, una, el, la, los, las, mi, su, tu, y, o, pero, porque, si, aunque, de, del, al, para, con, por,
        en, señor, señora"""
    ),
    stranded=frozenset(),  # no preposition ends a Spanish question
    closing=phrases(_CLOSING),
    openers=phrases(
        """qué, cuál, cuáles, cuándo, dónde, adónde, cómo, cuánto, cuánta, cuántos, cuántas, quién, quiénes,
        que, cual, cuando, donde, como, cuanto, cuantos, quien"""
    ),
    halves=frozenset(f"{word}{verb}" for word, verb in product(_ASKED, _VERBS)) - {"qué es", "quién es", "dónde está"},
    hesitations=phrases("eh, ehm, em, mmm, mm, hmm, este, esto, pues, a ver, bueno pues, o sea, ah, uh, um"),
    backchannels=phrases(
        """mm, mmm, mhm, hm, hmm, ajá, aja, ah, oh, eh, sí, si, ya, claro, vale, bueno, bien, ok, okay, okey,
        perfecto, exacto, eso, eso es, así es, de acuerdo, entiendo, entendido, ya veo, muy bien, está bien,
        genial, estupendo, por supuesto, correcto, gracias, muchas gracias, anda, vaya, ya ya, sí sí"""
    ),
    answers=phrases(
        """sí, si, claro, vale, bueno, bien, ok, okay, okey, perfecto, exacto, eso es, así es, de acuerdo, está
        bien, por supuesto, correcto"""
    ),
    denials=phrases("no, no no, no gracias, qué va, para nada"),
    stops=phrases(
        """para, pare, alto, espera, espere, esperen, un momento, un segundo, un minuto, momento, perdón,
        perdone, disculpe, disculpa, oiga, oye, escuche, escucha, no, basta, cállese, cállate, silencio,
        cancela, cancele, déjelo, olvídelo, pregunta, una pregunta, puedo, puede, podría, pero, qué, cómo,
        cuándo, dónde, quién, hola, mejor"""
    ),
    noises=phrases("a, e, o, y, ah, eh, oh, uh, hm, hmm, mm, m, ja, je, uy, ay, la, el, s, t"),
)
