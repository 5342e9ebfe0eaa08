"""Which object runs a target, and where it is found."""

from dataclasses import dataclass

from bot.domain.errors import GaveUp
from integrations._kubernetes.api import Json

KINDS = {"deployment": "Deployment", "statefulset": "StatefulSet", "daemonset": "DaemonSet"}


@dataclass(frozen=True, slots=True)
class Workload:
    """A Deployment, StatefulSet or DaemonSet. `word` is its kind as the catalog writes it."""

    word: str
    name: str
    namespace: str
    container: str | None

    def __str__(self) -> str:
        """Return it as kubectl names it."""
        return f"{self.word}/{self.name}"

    @property
    def path(self) -> tuple[str, ...]:
        """Where the API has it."""
        return ("apis", "apps", "v1", "namespaces", self.namespace, f"{self.word}s", self.name)

    @property
    def collection(self) -> tuple[str, ...]:
        """Where the API has all of its kind."""
        return self.path[:-1]

    @property
    def pods(self) -> tuple[str, ...]:
        """Where the API has its pods, among others."""
        return ("api", "v1", "namespaces", self.namespace, "pods")

    def chosen(self, template: Json) -> Json:
        """Return the container that gets the image; `GaveUp` names those there are."""
        containers: list[Json] = template["spec"]["containers"]
        if self.container is None and len(containers) == 1:
            return containers[0]
        for one in containers:
            if one["name"] == self.container:
                return one
        names = ", ".join(one["name"] for one in containers)
        if self.container is None:
            raise GaveUp(f"{self} in {self.namespace} has the containers {names}: say which with container")
        raise GaveUp(f"{self} in {self.namespace} has no container “{self.container}”, only {names}")


def selector(workload: Json) -> str:
    """Return the label selector of a workload's pods, as a query writes it."""
    chosen = workload["spec"]["selector"]
    terms = [f"{name}={value}" for name, value in sorted((chosen.get("matchLabels") or {}).items())]
    return ",".join(terms + [_term(one) for one in chosen.get("matchExpressions") or []])


def _term(expression: Json) -> str:
    key, values = expression["key"], ",".join(expression.get("values") or [])
    match expression["operator"]:
        case "In":
            return f"{key} in ({values})"
        case "NotIn":
            return f"{key} notin ({values})"
        case "Exists":
            return str(key)
        case _:
            return f"!{key}"
