r"""Secrets that are known by their shape: private keys, addresses with passwords, headers, options, tokens of makers.

Nothing here can take long, whatever the text: every quantifier is bounded, or takes what nothing after it could want
back (possessive, ``++``), or is the last of its pattern, so that what it looked at is not looked at again.
"""

import re
from dataclasses import dataclass

COVER = "•••"

QUOTE = r"""\\{0,7}+["']"""  # in JSON within JSON a quote is \", and one level deeper \\\"


@dataclass(frozen=True, slots=True)
class Shape:
    """A pattern, what to put in its place, and the words (in small letters) without one of which it cannot be there."""

    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    cover: str


def _shape(hints: str, pattern: str, cover: str = rf"\1{COVER}", *, exact: bool = False) -> Shape:
    flags = re.VERBOSE | (re.NOFLAG if exact else re.IGNORECASE)
    return Shape(tuple(hints.split()), re.compile(pattern, flags), cover)


BEGINS = r"-----BEGIN[ ][A-Z ]{0,40}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----"
ENDS = r"-----END[ ][A-Z ]{0,40}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----"
_PRIVATE_KEYS = (  # one whose end is missing reaches to the next such line, or to the end of the text
    _shape("-----begin", rf"{BEGINS} [^-]*+ (?: -(?!----(?:BEGIN|END)[ ]) [^-]*+ )*+ (?: {ENDS} )?", COVER, exact=True),
    _shape("age-secret", r"\bAGE-SECRET-KEY-1[A-Z0-9]{20,}", COVER, exact=True),
)

_USER = r"""[^\s/?\#:@"'<>]{1,500}+"""
_WEB = r"\b((?:git\+)?(?:https?|ftps?|wss?)://"
_ADDRESSES = (
    _shape("://", rf"{_WEB})(?!git@){_USER}(?::(?:x|x-oauth-basic)?)?@", rf"\1{COVER}@"),  # a token in the user's place
    _shape("://", rf"""{_WEB}(?:{_USER})?:)[^\s/?\#"'<>]{{1,500}}@""", rf"\1{COVER}@"),
    _shape(  # here a password may hold what an address may not: SQLAlchemy and libpq take it
        "://",
        rf"""\b((?!(?:git\+)?(?:https?|ftps?|wss?):)[a-z][a-z0-9+.\-]{{0,30}}+://(?:{_USER})?:)(?!\d{{1,5}}/)
             [^\s@"'<>]{{1,500}}+@(?!sha\d)(?:[^\s/@"'<>]{{1,100}}+@)?""",
        rf"\1{COVER}@",
    ),
    _shape(  # one that was cut before its @: what stands after a user and is no port, up to the end of the text
        "://",
        rf"""\b([a-z][a-z0-9+.\-]{{0,30}}+://(?!\[)(?:{_USER})?:)(?!\d{{1,5}}(?:[/?\#]|\W{{0,8}}\Z))
             [^\s@"'<>•]{{1,500}}+(?=\s{{0,8}}\Z)""",
    ),
    _shape("sig", r"""([?&](?:sig|signature|x-amz-signature|x-goog-signature)=)[^\s&"'\\]++"""),
    _shape("hooks.slack.com", r"\b(https://hooks\.slack\.com/[a-z]{1,20}/)[A-Z0-9/_\-]{8,}"),
)

_NO_VALUE = r"(?:digest|required|failed|missing|invalid|denied|granted|ok)\b|•"
_HEADERS = (
    _shape(
        "authorization",
        rf"""((?:^|[^\w\-]|proxy-)authorization(?:{QUOTE})?+[ \t]{{0,20}}+[:=][ \t]{{0,20}}+\[?+(?:{QUOTE})?+
             (?:(?:bearer|basic|token|negotiate|apikey|key)[ \t]{{1,20}}+)?+)
             (?!{_NO_VALUE}) [^"'\\\r\n,\]\s] [^"'\\\r\n,\]]*+""",
    ),
    _shape("digest", r"(\bauthorization[ \t]{0,20}+[:=][ \t]{0,20}+digest[ \t]{1,20}+)[^'\r\n]++"),
    _shape("bearer", r"\b(bearer[ \t]{1,20}+)(?!authenti|authori)[a-z0-9._~+/\-]{8,}=*"),
    _shape(
        "cookie",
        rf"""(\b(?:set-)?cookie(?:{QUOTE})?+[ \t]{{0,20}}+:[ \t]{{0,20}}+\[?+(?:{QUOTE})?+)
             (?=[^\s=;"']{{1,200}}+=)[^"'\\\r\n]++""",
    ),
)

_LINE = r"[^\r\n]{0,300}?"
_WORD = r"""["']?[^\s"']++["']?"""
_REGISTRIES = "docker podman nerdctl buildah skopeo helm oras crane"
_OPTIONS = (  # what is secret for one program only
    _shape(
        "curl wget http",
        rf"""(\b(?:curl|wget|https?)[ ]{_LINE}(?<=[ ])
             (?:-u|--user|--proxy-user)[ =]?["']?[^\s:"']{{1,200}}+:)(?!//){_WORD}""",
    ),
    _shape(
        _REGISTRIES,
        rf"""(\b(?:{_REGISTRIES.replace(" ", "|")})[ ](?:[^\s]{{1,40}}+[ ])?login[ ]
             {_LINE}(?<=[ ])(?-i:-p)[ =]?){_WORD}""",
    ),
    _shape("mysql mariadb", rf"(\b(?:mysql|mariadb)[a-z\-]{{0,20}}+[ ]{_LINE}(?<=[ ])(?-i:-p)){_WORD}"),
    _shape("sshpass", rf"(\bsshpass[ ]{{1,20}}+-p[ ]?){_WORD}"),
    _shape("redis-cli", rf"(\bredis-cli[ ]{_LINE}(?<=[ ])-a[ ]{{1,20}}+){_WORD}"),
    _shape("-pass", r"""(-pass(?:in|out)?[ ]{1,20}+["']?pass:)[^\s"']++"""),
    _shape("--from-literal", r"""(--from-literal[ =]["']?[\w.\-]{1,200}+=)[^\s"']++"""),
    _shape("login", r"(\blogin[ \t]{1,20}+[^\s]{1,200}+\s{1,40}+password[ \t]{1,20}+)\S++"),  # .netrc
    _shape("::add-mask::", r"(::add-mask::)\S[^\r\n]*+"),
    _shape(
        "identified",
        r"""(\bidentified[ ](?:with[ ][\w"'`]{1,60}+[ ])?(?:by|as)[ ](?:password[ ])?)
            (?:'[^'\r\n]*+'?|"[^"\r\n]*+"?)""",
    ),
)

_MAKERS = tuple(
    _shape(hints, rf"(?<![A-Za-z0-9])(?:{pattern})", COVER, exact=True)
    for hints, pattern in {
        "xox xapp-": r"x(?:ox[abeoprs](?:\.xox[bp])?|app)-[A-Za-z0-9-]{8,}",  # Slack
        "ghp_ gho_ ghu_ ghs_ ghr_": r"gh[pousr]_[A-Za-z0-9]{20,}",  # GitHub
        "github_pat_": r"github_pat_[A-Za-z0-9_]{20,}",
        "gl": r"gl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|wt|soat|ffct)-[A-Za-z0-9_\-]{16,}",  # GitLab
        "akia asia": r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])",  # Amazon
        "aiza": r"AIza[A-Za-z0-9_\-]{35}",  # Google
        "eyj": r"eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*",  # JSON web tokens
        "sk_ rk_ pk_ whsec_": r"(?:sk|rk|pk|whsec)_(?:live_|test_)?[A-Za-z0-9]{16,}",  # Stripe
        "sk-": r"sk-[A-Za-z0-9_\-]{20,}",  # OpenAI, Anthropic
        "npm_": r"npm_[A-Za-z0-9]{30,}",
        "pypi-": r"pypi-[A-Za-z0-9_\-]{30,}",
        "dckr_": r"dckr_[a-z]{2,4}_[A-Za-z0-9_\-]{20,}",  # Docker
        "hf_": r"hf_[A-Za-z0-9]{30,}",  # Hugging Face
        "hvs. hvb.": r"hv[sb]\.[A-Za-z0-9_\-]{20,}",  # Vault
        "dop_v1_": r"dop_v1_[a-f0-9]{40,}",  # DigitalOcean
        "sg.": r"SG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}",  # SendGrid
        "atatt": r"ATATT[A-Za-z0-9_\-=]{20,}",  # Atlassian
        "shp": r"shp[a-z]{2}_[a-fA-F0-9]{32}",  # Shopify
    }.items()
)

SHAPES = (*_PRIVATE_KEYS, *_ADDRESSES, *_HEADERS, *_OPTIONS, *_MAKERS)


def in_small(text: str) -> str:
    """Return a text in small letters, each in its place: İ is the one letter that would become two."""
    return text.replace("İ", "I").lower()


def covered(text: str) -> str:
    """Return the text with everything covered that has the shape of a secret."""
    small = in_small(text)
    for shape in SHAPES:
        if any(hint in small for hint in shape.hints):
            text = shape.pattern.sub(shape.cover, text)
    return text
