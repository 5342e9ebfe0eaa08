"""What is kept outside the catalog: where a secret is found, and what is said when it is not."""

from pathlib import Path

import pytest

from bot.domain.errors import GaveUp
from bot.domain.masking import Mask
from integrations.environment_secrets import EnvironmentSecrets


def test_a_secret_is_masked_from_the_moment_it_is_read() -> None:
    mask = Mask()
    secrets = EnvironmentSecrets({"API": "correct horse"}, mask.learn)
    before = mask("it says correct horse")

    assert secrets.read("API") == "correct horse"
    assert before == "it says correct horse"
    assert mask("it says correct horse") == "it says •••"


def test_of_an_address_the_password_is_masked_alone_as_well() -> None:
    mask = Mask()
    EnvironmentSecrets({"DB": "postgresql://bridge:s%40fe-enough@db/health"}, mask.learn).read("DB")

    assert mask("it says s@fe-enough") == "it says •••"


@pytest.mark.parametrize("written", ["slash/enough", "quest?enough", "hash#enough", "at@enough", "sl/and@enough"])
def test_the_password_of_a_databases_address_is_masked_alone_however_wrongly_it_is_written(written: str) -> None:
    mask = Mask()
    EnvironmentSecrets({"DB": f"postgresql://bridge:{written}@db:5432/health"}, mask.learn).read("DB")

    assert mask(f"it says {written}") == "it says •••"


def test_a_rotated_file_counts_at_once(tmp_path: Path) -> None:
    file, mask = tmp_path / "api", Mask()
    secrets = EnvironmentSecrets({"API_FILE": str(file)}, mask.learn)
    file.write_text("the first one\n")
    first = secrets.read("API")
    file.write_text("the second one\n")

    assert (first, secrets.read("API")) == ("the first one", "the second one")
    assert mask("the first one, the second one") == "•••, •••"


def test_a_secret_that_is_not_set_says_what_to_set() -> None:
    with pytest.raises(GaveUp, match=r"API is not set: .* or its path as API_FILE"):
        EnvironmentSecrets({}, lambda _: None).read("API")


@pytest.mark.parametrize(("content", "words"), [(None, "No such file"), (b"\xff\xfe", "not UTF-8")])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None, words: str) -> None:
    file = tmp_path / "api"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(GaveUp, match=words) as caught:
        EnvironmentSecrets({"API_FILE": str(file)}, lambda _: None).read("API")
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("value", ["postgresql://shop:pa55w0rd@db/shop", "xoxb-1234567890-abc", "a" * 81, "user:pass"])
def test_a_secret_in_the_place_of_its_name_is_not_repeated(value: str) -> None:
    with pytest.raises(GaveUp, match="what looks like a secret itself") as caught:
        EnvironmentSecrets({}, lambda _: None).read(value)
    assert value not in str(caught.value)
