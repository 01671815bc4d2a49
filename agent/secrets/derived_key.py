"""Keys for one purpose each, derived from a secret of the environment (HKDF-SHA256), so that none opens another's."""

import base64

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

BYTES = 32


def derived(secret: bytes, purpose: str, *, salt: bytes | None = None) -> bytes:
    """The key of that purpose; with a salt, of that one thing."""
    return HKDF(hashes.SHA256(), BYTES, salt=salt, info=f"parley {purpose}".encode()).derive(secret)


def box(secret: str, purpose: str) -> Fernet:
    """What seals and opens with it."""
    return Fernet(base64.urlsafe_b64encode(derived(secret.encode(), purpose)))
