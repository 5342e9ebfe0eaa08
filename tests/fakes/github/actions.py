"""The part of the fake GitHub about workflows, runs, jobs and their logs."""

from collections.abc import AsyncIterator, Callable

from aiohttp import web

from tests.fakes.github.answers import listed, missing, refused, wrong
from tests.fakes.github.repository import FAILING_LOG, Host, Repository, Run


class Actions:
    """Answers for one repository. `list_delay` is how many lists a new run is missing from."""

    def __init__(self, github: Host) -> None:
        self._github = github
        self.list_delay = 0
        self.knows_run_details = True
        self.long_log = 0  # bytes
        self.told_blob: list[str | None] = []
        self.sent: Callable[[], object] = lambda: None  # called after every piece of a log

    @property
    def repository(self) -> Repository:
        return self._github.repository

    def routes(self, root: str) -> list[web.RouteDef]:
        return [
            web.post(f"{root}/actions/workflows/{{workflow}}/dispatches", self.dispatch),
            web.get(f"{root}/actions/workflows/{{workflow}}/runs", self.runs),
            web.get(f"{root}/actions/runs/{{id}}", self.run),
            web.post(f"{root}/actions/runs/{{id}}/{{word:cancel|force-cancel}}", self.cancel),
            web.get(f"{root}/actions/runs/{{id}}/jobs", self.jobs),
            web.get(f"{root}/actions/runs/{{id}}/pending_deployments", self.pending),
            web.get(f"{root}/actions/jobs/{{id}}/logs", self.logs),
        ]

    async def dispatch(self, request: web.Request) -> web.Response:
        name, body = request.match_info["workflow"], await request.json()
        workflow = self.repository.workflows.get(name)
        if workflow is None:
            return missing()
        if "return_run_details" in body and not self.knows_run_details:
            return refused(400, 'Invalid request. "return_run_details" is not a permitted key.')
        if not workflow.dispatchable:
            return wrong("Workflow does not have 'workflow_dispatch' trigger")
        if body["ref"] not in self.repository.refs:
            return wrong(f"No ref found for: {body['ref']}")
        unexpected = sorted(set(body["inputs"]) - set(workflow.inputs))
        if unexpected:
            return wrong(f"Unexpected inputs provided: {unexpected}")
        run = self._begin(name, body["inputs"], shows=workflow.shows)
        if not body.get("return_run_details"):
            return web.Response(status=204)
        url = f"{self._github.url}/repos/{self.repository.name}/actions/runs/{run.id}"
        return web.json_response({"workflow_run_id": run.id, "run_url": url, "html_url": self._page(run)})

    def _begin(self, workflow: str, inputs: dict[str, str], *, shows: bool) -> Run:
        title = f"Deploy {inputs.get('version')} ({inputs.get('slipway')})" if shows else "Deploy"
        number = len(self.repository.runs) + 1
        run = Run(next(self.repository.numbers), number, workflow, title, inputs, self._github.clock.now())
        run.hidden = self.list_delay
        run.held = self._github.hold or inputs.get("version") in self.repository.lasting
        if inputs.get("version") in self.repository.failing:
            run.conclusion = "failure"
        self.repository.runs.append(run)
        return run

    def _page(self, run: Run) -> str:
        return f"https://github.example/{self.repository.name}/actions/runs/{run.id}"

    async def runs(self, request: web.Request) -> web.Response:
        since = request.query["created"].removeprefix(">=")
        shown = []
        for run in self.repository.runs:
            if run.hidden > 0:
                run.hidden -= 1
            elif run.workflow == request.match_info["workflow"] and run.created_at.isoformat() >= since[:19]:
                run.looked_at()
                shown.append(self._told(run))
        return listed(request, shown[::-1], key="workflow_runs")

    async def run(self, request: web.Request) -> web.Response:
        run = self._found(request)
        if run is None:
            return missing()
        run.looked_at()
        return web.json_response(self._told(run))

    def _found(self, request: web.Request) -> Run | None:
        return next((run for run in self.repository.runs if run.id == int(request.match_info["id"])), None)

    def _told(self, run: Run) -> dict[str, object]:
        ended = run.stands == "completed"
        return {
            "id": run.id,
            "name": "Deploy",
            "display_title": run.title,
            "run_number": run.number,
            "event": "workflow_dispatch",
            "status": run.stands,
            "conclusion": run.conclusion if ended else None,
            "path": f".github/workflows/{run.workflow}",
            "html_url": self._page(run),
            "created_at": run.created_at.isoformat(),
        }

    async def cancel(self, request: web.Request) -> web.Response:
        """Cancel a run; what is deaf to that ends by force only."""
        run = self._found(request)
        if run is None:
            return missing()
        if run.stands == "completed":
            return refused(409, "Cannot cancel a workflow run that is completed.")
        if not run.deaf or request.match_info["word"] == "force-cancel":
            run.end("cancelled")
        return web.json_response({}, status=202)

    async def jobs(self, request: web.Request) -> web.Response:
        run = self._found(request)
        if run is None:
            return missing()
        ended = run.stands == "completed"
        going = "queued" if run.stage < 1 else "in_progress"
        last = {"name": "Deploy it", "status": "completed" if ended else going}
        steps = [
            {"name": "Set up job", "status": "completed", "conclusion": "success"},
            {**last, "conclusion": run.conclusion if ended else None},
        ]
        test = {"id": run.id * 10, "name": "check", "status": "completed", "conclusion": "success", "steps": []}
        job = {"id": run.id * 10 + 1, "name": "deploy", "status": "completed" if ended else going}
        job |= {"conclusion": run.conclusion if ended else None, "steps": steps if run.stage > 0 else []}
        return listed(request, [test, job], key="jobs")

    async def pending(self, _: web.Request) -> web.Response:
        return web.json_response(self.repository.awaited)

    async def logs(self, request: web.Request) -> web.Response:
        job = request.match_info["id"]
        return web.Response(status=302, headers={"location": f"{self._github.web}/blob/{job}?sig=an-invention"})

    async def blob(self, request: web.Request) -> web.StreamResponse:
        """The store that logs lie in. As the real one, it refuses who shows a token that is not its own."""
        self.told_blob.append(request.headers.get("authorization"))
        if request.headers.get("authorization"):
            return web.Response(status=403, text="AuthenticationFailed")
        answer = web.StreamResponse()
        await answer.prepare(request)
        async for piece in self._log(int(request.match_info["job"])):
            await answer.write(piece)
            self.sent()
        return answer

    async def _log(self, job: int) -> AsyncIterator[bytes]:
        line = b"2026-03-02T09:00:01.0000000Z compiling, and then compiling some more\n"
        piece = line * 1000
        for _ in range(self.long_log // len(piece)):
            yield piece
        yield self.repository.logs.get(job, FAILING_LOG).encode()
