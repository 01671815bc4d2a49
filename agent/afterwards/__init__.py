"""What comes of a call when it is over: its result, a confirmation to the caller, reminders."""
