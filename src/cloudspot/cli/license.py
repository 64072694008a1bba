"""`cloudspot license`: who may log in to an application, and what for."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from cloudspot.records.auth import CompanyPermissions
from cloudspot.secret import SecretText

from .connection import asked_url, options_of
from .failures import ExitCode
from .layout import Column, table
from .options import Choices, Sectioned, SectionedGroup, license_options
from .terminal import clean, is_terminal, say, width

if TYPE_CHECKING:
    from cloudspot.session import Session

COLUMNS = (
    Column("company", lambda company: company.company_name or "", shrinks=True),
    Column("id", lambda company: company.company_id or ""),
    Column("permissions", lambda company: " ".join(company.permissions), shrinks=True),
)


@click.group(cls=SectionedGroup, invoke_without_command=True)
@click.pass_context
def license(ctx: click.Context) -> None:  # noqa: A001 - the name of the command
    """Look at the logins of an application's users.

    The application is known to the License server by its id: --application, or CLOUDSPOT_LICENSE_APP.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@license.command(cls=Sectioned, short_help="Log a user in, and show what is allowed where.")
@click.argument("username")
@click.option(
    "--application", metavar="ID", help="The id of the application at the License server. [env: CLOUDSPOT_LICENSE_APP]"
)
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin instead of asking for it.")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object: `user`, and `companies` with their permissions."
)
@license_options
@click.pass_context
def check(
    ctx: click.Context, *, username: str, application: str | None, password_stdin: bool, as_json: bool
) -> ExitCode:
    """Log a user in, and show who it is and what is allowed in which company.

    The password is asked for without showing it. Nothing is kept, and neither password, token nor PIN is shown. The
    exit code is 3 where the login is refused, and where the user may not use the application in any company.
    """
    from cloudspot.license import License

    choices = ctx.ensure_object(Choices)
    with License(application, **options_of(choices, asked_url(choices))) as server:
        password = _password(username, from_stdin=password_stdin)
        session = server.authenticate(username, password)
    if as_json:
        click.echo(json.dumps(shown(session), ensure_ascii=False, indent=2))
    elif session.companies:
        click.echo("\n".join(table(session.companies, COLUMNS, width())))
    if not choices.quiet:
        say(clean(_summary(session, server.application)))
    return ExitCode.OK if session.companies else ExitCode.NOT_AUTHORISED


def shown(session: Session) -> dict[str, object]:
    """A session as JSON, without what is secret in it."""
    user = session.user
    return {
        "user": {"email": user.email, "first_name": user.first_name, "last_name": user.last_name},
        "companies": [_company(company) for company in session.companies],
    }


def _company(company: CompanyPermissions) -> dict[str, object]:
    return {
        "company_id": company.company_id,
        "company_name": company.company_name,
        "permissions": list(company.permissions),
    }


def _summary(session: Session, application: str) -> str:
    names = filter(None, (session.user.first_name, session.user.last_name))
    count = len(session.companies)
    where = f"in {count} {'company' if count == 1 else 'companies'}" if count else "in no company"
    return f"{' '.join(names) or 'This user'} ({session.user.email}) may use {application} {where}."


def _password(username: str, *, from_stdin: bool) -> SecretText:
    if from_stdin:
        return SecretText(sys.stdin.readline().rstrip("\r\n"))
    if not is_terminal(sys.stdin):
        raise click.UsageError("There is no terminal to ask for the password. Use --password-stdin.")
    return SecretText(click.prompt(f"Password of {username}", hide_input=True, err=True))
