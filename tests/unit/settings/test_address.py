"""DATABASE_URL is judged before anybody connects; what is wrong is said, and the password never."""

import pytest

from bot import address
from bot.domain.errors import Refused
from bot.ledger.reach import place, sentence

FORM = "postgresql://user:password@host:5432/name"
DOUBT = "DATABASE_URL cannot be read without doubt"
PORT = "DATABASE_URL has a port that is no number from 1 to 65535"

RIGHT = [
    ("postgresql://u:p@h:5432/d", "postgresql+psycopg://u:p@h:5432/d"),
    ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
    ("postgresql+psycopg://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
    ("POSTGRES://h", "postgresql+psycopg://h"),
    (" postgresql://u:p@h/d\n", "postgresql+psycopg://u:p@h/d"),
    ("postgresql://u:h%40sh%2F@h/d", "postgresql+psycopg://u:h%40sh%2F@h/d"),
    (
        "postgresql://u:h#u:sh@[::1]:5433/d?sslmode=require",
        "postgresql+psycopg://u:h#u:sh@[::1]:5433/d?sslmode=require",
    ),
    ("postgresql:///d?host=/run/postgresql", "postgresql+psycopg:///d?host=/run/postgresql"),
    ("postgresql://postgres@/postgres?host=/data/folder", "postgresql+psycopg://postgres@/postgres?host=/data/folder"),
]

WRONG = [
    ("mysql://u:hush@h/d", f"DATABASE_URL is an address of “mysql”; Slipway needs PostgreSQL: {FORM}."),
    ("sqlite:///ledger.db", f"DATABASE_URL is an address of “sqlite”; Slipway needs PostgreSQL: {FORM}."),
    ("postgrsql://u:hush@h/d", "DATABASE_URL is an address of “postgrsql”; did you mean “postgresql”?"),
    ("postgress://u:hush@h/d", "DATABASE_URL is an address of “postgress”; did you mean “postgres”?"),
    ("postgresql+asyncpg://u:hush@h/d", f"DATABASE_URL names the driver “asyncpg”; leave it out: {FORM}."),
    ("hush", f"DATABASE_URL is not an address; it is written {FORM}."),
    ("u:hush@h/d", f"DATABASE_URL is not an address; it is written {FORM}."),
    ("'postgresql://u:hush@h/d'", f"DATABASE_URL is not an address; it is written {FORM}."),
    ("postgresql:/u:hush@h/d", f"DATABASE_URL is not an address; it is written {FORM}."),
    ("   ", f"DATABASE_URL is not an address; it is written {FORM}."),
    ("postgresql://u:p@hush@h/d", DOUBT),
    ("postgresql://u:p/hush@h/d", DOUBT),
    ("postgresql://u:p/?hush=x@h/d", DOUBT),
    ("postgresql://u:p%hush@h/d", DOUBT),
    ("postgresql://u:p@[hush/d", DOUBT),
    ("postgresql://u:hush", PORT),
    ("postgresql://u:p@h:54x/d", PORT),
    ("postgresql://u:p@h:99999/d", PORT),
    (
        "postgresql://u:p@h/d?sslmod=on",
        "DATABASE_URL has a parameter “sslmod” that PostgreSQL does not know; did you mean",
    ),
    ("postgresql://u:p@h/d?zzzzzzz=on", "DATABASE_URL has a parameter “zzzzzzz” that PostgreSQL does not know"),
]

SAID = [
    (
        'connection to server at "10.0.0.1", port 5432 failed: FATAL:  password authentication failed for user "u"',
        "the user “u” or the password is wrong",
    ),
    ("connection failed: … failed: fe_sendauth: no password supplied", "it asks for a password, and the address has"),
    ('failed: FATAL:  database "ledger" does not exist', "there is no database “ledger”; make it with: createdb"),
    ("failed to resolve host 'h': [Errno -2] Name or service not known", "there is no host of that name"),
    ("connection timeout expired", "no answer within 10 seconds"),
    ("failed: Connection refused\n\tIs the server running?", "nobody listens there"),
    ("failed: FATAL:  the database system is starting up", "it is starting up; try again in a moment"),
    ("permission denied for schema public\nLINE 1", "permission denied for schema public"),
    (
        "connection failed: connection to server failed: FATAL:  sorry, too many clients already",
        "sorry, too many clients",
    ),
]


@pytest.mark.parametrize(("written", "read"), RIGHT)
def test_what_is_right_is_read_whatever_the_driver(written: str, read: str) -> None:
    assert address.read(written) == read


@pytest.mark.parametrize(("written", "said"), WRONG)
def test_what_is_wrong_is_one_sentence_without_the_password(written: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        address.read(written)

    assert str(refused.value).startswith(said)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(("said", "reason"), SAID, ids=[reason for _, reason in SAID])
def test_what_postgresql_says_at_the_connect_is_said_in_words(said: str, reason: str) -> None:
    told = sentence("postgresql+psycopg://u:hushhush@db.example/ledger", said + " hushhush")

    assert told.startswith(f"The database of DATABASE_URL, “ledger” at db.example:5432, cannot be used: {reason}")
    assert told.count(". ") == 0
    assert "hushhush" not in told


def test_a_database_is_named_as_people_do() -> None:
    assert place("postgresql+psycopg://u@[::1]:5433/d") == "“d” at [::1]:5433"
    assert place("postgresql+psycopg://u@/d?host=/run/postgresql") == "“d” in /run/postgresql"
    assert place("postgresql+psycopg://u@h") == "“u” at h:5432"
