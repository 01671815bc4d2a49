"""Sealed files: sound that is written piece by piece, each encrypted as it comes (AES-256-GCM), so that nothing of it
ever lies on the disk in the clear. A piece that was changed, moved, left out or cut off is found.

A file is MAGIC, 32 bytes of salt, then pieces: four bytes of length, the ciphertext. Its key is derived from the
master key and the salt; a piece's nonce is its number, and its number and whether it is the last are authenticated.
"""

import base64
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from agent.errors import ConfigError, StoreError
from agent.secrets.derived_key import derived

MAGIC = b"PARLEY-SEALED-1\n"
_SALT, _KEY = 32, 32
_LENGTH = struct.Struct(">I")
MOST = 1 << 24  # bytes of a piece


def master_key(text: str, variable: str) -> bytes:
    """32 bytes from base64, as `openssl rand -base64 32` makes them. Raises ConfigError that never quotes them."""
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != _KEY:
        raise ConfigError(f"{variable} is no key: it must be what `openssl rand -base64 32` prints")
    return key


class SealedFile:
    """One that is being written. Close it: a file without its last piece counts as cut off. Blocking."""

    def __init__(self, path: Path, master: bytes) -> None:
        salt = os.urandom(_SALT)
        self._cipher = _cipher(master, salt)
        self._count = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._file.write(MAGIC + salt)

    def add(self, piece: bytes) -> None:
        """One more piece."""
        self._write(piece, is_last=False)

    def close(self) -> None:
        """The file is whole."""
        if not self._file.closed:
            self._write(b"", is_last=True)
            self._file.close()

    def _write(self, piece: bytes, *, is_last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._count), piece, _about(self._count, is_last=is_last))
        self._file.write(_LENGTH.pack(len(sealed)) + sealed)
        self._file.flush()
        self._count += 1


def pieces(path: Path, master: bytes) -> Iterator[bytes]:
    """What was written, in order. Raises StoreError when the key is another, or anything of the file is not as it was
    written; what came before that was right."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path.name}: cannot be read: {error.strerror}") from None
    if not data.startswith(MAGIC) or len(data) < len(MAGIC) + _SALT:
        raise StoreError(f"{path.name}: no sealed file")
    at = len(MAGIC) + _SALT
    cipher, count, is_last = _cipher(master, data[len(MAGIC) : at]), 0, False
    while not is_last:
        head = data[at : at + _LENGTH.size]
        size = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
        sealed = data[at + _LENGTH.size : at + _LENGTH.size + size]
        if not 0 < size <= MOST or len(sealed) < size:
            raise StoreError(f"{path.name}: cut off after {count} pieces")
        at += _LENGTH.size + size
        is_last = at == len(data)
        try:
            yield cipher.decrypt(_nonce(count), sealed, _about(count, is_last=is_last))
        except InvalidTag:
            why = "was written with another key" if count == 0 else f"is changed, or cut off, at piece {count + 1}"
            raise StoreError(f"{path.name}: {why}") from None
        count += 1


def _cipher(master: bytes, salt: bytes) -> AESGCM:
    return AESGCM(derived(master, "recording", salt=salt))


def _nonce(count: int) -> bytes:
    return count.to_bytes(12, "big")


def _about(count: int, *, is_last: bool) -> bytes:
    return f"{count} {is_last}".encode()
