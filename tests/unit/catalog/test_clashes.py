"""What two targets cannot both have: the catalog is refused where the second one claims it, and the first is named."""

from pathlib import Path

import pytest

from bot.catalog import load
from bot.plugins import introduced
from bot.stepkind import StepKind
from integrations import compose, docker, static_site
from integrations.git import SOURCE
from tests.unit.catalog.test_every_sentence import RIGHT, said

KINDS = {"compose": compose.BACKEND, "docker": docker.BACKEND, "static_site": static_site.BACKEND}
SHOP = "kind: compose, files: [compose.yml], project: shop, service: api"
WEB = "kind: docker, network: web, alias: api"
BUCKET = "kind: static_site, bucket: { name: site-of-us, prefix: app, access_key: A, secret_key: B }"


def two(first: str, second: str) -> str:
    """Return a catalog with two targets of these sections."""
    staging = RIGHT.replace("kind: process, port: 8221, run: [./api], health: /, grace: 5s", first)
    return staging.replace("kind: process, port: 8231, run: [./api]", second)


@pytest.mark.parametrize(
    ("first", "second", "field", "claimed"),
    [
        (SHOP, SHOP, "service", "the service api of the project shop on this machine's engine"),
        (WEB, WEB, "alias", "the alias api in the network web of this machine's engine"),
        (
            "kind: docker, port: 8080, container_port: 80",
            "kind: docker, port: 8080, container_port: 80, engine: tcp://far:2375",
            "port",
            "port 8080 of this machine",
        ),
        (
            "kind: static_site, directory: /srv/www",
            "kind: static_site, directory: /srv//www/",
            "directory",
            "the directory /srv/www",
        ),
        (BUCKET, BUCKET, "bucket", "the bucket site-of-us/app of Amazon's S3"),
    ],
)
def test_what_one_target_has_no_other_may_have(
    first: str, second: str, field: str, claimed: str, tmp_path: Path
) -> None:
    (line,) = said(tmp_path, two(first, second), **KINDS)

    assert line.endswith(
        f"environments.production.targets.api.backend.{field}: {claimed} is api/staging's already; expected another"
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (SHOP, SHOP.replace("project: shop", "project: shop-production")),
        (SHOP, f"{SHOP}, engine: tcp://far:2375"),
        (WEB, WEB.replace("alias: api", "alias: api-production")),
        (WEB, "kind: docker, network: web"),
        ("kind: static_site, directory: /srv/a", "kind: static_site, directory: /srv/b"),
        (BUCKET, BUCKET.replace("prefix: app", "prefix: production")),
    ],
)
def test_what_is_apart_is_no_clash(first: str, second: str, tmp_path: Path) -> None:
    path = tmp_path / "slipway.yml"
    path.write_text(two(first, second), encoding="utf-8")
    steps = {kind.name: kind.options for kind in introduced("bot.steps", "STEP", StepKind)}
    catalog = load(path, backends=KINDS, sources={"git": SOURCE}, step_kinds=steps, variables={})

    assert set(catalog.environments) == {"staging", "production"}
