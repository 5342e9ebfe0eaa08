"""Encrypting and decrypting as a stream: a copy of any size goes through in pieces of 64 kB."""

import hashlib
from contextlib import suppress
from typing import IO

import pyrage
from pyrage.x25519 import Identity as Identity

from bot.domain.errors import GaveUp


class Measured:
    """A stream whose bytes are counted and hashed as they go through it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._hash, self.size = stream, hashlib.sha256(), 0
        self.failed: OSError | None = None  # why it could not be written to; pyrage turns that into words

    @property
    def sha256(self) -> str:
        """The SHA-256 of what went through, in hex."""
        return self._hash.hexdigest()

    def read(self, most: int = -1) -> bytes:
        """Read as the stream does."""
        return self._seen(self._stream.read(most))

    def write(self, piece: bytes) -> int:
        """Write as the stream does, and whole."""
        try:
            self._stream.write(self._seen(piece))
        except OSError as error:
            self.failed = error
            raise
        return len(piece)

    def flush(self) -> None:
        """Flush as the stream does."""
        self._stream.flush()

    def _seen(self, piece: bytes) -> bytes:
        self._hash.update(piece)
        self.size += len(piece)
        return piece


class Feeding(Measured):
    """The input of a program that may stop to read before the end: the rest is counted, and dropped."""

    def write(self, piece: bytes) -> int:
        """Write as long as somebody reads."""
        with suppress(BrokenPipeError):
            self._stream.write(piece)
        self._seen(piece)
        return len(piece)

    def flush(self) -> None:
        """Flush as long as somebody reads."""
        with suppress(BrokenPipeError):
            self._stream.flush()


def identity(written: str, *, secret: str) -> Identity:
    """Return the identity that a secret holds; `GaveUp` names the secret, and not what is in it."""
    lines = [line.strip() for line in written.splitlines() if line.strip() and not line.startswith("#")]
    try:
        return Identity.from_str(lines[0] if lines else "")
    except pyrage.IdentityError as error:
        raise GaveUp(f"the secret {secret} is no age identity ({error}); `slipway backup key` makes one") from None


def fresh_identity() -> str:
    """Return a new identity, as it is kept."""
    return str(Identity.generate())


def seal(source: Measured, sink: Measured, key: Identity) -> None:
    """Encrypt a stream so that the identity opens it; what cannot be written is the `OSError` that it was."""
    try:
        pyrage.encrypt_io(source, sink, [key.to_public()])
    except pyrage.EncryptError as error:
        raise (sink.failed or GaveUp(f"the copy cannot be encrypted: {error}")) from error
    if sink.failed is not None:  # pyrage may lose one on its way
        raise sink.failed


def unseal(source: Measured, sink: Measured, key: Identity) -> None:
    """Decrypt a stream; `GaveUp` for another identity's, and for one that was cut or changed."""
    try:
        pyrage.decrypt_io(source, sink, [key])
    except pyrage.DecryptError as error:
        raise GaveUp(f"the copy cannot be decrypted: {error}") from error
    except OSError as error:
        raise GaveUp(f"the copy cannot be read to its end: {error.strerror or error}") from error
