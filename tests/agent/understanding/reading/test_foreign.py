"""Which language a text is in, and that nothing is done in one that is not spoken here."""

import pytest

from agent.intent import Intent, Slot, SlotKind
from agent.profile.profile import Profile, Sentences
from agent.speaking.pronounce import spoken
from agent.thinking.local_llm import Understanding
from agent.understanding.reading.foreign import UNNAMED, by_script, by_words
from agent.understanding.replies import not_spoken
from tests.agent.understanding.conftest import NOW
from tests.agent.understanding.conversation import Conversation
from tests.fakes.embedder import WordEmbedder
from tests.fakes.knowledge import WordKnowledge
from tests.fakes.wishes import CANCEL_ORDER

SENTENCES = Sentences(greeting="Hello, this is an AI.", help="orders")
KNOWN = frozenset(SENTENCES.other_languages)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("أين طلبي رقم 4571؟", "ar"),
        ("سفارش ۴۵۷۱ من کجاست؟ چرا نرسیده", "fa"),
        ("میرا آرڈر کہاں ہے", "ur"),
        ("где мой заказ 4571", "ru"),
        ("Де моє замовлення 4571?", "uk"),
        ("我的订单4571在哪里", "zh"),
        ("注文4571はどこですか", "ja"),
        ("제 주문 4571은 어디에 있나요", "ko"),
        ("मेरा ऑर्डर 4571 कहाँ है", "hi"),
        ("Πού είναι η παραγγελία μου", "el"),
        ("איפה ההזמנה שלי 4571", "he"),
        ("คำสั่งซื้อ 4571 อยู่ที่ไหน", "th"),
        ("სად არის ჩემი შეკვეთა", UNNAMED),
        ("заказ 4571 UPS", "ru"),
        ("where is order 4571", ""),
        ("a café in Zürich, señor", ""),
        ("My name is Иван", ""),
        ("4571", ""),
        ("٤٥٧١", ""),
        ("", ""),
        ("👍 ?!", ""),
    ],
)  # fmt: skip
def test_a_script_tells_the_language(text: str, language: str) -> None:
    """Without anything else being asked; digits have no language."""
    assert by_script(text) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("necesito ayuda con mi cuenta 4571", "es"),
        ("bonjour je voudrais réserver une table", "fr"),
        ("ich möchte einen Tisch reservieren", "de"),
        ("nie mówię po angielsku", "pl"),
        ("tôi muốn đặt bàn", "vi"),
        ("buenos días", ""),  # two words
        ("Giovanni Bianchi", ""),
        ("how do I annul a bank transfer", ""),
        ("what happens when we die", ""),
        ("can penguins fly", ""),
        ("order for my odour to ship", ""),
    ],
)
def test_latin_letters_need_a_detector_that_is_sure(text: str, language: str) -> None:
    """Never of two words, and never of English that is only odd."""
    assert by_words(text, KNOWN) == language


def test_it_is_said_in_that_language_and_in_english() -> None:
    """The voice, which is English, says what it can."""
    told = not_spoken(SENTENCES, "ar")
    assert told.startswith(SENTENCES.other_languages["ar"])
    assert spoken(told) == "Sorry, I only speak English."
    assert not_spoken(SENTENCES, UNNAMED) == "Sorry, I only speak English."
    assert not_spoken(SENTENCES, "es") == "Lo siento, solo hablo inglés. Sorry, I only speak English."


def test_a_profile_gives_sentences_of_its_own_and_keeps_ours() -> None:
    """For one language or a new one."""
    own = Sentences.model_validate(
        {"greeting": "", "help": "", "other_languages": {"es": "Solo inglés.", "ka": "მხოლოდ"}}
    )
    assert own.other_languages["es"] == "Solo inglés."
    assert own.other_languages["ka"] == "მხოლოდ"
    assert own.other_languages["ar"] == SENTENCES.other_languages["ar"]


FIND = Intent(
    examples=("where is my order", "find my order"),
    slots=(Slot(name="order_number", kind=SlotKind.CODE, ask="Which number?", min_length=4, max_length=4),),
)
TOOLS = {"find": FIND, "cancel_order": CANCEL_ORDER}


@pytest.fixture
def talk(shop: Profile) -> Conversation:
    """Two tools, one of which changes something."""
    understanding = Understanding(
        profile=shop, intents=TOOLS, embedder=WordEmbedder(), knowledge=WordKnowledge(), clock=lambda: NOW
    )
    return Conversation(understanding, list(TOOLS))


@pytest.mark.parametrize(
    "text", ["أين طلبي رقم 4571؟", "أين طلبي ٤٥٧١", "где мой заказ 4571", "订单4571在哪里", "4571 کہاں ہے"]
)
async def test_digits_in_another_language_lead_to_nothing(talk: Conversation, text: str) -> None:
    """Neither at first nor where a number was asked for."""
    assert (await talk.say(text)).endswith("only speak English.\u2069") or "English" in await talk.say(text)
    await talk.say("where is my order")
    await talk.say(text)
    assert talk.calls == []


async def test_what_is_under_way_stays_so(talk: Conversation) -> None:
    """The question is asked again, and a yes to it counts."""
    asked = await talk.say("cancel my order 4571")
    assert (await talk.say("لا أفهم 4572")).endswith(asked)
    await talk.say("yes")
    assert talk.calls == ["cancel_order(4571)"]


async def test_a_number_alone_is_a_number_in_any_digits(talk: Conversation) -> None:
    """It is in no language."""
    await talk.say("where is my order")
    await talk.say("4571")
    assert talk.calls == ["find(4571)"]


async def test_spanish_is_told_so_only_when_it_was_not_understood(talk: Conversation) -> None:
    """And English that was not understood is not."""
    assert (await talk.say("no hablo inglés, quiero hablar con alguien")).startswith("Lo siento, solo hablo inglés.")
    assert "English" not in await talk.say("what happens when penguins fly over it")
