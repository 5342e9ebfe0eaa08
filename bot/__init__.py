"""Slipway: the ChatOps bot for Slack that engineers trust with production.

People and machines append to a ledger; an engine makes the world match the ledger; a painter makes Slack match
the ledger. docs/architecture.md draws it on one page.

Glossary (one word per idea; code, messages and documents use these and no others):

service      a thing that is released on its own: backend, frontend
environment  a place where services run: development, staging, production
target       a service in an environment; written ``backend/staging``
candidate    a commit that could become a release: what a source (git) offers, before the ledger knows it
release      an immutable candidate of a service that the ledger knows: version, commit, branch, artefact digest
artefact     what a build made of a release; its SHA-256 is the release's digest
change       what one command, call or schedule asked for; it has a plan, and one live card pictures it
plan         the frozen description of a change: operations in order, releases, steps, configuration; its SHA-256
             is what people approve
operation    one attempt at something on one target, part of a change: deploy, rollback, restart
step         a part of an operation: build, backup, migrate, apply, verify, bake, or a command; has a key
key          the name of one mutation; doing it twice under one key is the same as doing it once
gate         a check before a start: pass, fail, unknown (blocks), waived
approval     one person's vote on the plan of a change, bound to the plan's digest
policy       who must approve, how many, and for how long the question stays open
hold         a lasting lock on a target that keeps automation from bringing a faulty release back
faulty       said of a release that was rolled back from on a target
crossing     an irreversible migration between what a target runs and a release that it would go back to
backup       a copy of a database that a step made and read back before anything moved
drift        what is observed on a target is not what the ledger says was put there
unknown      what cannot be told; it says so, keeps its target, and asks a person
excerpt      what the programs of a target had printed, as somebody asked to see it
alert        something a monitor says is wrong; its fingerprint names it
silence      a wish that what some labels match calls nobody for a time; Alertmanager holds it
watchdog     an alert that always fires, so that its quiet tells of a monitor that is broken
alert group  what a monitor tells of together, on one card; somebody acknowledges it, for a time
escalation   who is told next of an alert group that nobody is at: a policy, frozen, with its next step and when
notification one thing told to one by one way: the intent, its key, and how it ended
pager        a way to tell people outside of Slack: PagerDuty, e-mail
rotation     who is on call when, for one thing: layers of people who take turns, holidays, overrides
shift        a time that one person has on a rotation; between two of them is a hand-off
override     somebody is on call instead of whoever would be, for a time
hole         a time in which nobody is on call
digest       what waited for somebody while they were left in peace, in one message
cause        the operation that touched what an alert is about shortly before it began, as it was seen then
report       what is written about something that went wrong, by a template, and filled in by people
card         a message that pictures a ledger row; it has a revision to show and a revision shown
ledger       the PostgreSQL database: what is, and in ``events`` what happened, in a chain of hashes
painter      what makes Slack match the ledger
engine       what makes the world match the ledger
"""

__version__ = "0.1.0"
