"""Invented tools, as far as the understanding sees them: some change something, and they have every kind of slot."""

from agent.intent import Intent, Slot, SlotKind

CANCEL_ORDER = Intent(
    examples=(
        "cancel my order",
        "I want to cancel an order",
        "please cancel order one two three four",
        "can you cancel my order for me",
    ),
    slots=(Slot(name="order_number", kind=SlotKind.CODE, ask="Which order number?", min_length=4, max_length=4),),
    confirm="Shall I cancel order {order_number}?",
)
BOOK_VISIT = Intent(
    examples=(
        "book a visit to the showroom",
        "I'd like to make an appointment",
        "can I book an appointment",
        "schedule a visit for tomorrow",
    ),
    slots=(
        Slot(name="day", kind=SlotKind.DATE, ask="For which day?"),
        Slot(name="at", kind=SlotKind.TIME, ask="At what time?"),
        Slot(name="name", kind=SlotKind.NAME, ask="What is your name?"),
        Slot(name="guests", kind=SlotKind.NUMBER, ask="How many are you?", is_optional=True),
    ),
    confirm="Shall I book {day} at {at} for {name}?",
)
LEAVE_MESSAGE = Intent(
    examples=("I want to leave a message", "can I leave a message", "take a message please"),
    slots=(
        Slot(name="email", kind=SlotKind.EMAIL, ask="What is your e-mail address?"),
        Slot(name="text", kind=SlotKind.TEXT, ask="What shall I write down?"),
    ),
)
CHOOSE_REFUND = Intent(
    examples=("I choose how to be refunded", "let me pick my refund"),
    slots=(
        Slot(name="way", kind=SlotKind.CHOICE, ask="Card or voucher?", choices=("card", "voucher")),
        Slot(name="by_mail", kind=SlotKind.YES_NO, ask="Shall we write to you?"),
        Slot(name="phone", kind=SlotKind.PHONE, ask="What is your phone number?", is_optional=True),
    ),
)
INVENTED = {
    "cancel_order": CANCEL_ORDER,
    "book_visit": BOOK_VISIT,
    "leave_message": LEAVE_MESSAGE,
    "choose_refund": CHOOSE_REFUND,
}
