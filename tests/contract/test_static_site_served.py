"""The web servers' configurations that docs/how-to/publish-a-static-site.md shows, taken out of the page and run."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.contract.benches import a_free_port, brought
from tests.contract.living import ROOT, until
from tests.contract.object_store import ask, store
from tests.contract.static_site_benches import SiteBench, buckets, directories
from tests.contract.test_static_site_directory import ODD_NAMES
from tests.contract.wishes import TARGET

PAGE = ROOT / "docs" / "how-to" / "publish-a-static-site.md"
IN_DIRECTORY, IN_BUCKET = re.findall(
    r"^```nginx\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)


@pytest.fixture
def nginx() -> str:
    """Where nginx is. Without it these tests fail in CI and are skipped, loudly, elsewhere."""
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("There is no nginx on this machine, and in CI there must be one: apt-get install nginx")
    if found is None:
        pytest.skip("NOT TESTED: the configurations of nginx, for want of it (apt-get install nginx)")
    return str(found)


@contextlib.contextmanager
def serving(nginx: str, folder: Path, configuration: str) -> Iterator[str]:
    """Run nginx with a configuration of the page in a folder of its own; yield its address."""
    port = a_free_port()
    own = [f"{what}_temp_path {folder}/{what};" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")]
    server = configuration.replace("listen 8080", f"listen 127.0.0.1:{port}")
    whole = f"pid {folder}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{chr(10).join(own)}\n{server}\n}}\n"
    whole = (f"user root;\n{whole}") if os.geteuid() == 0 else whole
    (folder / "nginx.conf").write_text(whole, encoding="utf-8")
    argv = [nginx, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf", "-g", "daemon off;"]
    with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def got(address: str, path: str = "/") -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address + path) as answer:  # noqa: S310 - our own nginx
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""
    except urllib.error.URLError:
        return 0, ""


async def shows(address: str, text: str) -> None:
    async def so() -> bool:
        return text in got(address)[1]

    await until(so)


async def test_a_directory_is_served(nginx: str, tmp_path: Path) -> None:
    site = tmp_path / "www" / str(TARGET)
    configuration = IN_DIRECTORY.replace("/srv/www/frontend", str(site))
    async with directories(tmp_path) as bench:
        with serving(nginx, tmp_path, configuration) as address:
            await is_switched(bench, address)


async def test_a_bucket_is_served_by_its_pointer(nginx: str, tmp_path: Path) -> None:
    async with buckets(tmp_path) as bench:
        bucket = bench.where(TARGET)["bucket"]
        readable = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{bucket['name']}/*",
        }
        ask("PUT", f"/{bucket['name']}?policy", json.dumps({"Version": "2012-10-17", "Statement": [readable]}).encode())
        configuration = (
            IN_BUCKET.replace("minio.example.com:9000", store().removeprefix("http://"))
            .replace("minio.example.com", "127.0.0.1")
            .replace("example-frontend/.slipway", f"{bucket['name']}/{bucket['prefix']}/.slipway")
            .replace("example-frontend", bucket["name"])
            .replace("/var/cache/nginx", str(tmp_path))
        )
        with serving(nginx, tmp_path, configuration) as address:
            await is_switched(bench, address)


async def is_switched(bench: SiteBench, address: str) -> None:
    files = {"docs/index.html": "the docs", **{name: name for name in ODD_NAMES}}
    await brought(bench, bench.site("1.0.0", files), "k1")
    await shows(address, "1.0.0")
    found = {name: got(address, f"/{quote(name)}?x=1")[1] for name in ODD_NAMES}
    docs, missing = got(address, "/docs/?x=1"), got(address, "/not/there")
    await brought(bench, bench.good("2.0.0"), "k2")
    await shows(address, "2.0.0")

    assert found == {name: name for name in ODD_NAMES}
    assert docs == (200, "the docs")
    assert missing[0] in {403, 404}
