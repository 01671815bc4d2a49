"""What people say where the strangers' file holds nothing of the kind: wishes that nobody there had, and names, numbers
and birthdays. Written for this measurement, from no example of any tool.
"""

from collections.abc import Mapping

OPENINGS: Mapping[str, tuple[str, ...]] = {
    "cancel_booking": (
        "hi, we have a table with you but our plans fell through, please cancel it",
        "I'm afraid I must cancel the reservation I made",
        "could you cancel our dinner reservation for me",
        "we booked a table and now we can't come, so cancel that please",
        "I'd like to cancel a reservation",
    ),
    "change_booking": (
        "I have a reservation and I'd like to change it",
        "hello, I booked with you already but I need to make a change",
        "can I still change the reservation I made",
        "our plans have changed, I'd like to change our booking",
    ),
    "cancel_appointment": (
        "I'm calling because I have to cancel an appointment",
        "hi, I can't keep my appointment, could you cancel it",
        "please cancel the appointment I've got with you",
        "I won't be able to come in after all, so cancel my appointment please",
    ),
    "move_appointment": (
        "hi, I have an appointment with you but the time doesn't work any more, can we reschedule",
        "I need to reschedule an appointment",
        "could I move the appointment I have to another day",
        "my plans changed, so I'd like to move my appointment",
    ),
    "check_shipping": (
        "hi, I ordered something a while ago and I'd like to know where it is",
        "when am I going to get the thing I ordered",
        "could you tell me where my package is",
        "I'm still waiting for my order to come",
        "has my order been shipped",
    ),
    "start_return": (
        "hi, I'd like to return something I bought from you",
        "I want to send my order back",
        "what you sent me isn't what I wanted, I'd like to return it",
        "I need to return an order please",
    ),
    "make_payment": ("I need to pay somebody", "I'd like to make a payment please", "can you send some money for me"),
}
TELL: Mapping[str, tuple[str, ...]] = {
    "name": ("{}", "it's {}", "my name is {}", "that's {}", "{}, please", "this is {}", "the name is {}"),
    "phone": ("{}", "it's {}", "my number is {}", "sure, {}", "you can reach me at {}"),
    "born_on": ("{}", "I was born on {}", "it's {}", "born {}", "my birthday is {}"),
    "order_number": ("{}", "it's {}", "the number is {}", "order {}", "let me see, {}"),
    "postal_code": ("{}", "it's {}", "the zip is {}", "that would be {}"),
    "account_last_four": ("{}", "they are {}", "it ends in {}", "the last four are {}"),
    "card_last_four": ("{}", "they are {}", "it ends in {}"),
    "city": ("{}", "I live in {}", "in {}"),
    "treatment": ("a {}", "it's for a {}", "I need a {}", "just a {}", "{}", "for a {} please"),
    "payee": ("{}", "it goes to {}", "to {}"),
    "kind": ("my {}", "the {} one", "{}"),
    "booked_for": ("the one on {}", "on {}", "{}"),
    "party": ("{}", "for {}", "{} people", "there will be {} of us"),
    "day": ("on {}", "{}", "{} please", "{} would be good"),
    "at": ("at {}", "{}", "{} please", "around {}"),
    "amount": ("{}", "{} please"),
}
BESIDE: Mapping[str, tuple[str, ...]] = {  # what is added to an answer without having been asked for
    "party": ("for {}", "for {} people", "there are {} of us"),
    "day": ("on {}", "{}"),
    "at": ("at {}",),
    "name": ("under {}", "my name is {}", "the name's {}", "it's for {}"),
    "phone": ("my number is {}", "you can call me at {}"),
    "treatment": ("for a {}", "it's a {}"),
    "born_on": ("born {}", "I was born on {}"),
    "order_number": ("it's order {}", "the order number is {}"),
    "postal_code": ("zip code {}",),
    "payee": ("to {}",),
    "amount": ("{}",),
    "kind": ("from my {}",),
}
NAMES = (
    "Teresa Novak", "Daniel Okoye", "Ingrid Larsen", "Marcus Webb", "Yuki Tanaka", "Fatima Rahman", "Peter Schmidt",
    "Olga Petrova", "Carlos Mendez", "Rachel Cohen", "Liam Murphy", "Nina Kowalski", "George Baker", "Amara Diallo",
    "Helen Carter", "Victor Hugo Ruiz", "Sandra Bell", "Tom Fisher", "Chloe Martin", "Ahmed Khan",
)  # fmt: skip
NOT_AT_HAND = (
    "hold on, I have to look that up",
    "just a second, let me find it",
    "one moment please",
    "wait, let me check",
)
FOUND = ("okay, {}", "okay hold on, I found it, it's {}", "here it is, {}", "got it, {}", "all right, it's {}")
SORRY = ("{}, no sorry, {}", "{}, I mean {}", "{}, wait, no, {}", "{}, sorry, {}")
WRONG = ("no, {}", "no, that's wrong, it's {}", "that's not right, {}", "no, I said {}")
MIND = (
    "actually, can we make it {}",
    "hmm, make it {} instead",
    "actually {} would be better",
    "sorry, I'd rather have {}",
)
YES = ("yes", "yes please", "yes, do that", "correct, go ahead")
TAKES = ("sure", "that works", "okay, let's do that", "yes, that's fine", "works for me")
ORDERS: Mapping[int, tuple[str, ...]] = {0: ("the first one", "the first one please"), -1: ("the last one",)}
LATER, EARLIER = ("the later one", "the later one please"), ("the earlier one", "the earlier one then")
NONE_OF_THEM = ("no, none of those", "that doesn't work for me, what else do you have", "do you have anything else")
ASIDES: Mapping[str, tuple[str, ...]] = {
    "shop": ("are you open on sundays", "how long do I have to return things", "what does shipping cost"),
    "bank": ("are you open on weekends", "is there a fee for that", "what are your hours"),
}
LOST = ("so, {}", "well, {}", "okay, {}", "as I said, {}")
NO_PERSON = ("no, {}", "no thanks, {}")
LEAVE = ("no, that's all, thanks", "that's it, bye")
ANY_TIME = ("any time is fine", "whatever you have", "I don't mind, what do you have", "what times do you have")
INTRODUCTIONS = ("hi, my name is {}", "hello, this is {} calling", "good morning, {} here", "hi, I'm {}")
ABOUT_THE_CALL = (
    "sorry, what did you just say",
    "could you say that again please",
    "can you speak a bit slower please",
    "what details do you need from me",
    "hang on, the line is bad, what was that",
)
