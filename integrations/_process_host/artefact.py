"""An artefact, verified against its digest and unpacked: what does not match is never run."""

import hashlib
import re
import tarfile
from pathlib import Path

_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")


class NotUp(Exception):  # noqa: N818 - it is an answer: the release did not come up, and why
    """The release cannot serve; the sentence is for a person."""


def unpack(store: Path, digest: str, into: Path) -> None:
    """Unpack the artefact of a digest into a new folder; `NotUp` when it is missing, altered or not a tar."""
    named = _DIGEST.fullmatch(digest)
    if named is None:
        raise NotUp(f"“{digest}” is not a digest: sha256:<64 hex digits> was expected")
    path = store / f"{named[1]}.tar"
    try:
        with path.open("rb") as packed:
            found = hashlib.file_digest(packed, "sha256").hexdigest()
            if found != named[1]:
                raise NotUp(f"the artefact was altered: {path.name} has the digest sha256:{found}; build it again")
            packed.seek(0)
            into.mkdir(parents=True)
            with tarfile.open(fileobj=packed) as archive:
                archive.extractall(into, filter="data")
    except FileNotFoundError as error:
        raise NotUp(f"the artefact {digest[:19]}… is not in {store}; build it again") from error
    except (OSError, tarfile.TarError) as error:
        raise NotUp(f"the artefact {digest[:19]}… cannot be unpacked: {error}") from error
