"""One-off work as Jobs, and logs: found again by the key, run as the target's pods are, in bounded memory."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import Phase, Run, RunState
from bot.ports import Invocation, LoggedRunner, Output, RunsThere
from integrations._kubernetes.job import named
from integrations._kubernetes.workload import Workload
from integrations.kubernetes import BACKEND
from tests.contract.benches import brought
from tests.contract.kubernetes_bench import REPOSITORY, KubernetesBench, kubernetes
from tests.contract.living import a_bot, heard, surroundings, until
from tests.contract.runners import ended, shell, whole_log
from tests.contract.wishes import TARGET
from tests.fakes.kubernetes.cluster import EPOCH, Fault, Json

MEGABYTE = 1024 * 1024
PLACE = Workload("deployment", "web", "shop", None)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[KubernetesBench]:
    async with kubernetes(tmp_path) as made:
        yield made


@pytest.fixture
def runner(bench: KubernetesBench) -> LoggedRunner:
    assert isinstance(bench.backend, RunsThere)
    return bench.backend.runner(TARGET, bench.good("1.0.0"))


def job_of(bench: KubernetesBench, key: str) -> Json:
    found = bench.cluster.store.get(("jobs", "shop", named(PLACE, key)))
    assert found is not None
    return found


async def test_it_runs_with_the_releases_image_as_the_targets_pods_do(bench: KubernetesBench) -> None:
    def furnished(thing: Json) -> None:
        pod = thing["spec"]["template"]["spec"]
        pod |= {"serviceAccountName": "shop", "volumes": [{"name": "config", "configMap": {"name": "web"}}]}
        pod["initContainers"] = [{"name": "proxy", "restartPolicy": "Always"}, {"name": "migrate-at-start"}]
        pod["containers"][0] |= {
            "env": [{"name": "DATABASE", "value": "theirs"}, {"name": "MODE", "value": "web"}],
            "envFrom": [{"secretRef": {"name": "database"}}],
            "resources": {"limits": {"memory": "1Gi"}},
            "volumeMounts": [{"name": "config", "mountPath": "/etc/web"}, {"name": "data", "mountPath": "/data"}],
            "readinessProbe": {"httpGet": {"path": "/", "port": 80}},
            "args": ["serve"],
        }
        pod["containers"].append({"name": "logs", "image": "example.org/logs"})

    bench.cluster.edit("deployments", "web", furnished, by="helm")
    desired = bench.good("1.0.0")
    assert isinstance(bench.backend, RunsThere)
    section = {**desired.config, "container": "web"}
    runner = bench.backend.runner(TARGET, type(desired)(desired.release, section))
    await runner.start(Invocation(["true"], {"MODE": "migrate"}, timeout=timedelta(minutes=2)), key="one")

    spec = job_of(bench, "one")["spec"]
    pod = spec["template"]["spec"]
    [container] = pod["containers"]
    assert (spec["backoffLimit"], spec["ttlSecondsAfterFinished"]) == (0, 7 * 24 * 3600)
    assert (pod["restartPolicy"], pod["activeDeadlineSeconds"], pod["serviceAccountName"]) == ("Never", 120, "shop")
    assert pod["initContainers"] == [{"name": "proxy", "restartPolicy": "Always"}]
    assert container["image"] == f"{REPOSITORY}@{desired.release.digest}"
    assert container["command"] == ["true"]
    assert container["env"] == [
        {"name": "DATABASE", "value": "theirs"},
        {"name": "MODE", "valueFrom": {"secretKeyRef": {"name": named(PLACE, "one"), "key": "MODE"}}},
        {"name": "SLIPWAY_RESULT", "value": "/dev/termination-log"},
    ]
    assert container["volumeMounts"] == [{"name": "config", "mountPath": "/etc/web"}]
    assert container["resources"] == {"limits": {"memory": "1Gi"}}
    assert not {"readinessProbe", "args", "ports"} & set(container)
    assert "app" not in spec["template"]["metadata"]["labels"]  # or the target's Service would send it traffic


async def test_what_it_is_given_is_in_a_secret_that_goes_with_the_job(
    bench: KubernetesBench, runner: LoggedRunner
) -> None:
    given = Invocation(["sh", "-c", "echo $DATABASE_URL"], {"DATABASE_URL": "postgres://app:zebra@db/x"})
    await runner.start(given, key="one")
    run = await ended(runner, "one")

    job, name = job_of(bench, "one"), named(PLACE, "one")
    secret = bench.cluster.store.get(("secrets", "shop", name))
    assert secret is not None
    assert (run.exit_code, await whole_log(runner, "one")) == (0, "postgres://app:zebra@db/x\n")
    assert "zebra" not in str(job)
    assert "zebra" not in str([event for event in bench.cluster.store.events if event.place[0] != "secrets"])
    assert secret["metadata"]["ownerReferences"] == [
        {"apiVersion": "batch/v1", "kind": "Job", "name": name, "uid": job["metadata"]["uid"]}
    ]


async def test_a_bot_that_was_killed_before_the_secret_was_made_makes_it_when_it_is_asked_again(
    bench: KubernetesBench, runner: LoggedRunner
) -> None:
    given = Invocation(["sh", "-c", "echo $MODE"], {"MODE": "migrate"})
    bench.cluster.denied |= {("create", "secrets")}
    with pytest.raises(GaveUp, match="slipway doctor"):
        await runner.start(given, key="one")

    async def waits() -> bool:
        return "never begun" in (await runner.observe(key="one")).detail

    await until(waits)
    between = await runner.observe(key="one")
    bench.cluster.denied.clear()
    await runner.start(given, key="one")
    run = await ended(runner, "one")

    assert between.state is RunState.ABSENT
    assert (run.exit_code, await whole_log(runner, "one")) == (0, "migrate\n")


async def test_the_log_is_there_while_it_runs(runner: LoggedRunner) -> None:
    await runner.start(shell("echo begun; sleep 60", timeout=timedelta(seconds=5)), key="one")

    async def begun() -> bool:
        return await whole_log(runner, "one") == "begun\n"

    await until(begun)
    assert (await runner.observe(key="one")).state is RunState.RUNNING
    run = await ended(runner, "one")
    assert (run.exit_code, run.detail) == (124, "it was ended: it took too long")
    assert await whole_log(runner, "one") == "begun\n"


async def test_a_log_that_breaks_off_goes_on_where_it_was(bench: KubernetesBench, runner: LoggedRunner) -> None:
    await runner.start(shell("echo one; sleep 2; echo two"), key="one")

    async def begun() -> bool:
        return (await runner.tail(key="one")).text == "one\n"

    await until(begun)
    bench.cluster.down = True
    bench.cluster.store.ring()

    async def broken() -> bool:
        try:
            await runner.tail(key="one", offset=4)
        except Retry:
            return True
        return False

    await until(broken)
    bench.cluster.down = False
    await ended(runner, "one")
    assert (await runner.tail(key="one", offset=4)).text == "two\n"


async def test_another_bot_reads_on_from_an_offset(
    bench: KubernetesBench, runner: LoggedRunner, tmp_path: Path
) -> None:
    await runner.start(shell("seq 1 50000"), key="one")
    await ended(runner, "one")
    first = await runner.tail(key="one")
    async with BACKEND.open(surroundings(tmp_path)) as another:
        assert isinstance(another, RunsThere)
        theirs = another.runner(TARGET, bench.good("1.0.0"))
        second = await theirs.tail(key="one", offset=first.next_offset)

    assert (first.text + second.text).splitlines()[:20_000] == [str(number) for number in range(1, 20_001)]


async def test_a_log_that_was_begun_anew_is_read_from_its_beginning(runner: LoggedRunner) -> None:
    """The kubelet rotates logs that grow large, and gives what is in the newest file."""
    await runner.start(shell("echo short"), key="one")
    await ended(runner, "one")

    assert (await runner.tail(key="one", offset=1000)).text == "short\n"


async def test_a_program_that_is_not_there_says_so(runner: LoggedRunner) -> None:
    await runner.start(Invocation(["no-such-program-at-all"]), key="one")

    run = await ended(runner, "one")
    assert run.exit_code == 128
    assert run.detail == "StartError; exec: no-such-program-at-all: No such file or directory"


async def test_a_last_line_without_an_end_and_a_line_without_bounds_are_shown(runner: LoggedRunner) -> None:
    await runner.start(shell("yes é | head -n 100000 | tr -d '\\n'"), key="one")

    await ended(runner, "one")
    assert await whole_log(runner, "one") == "é" * 100_000 + "\n"
    assert (await runner.tail(key="one", offset=200_001)).text == ""


async def test_a_pod_that_was_taken_away_is_lost_not_guessed(bench: KubernetesBench, runner: LoggedRunner) -> None:
    await runner.start(shell("sleep 60", timeout=timedelta(seconds=60)), key="one")

    async def runs() -> bool:
        return bench.cluster.store.get(("pods", "shop", f"{named(PLACE, 'one')}-pod")) is not None

    await until(runs)
    bench.cluster.store.remove(("pods", "shop", f"{named(PLACE, 'one')}-pod"))
    said = {
        "type": "Failed",
        "status": "True",
        "reason": "BackoffLimitExceeded",
        "message": "Job has reached the limit",
    }
    bench.cluster.store.change(
        ("jobs", "shop", named(PLACE, "one")), lambda thing: thing.update(status={"conditions": [said]})
    )

    run = await runner.observe(key="one")
    assert run == Run(RunState.LOST, detail="its pod is gone; BackoffLimitExceeded: Job has reached the limit")
    await runner.start(shell("true"), key="one")
    assert (await runner.observe(key="one")).state is RunState.LOST


async def test_started_without_an_answer_is_found_and_not_started_twice(
    bench: KubernetesBench, runner: LoggedRunner, tmp_path: Path
) -> None:
    once = shell('echo x >> "$1"', str(tmp_path / "count"))
    bench.cluster.then(Fault.LOSES_ANSWER, "POST")
    with pytest.raises(Retry, match="hung up without an answer"):
        await runner.start(once, key="one")
    await asyncio.gather(*(runner.start(once, key="one") for _ in range(5)))

    assert (await ended(runner, "one")).exit_code == 0
    assert (tmp_path / "count").read_text() == "x\n"


async def test_nothing_to_run_and_no_key_are_refused(runner: LoggedRunner) -> None:
    with pytest.raises(GaveUp, match="argv is empty"):
        await runner.start(Invocation([]), key="one")
    with pytest.raises(GaveUp, match="1 to 1000 characters"):
        await runner.start(shell("true"), key="")


# --- logs --------------------------------------------------------------------------------------------------------


async def test_output_is_of_every_pod_in_the_order_of_time(bench: KubernetesBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    [pod] = [one["metadata"]["name"] for one in bench.cluster.store.having("pods", "shop") if "front" not in str(one)]
    bench.cluster.logs[pod] = [(EPOCH + timedelta(seconds=n), f"line {n}") for n in range(100)]
    assert isinstance(bench.backend, Output)

    since = EPOCH + timedelta(seconds=97)
    text = await bench.backend.output(TARGET, config=bench.section(TARGET), since=since, most=10_000)
    assert text.splitlines() == [f"{pod}  line {n}" for n in (97, 98, 99)]
    text = await bench.backend.output(
        TARGET, config=bench.section(TARGET), since=EPOCH, most=2 * len(f"{pod}  line 99\n")
    )
    assert text.splitlines() == [f"{pod}  line {n}" for n in (98, 99)]


async def test_output_of_what_has_not_begun_says_why(bench: KubernetesBench) -> None:
    async def waits() -> bool:
        return "ImagePullBackOff" in str(bench.cluster.store.having("pods", "shop"))

    await until(waits)
    assert isinstance(bench.backend, Output)
    text = await bench.backend.output(TARGET, config=bench.section(TARGET), since=EPOCH, most=10_000)
    assert "is waiting to start: ImagePullBackOff" in text


@pytest.mark.slow
async def test_a_log_of_200_mb_is_read_in_little_memory(bench: KubernetesBench, runner: LoggedRunner) -> None:
    await runner.start(shell("yes 'a line of a log that is very long' | head -c 209715200"), key="one")
    assert (await ended(runner, "one")).exit_code == 0
    ours = psutil.Process()
    before, most, offset = ours.memory_info().rss, 0, 0
    while (piece := await runner.tail(key="one", offset=offset)).text:
        offset, most = piece.next_offset, max(most, ours.memory_info().rss - before)

    assert offset == 200 * MEGABYTE + 1  # its last line is cut, and is given an end
    assert sum(verb == "get" and what == "pods/log" for verb, what, _ in bench.cluster.asked) == 1
    [pod] = [one["metadata"]["name"] for one in bench.cluster.store.having("pods", "shop") if "web-" in str(one)]
    bench.cluster.files[pod] = bench.cluster.files[f"{named(PLACE, 'one')}-pod"]
    assert isinstance(bench.backend, Output)
    text = await bench.backend.output(TARGET, config=bench.section(TARGET), since=EPOCH, most=64 * 1024)
    most = max(most, ours.memory_info().rss - before)
    assert 60_000 < len(text) <= 64 * 1024
    assert most < 20 * MEGABYTE


# --- killed ------------------------------------------------------------------------------------------------------

BOT = """
import asyncio, contextlib, pathlib, sys
from bot.ports import Desired
from integrations.kubernetes import BACKEND
from tests.contract.living import surroundings
from tests.contract.wishes import TARGET, a_release
async def main(folder, digest, config):
    async with BACKEND.open(surroundings(pathlib.Path(folder))) as backend:
        section = {"kind": "kubernetes", "workload": "deployment/web", "namespace": "shop", "take_over": ["helm"],
                   "image": "example.org/shop/web", "kubeconfig": config}
        print("ready", flush=True)
        await backend.apply(TARGET, Desired(a_release("1.0.0", digest), section), key="k1")
        print("asked", flush=True)
        while True:
            await backend.observe(TARGET, key="k1", config=section)
asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("after", ["ready", "asked", "progressing"])
async def test_another_bot_goes_on_from_wherever_one_was_killed(
    bench: KubernetesBench, tmp_path: Path, after: str
) -> None:
    desired = bench.good("1.0.0")
    bench.cluster.held = after == "progressing"
    with a_bot(BOT, str(tmp_path), str(desired.release.digest), bench.kubeconfig) as bot:
        assert await asyncio.to_thread(heard, bot) == "ready"
        if after != "ready":
            assert await asyncio.to_thread(heard, bot) == "asked"
        os.killpg(bot.pid, signal.SIGKILL)
    bench.cluster.held = False
    bench.cluster.store.ring()
    async with BACKEND.open(surroundings(tmp_path)) as another:
        bench.backend = another
        seen = await brought(bench, desired, "k1")

    assert (seen.phase, seen.key, seen.version) == (Phase.LIVE, "k1", "1.0.0")
    patches = [asked for asked in bench.cluster.asked if asked[0] == "patch"]
    assert len(patches) <= 4  # one of each bot, and each once more to take over from helm
    assert bench.cluster.store.get(("deployments", "shop", "web"))["metadata"]["generation"] == 2  # type: ignore[index] # it is there
