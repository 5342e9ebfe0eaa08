"""What an apply would change, as the server itself works it out, and what a container would run as: pure."""

from collections.abc import Iterator

from bot.domain.observation import ImageFacts
from integrations._kubernetes.api import Json
from integrations._kubernetes.workload import Workload

_NOT_SHOWN = ("metadata.managedFields", "metadata.resourceVersion", "metadata.generation", "status")


def changes(place: Workload, before: Json, after: Json) -> list[str]:
    """Return a line for each field that differs; our own annotations and what the server counts are left out."""
    old, new = dict(_fields(before)), dict(_fields(after))
    image = f"spec.template.spec.containers[{place.chosen(after['spec']['template'])['name']}].image"
    return [
        f"{'image' if path == image else path}: {old.get(path, 'not set')} → {new.get(path, 'not set')}"
        for path in sorted({*old, *new})
        if old.get(path) != new.get(path) and "slipway/" not in path and not path.startswith(_NOT_SHOWN)
    ]


def facts(place: Workload, seen: Json, digest: str) -> ImageFacts:
    """Return what a workload's container would run as. What is in the image itself, the cluster does not tell."""
    template: Json = seen["spec"]["template"]
    container = place.chosen(template)
    own = f"{place}: spec.template.spec.containers[{template['spec']['containers'].index(container)}]"
    mine, pods = container.get("securityContext") or {}, template["spec"].get("securityContext") or {}
    user = mine.get("runAsUser", pods.get("runAsUser"))
    if user is None and mine.get("runAsNonRoot", pods.get("runAsNonRoot")):
        user = "not root"  # the kubelet refuses to start it as root
    limits = (container.get("resources") or {}).get("limits") or {}
    return ImageFacts(
        digest,
        user=None if user is None else str(user),
        limits={name: str(value) for name, value in limits.items() if name in {"cpu", "memory"}},
        user_field=f"{own}.securityContext.runAsUser",
        limits_field=f"{own}.resources.limits",
    )


def _fields(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _fields(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value):
            name = inner["name"] if isinstance(inner, dict) and "name" in inner else number
            yield from _fields(inner, f"{path}[{name}]")
    else:
        yield path, value
