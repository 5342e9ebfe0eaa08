"""PagerDuty's REST API v2, as far as schedules go, at the wire: answers as its documentation writes them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

TOKEN = "y_NbAkKc66ryYTWUXYEu"
SCHEDULE = "PI7DH85"

Json = dict[str, object]


@dataclass
class PagerDuty:
    """One schedule: entries of (start, end, user id), and users by id (name, email). `trouble` answers instead."""

    entries: list[tuple[str, str, str]] = field(default_factory=list)
    users: dict[str, tuple[str, str]] = field(default_factory=dict)
    trouble: dict[str, web.Response] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    page: int = 100
    url: str = ""

    def _reference(self, user: str) -> Json:
        name = self.users[user][0]
        return {"id": user, "type": "user_reference", "summary": name, "self": f"/users/{user}", "html_url": None}

    def _user(self, user: str) -> Json:
        name, email = self.users[user]
        return {
            "id": user,
            "type": "user",
            "summary": name,
            "name": name,
            "email": email,
            "time_zone": "Africa/Windhoek",
        }

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer as PagerDuty would, by the path."""
        self.asked.append((request.path, dict(request.query)))
        if request.path in self.trouble:
            return self.trouble[request.path]
        wanted = {"Authorization": f"Token token={TOKEN}", "Accept": "application/vnd.pagerduty+json;version=2"}
        if any(request.headers.get(name) != value for name, value in wanted.items()):
            return web.json_response({"error": {"message": "Unauthorized", "code": 2006}}, status=401)
        if request.path == f"/schedules/{SCHEDULE}":
            return web.json_response({"schedule": self._schedule()})
        if request.path == f"/schedules/{SCHEDULE}/users":
            return web.json_response({"users": [self._user(one) for one in self.users]})
        if request.path == "/oncalls":
            return web.json_response(self._on_calls(int(request.query["offset"])))
        return web.json_response({"error": {"message": "Not Found", "code": 2100}}, status=404)

    def _schedule(self) -> Json:
        rendered = [{"start": start, "end": end, "user": self._reference(user)} for start, end, user in self.entries]
        return {
            "id": SCHEDULE,
            "type": "schedule",
            "time_zone": "Africa/Windhoek",
            "final_schedule": {
                "name": "Final Schedule",
                "rendered_schedule_entries": rendered,
                "rendered_coverage_percentage": 100.0,
            },
        }

    def _on_calls(self, offset: int) -> Json:
        there = [
            {"user": self._user(user), "start": start, "end": end, "escalation_level": 1}
            for start, end, user in self.entries
        ]
        more = len(there) > offset + self.page
        return {"oncalls": there[offset : offset + self.page], "limit": self.page, "offset": offset, "more": more}


@asynccontextmanager
async def pagerduty() -> AsyncIterator[PagerDuty]:
    """Give one that listens on this machine."""
    made = PagerDuty()
    app = web.Application()
    app.router.add_get("/{path:.*}", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()
