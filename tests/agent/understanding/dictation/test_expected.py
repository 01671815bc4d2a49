"""What the agent's words ask for, whatever LLM chose them."""

import pytest

from agent.intent import Slot, SlotKind
from agent.understanding.dictation.expected import Expected, expected

NUMBER = Slot(
    name="order_number",
    kind=SlotKind.CODE,
    ask="What is your order number? It has four digits.",
    min_length=4,
    max_length=4,
)
BIRTH = Slot(name="date_of_birth", kind=SlotKind.DATE, ask="When were you born?")
WAY = Slot(name="way", kind=SlotKind.CHOICE, ask="Card or voucher?", choices=("card", "voucher"))
SLOTS = (NUMBER, BIRTH, WAY)
FOUR = Expected(SlotKind.CODE, 4, 4)
SOME_CODE = Expected(SlotKind.CODE, 4)


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        (NUMBER.ask, FOUR),
        ("I can look that up. What is your order number? It has four digits.", FOUR),
        ("Could you give me your order number, please?", FOUR),
        ("Do you have your order number?", FOUR),
        ("Sorry, I didn't catch that. Please repeat the order number.", FOUR),
        ("Your order number is 4571.", None),
        ("Is your order number 4571?", Expected(SlotKind.YES_NO)),
        ("Shall I cancel order 4571?", Expected(SlotKind.YES_NO)),
        ("So that's four five seven one, correct?", Expected(SlotKind.YES_NO)),
        ("Is there anything else?", Expected(SlotKind.YES_NO)),
        ("When were you born?", Expected(SlotKind.DATE, is_birth=True)),
        ("What is your date of birth?", Expected(SlotKind.DATE, is_birth=True)),
        ("Card or voucher?", None),
        ("What is your account number?", SOME_CODE),
        ("Can I have the last four digits of your card?", FOUR),
        ("What is the six-digit code?", Expected(SlotKind.CODE, 6, 6)),
        ("What is the code? It has four to six digits.", Expected(SlotKind.CODE, 4, 6)),
        ("What's the booking reference? It's a six character code.", Expected(SlotKind.CODE, 6, 6, has_letters=True)),
        ("What is your zip code?", Expected(SlotKind.CODE, 5, 5)),
        ("What's your e-mail address?", Expected(SlotKind.EMAIL)),
        ("May I e-mail you?", None),
        ("Would you like us to e-mail you?", Expected(SlotKind.YES_NO)),
        ("Under which number can we reach you? The best phone number, please.", Expected(SlotKind.PHONE, 7, 15)),
        ("What number can we call you back on?", Expected(SlotKind.PHONE, 7, 15)),
        ("For which day?", Expected(SlotKind.DATE)),
        ("When would you like to come?", Expected(SlotKind.DATE)),
        ("At what time?", Expected(SlotKind.TIME)),
        ("How many guests will there be?", Expected(SlotKind.NUMBER)),
        ("Please spell your last name.", Expected(SlotKind.NAME, is_spelled=True)),
        ("May I have your name?", Expected(SlotKind.NAME)),
        ("How can I help?", None),
        ("Go on.", None),
        ("", None),
    ],
)
def test_a_prompt_asks_for_one_kind_of_thing(prompt: str, wanted: Expected | None) -> None:
    """With the length that the tool declares or the words say."""
    assert expected(prompt, SLOTS) == wanted


def test_without_tools_the_words_alone_count() -> None:
    """A large model may ask for what no slot declares."""
    assert expected("What is your order number?") == SOME_CODE
    assert expected(NUMBER.ask) == FOUR
