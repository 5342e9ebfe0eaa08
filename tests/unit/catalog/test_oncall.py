"""The catalog's `on_call`: what may be written, what is told of what cannot be, and what is only to be known."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.catalog import Catalog, CatalogError
from bot.catalog.holes import holes
from bot.domain.rota import Every, Hours
from tests.fakes.catalog import EXAMPLE, read

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
RIGHT = """on_call:
  contacts:
    U0JOHANNE4: { role: Infrastructure Engineer, name: Johannes, phone: "+264 81 555 0104", on_call: true }
  kept_by: [production-team]
  rotations:
    platform:
      zone: Africa/Windhoek
      layers:
        - { name: days, people: [U0JOHANNE4], starts: 2026-01-05, at: 9:00, every: 2 weeks, zone: Europe/Berlin }
      holidays:
        - { on: 2026-12-25, until: 2026-12-26, layers: [days], instead: U0LAYLAHA6 }
      fallback: { team: qa }
  quiet: { from: "22:00", until: "07:00" }
channels:"""


def written(*replacements: tuple[str, str]) -> tuple[str, Catalog]:
    section = RIGHT
    for old, new in replacements:
        assert old in section, old
        section = section.replace(old, new)
    text = EXAMPLE.replace("channels:", section, 1)
    return text, read(text)


def known(*replacements: tuple[str, str]) -> list[str]:
    return [one.said("slipway.yml").split(": ", 1)[1] for one in holes(*written(*replacements), NOW)]


def test_what_is_written_is_what_the_rota_knows() -> None:
    _, catalog = written(("zone: Europe/Berlin", 'hours: { from: "18:00", until: "24:00", days: [friday] }'))

    (layer,) = catalog.rotation("platform").rota().layers
    assert (layer.starts, layer.at, layer.every) == (date(2026, 1, 5), time(9), Every(timedelta(weeks=2)))
    assert layer.hours == Hours(time(18), time(0), frozenset({4}))
    assert str(layer.zone) == "Africa/Windhoek"
    assert catalog.duty.quiet is not None
    assert catalog.duty.quiet.limit.word == "high"


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("zone: Africa/Windhoek", "zone: Africa/Windhuk", "no time zone is called “Africa/Windhuk”"),
        ("zone: Africa/Windhoek", "zone: ../../etc/passwd", "no time zone is called “../../etc/passwd”"),
        ("zone: Africa/Windhoek", "zone: Africa", "no time zone is called “Africa”"),
        ("at: 9:00", "at: 25:00", "“25:00” is not a time of the day; write for example 09:00 or 17:30"),
        ("at: 9:00", "at: 9", "“9” is not a time of the day"),
        ("starts: 2026-01-05", "starts: 2026-02-30", "“2026-02-30” is not a day; write for example 2026-11-30"),
        ("starts: 2026-01-05", "starts: 1767571200", "“1767571200” is not a day"),
        ("every: 2 weeks", "every: fortnight", "“fortnight” is not how often; write for example day, week, 2 weeks"),
        ("every: 2 weeks", "every: 0 days", "“0 days” is not how often"),
        ("every: 2 weeks", "every: 1 hour", "“1 hour” is too often; the shortest is 4 hours"),
        ("until: 2026-12-26", "until: 2026-12-24", "it ends (2026-12-24) before it begins (2026-12-25)"),
        ("layers: [days]", "layers: [nights]", "a holiday names the layer “nights”, and there is none"),
        ("fallback: { team: qa }", "fallback: {}", "give it either a `team` or a `person`"),
        ("fallback: { team: qa }", "fallback: { team: aq }", "no team is called “aq”"),
        ("kept_by: [production-team]", "kept_by: [prod]", "no team is called “prod”"),
        ("fallback:", "routes: [nowhere]\n      fallback:", "no route is called “nowhere”; there are none yet"),
        ("fallback:", "import: {}\n      fallback:", "give it either `ical` or `pagerduty`"),
        ("fallback:", "import: { ical: {} }\n      fallback:", "give it one of `file`, `url` and `secret`"),
        ("U0JOHANNE4: {", "johannes: {", "a Slack user id such as U012AB3CD"),
        ("people: [U0JOHANNE4]", "people: [johannes]", "a Slack user id such as U012AB3CD"),
        ("role: Infrastructure Engineer, ", "", "“role” is missing"),
    ],
)
def test_what_cannot_be_is_said_with_its_field_and_the_way_out(right: str, wrong: str, told: str) -> None:
    with pytest.raises(CatalogError) as no:
        written((right, wrong))

    assert told in str(no.value)
    assert ": on_call." in str(no.value)


def test_two_layers_of_one_name_and_a_rotation_of_nobody_are_refused() -> None:
    line = next(one for one in RIGHT.splitlines(keepends=True) if "name: days" in one)
    with pytest.raises(CatalogError, match="two layers are called “days”"):
        written((line, line * 2))
    with pytest.raises(CatalogError, match="neither `layers` nor an `import`"):
        written((f"      layers:\n{line}", ""), (", layers: [days]", ""))


def test_a_rotation_that_always_has_somebody_needs_no_word() -> None:
    assert known() == []


def test_a_rotation_with_holes_is_told_with_the_first_of_them() -> None:
    (told,) = known((", zone: Europe/Berlin", ', hours: { from: "09:00", until: "17:00" }'))

    assert told == (
        "on_call.rotations.platform: nobody is on call 28 times in the next 28 days, "
        "first from Mon 2026-03-02 17:00 to Tue 2026-03-03 09:00 (Africa/Windhoek); qa is called instead"
    )


def test_a_rotation_that_begins_too_late_is_told() -> None:
    (told,) = known(("starts: 2026-01-05", "starts: 2027-01-05"))

    assert "nobody is on call in the next 28 days; qa is called instead" in told


def test_who_takes_turns_and_cannot_be_reached_is_told() -> None:
    assert known(("people: [U0JOHANNE4]", "people: [U0JOHANNE4, U0STRANGE9]")) == [
        "on_call.rotations.platform.layers[0].people[1]: U0STRANGE9 takes turns and is not in on_call.contacts"
    ]
    assert known(("on_call: true", "on_call: false")) == [
        "on_call.rotations.platform.layers[0].people[0]: Johannes takes turns; the contacts say: not on call"
    ]
