"""Door: what an event is for those outside of the call."""

from dataclasses import fields, replace

from agent.events import Event


class Door:
    """One per call."""

    def told(self, event: Event) -> Event:
        """The event without words that are private."""
        private = [one.name for one in fields(event) if one.metadata.get("pii")]
        return replace(event, **dict.fromkeys(private, "")) if private else event
