"""What of a model's text is for ears: sentences stay as they are, notation goes, wherever the pieces are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.rules.speakable import Speakable, speakable

TOOLS = {"lookup_order", "end_call", "pay"}
CALL = '{"order_number": "4571"}'
SAID = "It was shipped."

NOTATION = [
    f"lookup_order({CALL})",
    "lookup_order(order_number='4571')",
    f"functions.lookup_order({CALL})",
    f"unheard_of({CALL})",
    f"lookup_order{CALL}",
    "end_call()",
    "pay",
    "pay(amount)",
    f"<tool_call>{CALL}</tool_call>",
    f"<tool_call>\n{CALL}",
    f"<function=lookup_order>{CALL}</function>",
    '<invoke name="lookup_order"><parameter name="n">4571</parameter></invoke>',
    "<think>They want to know.</think>",
    "<Plan>They want to know.</Plan>",
    f"```json\n{CALL}\n```",
    "```\npay",
    "`lookup_order`",
    f"`{CALL}`",
    f"[TOOL_CALLS][{CALL}]",
    f"[TOOL_CALLS]lookup_order[ARGS]{CALL}",
    f"<|python_tag|>lookup_order.call({CALL})<|eom_id|>",
    f"<\uff5ctool▁calls▁begin\uff5c>function<\uff5ctool▁sep\uff5c>lookup_order\n```json\n{CALL}\n```",
    CALL,
    f"[{CALL}, {CALL}]",
    '{"text": "It was {shipped}.", "quoted": "\\"}"}',
    "{order_number: '4571'}",
    "{{order_status}}",
    '{"order_number": "45',
    f"Thought: I should look.\nAction: lookup_order\nAction Input: {CALL}",
    "Tool: 4571 shipped",
    "User: and then?",
    "",
    " \n\t",
    "\U0001f642",
    "...",
    "您的订单已发货。",
    "a" * 200,
    "\x00\u202e",
    "_",
    "<br/>",
    "</think>",
]

SENTENCES = [
    "Your order(s) were shipped (both of them), for $12.50.",
    "Write to lee_smith@example.com or <lee@example.com>.",
    "It is 3 < 5, and 5 > 3; see [1] and {help}.",
    "Answer the door. Users like it. AI is what I am.",
    "The agent said: come in.",
    "It's a well-known café, e.g. Zoë's.",
    "5 * 3 is 15.",
    "At 5:30 p.m.\nBring: a bag.",
    "a",
    "One `",
]

MIXED = [
    (f"Let me look. lookup_order({CALL})", "Let me look."),
    (f"<tool_call>{CALL}\nOne moment.", "One moment."),
    (f"Sure.\n```json\n{CALL}\n```\nOne moment.", "Sure.\n\nOne moment."),
    (f"<think>Hm.</think>\n{SAID}", SAID),
    (f"</think>{SAID}", SAID),
    (f"{SAID}<|im_end|>\n<|im_start|>user\nThanks", SAID),
    (f"{SAID}</s> and more", SAID),
    (f"<|start_header_id|>assistant<|end_header_id|>\n\n{SAID}<|eot_id|>", SAID),
    (f"<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>{SAID}", SAID),
    (f"[THINK]Hm.[/THINK]{SAID}", SAID),
    (f"Assistant: {SAID}", SAID),
    (f"**Assistant:** {SAID}", SAID),
    (f"assistant\n\n{SAID}", SAID),
    (f"Final Answer: {SAID}", SAID),
    (f"User: where is it?\nAssistant: {SAID}", SAID),
    (f"{SAID}\nHuman: thanks\nAssistant: bye", SAID),
    (f"pay({CALL})\nUser: yes\nAssistant: Done.", ""),
    ("I like `FedEx` and **bold** <b>text</b>.", "I like FedEx and bold text ."),
    ("I will call lookup_order now.", "I will call now."),
    ("Your\x00 order \u202ewas shipped.", "Your order was shipped."),
    ("assistant", "assistant"),
]


@pytest.mark.parametrize("text", NOTATION)
def test_notation_is_for_no_ears(text: str) -> None:
    """Calls, tags, fences, tokens, JSON, roles, steps, thoughts; nothing of it is left."""
    assert speakable(text, TOOLS) == ""


@pytest.mark.parametrize("text", NOTATION)
def test_a_sentence_before_it_is_said(text: str) -> None:
    """Word for word, and nothing else."""
    assert speakable(f"{SAID}\n{text}", TOOLS).rstrip(". \n\U0001f642。") == SAID.rstrip(".")


@pytest.mark.parametrize("text", SENTENCES)
def test_sentences_stay_as_they_are(text: str) -> None:
    """Brackets, addresses, prices and colons are people's too."""
    assert speakable(text, TOOLS) == text.replace("`", "").strip()


@pytest.mark.parametrize(("text", "said"), MIXED)
def test_the_rest_is_said(text: str, said: str) -> None:
    """What stands beside notation."""
    assert speakable(text, TOOLS) == said


@pytest.mark.parametrize("text", [*NOTATION, *SENTENCES, *(text for text, _ in MIXED)])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_it_does_not_matter_where_the_pieces_are_cut(text: str, size: int) -> None:
    """A model streams letters, syllables or lines."""
    reply = Speakable(TOOLS)
    pieces = [reply.feed(text[start : start + size]) for start in range(0, len(text), size)]
    assert ("".join(pieces) + reply.end()).strip() == speakable(text, TOOLS)


@given(st.text(alphabet="ab _.:<>|/{}[]()\"'`*\n1=", max_size=60), st.integers(1, 7))
def test_any_text_ends_and_says_the_same_however_it_is_cut(text: str, size: int) -> None:
    """Whatever a model makes up."""
    reply = Speakable(TOOLS)
    said = "".join(reply.feed(text[start : start + size]) for start in range(0, len(text), size)) + reply.end()
    assert said.strip() == speakable(text, TOOLS)


@given(st.lists(st.sampled_from(["it", "was", "shipped", "on", "please"]), min_size=1, max_size=20))
def test_plain_words_are_said_soon(words: list[str]) -> None:
    """All but the last word, which may go on, is said as soon as it has come."""
    reply = Speakable(TOOLS)
    assert reply.feed(" ".join(words)) == " ".join(words[:-1]) + (" " if len(words) > 1 else "")
