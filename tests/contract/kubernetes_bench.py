"""The Kubernetes backend with its world: a cluster at the wire, and a real one where there is one.

A real one is named by SLIPWAY_TEST_KUBECONFIG; SLIPWAY_TEST_KUBE_IMAGE is a repository it can pull from (its images
need a shell), SLIPWAY_TEST_KUBE_GOOD and SLIPWAY_TEST_KUBE_BAD the digests of an image that stays up and of one that
exits by itself, and SLIPWAY_TEST_KUBE_NAMESPACE where they may run.
"""

import contextlib
import hashlib
import os
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from kubernetes.aio.client import AppsV1Api

from bot.domain.target import Target
from bot.ports import Backend, Desired, Section
from integrations._kubernetes.access import Access
from integrations.kubernetes import BACKEND
from tests.contract.living import surroundings
from tests.contract.wishes import OTHER, TARGET, a_release
from tests.fakes.kubernetes.cluster import Cluster
from tests.fakes.kubernetes.kubelet import Image
from tests.fakes.kubernetes.server import serving

REPOSITORY = "example.org/shop/web"
NAMES = {TARGET: "web", OTHER: "front"}


def digest_of(word: str) -> str:
    return f"sha256:{hashlib.sha256(word.encode()).hexdigest()}"


@dataclass
class KubernetesBench:
    """A cluster at the wire: what is in an image is said by its digest."""

    cluster: Cluster
    kubeconfig: str
    backend: Backend
    word: str = "deployment"

    def good(self, version: str, target: Target = TARGET) -> Desired:
        return self.release(version, Image.WELL, target)

    def bad(self, version: str, target: Target = TARGET) -> Desired:
        return self.release(version, Image.CRASHES, target)

    def section(self, target: Target) -> Section:
        named = {"kind": "kubernetes", "workload": f"{self.word}/{NAMES[target]}", "namespace": "shop"}
        return {**named, "image": REPOSITORY, "kubeconfig": self.kubeconfig, "take_over": ["helm"]}

    def release(self, version: str, image: Image, target: Target = TARGET, **config: object) -> Desired:
        digest = digest_of(f"{version} {image}")
        self.cluster.images[digest] = image
        return Desired(a_release(version, digest), {**self.section(target), **config})


@contextlib.asynccontextmanager
async def kubernetes(data: Path, word: str = "deployment") -> AsyncIterator[KubernetesBench]:
    async with serving(data) as (cluster, kubeconfig), BACKEND.open(surroundings(data)) as backend:
        for name in NAMES.values():
            cluster.make(f"{word}s", name)
        yield KubernetesBench(cluster, kubeconfig, backend, word)


@dataclass
class RealBench:
    """A real cluster: one good image and one bad, whatever the version."""

    backend: Backend
    names: dict[Target, str]

    def good(self, version: str, target: Target = TARGET) -> Desired:
        return Desired(a_release(version, os.environ["SLIPWAY_TEST_KUBE_GOOD"]), self.section(target))

    def bad(self, version: str, target: Target = TARGET) -> Desired:
        return Desired(a_release(version, os.environ["SLIPWAY_TEST_KUBE_BAD"]), self.section(target))

    def section(self, target: Target) -> Section:
        named = {
            "kind": "kubernetes",
            "workload": f"deployment/{self.names[target]}",
            "take_over": ["OpenAPI-Generator"],
            "keep_jobs": "5m",
        }
        named |= {"kubeconfig": os.environ["SLIPWAY_TEST_KUBECONFIG"], "namespace": _namespace()}
        return {**named, "image": os.environ["SLIPWAY_TEST_KUBE_IMAGE"]}


@contextlib.asynccontextmanager
async def a_real_cluster(data: Path) -> AsyncIterator[RealBench]:
    if not os.environ.get("SLIPWAY_TEST_KUBECONFIG"):
        pytest.skip("NOT TESTED: a real Kubernetes cluster, for want of SLIPWAY_TEST_KUBECONFIG")
    names = {target: f"{name}-{uuid.uuid4().hex[:8]}" for target, name in NAMES.items()}
    async with await Access(os.environ["SLIPWAY_TEST_KUBECONFIG"]).client() as client:
        apps = AppsV1Api(client)
        for name in names.values():
            await apps.create_namespaced_deployment(_namespace(), _deployment(name))
        try:
            async with BACKEND.open(surroundings(data)) as backend:
                yield RealBench(backend, names)
        finally:
            for name in names.values():
                await apps.delete_namespaced_deployment(name, _namespace())


def _namespace() -> str:
    return os.environ.get("SLIPWAY_TEST_KUBE_NAMESPACE", "default")


def _deployment(name: str) -> dict[str, object]:
    """Return one whose first image can be pulled from nowhere, so that nothing serves before Slipway comes."""
    labels = {"app": name}
    container = {"name": "web", "image": "slipway.invalid/none:none"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}
