"""The part of the fake GitHub about deployments and their statuses."""

from aiohttp import web

from tests.fakes.github.answers import listed, missing, wrong
from tests.fakes.github.repository import Host, Repository

STATES = {"error", "failure", "inactive", "in_progress", "queued", "pending", "success"}


class Deployments:
    """Answers for one repository. `lag` is how many lists a new deployment is missing from."""

    def __init__(self, github: Host) -> None:
        self._github = github
        self.lag = 0
        self._late: dict[int, int] = {}

    @property
    def repository(self) -> Repository:
        return self._github.repository

    def routes(self, root: str) -> list[web.RouteDef]:
        return [
            web.get(f"{root}/deployments", self.shown),
            web.post(f"{root}/deployments", self.create),
            web.get(f"{root}/deployments/{{id}}/statuses", self.statuses),
            web.post(f"{root}/deployments/{{id}}/statuses", self.add),
        ]

    async def shown(self, request: web.Request) -> web.Response:
        wanted = {name: request.query[name] for name in ("sha", "task", "environment") if name in request.query}
        found = [
            one
            for one in self.repository.deployments
            if all(one[name] == value for name, value in wanted.items()) and not self._is_late(one["id"])
        ]
        return listed(request, found[::-1])

    def _is_late(self, number: int) -> bool:
        left = self._late.get(number, 0)
        self._late[number] = max(0, left - 1)
        return left > 0

    async def create(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body["ref"] not in self.repository.commits | self.repository.refs:
            return wrong(f"No ref found for: {body['ref']}")
        number = next(self.repository.numbers)
        one = {"id": number, "sha": body["ref"], "created_at": self._github.clock.now().isoformat()}
        one |= {name: body[name] for name in ("task", "environment", "payload", "description")}
        self.repository.deployments.append(one)
        self.repository.statuses[number] = []
        self._late[number] = self.lag
        return web.json_response(one, status=201)

    async def statuses(self, request: web.Request) -> web.Response:
        number = int(request.match_info["id"])
        if number not in self.repository.statuses:
            return missing()
        return listed(request, self.repository.statuses[number][::-1])

    async def add(self, request: web.Request) -> web.Response:
        number, body = int(request.match_info["id"]), await request.json()
        if number not in self.repository.statuses:
            return missing()
        if body["state"] not in STATES or len(body["description"]) > 140:
            return wrong("Validation Failed")
        one = {"id": next(self.repository.numbers), "created_at": self._github.clock.now().isoformat()}
        one |= {name: body[name] for name in ("state", "description", "log_url")}
        self.repository.statuses[number].append(one)
        return web.json_response(one, status=201)
