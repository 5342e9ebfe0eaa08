"""What the Kubernetes backend promises beyond every backend: what the cluster says is said at once, and nobody's field
is taken in silence. The cluster is at the wire (tests/fakes/kubernetes).
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import Observed, Phase
from bot.ports import Desired, Inspector, Preview
from bot.stepkind import Going
from bot.steps.apply import judge
from integrations.kubernetes import BACKEND, Config
from tests.contract.benches import brought, settled
from tests.contract.kubernetes_bench import REPOSITORY, KubernetesBench, kubernetes
from tests.contract.living import surroundings, until
from tests.contract.wishes import TARGET
from tests.fakes.kubernetes.cluster import LAST_WORDS, TOKEN, Fault, Json
from tests.fakes.kubernetes.kubelet import Image
from tests.fakes.kubernetes.server import kubeconfig


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[KubernetesBench]:
    async with kubernetes(tmp_path) as made:
        yield made


async def looked(bench: KubernetesBench, key: str = "k1") -> Observed:
    return await bench.backend.observe(TARGET, key=key, config=bench.section(TARGET))


async def applied(bench: KubernetesBench, desired: Desired, key: str = "k1") -> None:
    await bench.backend.apply(TARGET, desired, key=key)


def deployment(bench: KubernetesBench) -> Json:
    found = bench.cluster.store.get((f"{bench.word}s", "shop", "web"))
    assert found is not None
    return found


def rewrite(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


# --- how a rollout goes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["deployment", "statefulset", "daemonset"])
async def test_every_kind_of_workload_comes_up_and_goes_back(tmp_path: Path, word: str) -> None:
    async with kubernetes(tmp_path, word) as bench:
        bench.cluster.images["example.org/shop/web:none"] = Image.WELL
        bench.cluster.controllers.nodes = 2
        if word != "daemonset":
            bench.cluster.edit(f"{word}s", "web", lambda thing: thing["spec"].update(replicas=2), by="hpa")
        first = await brought(bench, bench.good("1.0.0"), "k1")
        second = await brought(bench, bench.good("2.0.0"), "k2")
        back = await brought(bench, bench.good("1.0.0"), "k3")

        assert [(seen.phase, seen.version, seen.replicas) for seen in (first, second, back)] == [
            (Phase.LIVE, "1.0.0", (2, 2)),
            (Phase.LIVE, "2.0.0", (2, 2)),
            (Phase.LIVE, "1.0.0", (2, 2)),
        ]


async def test_what_is_under_way_is_counted(bench: KubernetesBench) -> None:
    bench.cluster.edit("deployments", "web", lambda thing: thing["spec"].update(replicas=3), by="hpa")
    await brought(bench, bench.good("1.0.0"), "k1")
    bench.cluster.held = True
    await applied(bench, bench.good("2.0.0"), "k2")

    seen = await looked(bench, "k2")
    assert (seen.phase, seen.version) == (Phase.PROGRESSING, "1.0.0")
    assert seen.detail == "3 updated, 3 available; the cluster has not taken it up yet"
    story = []

    async def over() -> bool:
        seen = await looked(bench, "k2")
        story.append(f"{seen.phase} {seen.replicas} {seen.detail}")
        bench.cluster.step()
        return seen.phase is not Phase.PROGRESSING

    await until(over)
    assert "progressing (1, 3) 2 updated, 3 available; pods are being replaced" in story
    assert story[-1] == "live (3, 3) "


async def test_what_is_scaled_to_zero_is_live_and_says_so(bench: KubernetesBench) -> None:
    bench.cluster.edit("deployments", "web", lambda thing: thing["spec"].update(replicas=0), by="keda")
    seen = await brought(bench, bench.good("1.0.0"), "k1")

    assert (seen.phase, seen.detail, seen.digest) == (Phase.LIVE, "it is scaled to zero: nothing runs", None)


async def test_a_paused_deployment_is_not_touched(bench: KubernetesBench) -> None:
    bench.cluster.edit("deployments", "web", lambda thing: thing["spec"].update(paused=True), by="kubectl-edit")
    before = deployment(bench)

    with pytest.raises(GaveUp, match="is paused: kubectl rollout resume deployment/web"):
        await applied(bench, bench.good("1.0.0"))
    assert deployment(bench)["spec"] == before["spec"]


# --- what ails ---------------------------------------------------------------------------------------------------


async def test_a_crash_is_told_with_the_clusters_words_and_the_last_lines(bench: KubernetesBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    seen = await brought(bench, bench.bad("2.0.0"), "k2")

    lines = seen.detail.splitlines()
    assert seen.phase is Phase.FAILED
    assert "CrashLoopBackOff, exit code 3" in lines[0]
    assert lines[1:] == [
        "BackOff: back-off 10s restarting failed container",
        "> starting",
        f"> {LAST_WORDS}",
        "1.0.0 serves: 1 of 1 ready",
    ]


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (Image.OOM, "OOMKilled: web used more than its memory limit, exit code 137"),
        (Image.UNCONFIGURED, 'CreateContainerConfigError: secret "database" not found'),
    ],
)
async def test_what_cannot_heal_fails_at_once(bench: KubernetesBench, image: Image, words: str) -> None:
    seen = await brought(bench, bench.release("2.0.0", image), "k1")

    assert seen.phase is Phase.FAILED
    assert words in seen.detail
    assert seen.detail.endswith("nothing serves")


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (Image.UNPULLABLE, "ImagePullBackOff: Back-off pulling image"),
        (Image.UNSCHEDULABLE, "FailedScheduling: 0/3 nodes are available: 3 Insufficient memory."),
    ],
)
async def test_what_may_heal_is_told_at_once_and_fails_at_the_deadline(
    bench: KubernetesBench, image: Image, words: str
) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    desired = bench.release("2.0.0", image)
    await applied(bench, desired, "k2")

    async def told() -> bool:
        return words in (await looked(bench, "k2")).detail

    await until(told)
    assert (await looked(bench, "k2")).phase is Phase.PROGRESSING
    bench.cluster.expire("web")
    seen = await settled(bench, "k2")
    assert seen.phase is Phase.FAILED
    assert "ProgressDeadlineExceeded" in seen.detail
    assert words in seen.detail
    assert (seen.key, seen.version) == ("k1", "1.0.0")


async def test_an_image_that_comes_back_heals_what_waited_for_it(bench: KubernetesBench) -> None:
    desired = bench.release("1.0.0", Image.UNPULLABLE)
    await applied(bench, desired)
    await until(lambda: _says(bench, "ImagePullBackOff"))
    bench.cluster.images[str(desired.release.digest)] = Image.WELL
    bench.cluster.store.ring()

    assert (await settled(bench, "k1")).phase is Phase.LIVE


async def _says(bench: KubernetesBench, words: str, key: str = "k1") -> bool:
    return words in (await looked(bench, key)).detail


async def test_what_never_gets_ready_fails_with_the_deadline(bench: KubernetesBench) -> None:
    await applied(bench, bench.release("1.0.0", Image.NEVER_READY))
    await until(lambda: _says(bench, "1 updated"))
    bench.cluster.expire("web")

    seen = await settled(bench, "k1")
    assert seen.phase is Phase.FAILED
    assert seen.detail == ('ProgressDeadlineExceeded: ReplicaSet "web-1" has timed out progressing.\nnothing serves')


async def test_going_back_from_what_was_late_is_not_called_late(bench: KubernetesBench) -> None:
    """Until the controller has taken up a new release, what it says is about the one before."""
    await brought(bench, bench.good("1.0.0"), "k1")
    await applied(bench, bench.release("2.0.0", Image.NEVER_READY), "k2")
    await until(lambda: _says(bench, "1 updated", "k2"))
    bench.cluster.expire("web")
    assert (await settled(bench, "k2")).phase is Phase.FAILED
    bench.cluster.held = True
    await applied(bench, bench.good("1.0.0"), "k3")
    assert (await looked(bench, "k3")).phase is Phase.PROGRESSING
    bench.cluster.held = False
    bench.cluster.store.ring()

    assert (await settled(bench, "k3")).version == "1.0.0"


async def test_a_log_that_may_not_be_read_hides_nothing_else(bench: KubernetesBench) -> None:
    bench.cluster.denied.add(("get", "pods/log"))
    seen = await brought(bench, bench.bad("1.0.0"), "k1")

    assert "CrashLoopBackOff, exit code 3" in seen.detail
    assert "(more of it cannot be read: " in seen.detail


async def test_a_statefulset_names_the_broken_pod_it_waits_for(tmp_path: Path) -> None:
    async with kubernetes(tmp_path, "statefulset") as bench:
        bench.cluster.images["example.org/shop/web:none"] = Image.WELL
        failed = await brought(bench, bench.bad("1.0.0"), "k1")
        assert failed.detail.endswith("nothing serves")
        await applied(bench, bench.good("0.9.0"), "k2")

        seen = await looked(bench, "k2")
        assert seen.phase is Phase.PROGRESSING
        assert "a StatefulSet waits for it: kubectl delete pod web-0" in seen.detail


async def test_the_card_says_how_far_it_is_and_what_it_waits_for(bench: KubernetesBench) -> None:
    desired = bench.release("1.0.0", Image.UNSCHEDULABLE)
    await applied(bench, desired)
    await until(lambda: _says(bench, "FailedScheduling"))
    verdict = judge(await looked(bench), desired.release)

    assert isinstance(verdict, Going)
    assert verdict.detail.startswith("0 of 1 ready; 1 updated, 0 available; pods are being replaced; web-")
    assert verdict.detail.endswith("FailedScheduling: 0/3 nodes are available: 3 Insufficient memory.")


# --- who holds what ----------------------------------------------------------------------------------------------


async def test_a_field_of_somebody_else_is_not_taken_and_explained(bench: KubernetesBench) -> None:
    before, desired = deployment(bench), bench.good("1.0.0")

    with pytest.raises(GaveUp) as no:
        await applied(bench, Desired(desired.release, {**desired.config, "take_over": []}))
    since = before["metadata"]["managedFields"][0]["time"]
    assert no.value.reason == (
        'deployment/web in shop is left as it is: spec.template.spec.containers[name="web"].image is held by helm '
        f"since {since}. Slipway takes a field from nobody unasked: take the image out of what helm applies, or write "
        "take_over: [helm] in the catalog"
    )
    assert deployment(bench)["spec"] == before["spec"]


async def test_it_takes_from_those_the_catalog_names_and_from_no_others(bench: KubernetesBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    bench.cluster.edit("deployments", "web", _set_image("example.org/shop/web:hot"), by="kubectl-edit")

    with pytest.raises(GaveUp, match="held by kubectl-edit since"):
        await applied(bench, bench.good("2.0.0"), "k2")


def _set_image(image: str) -> Callable[[Json], None]:
    def change(thing: Json) -> None:
        thing["spec"]["template"]["spec"]["containers"][0]["image"] = image

    return change


async def test_an_autoscaler_and_a_deploy_do_not_meet(bench: KubernetesBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    bench.cluster.edit("deployments", "web", lambda thing: thing["spec"].update(replicas=3), by="hpa")

    seen = await brought(bench, bench.good("2.0.0"), "k2")
    assert (seen.phase, seen.replicas) == (Phase.LIVE, (3, 3))
    ours = next(one for one in deployment(bench)["metadata"]["managedFields"] if one["manager"] == "slipway")
    assert set(ours["fieldsV1"]["f:spec"]) == {"f:template"}


async def test_what_others_set_is_left_alone(bench: KubernetesBench) -> None:
    def limited(thing: Json) -> None:
        thing["spec"]["template"]["spec"]["containers"][0]["resources"] = {"limits": {"memory": "1Gi"}}
        thing["spec"]["template"]["metadata"]["annotations"]["team"] = "shop"

    bench.cluster.edit("deployments", "web", limited, by="helm")
    await brought(bench, bench.good("1.0.0"), "k1")

    template = deployment(bench)["spec"]["template"]
    assert template["spec"]["containers"][0]["resources"] == {"limits": {"memory": "1Gi"}}
    assert template["metadata"]["annotations"]["team"] == "shop"


async def test_an_image_set_past_slipway_is_drift(bench: KubernetesBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    other = bench.good("hot").release.digest
    bench.cluster.edit("deployments", "web", _set_image(f"{REPOSITORY}@{other}"), by="kubectl-edit")

    async def swapped() -> bool:
        return (await looked(bench)).digest == other

    await until(swapped)
    seen = await looked(bench)
    assert (seen.phase, seen.key, seen.version) == (Phase.FAILED, None, None)
    assert (
        f"deployment/web was changed past Slipway to {REPOSITORY}@{other} by kubectl-edit at 2026-01-01" in seen.detail
    )


async def test_going_back_by_kubectl_is_seen_as_what_it_is(bench: KubernetesBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    old = deployment(bench)["spec"]["template"]
    await brought(bench, bench.good("2.0.0"), "k2")
    bench.cluster.edit("deployments", "web", lambda thing: thing["spec"].update(template=old), by="kubectl-rollout")

    async def swapped() -> bool:
        return (await looked(bench, "k2")).version == "1.0.0"

    await until(swapped)
    seen = await looked(bench, "k2")
    assert (seen.phase, seen.key) == (Phase.FAILED, "k1")
    assert "by kubectl-rollout at" in seen.detail


async def test_a_change_at_the_same_moment_is_tried_later(bench: KubernetesBench) -> None:
    """Somebody scales it between our reading and our writing: what we saw is no longer so."""
    async with asyncio.TaskGroup() as both:
        one = both.create_task(_outcome(bench, "k1"))
        other = both.create_task(_outcome(bench, "k2"))

    first, second = sorted([one.result(), other.result()])
    assert first == "asked"
    assert second.startswith("deployment/web was changed by somebody at the same moment: Operation cannot be fulfilled")


async def _outcome(bench: KubernetesBench, key: str) -> str:
    try:
        await applied(bench, bench.good(key), key)
    except Retry as later:
        return later.reason
    return "asked"


# --- bad days ----------------------------------------------------------------------------------------------------


async def test_a_cluster_that_is_away_is_asked_again(bench: KubernetesBench) -> None:
    bench.cluster.down = True
    with pytest.raises(Retry, match=r"the cluster at 127\.0\.0\.1:\d+ cannot be reached: it hung up without an answer"):
        await applied(bench, bench.good("1.0.0"))
    bench.cluster.down = False
    await applied(bench, bench.good("1.0.0"))
    bench.cluster.down = True
    with pytest.raises(Retry):
        await looked(bench)
    bench.cluster.down = False

    assert (await settled(bench, "k1")).phase is Phase.LIVE
    bench.cluster.down = True
    with pytest.raises(Retry):
        await looked(bench)


async def test_nobody_at_the_address(tmp_path: Path, bench: KubernetesBench) -> None:
    path = kubeconfig(tmp_path / "nobody", "http://127.0.0.1:1")
    desired = bench.good("1.0.0")

    with pytest.raises(Retry, match=r"127\.0\.0\.1:1 cannot be reached: connection refused"):
        await applied(bench, Desired(desired.release, {**desired.config, "kubeconfig": str(path)}))


@pytest.mark.parametrize("fault", [Fault.LOSES_ANSWER, Fault.ERROR_BUT_DONE])
async def test_what_was_done_without_an_answer_is_found_and_not_done_twice(
    bench: KubernetesBench, fault: Fault
) -> None:
    desired = bench.good("1.0.0")
    desired = Desired(desired.release, desired.config)
    await brought(bench, bench.good("0.9.0"), "k0")
    bench.cluster.then(fault, "PATCH")
    with pytest.raises(Retry):
        await applied(bench, desired)

    assert (await settled(bench, "k1")).phase is Phase.LIVE
    generation = deployment(bench)["metadata"]["generation"]
    await applied(bench, desired)
    assert deployment(bench)["metadata"]["generation"] == generation


async def test_busy_is_later_with_the_servers_own_pause(bench: KubernetesBench) -> None:
    bench.cluster.then(Fault.THROTTLED)
    with pytest.raises(Retry, match="Too many requests") as later:
        await looked(bench)

    assert later.value.after == timedelta(seconds=7)


async def test_unavailable_is_later_in_the_servers_words(bench: KubernetesBench) -> None:
    bench.cluster.then(Fault.UNAVAILABLE)

    with pytest.raises(Retry, match="the server is currently unable to handle the request"):
        await looked(bench)


async def test_credentials_that_expired_say_so_and_are_read_anew(bench: KubernetesBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    bench.cluster.tokens = {"another"}
    with pytest.raises(GaveUp, match=r"the cluster does not let us in: Unauthorized \(401\)") as no:
        await looked(bench)
    assert TOKEN not in no.value.reason
    rewrite(Path(bench.kubeconfig), TOKEN, "another")

    assert (await looked(bench)).phase is Phase.LIVE


async def test_a_missing_right_names_the_verb_the_resource_and_the_account(bench: KubernetesBench) -> None:
    bench.cluster.denied.add(("patch", "deployments"))

    with pytest.raises(GaveUp) as no:
        await applied(bench, bench.good("1.0.0"))
    assert 'User "system:serviceaccount:ops:slipway" cannot patch resource "deployments"' in no.value.reason
    assert "slipway doctor" in no.value.reason


async def test_a_workload_that_is_not_there_is_named(bench: KubernetesBench) -> None:
    desired = bench.good("1.0.0")

    with pytest.raises(GaveUp, match="there is no deployment/wev in the namespace shop"):
        await applied(bench, Desired(desired.release, {**desired.config, "workload": "deployment/wev"}))


async def test_a_container_that_is_not_there_is_named_with_those_that_are(bench: KubernetesBench) -> None:
    desired = bench.good("1.0.0")

    with pytest.raises(GaveUp, match="deployment/web in shop has no container “app”, only web"):
        await applied(bench, Desired(desired.release, {**desired.config, "container": "app"}))


async def test_a_workload_that_was_made_anew_knows_no_key(bench: KubernetesBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    bench.cluster.store.remove(("deployments", "shop", "web"))
    bench.cluster.make("deployments", "web")

    assert (await looked(bench)).phase is Phase.ABSENT


async def test_our_memory_that_somebody_wrote_over_is_not_guessed(bench: KubernetesBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    wrong = {"slipway/keys": "none of it"}
    bench.cluster.edit("deployments", "web", lambda thing: thing["metadata"]["annotations"].update(wrong), by="kubectl")

    with pytest.raises(GaveUp, match="slipway/keys is no longer what Slipway wrote there"):
        await looked(bench)


# --- how a cluster is reached ------------------------------------------------------------------------------------


async def asked_with(tmp_path: Path, **section: object) -> None:
    async with BACKEND.open(surroundings(tmp_path)) as backend:
        named = {"kind": "kubernetes", "workload": "deployment/web", "image": REPOSITORY, **section}
        await backend.observe(TARGET, key="k1", config=named)


async def test_a_kubeconfig_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(GaveUp, match=r"there is no kubeconfig at .*nowhere: name one as kubeconfig in the catalog"):
        await asked_with(tmp_path, kubeconfig=str(tmp_path / "nowhere"))


@pytest.mark.parametrize("text", ["{", "just words", "users: [{name: slipway, user: {token: an-invented-token}}]"])
async def test_a_kubeconfig_that_is_none_is_told_without_its_secrets(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").write_text(text)

    with pytest.raises(GaveUp, match="kubeconfig") as no:
        await asked_with(tmp_path, kubeconfig=str(tmp_path / "config"))
    assert TOKEN not in repr(no.value)


async def test_a_broken_user_entry_does_not_tell_its_token(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path / "config", "https://127.0.0.1:1")
    rewrite(path, '"name": "slipway", "user"', '"nmae": "slipway", "user"')

    with pytest.raises(GaveUp, match="is not in order") as no:
        await asked_with(tmp_path, kubeconfig=str(path))
    assert TOKEN not in repr(no.value) + repr(no.value.__cause__)


async def test_a_context_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path / "config", "https://127.0.0.1:1")

    with pytest.raises(GaveUp, match="has no context “prod”; it has test"):
        await asked_with(tmp_path, kubeconfig=str(path), context="prod")


async def test_in_a_cluster_without_a_service_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")

    with pytest.raises(GaveUp, match="the pod's service account is not in order: Service token file does not exist"):
        await asked_with(tmp_path)


# --- what a section says -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("workload", "web", "“web” is not a workload: write deployment/name, statefulset/name, daemonset/name"),
        ("workload", "pod/web", "is not a workload"),
        ("namespace", "Shop", "“Shop” is not a namespace"),
        ("image", "example.org/web:1", "is not a repository: leave out its tag and digest"),
        ("image", "example.org/web@sha256:ab", "is not a repository"),
        ("replicas", 3, "Extra inputs are not permitted"),
    ],
)
def test_a_section_is_refused_with_words(field: str, value: object, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Config.model_validate({"workload": "deployment/web", "image": REPOSITORY, field: value})


def test_a_section_survives_being_written_as_json() -> None:
    config = Config.model_validate({"workload": "deployment/web", "image": "localhost:5000/web", "keep_jobs": "2d"})

    assert Config.model_validate_json(config.model_dump_json()) == config


async def test_what_was_never_built_has_no_image(bench: KubernetesBench) -> None:
    desired = bench.good("1.0.0")
    unbuilt = Desired(type(desired.release)(**_without_digest(desired)), desired.config)

    with pytest.raises(GaveUp, match=r"backend 1\.0\.0 was never built, so there is no image to run"):
        await applied(bench, unbuilt)


def _without_digest(desired: Desired) -> dict[str, object]:
    release = desired.release
    return {name: getattr(release, name) for name in release.__slots__} | {"digest": None}


# --- before anything moves ---------------------------------------------------------------------------------------


async def test_a_preview_is_worked_out_by_the_server_and_changes_nothing(bench: KubernetesBench) -> None:
    old, new = bench.good("1.0.0"), bench.good("2.0.0")
    await brought(bench, old, "k1")
    before, backend = deployment(bench), bench.backend
    assert isinstance(backend, Preview)

    lines = await backend.preview(TARGET, new)
    assert lines == [f"image: {REPOSITORY}@{old.release.digest} → {REPOSITORY}@{new.release.digest}"]
    assert await backend.preview(TARGET, old) == []
    assert deployment(bench)["spec"] == before["spec"]


async def test_a_preview_says_from_whom_the_image_is_taken_and_what_would_be_refused(bench: KubernetesBench) -> None:
    desired, backend = bench.good("1.0.0"), bench.backend
    assert isinstance(backend, Preview)

    assert (await backend.preview(TARGET, desired))[-1] == "the image is taken over from helm"
    [refused] = await backend.preview(TARGET, Desired(desired.release, {**desired.config, "take_over": []}))
    assert refused.startswith("it would be refused: deployment/web in shop is left as it is")


async def test_what_it_would_run_as(bench: KubernetesBench) -> None:
    def hardened(thing: Json) -> None:
        container = thing["spec"]["template"]["spec"]["containers"][0]
        container |= {"resources": {"limits": {"cpu": "500m", "memory": "1Gi"}}, "securityContext": {"runAsUser": 1000}}

    bare, backend = bench.good("1.0.0"), bench.backend
    assert isinstance(backend, Inspector)
    facts = await backend.inspect(TARGET, bare)
    assert (facts.user, dict(facts.limits)) == (None, {})
    assert facts.user_field == "deployment/web: spec.template.spec.containers[0].securityContext.runAsUser"
    bench.cluster.edit("deployments", "web", hardened, by="helm")

    facts = await backend.inspect(TARGET, bare)
    assert (facts.digest, facts.user) == (bare.release.digest, "1000")
    assert dict(facts.limits) == {"cpu": "500m", "memory": "1Gi"}
