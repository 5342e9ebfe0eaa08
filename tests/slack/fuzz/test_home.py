"""App Home says how things stand, and under it what one can say."""

import json
import time

from tests.fakes.posted import JSON, signed
from tests.slack.fuzz.conftest import Bot


async def test_app_home_shows_the_status_above_the_words(bot: Bot) -> None:
    assert bot.slack is not None
    opened = {"type": "app_home_opened", "user": "U0NDAPEWA1", "channel": "D1", "tab": "home"}
    body = json.dumps({"type": "event_callback", "team_id": "T0HEALTHB1", "event": opened}).encode()

    await bot.post(signed(body, secret=bot.secret, at=time.time(), content_type=JSON))
    await bot.parts.edge.drain()

    shown = str(await bot.slack.driver.get("home", **{"as": "ndapewa"}))
    assert 0 < shown.index("nothing yet: ") < shown.index("/deploy")
