"""Approve and Reject, on the card that asks. There is no such word to type: who approves has the plan before them."""

from bot.command import Answer, Button, Context, Form, Open, Submission, Wrong
from bot.domain.errors import Refused
from bot.usecases import decisions
from bot.views import forms


async def approve(change: int, ctx: Context) -> Answer:
    """Count a yes; the card says so."""
    await decisions.approve(ctx.world, change, by=ctx.person)
    return None


async def reject(change: int, ctx: Context) -> Answer:
    """Ask for the reason of a no that will count."""
    await decisions.check_reject(ctx.world, change, by=ctx.person)
    return Open(forms.reject(change))


async def submit(sent: Submission, ctx: Context) -> Answer:
    """Count a no with its reason."""
    try:
        await decisions.reject(ctx.world, sent.number, by=ctx.person, reason=str(sent.values.get("reason") or ""))
    except Refused as no:
        return Wrong({"reason": str(no)})
    return None


BUTTONS = [Button("approve", approve), Button("reject", reject)]
FORMS = [Form("reject", submit)]
