"""What a source of releases promises, over the sample repository, and over histories as people really make them."""

import asyncio
import json
import os
import subprocess
import tarfile
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.domain.errors import GaveUp, Refused, Retry
from bot.domain.observation import RunState
from bot.plugins import Source
from bot.samples import make_repository
from integrations.detached import Detached
from integrations.git import SOURCE, Config
from tests.contract.living import WallClock, surroundings, until

BUILD = {"run": ["python3", "build.py"], "output": "dist", "timeout": "1m"}


class Repository:
    """A repository of a test's own; every commit is a second later than the one before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seconds = 1_760_000_000
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main", ".")

    def git(self, *argv: str, author: str = "Ada Lovelace") -> str:
        self._seconds += 1
        who = {"GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": author}
        when = {"GIT_AUTHOR_DATE": f"{self._seconds} +0200", "GIT_COMMITTER_DATE": f"{self._seconds} +0200"}
        clean = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_COMMITTER_EMAIL": "a@example.org"}
        environment = {"PATH": os.environ["PATH"], **who, **when, **clean}
        done = subprocess.run(["git", *argv], cwd=self.folder, env=environment, capture_output=True, check=True)
        return done.stdout.decode().strip()

    def rewind(self, seconds: int) -> None:
        """Put the committer's clock back."""
        self._seconds -= seconds

    def commit(self, subject: str, files: Mapping[str, str], author: str = "Ada Lovelace") -> str:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--cleanup=verbatim", "-m", subject, author=author)
        return self.git("rev-parse", "HEAD")

    def source(self, data: Path, path: str = "backend") -> Source:
        return a_source(data, str(self.folder), {"backend": path})


def a_source(data: Path, repository: str, paths: Mapping[str, str]) -> Source:
    configs = {
        service: Config.model_validate({"kind": "git", "repository": repository, "path": path, "build": BUILD})
        for service, path in paths.items()
    }
    return SOURCE.open(surroundings(data), dict(configs))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


@pytest.fixture
def samples(tmp_path: Path) -> Source:
    made = make_repository(tmp_path)
    return a_source(tmp_path, str(made), {"backend": "backend", "frontend": "frontend"})


# --- the newest on a branch -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "branch", "version"),
    [
        ("backend", "develop", "1.4.0"),
        ("backend", "main", "1.4.0"),
        ("frontend", "main", "1.2.0"),
        ("backend", "feature/faster-search", "1.5.0"),
    ],
)
async def test_the_newest_is_what_last_touched_the_service(
    samples: Source, service: str, branch: str, version: str
) -> None:
    found = await samples.latest(service, branch)

    assert found is not None
    assert (found.version, found.branch, found.service) == (version, branch, service)
    assert found.commit.at.tzinfo is UTC


async def test_a_merge_offers_the_very_commit_that_it_brought(samples: Source) -> None:
    develop, main = await samples.latest("backend", "develop"), await samples.latest("backend", "main")

    assert develop is not None
    assert main is not None
    assert (develop.commit, develop.tree) == (main.commit, main.tree)


@pytest.mark.parametrize("branch", ["nope", "", "a..b", "develop~1", "--all", "-x", "HEAD", "@{0}", "develop^", "a b"])
async def test_where_there_is_no_such_branch_there_is_nothing(samples: Source, branch: str) -> None:
    assert await samples.latest("backend", branch) is None


async def test_a_branch_without_the_service_has_none(repository: Repository, tmp_path: Path) -> None:
    repository.commit("Only a page", {"frontend/page.html": "<p>"})

    assert await repository.source(tmp_path).latest("backend", "main") is None


async def test_a_service_that_was_removed_is_not_offered(repository: Repository, tmp_path: Path) -> None:
    repository.commit("Begin", {"backend/a": "1", "other": "1"})
    repository.git("rm", "-r", "--quiet", "backend")
    repository.commit("Remove it", {})

    assert await repository.source(tmp_path).latest("backend", "main") is None


async def test_a_service_may_be_the_whole_repository(repository: Repository, tmp_path: Path) -> None:
    newest = repository.commit("Begin", {"server.py": "1"})
    found = await repository.source(tmp_path, ".").latest("backend", "main")

    assert found is not None
    assert (found.commit.id, found.tree) == (newest, repository.git("rev-parse", "HEAD^{tree}"))


@pytest.mark.parametrize(
    ("tags", "version"),
    [
        (["backend/v1.9.0", "backend/v1.10.0"], "1.10.0"),
        (["backend-v2.0"], "2.0"),
        (["v3.0.0"], "3.0.0"),
        (["v3.0.0", "backend/v1.0.0"], "1.0.0"),
        (["v1.0.0-rc1", "v1.0.0"], "1.0.0"),
        (["frontend/v7.0.0", "nightly", "backend/latest"], None),
    ],
)
async def test_a_version_is_the_newest_tag_of_the_service(
    repository: Repository, tmp_path: Path, tags: list[str], version: str | None
) -> None:
    commit = repository.commit("Begin", {"backend/a": "1"})
    for tag in tags:
        repository.git("tag", *(["-a", "-m", "annotated"] if "-" in tag else []), tag)

    found = await repository.source(tmp_path).latest("backend", "main")
    assert found is not None
    assert found.version == (version or commit[:7])


# --- what a person means ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "version"),
    [
        ("1.2.0", "1.2.0"),
        ("v1.2.0", "1.2.0"),
        ("backend/v1.2.0", "1.2.0"),
        ("feature/faster-search", "1.5.0"),
        ("develop", "1.4.0"),
        ("frontend/v1.0.0", "1.0.0"),
    ],
)
async def test_a_word_is_understood(samples: Source, word: str, version: str) -> None:
    found = await samples.find("backend", word)

    assert found is not None
    assert found.version == version


@pytest.mark.parametrize("length", [4, 7, 12, 40])
async def test_a_commit_is_found_by_how_it_begins(samples: Source, length: int) -> None:
    newest = await samples.latest("backend", "feature/faster-search")
    assert newest is not None

    for word in (newest.commit.id[:length], newest.commit.id[:length].upper()):
        found = await samples.find("backend", word)
        assert found is not None
        assert (found.commit, found.branch) == (newest.commit, "feature/faster-search")


@pytest.mark.parametrize(
    "word", ["9.9.9", "abc", "zzzzzzz", "--help", "-1", "", "HEAD", "develop..main", ":/x", "é", "0" * 40]
)
async def test_a_word_that_means_nothing_finds_nothing(samples: Source, word: str) -> None:
    assert await samples.find("backend", word) is None


async def test_a_commit_of_something_else_means_the_service_as_it_was_then(
    repository: Repository, tmp_path: Path
) -> None:
    ours = repository.commit("Ours", {"backend/a": "1"})
    theirs = repository.commit("Theirs", {"frontend/a": "1"})

    found = await repository.source(tmp_path).find("backend", theirs[:8])
    assert found is not None
    assert found.commit.id == ours


async def test_an_ambiguous_beginning_is_refused_and_names_both(repository: Repository, tmp_path: Path) -> None:
    """Make commits until two begin alike; four digits are soon shared."""
    seen: dict[str, str] = {}
    lines = ["commit refs/heads/main", "committer A <a@example.org> 1760000000 +0000", "data 1", "x"]
    stream = "".join(
        "\n".join([*lines, f"M 644 inline backend/a\ndata {len(str(n))}\n{n}", "", ""]) for n in range(900)
    )
    await asyncio.to_thread(
        subprocess.run, ["git", "fast-import", "--quiet"], cwd=repository.folder, input=stream.encode(), check=True
    )
    for commit in repository.git("rev-list", "main").split():
        if commit[:4] in seen:
            with pytest.raises(Refused) as no:
                await repository.source(tmp_path).find("backend", commit[:4])
            assert commit[:12] in str(no.value)
            assert seen[commit[:4]][:12] in str(no.value)
            return
        seen[commit[:4]] = commit
    pytest.fail("no two of 900 commits begin alike")


async def test_a_commit_that_no_branch_holds_is_not_offered(repository: Repository, tmp_path: Path) -> None:
    repository.commit("Begin", {"backend/a": "1"})
    gone = repository.commit("Never mind", {"backend/a": "2"})
    repository.git("reset", "--quiet", "--hard", "HEAD~1")

    assert await repository.source(tmp_path).find("backend", gone) is None


# --- history ----------------------------------------------------------------------------------------------------


async def test_between_two_releases_are_the_commits_of_the_service(samples: Source) -> None:
    old, new = await samples.find("backend", "1.1.0"), await samples.find("backend", "1.4.0")
    assert old is not None
    assert new is not None

    listed = await samples.between("backend", old.commit.id, new.commit.id)
    assert [commit.subject for commit in listed] == [
        "Find patients whatever the case of the letters",
        "Search patients by name",
        "Count the patients of each clinic",
    ]
    assert listed[0].author == "نور حداد"
    assert await samples.between("backend", new.commit.id, old.commit.id) == []
    assert len(await samples.between("backend", None, new.commit.id)) == 5


async def test_at_most_two_hundred_are_listed(repository: Repository, tmp_path: Path) -> None:
    lines = "commit refs/heads/main\ncommitter A <a@example.org> 1760000000 +0000\ndata 1\nx\nM 644 inline backend/a\n"
    stream = "".join(f"{lines}data {len(str(n))}\n{n}\n\n" for n in range(250))
    await asyncio.to_thread(
        subprocess.run, ["git", "fast-import", "--quiet"], cwd=repository.folder, input=stream.encode(), check=True
    )

    newest = repository.git("rev-parse", "refs/heads/main")
    assert len(await repository.source(tmp_path).between("backend", None, newest)) == 200


@pytest.mark.parametrize(
    "subject",
    [
        "<!channel> `code` <@U123>",
        "\u202eright to left",
        "שלום",
        "x" * 10_000,
        "a\x1eb\x1fc",
        "--not-an-option",
        "🚢" * 50,
    ],
)
async def test_subjects_and_authors_come_as_they_are(repository: Repository, tmp_path: Path, subject: str) -> None:
    newest = repository.commit(subject, {"backend/a": "1"}, author="日本 \u200f語")

    (commit,) = await repository.source(tmp_path).between("backend", None, newest)
    assert commit.subject == subject
    assert commit.author == "日本 \u200f語"


async def test_the_order_of_commits_is_that_of_their_growing(repository: Repository, tmp_path: Path) -> None:
    """Each has an earlier date than the one it grew from: somebody's clock is wrong."""
    commits = []
    for number in range(4):
        repository.rewind(10)
        commits.append(repository.commit(f"Change {number}", {"backend/a": str(number)}))
    source = repository.source(tmp_path)

    assert await source.order("backend", commits) == commits[::-1]
    assert await source.order("backend", [commits[2], commits[0], "f" * 40, commits[3]]) == [
        commits[3],
        commits[2],
        commits[0],
    ]
    assert await source.order("backend", ["f" * 40]) == []
    assert await source.order("backend", []) == []
    assert await source.order("backend", commits[:1]) == commits[:1]


async def test_where_neither_grew_from_the_other_their_times_decide(repository: Repository, tmp_path: Path) -> None:
    base = repository.commit("Begin", {"backend/a": "1"})
    repository.git("checkout", "--quiet", "-b", "hotfix")
    hotfix = repository.commit("Hotfix", {"backend/b": "1"})
    repository.git("checkout", "--quiet", "main")
    newest = repository.commit("Go on", {"backend/a": "2"})
    repository.git("checkout", "--quiet", "--orphan", "elsewhere")
    stranger = repository.commit("Begin anew", {"backend/c": "1"})

    source = repository.source(tmp_path)
    assert await source.order("backend", [base, hotfix, newest]) == [newest, hotfix, base]
    assert await source.order("backend", [base, stranger, newest]) == [stranger, newest, base]


async def test_a_branch_holds_what_was_merged_and_not_what_was_not(samples: Source) -> None:
    good, broken = await samples.find("backend", "1.4.0"), await samples.find("backend", "1.5.0")
    assert good is not None
    assert broken is not None

    assert await samples.contains("backend", "main", commit=good.commit.id, tree=good.tree)
    assert not await samples.contains("backend", "main", commit=broken.commit.id, tree=broken.tree)
    assert not await samples.contains("backend", "no-such-branch", commit=good.commit.id, tree=good.tree)


async def test_a_squash_holds_the_same_source_under_another_commit(repository: Repository, tmp_path: Path) -> None:
    repository.commit("Begin", {"backend/a": "1", "frontend/a": "1"})
    repository.git("checkout", "--quiet", "-b", "develop")
    repository.commit("One", {"backend/a": "2"})
    repository.commit("Two", {"backend/a": "3"})
    repository.git("checkout", "--quiet", "main")
    repository.commit("Elsewhere", {"frontend/a": "9"})
    repository.git("merge", "--quiet", "--squash", "develop")
    repository.commit("Squashed", {})
    repository.commit("Afterwards", {"backend/a": "4"})
    source = repository.source(tmp_path)
    newest = await source.latest("backend", "develop")
    half = await source.find("backend", repository.git("rev-parse", "develop~1"))
    assert newest is not None
    assert half is not None

    assert await source.contains("backend", "main", commit=newest.commit.id, tree=newest.tree)
    assert not await source.contains("backend", "main", commit=half.commit.id, tree=half.tree)


async def test_a_commit_that_the_repository_never_saw_can_still_have_a_known_tree(samples: Source) -> None:
    good = await samples.find("backend", "1.2.0")
    assert good is not None

    assert await samples.contains("backend", "main", commit="f" * 40, tree=good.tree)
    assert not await samples.contains("backend", "main", commit="f" * 40, tree="e" * 40)


# --- where it lies ----------------------------------------------------------------------------------------------


async def test_a_repository_elsewhere_is_mirrored_and_kept_fresh(tmp_path: Path) -> None:
    theirs = Repository(tmp_path / "theirs")
    theirs.commit("Begin", {"backend/a": "1"})
    url = f"file://{theirs.folder}"
    source = a_source(tmp_path / "data", url, {"backend": "backend"})
    first = await source.latest("backend", "main")
    second = theirs.commit("More", {"backend/a": "2"})
    later = a_source(tmp_path / "data", url, {"backend": "backend"})

    found = await later.latest("backend", "main")
    assert first is not None
    assert found is not None
    assert found.commit.id == second


async def test_asking_at_once_fetches_without_quarrel(tmp_path: Path) -> None:
    theirs = Repository(tmp_path / "theirs")
    theirs.commit("Begin", {"backend/a": "1", "frontend/a": "1"})
    source = a_source(tmp_path, f"file://{theirs.folder}", {"backend": "backend", "frontend": "frontend"})

    asked = [source.latest(service, "main") for service in ("backend", "frontend") * 5]
    assert None not in await asyncio.gather(*asked)


async def test_no_repository_is_for_good(tmp_path: Path) -> None:
    for name in (str(tmp_path / "nowhere"), f"file://{tmp_path}/nowhere"):
        with pytest.raises(GaveUp, match="nowhere"):
            await a_source(tmp_path, name, {"backend": "."}).latest("backend", "main")


async def test_a_folder_that_is_no_repository_is_for_good(tmp_path: Path) -> None:
    with pytest.raises(GaveUp, match="not a git repository"):
        await a_source(tmp_path, str(tmp_path), {"backend": "."}).latest("backend", "main")


async def test_a_host_that_cannot_be_reached_is_for_now_and_keeps_its_password(tmp_path: Path) -> None:
    source = a_source(tmp_path, "http://ada:an-invention@127.0.0.1:9/x.git", {"backend": "."})
    with pytest.raises(Retry) as no:
        await source.latest("backend", "main")

    assert "127.0.0.1" in no.value.reason
    assert "an-invention" not in no.value.reason


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("repository", "--upload-pack=touch x", "neither the path nor the URL"),
        ("repository", "ext::sh -c x", "neither the path nor the URL"),
        ("path", "../elsewhere", "folder inside the repository"),
        ("path", "/etc", "folder inside the repository"),
        ("path", ":(glob)**", "folder inside the repository"),
        ("pth", "x", "Extra inputs"),
    ],
)
def test_a_section_is_refused_with_words(field: str, value: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Config.model_validate({"kind": "git", "repository": "/x", field: value})


# --- builds -----------------------------------------------------------------------------------------------------


async def built(data: Path, source: Source, commit: str, key: str) -> tuple[int | None, dict[str, str], str]:
    runner = Detached(data, WallClock())
    await runner.start(source.invocation("backend", commit), key=key)

    async def done() -> bool:
        return (await runner.observe(key=key)).state is RunState.EXITED

    await until(done)
    run = await runner.observe(key=key)
    return run.exit_code, run.result, (await runner.tail(key=key)).text


def artefacts(data: Path) -> list[str]:
    return [path.name for path in data.glob("artefacts/*")]


async def test_a_build_makes_one_artefact_for_one_content(samples: Source, tmp_path: Path) -> None:
    found = await samples.find("backend", "1.4.0")
    assert found is not None
    first = await built(tmp_path, samples, found.commit.id, "b1")
    second = await built(tmp_path, samples, found.commit.id, "b2")

    assert first[0] == 0
    assert first[1] == second[1]
    digest = first[1]["digest"].removeprefix("sha256:")
    assert artefacts(tmp_path) == [f"{digest}.tar"]
    with tarfile.open(tmp_path / "artefacts" / f"{digest}.tar") as packed:
        assert "routes/search.py" in packed.getnames()
        assert {(entry.mtime, entry.uid, entry.uname) for entry in packed} == {(0, 0, "")}
    assert "checked server.py" in first[2]


@pytest.mark.parametrize(
    ("program", "code", "words"),
    [
        ("raise SystemExit(4)", 4, "build.py failed with exit code 4"),
        ("print('nothing to do')", 65, "the build left nothing in dist/"),
        ("import os; os.mkdir('dist'); os.mkfifo('dist/pipe')", 65, "pipe is neither file, folder nor link"),
        ("import os; os.kill(os.getpid(), 9)", 137, "failed with exit code"),
    ],
)
async def test_a_build_that_fails_ends_with_its_code_and_says_why(
    repository: Repository, tmp_path: Path, program: str, code: int, words: str
) -> None:
    commit = repository.commit("Begin", {"backend/build.py": program})

    ended, result, log = await built(tmp_path, repository.source(tmp_path), commit, "b1")
    assert (ended, result) == (code, {})
    assert words in log
    assert artefacts(tmp_path) == []


async def test_a_build_of_a_commit_that_is_not_there_says_so(samples: Source, tmp_path: Path) -> None:
    code, _, log = await built(tmp_path, samples, "f" * 40, "b1")

    assert code != 0
    assert "git could not check out" in log
    with pytest.raises(GaveUp, match="not a commit id"):
        samples.invocation("backend", "--output=/etc/passwd")


async def test_a_service_without_a_build_section_says_so(tmp_path: Path) -> None:
    source = SOURCE.open(surroundings(tmp_path), {"backend": Config(repository="/x")})
    with pytest.raises(GaveUp, match="give the service a build section"):
        source.invocation("backend", "f" * 40)


async def test_a_build_sees_only_its_own_folder_at_its_own_commit(repository: Repository, tmp_path: Path) -> None:
    program = "import os, json; os.mkdir('dist'); json.dump(sorted(os.listdir('.')), open('dist/seen', 'w'))"
    commit = repository.commit("Begin", {"backend/build.py": program, "secret": "x"})
    repository.commit("Later", {"backend/later": "x"})

    _, result, _ = await built(tmp_path, repository.source(tmp_path), commit, "b1")
    with tarfile.open(tmp_path / "artefacts" / f"{result['digest'].removeprefix('sha256:')}.tar") as packed:
        seen = packed.extractfile("seen")
        assert seen is not None
        assert json.load(seen) == ["build.py", "dist"]
