"""`slipway incidents`: list the reports on what went wrong, or write one to a file as Markdown."""

from typing import Annotated

import typer

from bot.cli.ledger import look
from bot.domain.report import Report
from bot.ledger import reports
from bot.ledger.ledger import Tx

app = typer.Typer(
    help="Reports on what went wrong.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@app.callback()
def incidents() -> None:
    """List or export the reports on what went wrong."""


@app.command(name="list")
def list_() -> None:
    """List the newest reports, newest first."""

    async def newest(tx: Tx) -> list[Report]:
        return await reports.newest(tx)

    for report in look(newest):
        typer.echo(
            f"{report.id}  {report.created_at:%Y-%m-%d %H:%M} UTC  {report.name}  {report.subject}  {report.title}"
        )


@app.command()
def export(number: Annotated[int, typer.Argument(min=1, help="The report's number, as its card says it.")]) -> None:
    """Write a report to standard output as Markdown, as it was written last."""

    async def one(tx: Tx) -> Report | None:
        return await reports.get(tx, number)

    report = look(one)
    if report is None or not report.markdown:
        said = "has not been written yet" if report else "is not there; `slipway incidents list` lists the newest"
        typer.echo(f"Report {number} {said}.", err=True)
        raise typer.Exit(1)
    typer.echo(report.markdown)
