"""`slipway doctor` over a cluster: what is missing is named with the role that grants it."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.ports import Examined
from integrations._kubernetes.rights import needed
from integrations._kubernetes.workload import KINDS, Workload
from tests.contract.benches import brought
from tests.contract.kubernetes_bench import REPOSITORY, KubernetesBench, kubernetes
from tests.contract.living import ROOT, until
from tests.contract.runners import ended, shell, whole_log
from tests.contract.wishes import TARGET

CATALOG = """
organisation: Shop
teams: {{ team: {{ people: [U012AB3CD] }} }}
channels: {{ deployments: deployments, approvals: approvals }}
services: {{ web: {{ source: {{ kind: git, repository: . }} }} }}
environments:
  staging:
    branch: develop
    deployers: [team]
    targets:
      web:
        backend: {{ kind: kubernetes, workload: deployment/web, namespace: shop, image: {image}, kubeconfig: {config} }}
        steps: [apply]
"""


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[KubernetesBench]:
    async with kubernetes(tmp_path) as made:
        yield made


async def doctor(bench: KubernetesBench, folder: Path) -> "subprocess.CompletedProcess[str]":
    (folder / "slipway.yml").write_text(CATALOG.format(image=REPOSITORY, config=bench.kubeconfig))
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "bot.cli", "doctor"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


async def test_all_in_order(bench: KubernetesBench, tmp_path: Path) -> None:
    answer = await doctor(bench, tmp_path)

    assert answer.stdout == "ok       web/staging: deployment/web in shop is there, and every right that is needed\n"
    assert answer.returncode == 0


async def test_what_is_missing_is_named_with_the_role_that_grants_it(bench: KubernetesBench, tmp_path: Path) -> None:
    bench.cluster.denied |= {("patch", "deployments"), ("get", "pods/log"), ("create", "jobs")}
    answer = await doctor(bench, tmp_path)

    assert answer.returncode == 1
    assert answer.stdout.splitlines()[:3] == [
        "MISSING  web/staging: may not patch deployments.apps in shop: to put a release there",
        "MISSING  web/staging: may not get pods/log in shop: for the last words of what failed, and for /logs",
        "MISSING  web/staging: may not create jobs.batch in shop: to run migrations and other one-off work",
    ]
    role: dict[str, Any] = YAML(typ="safe", pure=True).load(answer.stdout.partition("# What grants it:")[2])
    assert role["metadata"] == {"name": "slipway", "namespace": "shop"}
    assert role["rules"] == [
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["patch"]},
        {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]},
        {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create"]},
    ]


async def test_a_cluster_that_is_away_is_a_finding(bench: KubernetesBench, tmp_path: Path) -> None:
    bench.cluster.down = True
    answer = await doctor(bench, tmp_path)

    assert answer.returncode == 1
    assert "MISSING  web/staging: the cluster at 127.0.0.1" in answer.stdout
    assert "Traceback" not in answer.stderr


async def test_a_workload_that_is_not_there_is_a_finding(bench: KubernetesBench, tmp_path: Path) -> None:
    bench.cluster.store.remove(("deployments", "shop", "web"))
    answer = await doctor(bench, tmp_path)

    assert answer.returncode == 1
    assert "there is no deployment/web in the namespace shop" in answer.stdout


async def test_nothing_beyond_the_rights_is_ever_used(bench: KubernetesBench) -> None:
    """Everything the backend does, and the server's own record of what was asked."""
    assert isinstance(bench.backend, Examined)
    bench.cluster.held = True
    await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
    await bench.backend.observe(TARGET, key="k1", config=bench.section(TARGET))
    await until(lambda: watched(bench))
    bench.cluster.held = False
    bench.cluster.store.ring()
    await brought(bench, bench.bad("2.0.0"), "k2")
    await bench.backend.examine(TARGET, config=bench.section(TARGET))
    runner = bench.backend.runner(TARGET, bench.good("1.0.0"))  # type: ignore[attr-defined] # it runs there too
    await runner.start(shell("echo done", environment={"MODE": "migrate"}), key="one")
    await ended(runner, "one")
    await whole_log(runner, "one")

    rights = {(right.verb, right.resource) for right in needed(Workload("deployment", "web", "shop", None))}
    used = {(verb, resource) for verb, resource, _ in bench.cluster.asked}
    assert used - {("create", "selfsubjectaccessreviews")} == rights


async def watched(bench: KubernetesBench) -> bool:
    return bench.cluster.watching == 2


def test_the_role_that_ships_grants_exactly_what_is_needed() -> None:
    role, _binding = YAML(typ="safe", pure=True).load_all(ROOT / "deploy/kubernetes/rbac.yaml")
    granted = {
        (group, resource, verb)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }

    wanted = {right for word in KINDS for right in needed(Workload(word, "x", "y", None))}
    assert granted == {(right.group, right.resource, right.verb) for right in wanted}
