"""What is wrong with a value, in an operator's words instead of pydantic's. It never quotes it: it may be secret."""

from pydantic_core import ErrorDetails

_WORDS = {
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be text; put it in quotes",
    "tuple_type": "must be a list, as in [one, two]",
    "list_type": "must be a list, as in [one, two]",
    "dict_type": "must have keys of its own below it",
    "model_type": "must have keys of its own below it",
    "model_attributes_type": "must have keys of its own below it",
    "invalid_key": "must be a name; put it in quotes",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be above {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be below {lt}",
}


def plainly(wrong: ErrorDetails) -> str:
    """The end of a sentence about one error of a pydantic model."""
    words = _WORDS.get(wrong["type"])
    return words.format(**wrong.get("ctx", {})) if words else wrong["msg"].removeprefix("Value error, ")
