"""What a source at GitHub promises: git's own history behind a token, and checks of which only a success is a pass."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.domain.check import Check, Conclusion
from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import RunState
from bot.ports import Checks
from integrations.detached import Detached
from integrations.github import SOURCE, Config, GitHub
from tests.contract.living import WallClock, surroundings, until
from tests.contract.test_git import BUILD, Repository, a_source
from tests.contract.test_github_access import pair
from tests.fakes.github import GitHub as Server
from tests.fakes.github import Trouble
from tests.fakes.github.server import TOKEN

COMMIT, HEAD = "a" * 40, "b" * 40
AT = "2026-03-02T09:00:{:02}Z"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    program = "import os; os.mkdir('dist'); open('dist/it', 'w').write('made')"
    made.commit("Begin", {"backend/build.py": program, "frontend/a": "1"})
    made.git("tag", "v1.0.0")
    made.git("checkout", "--quiet", "-b", "develop")
    made.commit("Go on", {"backend/a": "2"})
    return made


@pytest.fixture
async def server(repository: Repository) -> AsyncIterator[Server]:
    async with Server(git=repository.folder / ".git") as made:
        yield made


def the_source(server: Server, data: Path, secrets: dict[str, str] | None = None, **said: object) -> GitHub:
    section = {"repository": "acme/shop", "path": "backend", "build": BUILD, "api": server.url, **said}
    around = surroundings(data, **({"GITHUB_TOKEN": TOKEN} if secrets is None else secrets))
    made = SOURCE.open(around, {"backend": Config.model_validate(section)})
    assert isinstance(made, GitHub)
    return made


@pytest.fixture
def source(server: Server, tmp_path: Path) -> GitHub:
    return the_source(server, tmp_path)


# --- history by git -------------------------------------------------------------------------------------------------


async def test_releases_and_history_are_gits_own(source: GitHub) -> None:
    first, newest = await source.find("backend", "1.0.0"), await source.latest("backend", "develop")

    assert first is not None
    assert newest is not None
    assert (first.version, newest.version, newest.branch) == ("1.0.0", newest.commit.short, "develop")
    between = await source.between("backend", first.commit.id, newest.commit.id)
    assert [commit.subject for commit in between] == ["Go on"]
    assert await source.order("backend", [first.commit.id, newest.commit.id]) == [newest.commit.id, first.commit.id]
    assert await source.contains("backend", "main", commit=first.commit.id, tree=first.tree)
    assert not await source.contains("backend", "main", commit=newest.commit.id, tree=newest.tree)


async def test_what_is_built_comes_from_the_mirror_and_no_command_line_shows_the_token(
    source: GitHub, tmp_path: Path
) -> None:
    newest, runner = await source.latest("backend", "develop"), Detached(tmp_path, WallClock())
    assert newest is not None
    invocation = source.invocation("backend", newest.commit.id)
    await runner.start(invocation, key="b1")

    async def done() -> bool:
        return (await runner.observe(key="b1")).state is RunState.EXITED

    await until(done)
    run = await runner.observe(key="b1")
    assert run.exit_code == 0
    assert run.result["digest"].startswith("sha256:")
    assert TOKEN not in str(invocation)
    assert files_with(TOKEN, tmp_path) == []


def files_with(word: str, folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


async def test_an_app_clones_with_the_token_that_it_was_lent(server: Server, tmp_path: Path) -> None:
    private, public = pair()
    server.app, server.tokens = (7, 70, public), set()
    source = the_source(server, tmp_path, {"GITHUB_APP_KEY": private}, app=7, installation=70)

    assert await source.latest("backend", "develop") is not None


async def test_a_token_that_git_is_not_let_in_with_is_named(server: Server, tmp_path: Path) -> None:
    source = the_source(server, tmp_path, {"GITHUB_TOKEN": "github_pat_of_long_ago"})

    with pytest.raises(GaveUp, match=r"\(git was let in by the secret GITHUB_TOKEN\)") as no:
        await source.latest("backend", "develop")
    assert "github_pat_of_long_ago" not in no.value.reason


# --- checks ---------------------------------------------------------------------------------------------------------


def a_run(name: str, conclusion: str | None, second: int = 0, status: str = "completed") -> dict[str, Any]:
    at = {"started_at": AT.format(second), "html_url": f"https://example.org/{name}/{second}"}
    return {"id": second, "name": name, "status": status, "conclusion": conclusion, **at, "output": {"title": None}}


def a_status(context: str, state: str, second: int = 0) -> dict[str, Any]:
    return {"id": second, "context": context, "state": state, "updated_at": AT.format(second)}


async def said(source: GitHub, name: str) -> Check | None:
    return next((check for check in await source.checks("backend", COMMIT) if check.name == name), None)


def test_a_source_at_github_knows_checks_and_one_by_git_alone_does_not(source: GitHub, tmp_path: Path) -> None:
    assert isinstance(source, Checks)
    assert not isinstance(a_source(tmp_path, "https://example.org/x.git", {"backend": "."}), Checks)


async def test_of_a_commit_that_nobody_looked_at_nothing_is_said(source: GitHub) -> None:
    assert await source.checks("backend", COMMIT) == []


@pytest.mark.parametrize(
    ("conclusion", "means"),
    [
        ("success", Conclusion.PASSED),
        ("failure", Conclusion.FAILED),
        ("timed_out", Conclusion.FAILED),
        ("action_required", Conclusion.FAILED),
        ("startup_failure", Conclusion.FAILED),
        ("neutral", Conclusion.NONE),
        ("skipped", Conclusion.NONE),
        ("cancelled", Conclusion.NONE),
        ("stale", Conclusion.NONE),
        ("a_new_word", Conclusion.NONE),
    ],
)
async def test_of_check_runs_only_a_success_is_a_pass(
    server: Server, source: GitHub, conclusion: str, means: Conclusion
) -> None:
    server.repository.check_runs[COMMIT] = [a_run("npm audit", conclusion)]

    found = await said(source, "npm audit")
    assert found == Check("npm audit", means, conclusion, "https://example.org/npm audit/0")


@pytest.mark.parametrize("status", ["queued", "in_progress", "waiting", "requested", "pending"])
async def test_a_check_that_has_not_ended_is_pending(server: Server, source: GitHub, status: str) -> None:
    server.repository.check_runs[COMMIT] = [a_run("Snyk", None, status=status)]

    found = await said(source, "Snyk")
    assert found is not None
    assert (found.conclusion, found.words) == (Conclusion.PENDING, status)


async def test_the_newest_run_of_a_check_counts_whoever_reports_it(server: Server, source: GitHub) -> None:
    server.repository.check_runs[COMMIT] = [
        a_run("ZAP", "success", 5),
        a_run("ZAP", "failure", 2),
        a_run("Trivy", "success", 1),
        a_run("Trivy", None, 6, "in_progress"),
        a_run("SonarQube", "success", 1),
    ]
    server.repository.commit_statuses[COMMIT] = [
        a_status("GitGuardian", "pending", 1),
        a_status("GitGuardian", "success", 3),
        a_status("SonarQube", "failure", 9),
    ]

    found = {check.name: check.conclusion for check in await source.checks("backend", COMMIT)}
    assert found == {
        "ZAP": Conclusion.PASSED,
        "Trivy": Conclusion.PENDING,
        "GitGuardian": Conclusion.PASSED,
        "SonarQube": Conclusion.FAILED,
    }


@pytest.mark.parametrize(
    ("state", "means"),
    [
        ("success", Conclusion.PASSED),
        ("failure", Conclusion.FAILED),
        ("error", Conclusion.FAILED),
        ("pending", Conclusion.PENDING),
    ],
)
async def test_statuses_of_older_tools_count_too(server: Server, source: GitHub, state: str, means: Conclusion) -> None:
    server.repository.commit_statuses[COMMIT] = [a_status("ci/build", state)]

    found = await said(source, "ci/build")
    assert found is not None
    assert found.conclusion is means


async def test_more_checks_than_fit_on_a_page_are_all_there(server: Server, source: GitHub) -> None:
    server.repository.check_runs[COMMIT] = [a_run(f"check {n}", "success", n % 60) for n in range(250)]

    assert len(await source.checks("backend", COMMIT)) == 250


def a_review(number: int, who: str, state: str, commit: str = HEAD, *, of: str = "MEMBER") -> dict[str, Any]:
    return {"id": number, "user": {"login": who}, "state": state, "commit_id": commit, "author_association": of}


@pytest.mark.parametrize(
    ("reviews", "means", "words"),
    [
        ([], Conclusion.PENDING, "#4: nobody has approved it"),
        ([a_review(1, "selma", "APPROVED")], Conclusion.PASSED, "#4: approved by selma"),
        ([a_review(1, "selma", "APPROVED", of="OWNER")], Conclusion.PASSED, "#4: approved by selma"),
        ([a_review(1, "selma", "APPROVED", of="COLLABORATOR")], Conclusion.PASSED, "#4: approved by selma"),
        *(
            (
                [
                    a_review(1, "anybody", "APPROVED", of=stranger),
                    a_review(2, "troll", "CHANGES_REQUESTED", of=stranger),
                ],
                Conclusion.PENDING,
                "#4: approved only by anybody, who is neither a member nor a collaborator",
            )
            for stranger in ("NONE", "CONTRIBUTOR", "FIRST_TIME_CONTRIBUTOR", "")
        ),
        ([a_review(1, "selma", "COMMENTED")], Conclusion.PENDING, "#4: nobody has approved it"),
        ([a_review(1, "selma", "APPROVED", COMMIT)], Conclusion.PENDING, "#4: changed since selma approved it"),
        (
            [a_review(1, "selma", "APPROVED"), a_review(2, "layla", "CHANGES_REQUESTED")],
            Conclusion.FAILED,
            "#4: layla asked for changes",
        ),
        (
            [a_review(1, "layla", "CHANGES_REQUESTED"), a_review(2, "layla", "APPROVED")],
            Conclusion.PASSED,
            "#4: approved by layla",
        ),
        (
            [a_review(1, "selma", "APPROVED"), a_review(2, "selma", "COMMENTED")],
            Conclusion.PASSED,
            "#4: approved by selma",
        ),
        (
            [a_review(1, "selma", "APPROVED"), a_review(2, "selma", "DISMISSED")],
            Conclusion.PENDING,
            "#4: nobody has approved it",
        ),
    ],
)
async def test_each_reviewers_last_word_counts_and_a_yes_only_to_what_is_there_now(
    server: Server, source: GitHub, reviews: list[dict[str, Any]], means: Conclusion, words: str
) -> None:
    pull = {"number": 4, "state": "closed", "merged_at": AT.format(9), "head": {"sha": HEAD}}
    other = {"number": 5, "state": "open", "merged_at": None, "head": {"sha": HEAD}}
    server.repository.pulls[COMMIT], server.repository.reviews[4] = [other, pull], reviews

    assert await said(source, "review") == Check("review", means, words)


# --- scanners -------------------------------------------------------------------------------------------------------


def an_analysis(number: int, found: int, *, tool: str = "Trivy", commit: str = COMMIT, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - GitHub's fields
    what = {"results_count": found, "tool": {"name": tool}, "commit_sha": commit, "ref": "refs/heads/main"}
    return {"id": number, "created_at": AT.format(number), **what, **more}


def sarif(*results: dict[str, Any]) -> dict[str, Any]:
    rules = [
        {"id": "worst", "properties": {"security-severity": "9.8"}},
        {"id": "bad", "properties": {"security-severity": "7.0"}},
        {"id": "so-so", "properties": {"security-severity": "4.0"}},
        {"id": "styled", "defaultConfiguration": {"level": "note"}},
        {"id": "odd", "properties": {"security-severity": "nan"}},
    ]
    return {"runs": [{"tool": {"driver": {"name": "Trivy", "rules": rules}}, "results": list(results)}]}


def finding(rule: str, number: int = 1, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - SARIF's fields
    return {"ruleId": rule, "properties": {"github/alertNumber": number}, **more}


@pytest.mark.parametrize(
    ("results", "fails_at", "means", "words"),
    [
        ([finding("bad"), finding("so-so")], "high", Conclusion.FAILED, "open findings: 1 high, 1 medium"),
        ([finding("so-so"), finding("styled")], "high", Conclusion.PASSED, "open findings: 1 medium, 1 low"),
        ([finding("so-so")], "medium", Conclusion.FAILED, "open findings: 1 medium"),
        ([finding("bad")], "critical", Conclusion.PASSED, "open findings: 1 high"),
        ([finding("worst")], "critical", Conclusion.FAILED, "open findings: 1 critical"),
        ([finding("no-such-rule", level="error")], "high", Conclusion.FAILED, "open findings: 1 high"),
        ([finding("odd")], "critical", Conclusion.FAILED, "open findings: 1 critical"),
        ([finding("worst", 99)], "low", Conclusion.PASSED, "every finding was dismissed"),
        ([finding("worst", suppressions=[{}])], "low", Conclusion.PASSED, "every finding was dismissed"),
    ],
)
async def test_a_scanner_is_judged_by_its_worst_open_finding(
    server: Server, tmp_path: Path, results: list[dict[str, Any]], fails_at: str, means: Conclusion, words: str
) -> None:
    server.repository.analyses = [an_analysis(1, len(results))]
    server.repository.sarif[1] = sarif(*results)
    server.repository.dismissed = [{"number": 99, "tool": {"name": "Trivy"}}]
    source = the_source(server, tmp_path, findings_fail_at=fails_at)

    assert await said(source, "code-scanning/Trivy") == Check("code-scanning/Trivy", means, words)


async def test_a_scan_of_another_commit_says_nothing_of_this_one(server: Server, source: GitHub) -> None:
    server.repository.analyses = [an_analysis(1, 0, commit=HEAD)]

    assert await source.checks("backend", COMMIT) == []


async def test_the_newest_scan_of_a_kind_counts_and_of_several_kinds_the_worst(server: Server, source: GitHub) -> None:
    server.repository.analyses = [
        an_analysis(1, 3, category="image"),
        an_analysis(2, 0, category="image"),
        an_analysis(3, 0, tool="Snyk", category="npm"),
        an_analysis(4, 1, tool="Snyk", category="image"),
        an_analysis(5, 0, tool="Semgrep", error="the upload was cut off"),
    ]
    server.repository.sarif[4] = sarif(finding("bad"))

    found = {check.name: (check.conclusion, check.words) for check in await source.checks("backend", COMMIT)}
    assert found == {
        "code-scanning/Trivy": (Conclusion.PASSED, "it found nothing"),
        "code-scanning/Snyk": (Conclusion.FAILED, "open findings: 1 high"),
        "code-scanning/Semgrep": (Conclusion.NONE, "the upload was cut off"),
    }


async def test_an_analysis_too_large_to_be_read_is_no_pass(server: Server, source: GitHub) -> None:
    server.repository.analyses = [an_analysis(1, 9)]
    server.repository.sarif[1] = {"runs": [], "filling": "x" * 10_000_001}

    found = await said(source, "code-scanning/Trivy")
    assert found is not None
    assert (found.conclusion, found.words) == (
        Conclusion.NONE,
        "its 9 findings cannot be read: analysis 1 has more than 10 MB",
    )


# --- what cannot be seen --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/check-runs", "check runs"),
        ("/statuses", "statuses"),
        ("/pulls", "reviews"),
        ("/code-scanning", "code-scanning"),
    ],
)
async def test_what_the_secret_does_not_show_says_so_and_the_rest_is_there(
    server: Server, source: GitHub, path: str, name: str
) -> None:
    server.repository.check_runs[COMMIT] = [a_run("test", "success")]
    server.repository.commit_statuses[COMMIT] = [a_status("ci", "success")]
    server.forbidden[path] = "checks=read"

    found = {check.name: check for check in await source.checks("backend", COMMIT)}
    assert found[name].conclusion is Conclusion.NONE
    assert "It needs checks=read" in found[name].words
    assert {"test", "ci"} & set(found)


async def test_github_being_away_is_no_answer(server: Server, source: GitHub) -> None:
    server.troubles = [Trouble("GET", 503)]
    with pytest.raises(Retry):
        await source.checks("backend", COMMIT)


async def test_what_is_no_commit_and_no_service_is_refused(source: GitHub) -> None:
    with pytest.raises(GaveUp, match="not a commit id"):
        await source.checks("backend", "../../user")
    with pytest.raises(GaveUp, match="no service called api"):
        await source.checks("api", COMMIT)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"path": "../elsewhere"}, "folder inside the repository"),
        ({"findings_fail_at": "severe"}, "'low', 'medium', 'high' or 'critical'"),
        ({"repository": "shop"}, "write owner/name"),
    ],
)
def test_a_section_is_refused_with_words(said: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Config.model_validate({"repository": "acme/shop", **said})
