"""What watches the service of the alert story: real Prometheus, Alertmanager and nginx, by what Slipway ships for them.

The files of deploy/ and slipway.yml are used as they are, but for addresses, files, and times that a test cannot wait.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.samples import EXAMPLES
from tests.e2e.stage import BOT, KEEPER, PROXY, WATCHER

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SERVICE = Path(__file__).with_name("dying_service.py")
ADDRESS = "https://slipway.example.com"
PACKAGES = {"prometheus": "prometheus", "prometheus-alertmanager": "prometheus-alertmanager", "nginx": "nginx"}
JOHANNES = "U0JOHANNE4"

Json = dict[str, Any]


@dataclass(frozen=True)
class Watch:
    """Where the three are, and where they keep what they have."""

    folder: Path
    digits: int
    token: str

    @property
    def prometheus(self) -> str:
        return f"http://127.0.0.1:{self.digits * 100 + WATCHER}"

    @property
    def alertmanager(self) -> str:
        return f"http://127.0.0.1:{self.digits * 100 + KEEPER}"

    @property
    def proxy(self) -> str:
        return f"https://127.0.0.1:{self.digits * 100 + PROXY}"

    @property
    def bot(self) -> str:
        return f"http://127.0.0.1:{self.digits * 100 + BOT}"


def programs() -> dict[str, str]:
    """Return where the programs are. Without one this fails in CI and is skipped, loudly, elsewhere."""
    found = {name: shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin") for name in PACKAGES}
    lacking = " ".join(PACKAGES[name] for name, path in found.items() if path is None)
    if lacking and os.environ.get("CI") == "true":
        pytest.fail(f"There is no {lacking} on this machine, and in CI there must be: apt-get install {lacking}")
    if lacking:
        pytest.skip(f"NOT TESTED: the story of an alert, for want of {lacking} (apt-get install {lacking})")
    return {name: str(path) for name, path in found.items()}


def catalog(watch: Watch, pagers: Mapping[str, Json]) -> str:
    """Return the example's catalog with staging's backend alone, what watches it, and an impatient escalation."""
    made = _loaded(ROOT / "slipway.yml")
    staging = made["environments"]["staging"]
    backend = staging["targets"]["backend"]
    made["services"] = {"backend": made["services"]["backend"]}
    staging |= {"prometheus": {"url": watch.prometheus}, "rollback": {"by": ["production-team", "on-call"]}}
    made["environments"] = {"staging": staging | {"targets": {"backend": backend}}}
    backend["backend"] |= {"environment": {"INDEX": str(watch.folder / "index.broken")}}
    backend["steps"][-1]["bake"] |= {"for": "1s"}
    made["on_call"]["rotations"]["platform"]["layers"][0]["people"] = [JOHANNES]  # whatever week it is
    told = [{"rotation": "platform", "by": ["pagerduty"]}, {"rotation": "platform", "by": ["email"], "after": "1s"}]
    last = {"team": "devops-lead", "by": ["dm"], "after": "1h"}
    made["alerts"] |= {
        "routes": {"platform": {"secret": "ALERTS_TOKEN", "watchdog": {"alert": "Watchdog", "within": "10m"}}},
        "alertmanager": {"url": watch.alertmanager},
        "escalation": {
            "lead": "devops-lead",
            "pagers": dict(pagers),
            "policies": {"hurried": {"steps": [*told, last]}},
            "severities": {"critical": "hurried"},
        },
    }
    return _dumped(made)


def repository(folder: Path) -> None:
    """Make the repository of the service, with a release that is good and one that dies."""
    work = folder / "work"
    (work / "backend").mkdir(parents=True)
    shutil.copyfile(EXAMPLES / "backend" / "build.py", work / "backend" / "build.py")
    _git(work, "init", "--quiet", "--initial-branch=develop")
    for version, subject, text in (
        ("1.0.0", "The API, with its figures", SERVICE.read_text()),
        ("1.1.0", "Search in an index", SERVICE.read_text().replace("FRAGILE = False", "FRAGILE = True")),
    ):
        (work / "backend" / "server.py").write_text(text)
        _git(work, "add", "backend")
        _git(work, "commit", "--quiet", "-m", subject)
        _git(work, "tag", f"backend/v{version}")
    _git(folder, "clone", "--quiet", "--bare", "work", "healthbridge.git")


def _git(folder: Path, *argv: str) -> None:
    person = [word for name in ("AUTHOR", "COMMITTER") for word in (f"GIT_{name}_NAME", f"GIT_{name}_EMAIL")]
    named = {name: "jonas@healthbridge.example" if name.endswith("EMAIL") else "Jonas Weiß" for name in person}
    environment = os.environ | named | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "-C", str(folder), *argv], check=True, env=environment)


@contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Run the three for the block."""
    found = programs()
    watch.folder.mkdir()
    (watch.folder / "token").write_text(watch.token)
    _certificates(watch.folder)
    commands = {
        "prometheus": [
            *(
                found["prometheus"],
                f"--config.file={_prometheus(watch)}",
                f"--storage.tsdb.path={watch.folder / 'tsdb'}",
            ),
            *(f"--web.listen-address={watch.prometheus.removeprefix('http://')}", "--rules.alert.resend-delay=1s"),
        ],
        "alertmanager": [
            *(found["prometheus-alertmanager"], f"--config.file={_alertmanager(watch)}", "--cluster.listen-address="),
            *(f"--storage.path={watch.folder / 'kept'}", f"--web.listen-address={watch.alertmanager[7:]}"),
        ],
        "nginx": [
            found["nginx"],
            "-p",
            str(watch.folder),
            "-c",
            str(_nginx(watch)),
            "-e",
            str(watch.folder / "nginx.log"),
        ],
    }
    with ExitStack() as stack:
        for name, argv in commands.items():
            stack.enter_context(_run(argv, watch.folder / f"{name}.log"))
        yield


@contextmanager
def _run(argv: list[str], log: Path) -> Iterator[None]:
    with log.open("wb") as told, subprocess.Popen(argv, stdout=told, stderr=told) as process:
        try:
            yield
        finally:
            process.terminate()


def _prometheus(watch: Watch) -> Path:
    """Write its configuration: the shipped rules, and what is down is so at once."""
    for path in sorted((DEPLOY / "prometheus").glob("*.yml")):
        rules = _loaded(path)
        for rule in (
            rule for group in rules["groups"] for rule in group["rules"] if rule.get("alert") == "ServiceDown"
        ):
            rule["for"] = "0s"
        (watch.folder / f"rules-{path.name}").write_text(_dumped(rules))
    backend = {"targets": [f"127.0.0.1:{watch.digits}21"], "labels": {"service": "backend", "environment": "staging"}}
    bot = {"targets": [watch.bot.removeprefix("http://")]}
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules-*.yml"],
        "alerting": {
            "alertmanagers": [{"static_configs": [{"targets": [watch.alertmanager.removeprefix("http://")]}]}]
        },
        "scrape_configs": [
            {"job_name": "healthbridge", "static_configs": [backend]},
            {"job_name": "slipway", "static_configs": [bot]},
        ],
    }
    return _written(watch.folder / "prometheus.yml", _dumped(config))


def _alertmanager(watch: Watch) -> Path:
    """Write its configuration: the shipped one. The watchdog comes by secret, the rest by certificate through nginx."""
    config = _loaded(DEPLOY / "alertmanager" / "alertmanager.yml")
    for route in config["route"]["routes"]:
        route |= {"group_wait": "0s", "group_interval": "1s"}
    for receiver in config["receivers"]:
        (hook,) = receiver["webhook_configs"]
        shown = {"authorization": {"type": "Bearer", "credentials_file": str(watch.folder / "token")}}
        by_proxy = receiver["name"] == "slipway"
        hook["url"] = hook["url"].replace(ADDRESS, watch.proxy if by_proxy else watch.bot)
        hook["http_config"] = {"tls_config": _tls(watch.folder)} if by_proxy else shown
    return _written(watch.folder / "alertmanager.yml", _dumped(config))


def _tls(folder: Path) -> Json:
    files = {"ca_file": "ca.pem", "cert_file": "client.pem", "key_file": "client.key"}
    return {name: str(folder / file) for name, file in files.items()} | {"server_name": "slipway.example.com"}


def _nginx(watch: Watch) -> Path:
    """Write its configuration: the shipped server, on a port of ours and with our certificates."""
    shipped = (DEPLOY / "nginx" / "alerts.conf").read_text()
    for theirs, ours in (
        ("listen 443", f"listen {watch.proxy.removeprefix('https://')}"),
        ("/etc/nginx/slipway/clients-ca.pem", f"{watch.folder}/ca.pem"),
        ("/etc/nginx/slipway", str(watch.folder)),
        ("http://127.0.0.1:8101", watch.bot),
    ):
        assert theirs in shipped
        shipped = shipped.replace(theirs, ours)
    (watch.folder / "secret.conf").write_text(f'proxy_set_header Authorization "Bearer {watch.token}";\n')
    kept = " ".join(f"{name}_temp_path {watch.folder}/{name};" for name in ("proxy", "fastcgi", "uwsgi", "scgi"))
    body = f"client_body_temp_path {watch.folder}/body; access_log off; {kept}"
    main = f"daemon off; worker_processes 1; pid {watch.folder}/nginx.pid; events {{}}"
    return _written(watch.folder / "nginx.conf", f"{main}\nhttp {{\n{body}\n{shipped}}}\n")


def _certificates(folder: Path) -> None:
    """Make an authority, and what it has signed: nginx's certificate and Alertmanager's."""
    extension = folder / "names"
    extension.write_text("subjectAltName=DNS:slipway.example.com")
    _openssl(folder, "req", "-x509", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=HealthBridge")
    for name in ("server", "client"):
        _openssl(folder, "req", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        signed = ("-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial")
        _openssl(folder, "x509", "-req", *signed, "-extfile", "names", "-out", f"{name}.pem")


def _openssl(folder: Path, verb: str, *argv: str) -> None:
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1") if verb == "req" else ()
    subprocess.run(["openssl", verb, *new, *argv], cwd=folder, check=True, capture_output=True)


def _loaded(path: Path) -> Json:
    made: Json = YAML(typ="safe").load(path)
    return made


def _dumped(value: Json) -> str:
    text = StringIO()
    YAML(typ="safe").dump(value, text)
    return text.getvalue()


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path
