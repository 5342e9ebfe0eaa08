"""What the backend must be allowed to do, and how a cluster is asked whether it is.

https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
"""

from collections.abc import Iterable
from dataclasses import dataclass

from integrations._kubernetes.api import Api, Json
from integrations._kubernetes.workload import Workload


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One verb on one resource; `why` is for the person who grants it."""

    group: str
    resource: str
    verb: str
    why: str

    @property
    def named(self) -> str:
        """Return it as kubectl would."""
        return f"{self.verb} {self.resource}" + (f".{self.group}" if self.group else "")


def needed(place: Workload) -> tuple[Right, ...]:
    """Return every right that the backend uses in a target's namespace."""
    plural = f"{place.word}s"
    return (
        Right("apps", plural, "get", "to see how it stands"),
        Right("apps", plural, "watch", "to hear of progress instead of asking again"),
        Right("apps", plural, "patch", "to put a release there"),
        Right("", "pods", "list", "to see what serves, and what ails"),
        Right("", "pods", "watch", "to hear of progress instead of asking again"),
        Right("", "pods/log", "get", "for the last words of what failed, and for /logs"),
        Right("", "events", "list", "for the cluster's own words on what failed"),
        Right("batch", "jobs", "get", "to see how one-off work stands"),
        Right("batch", "jobs", "create", "to run migrations and other one-off work"),
        Right("", "secrets", "create", "to give one-off work its environment; none is ever read"),
    )


async def missing(api: Api, place: Workload) -> list[Right]:
    """Ask the cluster for each right, and return those it does not grant."""
    return [right for right in needed(place) if not await _granted(api, place, right)]


async def _granted(api: Api, place: Workload, right: Right) -> bool:
    resource, _, subresource = right.resource.partition("/")
    attributes = {"namespace": place.namespace, "verb": right.verb, "group": right.group, "resource": resource}
    if subresource:
        attributes["subresource"] = subresource
    review: Json = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    answer = await api.create("apis", "authorization.k8s.io", "v1", "selfsubjectaccessreviews", body=review)
    return bool((answer.get("status") or {}).get("allowed"))


def role(place: Workload, rights: Iterable[Right]) -> str:
    """Return the Role that grants rights, as YAML."""
    verbs: dict[tuple[str, str], list[str]] = {}
    for right in rights:
        verbs.setdefault((right.group, right.resource), []).append(right.verb)
    lines = ["apiVersion: rbac.authorization.k8s.io/v1", "kind: Role", "metadata:", "  name: slipway"]
    lines += [f"  namespace: {place.namespace}", "rules:"]
    for (group, resource), several in verbs.items():
        lines.append(f'  - {{ apiGroups: ["{group}"], resources: ["{resource}"], verbs: [{", ".join(several)}] }}')
    return "\n".join(lines)
