r"""What is covered and what is not: a table of what builds, tools and programs print. Every secret is an invention.

Each example holds the words `hunter2` or `zebra` (in any case) where a secret is; none of them may be left.
"""

import json
import re
from itertools import pairwise
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.masking import LONGEST_KEY, Mask, headless, unfinished

SECRET = re.compile("hunter2|zebra", re.IGNORECASE)
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowzebra+one/2\nhunter2two==\n-----END RSA PRIVATE KEY-----"

COVERED = {  # what is printed: what is shown of it
    # names and values, as programs print their settings
    "DB_PASS=hunter2": "DB_PASS=•••",
    "MYSQL_PWD=hunter2": "MYSQL_PWD=•••",
    "PGPASSWORD=hunter2 psql -h db -U app": "PGPASSWORD=••• psql -h db -U app",
    "+ export SECRET_KEY_BASE=hunter2": "+ export SECRET_KEY_BASE=•••",
    "export DB_PASSWORD='hunter2 zebra'": "export DB_PASSWORD='•••'",
    'API_KEY="hunter2"  # of the sandbox': 'API_KEY="•••"  # of the sandbox',
    "SMTP_PASS=hunter2,zebra;hunter2&zebra": "SMTP_PASS=•••",
    "password: hunter2": "password: •••",
    "  dbPass: hunter2": "  dbPass: •••",
    "    AccountKey=hunter2==;EndpointSuffix=core": "    AccountKey=•••;EndpointSuffix=core",
    "Server=db;Uid=sa;Pwd=hunter2;Database=app": "Server=db;Uid=sa;Pwd=•••;Database=app",
    "host=db password=hunter2 dbname=app": "host=db password=••• dbname=app",
    'sasl.jaas.config=x username="app" password="hunter2";': 'sasl.jaas.config=x username="app" password="•••";',
    "Secret Access Key: hunter2": "Secret Access Key: •••",
    "aws_secret_access_key = hunter2": "aws_secret_access_key = •••",
    "client-key-data: hunter2": "client-key-data: •••",
    "token: |\n  hunter2\n  zebra\nname: app": "token: |\n  •••\nname: app",
    "tokens: [hunter2, 'zebra']": "tokens: •••",
    '"tokens": [\n  "hunter2",\n  "zebra"\n]': '"tokens": •••',
    "<password>hunter2</password>": "<password>•••</password>",
    "- name: DB_PASSWORD\n  value: hunter2\n- name: PORT": "- name: DB_PASSWORD\n  value: •••\n- name: PORT",
    '{"name": "API_TOKEN", "value": "hunter2"}': '{"name": "API_TOKEN", "value": "•••"}',
    '"Env": ["DB_PASSWORD=hunter2", "PORT=1"]': '"Env": ["DB_PASSWORD=•••", "PORT=1"]',
    "'password' => 'hunter2',": "'password' => '•••',",
    # JSON, and JSON within JSON
    '{"password":"hunter2","user":"app"}': '{"password":"•••","user":"app"}',
    '{"password": "hun\\"hunter2\\" zebra"}': '{"password": "•••"}',
    '{"log": "{\\"password\\": \\"hunter2 zebra\\", \\"user\\": \\"app\\"}"}': (
        '{"log": "{\\"password\\": \\"•••\\", \\"user\\": \\"app\\"}"}'
    ),
    '"{\\"a\\": \\"{\\\\\\"token\\\\\\": \\\\\\"hunter2\\\\\\"}\\"}"': (
        '"{\\"a\\": \\"{\\\\\\"token\\\\\\": \\\\\\"•••\\\\\\"}\\"}"'
    ),
    '{"msg": "login with password=hunter2", "n": 1}': '{"msg": "login with password=•••", "n": 1}',
    '{"msg":"password=hunter2","n":1}': '{"msg":"password=•••","n":1}',
    '{"auths": {"registry.example": {"auth": "aHVudGVyMg=="}}}': '{"auths": {"registry.example": {"auth": "•••"}}}',
    '{"password": "hunter2': '{"password": "•••',  # cut off
    # git, and addresses
    "fatal: unable to access 'https://hunter2@github.com/o/r/'": "fatal: unable to access 'https://•••@github.com/o/r/'",
    "https://x-access-token:hunter2@github.com/o/r.git": "https://x-access-token:•••@github.com/o/r.git",
    "https://hunter2:x-oauth-basic@github.com/o/r.git": "https://•••@github.com/o/r.git",
    "https://hunter2:@api.example.com/": "https://•••@api.example.com/",
    "git+https://app:hunter2@git.example.com/r": "git+https://app:•••@git.example.com/r",
    "postgresql://app:hunter2@db:5432/app": "postgresql://app:•••@db:5432/app",
    "postgresql+psycopg://app:hunter2/zebra#hunter2@db/app": "postgresql+psycopg://app:•••@db/app",
    "redis://:hunter2@cache:6379/0": "redis://:•••@cache:6379/0",
    "mysql://root:hunter2@zebra@db/x": "mysql://root:•••@db/x",
    "GET /x?user=app&token=hunter2&page=2": "GET /x?user=app&token=•••&page=2",
    "https://a.blob.example/x?sv=1&sig=hunter2%3D&se=2": "https://a.blob.example/x?sv=1&sig=•••&se=2",
    "https://hooks.slack.com/services/T000/B000/zebraZEBRA": "https://hooks.slack.com/services/•••",
    # curl -v, and headers in code
    "> Authorization: Basic aHVudGVyMg==hunter2": "> Authorization: Basic •••",
    "> authorization: Bearer hunter2.zebra": "> authorization: Bearer •••",
    "> Authorization: hunter2": "> Authorization: •••",
    "> Authorization: Snail hunter2": "> Authorization: •••",
    '> Authorization: Digest username="app", response="hunter2"': "> Authorization: Digest •••",
    '{"Authorization": "Bearer hunter2"}': '{"Authorization": "Bearer •••"}',
    '{\\"Authorization\\": \\"Bearer hunter2\\"}': '{\\"Authorization\\": \\"Bearer •••\\"}',
    "{'Authorization': 'token hunter2', 'Accept': '*/*'}": "{'Authorization': 'token •••', 'Accept': '*/*'}",
    "map[Authorization:[Bearer hunter2] Accept:[*/*]]": "map[Authorization:[Bearer •••] Accept:[*/*]]",
    "< Set-Cookie: sid=hunter2; Path=/; HttpOnly": "< Set-Cookie: •••",
    "> Cookie: theme=dark; sid=hunter2": "> Cookie: •••",
    "> X-Api-Key: hunter2": "> X-Api-Key: •••",
    "> PRIVATE-TOKEN: hunter2": "> PRIVATE-TOKEN: •••",
    "curl -fsS -u app:hunter2 https://example.com": "curl -fsS -u app:••• https://example.com",
    "curl -H 'Authorization: Bearer hunter2' https://x": "curl -H 'Authorization: Bearer •••' https://x",
    # docker, npm, databases, other tools
    "docker login -u ci -p hunter2 registry.example": "docker login -u ci -p ••• registry.example",
    "docker login --password hunter2 registry.example": "docker login --password ••• registry.example",
    "docker run -e DB_PASSWORD=hunter2 app": "docker run -e DB_PASSWORD=••• app",
    "Step 3/9 : ARG NPM_TOKEN=hunter2": "Step 3/9 : ARG NPM_TOKEN=•••",
    "//npm.example/:_authToken=hunter2": "//npm.example/:_authToken=•••",
    "//npm.example/:_auth=hunter2": "//npm.example/:_auth=•••",
    'npm ERR! _password = "hunter2"': 'npm ERR! _password = "•••"',
    "mysqldump -uroot -phunter2 app": "mysqldump -uroot -p••• app",
    "sshpass -p hunter2 ssh app@host": "sshpass -p ••• ssh app@host",
    "redis-cli -h cache -a hunter2 ping": "redis-cli -h cache -a ••• ping",
    "openssl rsa -passin pass:hunter2 -in k": "openssl rsa -passin pass:••• -in k",
    "kubectl create secret generic s --from-literal=a=hunter2": "kubectl create secret generic s --from-literal=a=•••",
    "machine x login app password hunter2": "machine x login app password •••",
    "::add-mask::hunter2": "::add-mask::•••",
    "ALTER USER app WITH PASSWORD 'hunter2';": "ALTER USER app WITH PASSWORD '•••';",
    "STATEMENT:  CREATE USER 'a' IDENTIFIED BY 'hunter2'": "STATEMENT:  CREATE USER 'a' IDENTIFIED BY •••",
    '  + password = "hunter2"': '  + password = "•••"',
    '  ~ password = "hunter2" -> "zebra"': '  ~ password = "•••" -> "•••"',
    # Python
    "    password = 'hunter2'": "    password = '•••'",
    "connect(host='db', password='hunter2')": "connect(host='db', password='•••')",
    "Config(user=app, password=hunter2)": "Config(user=app, password=•••)",
    "{'api_key': b'hunter2', 'n': 1}": "{'api_key': b'•••', 'n': 1}",
    "os.environ['DB_PASSWORD'] = 'hunter2'": "os.environ['DB_PASSWORD'] = '•••'",
    "Command '['app', '--password', 'hunter2']' returned": "Command '['app', '--password', '•••']' returned",
    "assert password == 'hunter2'": "assert password == '•••'",
    # keys
    PEM: "•••",
    f"before\n{PEM}\nafter": "before\n•••\nafter",
    json.dumps({"private_key": PEM, "type": "app"}): '{"private_key": "•••", "type": "app"}',
    json.dumps(json.dumps({"k": PEM, "n": 1})): '"{\\"k\\": \\"•••\\", \\"n\\": 1}"',
    f'TLS_KEY="{PEM}"': 'TLS_KEY="•••"',
    PEM.replace("RSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK"): "•••",
    # makers' own
    "xoxb-1234567890-zebraZEBRA": "•••",
    "ghp_zebraZEBRAzebraZEBRA12 pushed": "••• pushed",
    "github_pat_zebraZEBRA_zebraZEBRA1": "•••",
    "glpat-zebraZEBRA-zebraZEBRA": "•••",
    "npm_zebraZEBRAzebraZEBRAzebraZEBRA12": "•••",
    "hvs.zebraZEBRAzebraZEBRA12": "•••",
    "eyJhbGciOiJI.eyJzdWIizebra.c2lnzebra": "•••",
    "sk_live_zebraZEBRAzebra12": "•••",
}  # fmt: skip

LEFT = [  # words about secrets, which are none
    "the token was refused",
    "Merge branch 'glow-up-the-landing-page'",
    "password: must have 8 characters",
    "Password for user postgres: ",
    'FATAL:  password authentication failed for user "app"',
    "error: token is expired; log in again",
    "SyntaxError: Unexpected token '}'",
    "Unexpected token: punc (})",
    "error: no rules expected the token `;`",
    "note: `Token::Ident` is not here",
    "permissions: id-token: write",
    "secrets: inherit",
    "password: true",
    '"password": null',
    '"password": ""',
    '{"msg":"enter the password:","user":"app"}',
    "password = ${DB_PASSWORD}",
    "token: ${{ secrets.NPM_TOKEN }}",
    "  + password = (sensitive value)",
    "password=********",
    "POSTGRES_PASSWORD_FILE=/run/secrets/pg",
    "secretName: pg-credentials",
    "secretKeyRef: {name: pg}",
    "token_type: bearer",
    "access_token_expires_in=3600",
    "tokenizer: gpt2",
    "credential.helper=store",
    "echo $T | docker login --password-stdin registry.example",
    "--no-password --host db",
    "PWD=/srv/app",
    "OLDPWD=/srv",
    "always-auth=true",
    "compass: north; bypass=no; 3 passes: ok",
    '{"type": "object", "properties": {"password": {"type": "string"}}}',
    "Bearer authentication is not configured",
    'WWW-Authenticate: Basic realm="app"',
    "authorization: required",
    "https://example.com:8080/users/@ndapewa",
    "ssh://git@github.com/o/r.git",
    "https://git@github.com/o/r.git",
    "postgresql://app@db:5432/app",
    "skopeo copy docker://alpine:3.19@sha256:abc",
    "cannot reach redis://cache:6379",
    "it listens at http://[::1]:8080/status.",
    "see (http://backend:8000)",
    "docker run -p 8080:80 -u 1000:1000 app",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "primary key: id; cache key: v1-abc; public_key: abc",
]  # fmt: skip

ADVERSARIAL = [
    "password",
    "-password",
    "_password_",
    "password=",
    'password="',
    "password='\\",
    "--a",
    "--password ",
    "SECRET" + " " * 60,
    "token=[\n",
    'token="\n',
    "token:\\",
    "token=<",
    "token=" + "," * 30,
    "token: |\n ",
    "token" + "\\" * 9,
    "secret" + "a" * 40,
    "token\n" + " " * 59 + "value",
    "a://",
    "https://",
    "https://a:",
    "http://a:b",
    "x://::",
    "sig=&",
    "\\",
    '"',
    " ",
    "a b",
    "a.",
    "authorization: ",
    "cookie: a",
    "bearer aaaa",
    "curl -u ",
    "docker login ",
    "mysql ",
    "identified by '",
    "login a password",
    *("-----BEGIN PRIVATE KEY-----", '-----BEGIN PRIVATE KEY-----"', "-", "-----", "eyJ", "eyJaaaaaaaa."),
]
MEGABYTE = 1_000_000


@pytest.mark.parametrize(("printed", "shown"), COVERED.items(), ids=list(COVERED))
def test_secrets_are_covered_and_nothing_else_is(printed: str, shown: str) -> None:
    assert Mask()(printed) == shown


def test_the_table_covers_what_it_says_it_covers() -> None:
    assert [shown for shown in COVERED.values() if SECRET.search(shown)] == []
    assert [printed for printed in COVERED if "•••" in printed] == []


@pytest.mark.parametrize("words", LEFT)
def test_words_about_secrets_are_left(words: str) -> None:
    assert Mask()(words) == words


@pytest.mark.parametrize("printed", COVERED, ids=list(COVERED))
def test_what_stands_around_an_example_does_not_uncover_it(printed: str) -> None:
    for before, after in pairwise(["", "2026-03-02 09:00 INFO ", "\n", "\t", "│ ", "\n\n"]):
        assert not SECRET.search(Mask()(f"{before}{printed}{after}\n")), (before, after)


@pytest.mark.parametrize("printed", COVERED, ids=list(COVERED))
def test_what_is_covered_stays_as_it_is(printed: str) -> None:
    once = Mask()(printed)

    assert Mask()(once) == once


@pytest.mark.parametrize(
    "whole", ["postgres://app:hunter2@db/app", "redis://:hunter2@cache", "https://ci:zebra@git.dev"]
)
def test_an_address_that_is_cut_within_its_password_is_covered_to_the_end(whole: str) -> None:
    begins, ends = SECRET.search(whole).span()  # type: ignore[union-attr] # each has one
    for length in range(begins + 1, ends + 1):
        assert Mask()(f"cannot reach {whole[:length]}") == f"cannot reach {whole[:begins]}•••"


@pytest.mark.parametrize("secret", ["zebra-quartz-lamp-0042", "DB_PASSWORD=hunter2zebra", "https://ci:zebra@git.dev"])
@pytest.mark.parametrize("place", [40, 4000, 4090, 4096, 8000, 8190])
def test_a_text_in_pieces_is_cut_beside_a_secret_and_never_in_it(secret: str, place: int) -> None:
    mask = Mask(["zebra-quartz-lamp-0042"])
    text = "x " * 20_000 + f" {secret} " + "y" * place
    until = mask.open_end(text)

    assert not SECRET.search(mask(text[:until]) + mask(text[until:]))
    assert len(text) - until < 16 * 1024


def test_the_first_lines_of_a_known_secret_are_kept_back() -> None:
    mask = Mask(["alpha-zebra\nbeta-zebra\ngamma"])

    assert mask.open_end("before\nalpha-zebra\n") == len("before\n")
    assert mask.open_end("before\nalpha-zebra\nbeta-zebra\n") == len("before\n")
    assert mask.open_end("before\nalpha-zebra\nelse\n") == len("before\nalpha-zebra\nelse\n")


def test_what_is_cut_is_covered_first() -> None:
    mask = Mask(["zebra-quartz-lamp-0042"])

    assert mask.beginning("a: zebra-quartz-lamp-0042", 12) == "a: •••"
    assert mask.end("zebra-quartz-lamp-0042 b", 10) == "••• b"
    assert mask.lines("zebra-quartz-lamp-0042\nb: zebra-quartz-lamp-0042", 9) == "•••\nb: •••"


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), min_size=1, max_size=40))
def test_a_password_in_json_is_covered_however_it_is_quoted_and_however_deep(secret: str) -> None:
    written: object = {"password": f"hunter2{secret}hunter2", "user": "app"}
    for _ in range(3):
        written = json.dumps(written)

        assert not SECRET.search(Mask()(str(written)))
        assert "app" in Mask()(str(written))


@pytest.mark.slow
@pytest.mark.parametrize("piece", ADVERSARIAL)
def test_no_text_takes_long(piece: str) -> None:
    """It only has to end: with a quantifier that looks back again and again, it would not in this lifetime."""
    Mask(["hunter2hunter2"])(piece * (MEGABYTE // len(piece)))
    unfinished(piece * (MEGABYTE // len(piece)))


def test_a_key_that_ended_long_ago_does_not_make_the_rest_slow() -> None:
    begins, ends = PEM.splitlines()[0], PEM.splitlines()[-1]

    assert unfinished(begins * 15_000 + ends + "x" * MEGABYTE) is None
    assert unfinished(f"{PEM}\nafter\n{begins}\nMII") == len(f"{PEM}\nafter\n")
    assert unfinished(begins + "x" * LONGEST_KEY) is None


@pytest.mark.parametrize("secret", ['qu"ote\\slash', "two\nlines of it", "a b/c@d"])
def test_a_secret_that_is_known_is_covered_in_json_and_in_addresses_too(secret: str) -> None:
    known = Mask([secret])

    assert known(f"is {secret} here") == "is ••• here"
    assert known(json.dumps(["say", secret])) == '["say", "•••"]'
    assert known(f"https://example.com/?q={quote(secret, safe='')}") == "https://example.com/?q=•••"


KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQ==\n-----END PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("MIIEvQ==\n-----END PRIVATE KEY-----\nready", "\nready"),
        (f"MIIEvQ==\n-----END PRIVATE KEY-----\n{KEY}", f"\n{KEY}"),
        (f"begun\n{KEY}\nready", f"begun\n{KEY}\nready"),
        ("ready", "ready"),
        (f"{'x' * LONGEST_KEY}\n-----END PRIVATE KEY-----", f"{'x' * LONGEST_KEY}\n-----END PRIVATE KEY-----"),
    ],
)
def test_where_a_text_goes_on_after_a_key_whose_beginning_is_cut_off(text: str, rest: str) -> None:
    assert text[headless(text) :] == rest
