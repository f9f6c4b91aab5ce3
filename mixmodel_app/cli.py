"""The `mixmodel` command. Each subcommand imports what it needs when it runs, so that `--help` is instant."""

import argparse
import contextlib
import getpass
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from mixmodel_app import __version__
from mixmodel_app.config import Settings, SettingsError, settings
from mixmodel_app.domain.errors import InvalidInput, MixModelError, Unavailable

WRONG = 2
"""Exit code for anything a person can put right; the reason is on standard error."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], None] = options.command
    try:
        command(options)
    except MixModelError as error:
        return _complain(error.sentence())
    except SettingsError as error:
        return _complain(str(error))
    except KeyboardInterrupt:
        return 130
    return 0


def _complain(sentence: str) -> int:
    print(f"mixmodel: {sentence}", file=sys.stderr)
    return WRONG


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mixmodel", description="Self-hostable Bayesian marketing mix modelling.")
    parser.add_argument("--version", action="version", version=f"MixModel {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_up(commands)
    _add_check(commands)
    _add_fit(commands)
    _add_simulate(commands)
    _add(commands, "worker", worker, "run one worker that fits models")
    _add(commands, "web", web, "run the web server on built pages")
    _add(commands, "build", build, "build the pages, unless they are up to date")
    _add(commands, "migrate", migrate, "bring the database to the newest version")
    _add_backup(commands)
    _add(commands, "sample", sample, "make the sample account and print it as JSON")
    _add_doctor(commands)
    _add_create_admin(commands)
    _add_reset_password(commands)
    return parser


type _Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # pyright: ignore[reportPrivateUsage]


def _add(
    commands: _Commands, name: str, command: Callable[[argparse.Namespace], None], text: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.set_defaults(command=command)
    return parser


def _add_up(commands: _Commands) -> None:
    parser = _add(commands, "up", up, "run everything on this machine: stores, web, worker, janitor")
    parser.add_argument("--port", type=int, help="port of the pages (MIXMODEL_PORT, else 8000)")
    parser.add_argument("--home", type=Path, help="data directory (MIXMODEL_HOME)")
    parser.add_argument("--open", action="store_true", help="open the page in a browser (MIXMODEL_OPEN_BROWSER)")
    parser.add_argument("--verbose", action="store_true", help="show every line that the processes log")


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--target", help="outcome column (else detected)")
    parser.add_argument("--date", help="date column (else detected)")
    parser.add_argument("--media", nargs="+", metavar="COLUMN", help="spend columns (else detected)")
    parser.add_argument("--controls", nargs="*", metavar="COLUMN", help="control columns (else detected)")
    parser.add_argument("--reading", metavar="JSON", help='how to read it, such as {"day_first": true}')


def _add_check(commands: _Commands) -> None:
    parser = _add(commands, "check", check, "check a CSV or XLSX file and say what it can tell; ends with 2 on errors")
    _add_file(parser)
    parser.add_argument("--safe-fixes", action="store_true", help="make the repairs that a fit would assume anyway")
    parser.add_argument(
        "--fix", action="append", default=[], metavar="JSON", help='a repair, such as {"kind": "add_trend"}; repeatable'
    )
    parser.add_argument("--out", type=Path, metavar="PATH", help="write the table, repairs included, as CSV or XLSX")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write mapping, findings and answers as JSON")


def _add_fit(commands: _Commands) -> None:
    parser = _add(commands, "fit", fit, "fit a model to a CSV or XLSX file and print the return on each channel")
    _add_file(parser)
    parser.add_argument("--mode", choices=("quick", "full"), default="quick", help="how many draws (default: quick)")
    parser.add_argument("--seed", type=int, help="repeat a fit exactly")
    parser.add_argument("--config", metavar="JSON", help="settings as in the HTTP API, or a file with them")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the results as JSON")


def _add_simulate(commands: _Commands) -> None:
    parser = _add(commands, "simulate", simulate, "write a simulated dataset and its true effects")
    parser.add_argument("directory", type=Path, nargs="?", default=Path("sample"), help="where (default: sample)")


def _add_backup(commands: _Commands) -> None:
    parser = _add(commands, "backup", backup, "write database and files into one archive, while MixModel goes on")
    parser.add_argument("file", type=Path, metavar="FILE", help="a new file, or - for standard output")
    parser.add_argument(
        "--with-secrets", action="store_true", help="also the signing key, which second factors depend on"
    )
    parser = _add(commands, "restore", restore, "bring a backup back into an empty, stopped installation")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--replace", action="store_true", help="in the place of everything that is there")


def _add_doctor(commands: _Commands) -> None:
    parser = _add(commands, "doctor", doctor, "say what is wrong with this installation; ends with 1 when something is")
    parser.add_argument("--json", action="store_true", help="for programs")


def _add_create_admin(commands: _Commands) -> None:
    parser = _add(
        commands, "create-admin", create_admin, "make a workspace with an admin, or report that the email is taken"
    )
    parser.add_argument("--email", required=True)
    parser.add_argument("--password", help="asked for when left out")
    parser.add_argument("--name", default="", help="full name")
    parser.add_argument("--workspace", default="My workspace")


def _add_reset_password(commands: _Commands) -> None:
    parser = _add(commands, "reset-password", reset_password, "print a link by which someone chooses a new password")
    parser.add_argument("email", metavar="EMAIL")
    parser.add_argument("--drop-second-factor", action="store_true", help="for a lost phone and lost recovery codes")


def up(options: argparse.Namespace) -> None:
    from mixmodel_app.local.terminal import Terminal
    from mixmodel_app.local.up import up as run

    chosen = {
        "MIXMODEL_PORT": options.port and str(options.port),
        "MIXMODEL_HOME": options.home and str(options.home),
        "MIXMODEL_OPEN_BROWSER": options.open and "1",
    }
    os.environ |= {name: value for name, value in chosen.items() if value}
    # The stores are ours, whatever the shell has set for other programs, and none of them is up yet.
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "REDIS_", "STORAGE_"))
    }
    run(Settings.from_env(own), Terminal(verbose=options.verbose))


def check(options: argparse.Namespace) -> None:
    from mixmodel_app.cli_check import check_file

    check_file(options)


def fit(options: argparse.Namespace) -> None:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # as the workers have it; read when numpy loads
        os.environ.setdefault(name, "1")
    from mixmodel_app.cli_fit import fit_file

    fit_file(options)


def simulate(options: argparse.Namespace) -> None:
    from mixmodel_app.engine.simulate import write_sample

    options.directory.mkdir(parents=True, exist_ok=True)
    print("Wrote " + " and ".join(str(path) for path in write_sample(options.directory)))


def worker(_options: argparse.Namespace) -> None:
    with _stores("worker"):
        from workers.worker import main as work

        work()


def web(_options: argparse.Namespace) -> None:
    from mixmodel_app.local.serving import serve

    found = _attach()
    found.require_services()
    serve(found)


def build(_options: argparse.Namespace) -> None:
    from mixmodel_app.local import frontend

    frontend.build()


def migrate(_options: argparse.Namespace) -> None:
    with _stores():
        from mixmodel_app.storage import schema
        from mixmodel_app.storage.objects import objects

        objects().prepare()
        schema.upgrade()


def backup(options: argparse.Namespace) -> None:
    from mixmodel_app import cli_backup

    with contextlib.ExitStack() as stack:
        if cli_backup.is_at_home():
            stack.enter_context(cli_backup.own_stores(new=False))
        stack.enter_context(_stores())
        cli_backup.make_backup(options)


def restore(options: argparse.Namespace) -> None:
    from mixmodel_app import cli_backup

    with contextlib.ExitStack() as stack:
        at_home = cli_backup.is_at_home()
        if at_home:
            stack.enter_context(cli_backup.own_stores(new=True))
        stack.enter_context(_stores())
        cli_backup.restore_backup(options, at_home=at_home)


def sample(_options: argparse.Namespace) -> None:
    with _stores():
        from mixmodel_app.local.home import Home
        from mixmodel_app.services.sample import ensure_sample

        home = Home(settings().home)
        password = home.secret("sample", make=lambda: f"Mix-{secrets.token_hex(4)}-{secrets.randbelow(90) + 10}")
        print(json.dumps({"email": ensure_sample(password), "password": password}))


def doctor(options: argparse.Namespace) -> None:
    from mixmodel_app.cli_doctor import report

    sys.exit(report(_attach, as_json=options.json))


def create_admin(options: argparse.Namespace) -> None:
    with _stores():
        from mixmodel_app.services import accounts

        password = options.password or _ask_password()
        name = options.name or options.email.split("@")[0]
        accounts.register(email=options.email, password=password, full_name=name, workspace_name=options.workspace)
        print(f"{options.email} is the admin of {options.workspace!r}.")


def reset_password(options: argparse.Namespace) -> None:
    with _stores():
        from mixmodel_app.services import emails, recovery, second_factor

        print(recovery.link_for(options.email))
        if options.drop_second_factor:
            second_factor.drop_for(emails.as_stored(options.email))
        print("It works once, for one hour. Hand it to nobody but the owner of the account.", file=sys.stderr)


def _ask_password() -> str:
    if not sys.stdin.isatty():
        raise InvalidInput("There is no password.", hint="Give one with --password.")
    return getpass.getpass("Password: ")


def _attach() -> Settings:
    """The settings; without addresses in the environment, those of the instance that runs on this home."""
    if not settings().database.url:
        from mixmodel_app.local.home import Home, Instance

        if instance := Instance.read(Home(settings().home)):
            os.environ |= instance.env
            settings.cache_clear()
    return settings()


@contextlib.contextmanager
def _stores(service: Literal["cli", "worker"] = "cli") -> Iterator[None]:
    """Settings and logging for a command that works on the stores; one sentence when they do not answer."""
    from mixmodel_app.logging import configure_logging, init_sentry, redact

    found = _attach()
    found.require_services()
    configure_logging(found, service)
    init_sentry(found, service)
    import redis
    from sqlalchemy.exc import OperationalError

    try:
        yield
    except (OperationalError, redis.ConnectionError) as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise Unavailable(
            f"Postgres or Valkey does not answer: {redact(reason)}.", hint="Is MixModel running?"
        ) from error


if __name__ == "__main__":
    sys.exit(main())
