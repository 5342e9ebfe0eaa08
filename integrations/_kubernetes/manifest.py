"""What we apply to a workload: the image by its digest, and who asked for it; nothing else is ever ours.

Replicas are not in it, so an autoscaler and we never meet. The key stands in the pod template, so that each pod says
under which key it was made; and in the workload's own annotations with the keys before it, so that a key asked twice
is known as long as the workload is there, whatever became of it.
"""

import json
from dataclasses import dataclass

from bot.domain.errors import GaveUp
from bot.domain.release import Release
from bot.domain.target import Target
from integrations._kubernetes.api import Json
from integrations._kubernetes.workload import KINDS, Workload

MANAGER = "slipway"  # the field manager: https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers
KEY, DIGEST, VERSION = "slipway/key", "slipway/digest", "slipway/version"
KEYS = "slipway/keys"
_REMEMBERED = 50  # keys; annotations of one object may hold 256 KiB together


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a workload under a key."""

    key: str
    version: str
    digest: str


def asked(workload: Json) -> dict[str, Asked]:
    """Return what was asked of a workload, by key, the newest last."""
    written = annotations(workload).get(KEYS, "[]")
    try:
        return {key: Asked(key, version, digest) for key, version, digest in json.loads(written)}
    except (ValueError, TypeError) as error:
        raise GaveUp(f"the annotation {KEYS} is no longer what Slipway wrote there") from error


def annotations(thing: Json) -> dict[str, str]:
    """Return an object's annotations."""
    found: dict[str, str] = (thing.get("metadata") or {}).get("annotations") or {}
    return found


def wanted(workload: Workload, seen: Json, target: Target, release: Release, image: str, key: str) -> Json:
    """Return what is applied. It holds only for the version of the object that was seen."""
    digest = str(release.digest)
    kept = [*asked(seen).values(), Asked(key, release.version, digest)][-_REMEMBERED:]
    said = {
        "slipway/target": str(target),
        "slipway/release": str(release.id),
        VERSION: release.version,
        DIGEST: digest,
        KEY: key,
    }
    keys = json.dumps([(one.key, one.version, one.digest) for one in kept], ensure_ascii=False)
    container = workload.chosen(seen["spec"]["template"])["name"]
    return {
        "apiVersion": "apps/v1",
        "kind": KINDS[workload.word],
        "metadata": {
            "name": workload.name,
            "namespace": workload.namespace,
            "resourceVersion": seen["metadata"]["resourceVersion"],
            "annotations": {**said, KEYS: keys},
        },
        "spec": {
            "template": {
                "metadata": {"annotations": said},
                "spec": {"containers": [{"name": container, "image": image}]},
            }
        },
    }
