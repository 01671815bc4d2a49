"""Which key leads on to a human."""

import pytest

from agent.rules.menus import Choice, choice


@pytest.mark.parametrize(
    ("words", "leads_on"),
    [
        ("For sales, press 1. For support, press 2. To speak to a representative, press 3.", Choice(keys="3")),
        ("Press one for English. Press two for billing. Press nine to talk to someone on our team.", Choice(keys="9")),
        ("For appointments press 1, for prescriptions press 2, for the front desk press 4.", Choice(keys="4")),
        ("For opening hours, press 1. For all other enquiries, please press 5.", Choice(keys="5")),
        ("If you'd like to speak with a member of staff, dial zero.", Choice(keys="0")),
        ("To repeat this menu press star. For customer care, press the pound key.", Choice(keys="#")),
        ("To reach the operator, press the pound key.", Choice(keys="#")),
        ("For customer service hit hash.", Choice(keys="#")),
        ("You can say billing, hours, or say representative.", Choice(word="representative")),
        ("Please listen carefully, as our options have changed.", Choice(keys="0")),
        ("For billing press 1. For orders press 2.", Choice(keys="0")),
    ],
)
def test_the_way_to_a_human_is_taken(words: str, leads_on: Choice) -> None:
    """Whoever is named plainest, else the operator's key."""
    assert choice(words) == leads_on
