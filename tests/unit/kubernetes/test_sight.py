"""What is read of a workload and its pods, and what it means for a key."""

import json
from typing import Any

import pytest

from bot.domain.masking import Mask
from bot.domain.observation import Phase, RunState
from integrations._kubernetes.job import run
from integrations._kubernetes.reasons import Conflicted, no
from integrations._kubernetes.sight import Sight
from integrations._kubernetes.symptoms import worst
from integrations._kubernetes.workload import Workload, selector

Json = dict[str, Any]
DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
SAID = {"slipway/key": "k1", "slipway/digest": DIGEST, "slipway/version": "1.0.0"}


def a_pod(name: str = "web-1", *, ready: bool = True, image: str = f"web@{DIGEST}", **said: object) -> Json:
    status = {"conditions": [{"type": "Ready", "status": "True" if ready else "False"}], **said}
    return {
        "metadata": {"name": name, "annotations": dict(SAID)},
        "spec": {"containers": [{"name": "web", "image": image}]},
        "status": status,
    }


def a_workload(word: str = "deployment", *, spec: Json | None = None, status: Json | None = None) -> Json:
    template = {"metadata": {"annotations": dict(SAID)}, "spec": a_pod()["spec"]}
    counts = {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1}
    if word == "daemonset":
        counts = {"desiredNumberScheduled": 1, "updatedNumberScheduled": 1, "numberReady": 1, "numberAvailable": 1}
    return {
        "metadata": {
            "name": "web",
            "generation": 4,
            "resourceVersion": "1",
            "annotations": {"slipway/keys": json.dumps([["k0", "0.9.0", OTHER], ["k1", "1.0.0", DIGEST]])},
        },
        "spec": {"template": template, "selector": {"matchLabels": {"app": "web"}}, "replicas": 1, **(spec or {})},
        "status": {"observedGeneration": 4, **counts, **(status or {})},
    }


def a_sight(workload: Json, *pods: Json, word: str = "deployment") -> Sight:
    return Sight(Workload(word, "web", "shop", None), workload, list(pods), "1")


@pytest.mark.parametrize("word", ["deployment", "statefulset", "daemonset"])
def test_a_complete_rollout_is_live(word: str) -> None:
    seen, _ = a_sight(a_workload(word), a_pod(), word=word).observed("k1")

    assert (seen.phase, seen.key, seen.digest, seen.version, seen.replicas) == (
        Phase.LIVE,
        "k1",
        DIGEST,
        "1.0.0",
        (1, 1),
    )


@pytest.mark.parametrize(
    ("spec", "status", "words"),
    [
        ({}, {"observedGeneration": 3}, "the cluster has not taken it up yet"),
        ({"replicas": 2}, {}, "pods are being replaced"),
        ({}, {"replicas": 2}, "pods are being replaced"),
        ({"paused": True}, {"updatedReplicas": 0}, "it is paused: kubectl rollout resume"),
        (
            {},
            {
                "availableReplicas": 0,
                "conditions": [
                    {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota"}
                ],
            },
            "FailedCreate: exceeded quota",
        ),
    ],
)
def test_what_is_on_its_way_says_what_it_waits_for(spec: Json, status: Json, words: str) -> None:
    seen, _ = a_sight(a_workload(spec=spec, status=status), a_pod()).observed("k1")

    assert seen.phase is Phase.PROGRESSING
    assert words in seen.detail


def test_a_statefulset_that_is_updated_by_hand_says_so() -> None:
    spec = {"updateStrategy": {"type": "OnDelete"}}
    workload = a_workload("statefulset", spec=spec, status={"updatedReplicas": 0})
    seen, _ = a_sight(workload, a_pod(), word="statefulset").observed("k1")

    assert seen.phase is Phase.PROGRESSING
    assert "its updateStrategy is OnDelete" in seen.detail


def test_a_partition_is_as_far_as_a_statefulset_goes() -> None:
    spec = {"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": 2}}}
    status = {"replicas": 3, "updatedReplicas": 1, "readyReplicas": 3, "availableReplicas": 3}
    workload = a_workload("statefulset", spec=spec, status=status)
    pods = [a_pod(f"web-{number}") for number in range(3)]

    assert a_sight(workload, *pods, word="statefulset").observed("k1")[0].phase is Phase.LIVE


def test_what_most_ready_pods_serve_is_what_serves() -> None:
    old = a_pod("old", image=f"web@{OTHER}")
    old["metadata"]["annotations"] |= {"slipway/key": "k0", "slipway/digest": OTHER, "slipway/version": "0.9.0"}
    going = {**a_pod("going")}
    going["metadata"] = {**going["metadata"], "deletionTimestamp": "2026-01-01T00:00:00Z"}
    pods = [
        old,
        a_pod("new"),
        a_pod("sick", ready=False),
        going,
        {**old, "metadata": {**old["metadata"], "name": "older"}},
    ]
    seen, _ = a_sight(a_workload(spec={"replicas": 3}), *pods).observed("k1")

    assert (seen.version, seen.digest) == ("0.9.0", OTHER)
    assert (seen.phase, seen.replicas) == (Phase.PROGRESSING, (1, 3))


def test_an_image_by_its_tag_is_known_by_what_was_pulled() -> None:
    statuses = [{"name": "web", "imageID": f"docker-pullable://web@{OTHER}", "state": {}}]
    seen, _ = a_sight(a_workload(), a_pod(image="web:hot", containerStatuses=statuses)).observed("never")

    assert (seen.phase, seen.key, seen.digest, seen.version) == (Phase.ABSENT, None, OTHER, None)


def test_what_lasts_is_named_before_what_may_heal() -> None:
    pulling = a_pod("a", ready=False, containerStatuses=[_waiting("ErrImagePull")])
    crashing = a_pod("b", ready=False, containerStatuses=[_waiting("CrashLoopBackOff")])
    fine = a_pod("c", containerStatuses=[_waiting("CrashLoopBackOff")])

    assert str(worst([pulling, crashing, fine])) == "b: CrashLoopBackOff: why"
    assert str(worst([pulling, fine])) == "a: ErrImagePull: why"
    assert worst([fine]) is None


def _waiting(reason: str) -> Json:
    return {"name": "web", "state": {"waiting": {"reason": reason, "message": "why"}}, "restartCount": 1}


def test_an_init_container_that_fails_is_told_as_well() -> None:
    pod = a_pod("a", ready=False, initContainerStatuses=[_waiting("CrashLoopBackOff")])

    assert worst([pod]) is not None


def test_a_selector_is_written_as_a_query() -> None:
    expressions = [
        {"key": "tier", "operator": "In", "values": ["web", "api"]},
        {"key": "old", "operator": "DoesNotExist"},
        {"key": "team", "operator": "Exists"},
    ]
    workload = {"spec": {"selector": {"matchLabels": {"app": "web"}, "matchExpressions": expressions}}}

    assert selector(workload) == "app=web,tier in (web,api),!old,team"


@pytest.mark.parametrize(
    ("status", "state", "code", "detail"),
    [
        ({"conditions": [{"type": "Complete", "status": "True"}]}, RunState.EXITED, 0, "its pod is gone"),
        (
            {"conditions": [{"type": "Failed", "status": "True", "reason": "DeadlineExceeded", "message": "late"}]},
            RunState.EXITED,
            124,
            "it was ended: DeadlineExceeded: late",
        ),
        (
            {"conditions": [{"type": "Failed", "status": "True", "reason": "PodFailurePolicy", "message": "no"}]},
            RunState.LOST,
            None,
            "its pod is gone; PodFailurePolicy: no",
        ),
        ({}, RunState.RUNNING, None, "it has no pod yet"),
    ],
)
def test_a_job_without_its_pod_says_what_is_known(status: Json, state: RunState, code: int | None, detail: str) -> None:
    seen = run({"status": status}, [])

    assert (seen.state, seen.exit_code) == (state, code)
    assert seen.detail.startswith(detail)


JOB: Json = {"spec": {"template": {"spec": {"containers": [{"name": "web"}]}}}}


def test_what_is_put_beside_the_container_changes_nothing() -> None:
    """A service mesh adds a container of its own to every pod, as the first or as the last."""
    pod = a_pod()
    pod["spec"]["containers"].insert(0, {"name": "proxy", "image": "example.org/proxy:1"})
    assert a_sight(a_workload(), pod).observed("k1")[0].phase is Phase.LIVE

    ended = {"name": "web", "state": {"terminated": {"exitCode": 4, "reason": "Error"}}}
    beside = {"name": "proxy", "state": {"running": {}}}
    run_pod = a_pod(ready=False, phase="Running", containerStatuses=[beside, ended])
    run_pod["spec"]["containers"].insert(0, {"name": "proxy"})
    assert run(JOB, [run_pod]).exit_code == 4


def test_a_pod_that_was_evicted_is_lost() -> None:
    pod = a_pod(ready=False, phase="Failed", reason="Evicted", message="The node was low on memory.")

    assert run(JOB, [pod]).state is RunState.LOST
    assert run(JOB, [pod]).detail == "Evicted; The node was low on memory."


def test_a_run_that_used_too_much_memory_says_so() -> None:
    state = {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}
    pod = a_pod(ready=False, phase="Failed", containerStatuses=[{"name": "web", "state": state}])

    assert (run(JOB, [pod]).exit_code, run(JOB, [pod]).detail) == (137, "OOMKilled")


def test_an_answer_that_is_no_status_is_told_as_it_is() -> None:
    answer = no(502, b"<html>Bad Gateway</html>", {}, Mask())

    assert answer.reason == "the cluster cannot answer now: <html>Bad Gateway</html>"
    assert not isinstance(answer, Conflicted)
