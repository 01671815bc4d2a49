"""Who wants no more calls, in the words of strangers, and who only says something like it."""

import pytest

from agent.rules.opting_out import opts_out

NO_MORE = """
Stop calling me.
Please stop calling.
Don't call me again.
Do not ever call this number again.
Never call me again!
Take me off your list.
Could you take me off of your calling list, please?
Remove my number from your database.
I want to be removed from your calling list.
Put me on your do not call list.
I don't want any more calls.
No more calls, please.
I don't want you calling me.
Quit calling here.
Just lose my number.
Please delete my number.
Unsubscribe me.
I'd like to opt out of these calls.
I want to opt out.
You people need to stop ringing me.
Please do not contact me anymore.
Would you stop phoning my house?
I asked you not to call me.
I told you guys to stop calling.
Leave me alone.
Don't ring back.
Don't phone me any more, thank you.
I never want to hear from you again.
I wish you would stop calling me.
You may not call me again.
Can you take my number off?
Scratch me off your list.
I do not consent to these calls.
Look, stop calling me, I'm not interested.
I said don't call me!
Stop bothering me.
Okay, don't ever contact us at this number again.
And please don\u2019t call me again today or any other day, ever.
Stop harassing my mother.
We'd like no further calls.
I've told you people three times already, quit calling.
Listen lady, don't be calling me again.
Nope, and please take this number out of your system.
I am on the do not call registry.
Can you guys stop texting and calling my wife?
I do not want to be contacted.
No thank you and don't call back.
Kindly refrain from calling us.
Please, please, please stop phoning.
Just take us off whatever list this is.
Who gave you my number? Delete it and never call here again.
Enough with the calls.
I'm sick of you calling me.
This is harassment, do not phone again.
I would appreciate it if you didn't call me anymore.
You shouldn't be calling me, stop it.
"""
OTHERWISE = """
Don't call me Bob, it's Robert.
Stop calling me sir.
Please stop calling me ma'am.
Don't call me before nine.
Don't call me at work, I'm on the other phone.
Please call me back tomorrow.
Can you call me again later?
I'll call again.
Nobody called me.
You never called me back.
You never call me back.
They don't call me anymore.
Why don't you call me at six?
Why do you keep calling it a deductible?
Stop calling it that.
I don't want to call again.
Do I have to call again?
Can you take my appointment off the list?
Take the cheese off my order.
Put me on the waiting list.
Take me off the waiting list.
Remove the second item.
I didn't get a call.
No more questions.
Please don't hang up.
Is there a number I can call?
I want to opt out of paper statements.
Can you remove me from the joint account?
The ringing won't stop.
I stopped calling my doctor about it.
Don't call the police.
I do not call this a good price.
Don't text, just send an email.
Never mind, I'll ring back.
Please don't call tonight, I'm asleep.
My number has changed, delete my old number on my account.
I want to stop my order and call my husband.
Yes, that works for me.
I'll be off the phone in a minute, call me then.
They told me not to call the clinic on Sundays.
Does the system call me if I forget?
Please don't call my insurance, I'll do it.
Could you stop the automatic payments?
I keep calling and nobody answers.
I'd rather you texted me than called.
Take my name off the second appointment.
How do I get my number on the list?
Nobody is bothering me.
Don't ring off yet.
Where will the bus drop us off?
"""


@pytest.mark.parametrize("text", NO_MORE.strip().splitlines())
def test_who_wants_no_more_calls_is_understood(text: str) -> None:
    """Whatever thinks in this call."""
    assert opts_out(text)


@pytest.mark.parametrize("text", OTHERWISE.strip().splitlines())
def test_who_speaks_of_something_else_is_not_sent_away(text: str) -> None:
    """A name, an hour, another list, a call that did not come."""
    assert not opts_out(text)
