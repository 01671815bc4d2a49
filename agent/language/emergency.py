"""Where help is, by the country of the business: the number of the emergency services, and of a line for whoever thinks
of ending their life."""

NUMBERS = {
    "US": ("911", "988"),
    "GB": ("999", "116 123"),
    "IN": ("112", "14416"),
    "ES": ("112", "024"),
    "DE": ("112", "0800 1110111"),
    "AT": ("112", "142"),
    "CH": ("112", "143"),
    "MX": ("911", "800 9112000"),
}


def told(sentence: str, country: str) -> str:
    """A language's sentence with the country's numbers. Raises KeyError for a country that is not known here."""
    emergency, line = NUMBERS[country]
    return sentence.format(emergency=emergency, line=line)
