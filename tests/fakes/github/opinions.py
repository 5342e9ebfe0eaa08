"""The part of the fake GitHub about commits: check runs, statuses, pull requests with reviews, code scanning."""

from aiohttp import web

from tests.fakes.github.answers import listed, missing, refused
from tests.fakes.github.repository import Host, Repository


class Opinions:
    """Answers for one repository."""

    def __init__(self, github: Host) -> None:
        self._github = github
        self.scanning = True

    @property
    def repository(self) -> Repository:
        return self._github.repository

    def routes(self, root: str) -> list[web.RouteDef]:
        return [
            web.get(f"{root}/commits/{{sha}}/check-runs", self.check_runs),
            web.get(f"{root}/commits/{{sha}}/statuses", self.statuses),
            web.get(f"{root}/commits/{{sha}}/pulls", self.pulls),
            web.get(f"{root}/pulls/{{number}}/reviews", self.reviews),
            web.get(f"{root}/code-scanning/analyses", self.analyses),
            web.get(f"{root}/code-scanning/analyses/{{id}}", self.sarif),
            web.get(f"{root}/code-scanning/alerts", self.alerts),
        ]

    async def check_runs(self, request: web.Request) -> web.Response:
        return listed(request, self.repository.check_runs.get(request.match_info["sha"], []), key="check_runs")

    async def statuses(self, request: web.Request) -> web.Response:
        return listed(request, self.repository.commit_statuses.get(request.match_info["sha"], [])[::-1])

    async def pulls(self, request: web.Request) -> web.Response:
        return listed(request, self.repository.pulls.get(request.match_info["sha"], []))

    async def reviews(self, request: web.Request) -> web.Response:
        return listed(request, self.repository.reviews.get(int(request.match_info["number"]), []))

    async def analyses(self, request: web.Request) -> web.Response:
        if not self.scanning:
            return refused(403, "Code Security must be enabled for this repository to use code scanning.")
        if not self.repository.analyses:
            return missing("no analysis found")
        return listed(request, self.repository.analyses[::-1])

    async def sarif(self, request: web.Request) -> web.Response:
        if request.headers["accept"] != "application/sarif+json":
            return refused(406, "this fake knows it as SARIF only")
        return web.json_response(self.repository.sarif[int(request.match_info["id"])])

    async def alerts(self, request: web.Request) -> web.Response:
        assert request.query["state"] == "dismissed"
        return listed(
            request, [one for one in self.repository.dismissed if one["tool"]["name"] == request.query["tool_name"]]
        )
