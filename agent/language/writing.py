"""CalendarWriter: days and times as they are written where the hours of a day are counted to 24."""

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True)
class CalendarWriter:
    """`weekdays` begin with Monday. The patterns take `{weekday}`, `{day}`, `{month}`, `{year}` and `{clock}`."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    a_day: str
    a_birth: str
    a_clock: str
    yes: str
    no: str

    def day(self, value: date) -> str:
        """With its weekday, without its year."""
        return self.a_day.format(**self._parts(value))

    def birth(self, value: date) -> str:
        """With its year, without its weekday."""
        return self.a_birth.format(**self._parts(value))

    def clock(self, value: time) -> str:
        """20:30."""
        return self.a_clock.format(clock=f"{value.hour}:{value.minute:02d}")

    def number(self, value: int) -> str:
        """In figures, which no gender of a noun changes."""
        return str(value)

    def yes_no(self, value: bool) -> str:
        """Yes or no."""
        return self.yes if value else self.no

    def _parts(self, value: date) -> dict[str, object]:
        return {
            "weekday": self.weekdays[value.weekday()],
            "month": self.months[value.month - 1],
            "day": value.day,
            "year": value.year,
        }
