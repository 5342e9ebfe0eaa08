"""What brings workloads about, one step at a time: pods are made, replaced and counted as the real controllers do.

Deployments: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment (the
defaults, which for one replica are one pod more and none fewer). StatefulSets, from the highest ordinal down, and no
pod before the one above it is ready: …/statefulset/#rolling-updates. DaemonSets, one node at a time: …/daemonset/.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from tests.fakes.kubernetes.store import Store

Json = dict[str, Any]

KINDS = {"deployments": "Deployment", "statefulsets": "StatefulSet", "daemonsets": "DaemonSet"}


def mark(template: Json) -> str:
    return hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:10]


def is_ready(pod: Json) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


class Controllers:
    """Takes a workload one step on."""

    def __init__(self, store: Store, nodes: int, name_of: Callable[[], str]) -> None:
        self._store = store
        self._name_of = name_of
        self.nodes = nodes

    def step(self, resource: str, workload: Json) -> None:
        """Make or remove at most one pod, then count."""
        namespace, name = workload["metadata"]["namespace"], workload["metadata"]["name"]
        pods = [
            pod
            for pod in self._store.having("pods", namespace)
            if pod["metadata"]["ownerReferences"][0]["name"] == name
            and pod["metadata"]["ownerReferences"][0]["kind"] == KINDS[resource]
        ]
        if not workload["spec"].get("paused"):
            {"deployments": self._deployment, "statefulsets": self._statefulset, "daemonsets": self._daemonset}[
                resource
            ](workload, pods)
        self._count(resource, workload)

    def _deployment(self, workload: Json, pods: list[Json]) -> None:
        wanted, now = workload["spec"].get("replicas", 1), mark(workload["spec"]["template"])
        new = [pod for pod in pods if pod["metadata"]["labels"]["pod-template-hash"] == now]
        old = [pod for pod in pods if pod not in new]
        unwell = [pod for pod in old if not is_ready(pod)]
        if unwell or (old and sum(map(is_ready, pods)) > wanted) or len(new) > wanted:
            self._remove((unwell or old or new)[-1])
        elif len(new) < wanted and len(pods) < wanted + 1:
            self._make(workload, f"{workload['metadata']['name']}-{now}-{self._name_of()}", now)

    def _statefulset(self, workload: Json, pods: list[Json]) -> None:
        now, by_name = mark(workload["spec"]["template"]), {pod["metadata"]["name"]: pod for pod in pods}
        if not all(map(is_ready, pods)):
            return
        ordinals = range(workload["spec"].get("replicas", 1))
        for name in (f"{workload['metadata']['name']}-{number}" for number in ordinals):
            if name not in by_name:
                self._make(workload, name, now)
                return
        old = [pod for pod in pods if pod["metadata"]["labels"]["pod-template-hash"] != now]
        if old:
            self._remove(max(old, key=lambda pod: int(pod["metadata"]["name"].rpartition("-")[2])))

    def _daemonset(self, workload: Json, pods: list[Json]) -> None:
        now = mark(workload["spec"]["template"])
        if not all(map(is_ready, pods)):
            return
        if len(pods) < self.nodes:
            self._make(workload, f"{workload['metadata']['name']}-{self._name_of()}", now)
            return
        old = [pod for pod in pods if pod["metadata"]["labels"]["pod-template-hash"] != now]
        if old:
            self._remove(old[0])

    def _make(self, workload: Json, name: str, now: str) -> None:
        template, metadata = workload["spec"]["template"], workload["metadata"]
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name,
                "namespace": metadata["namespace"],
                "labels": {**template["metadata"].get("labels", {}), "pod-template-hash": now},
                "annotations": dict(template["metadata"].get("annotations") or {}),
                "ownerReferences": [{"kind": workload["kind"], "name": metadata["name"]}],
                "creationTimestamp": f"{self._store.version:012}",
            },
            "spec": template["spec"],
        }
        self._store.put(("pods", metadata["namespace"], name), pod)

    def _remove(self, pod: Json) -> None:
        self._store.remove(("pods", pod["metadata"]["namespace"], pod["metadata"]["name"]))

    def _count(self, resource: str, workload: Json) -> None:
        namespace, name = workload["metadata"]["namespace"], workload["metadata"]["name"]
        pods = [
            pod
            for pod in self._store.having("pods", namespace)
            if pod["metadata"]["ownerReferences"][0]["name"] == name
            and pod["metadata"]["ownerReferences"][0]["kind"] == KINDS[resource]
        ]
        now = mark(workload["spec"]["template"])
        updated = sum(pod["metadata"]["labels"]["pod-template-hash"] == now for pod in pods)
        ready = sum(map(is_ready, pods))

        def written(thing: Json) -> None:
            status = dict(thing.get("status") or {})
            if status.get("observedGeneration") != thing["metadata"]["generation"]:
                status.pop("conditions", None)  # it says anew how it goes
            status["observedGeneration"] = thing["metadata"]["generation"]
            if resource == "daemonsets":
                status |= {"desiredNumberScheduled": self.nodes, "updatedNumberScheduled": updated}
                status |= {"numberReady": ready, "numberAvailable": ready}
            else:
                status |= {"replicas": len(pods), "updatedReplicas": updated}
                status |= {"readyReplicas": ready, "availableReplicas": ready}
            thing["status"] = status

        self._store.change((resource, namespace, name), written)
