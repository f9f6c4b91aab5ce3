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
    _add_fit(commands)
    _add_simulate(commands)
    _add(commands, "worker", worker, "run one worker that fits models")
    _add(commands, "web", web, "run the web server on built pages")
    _add(commands, "build", build, "build the pages, unless they are up to date")
    _add(commands, "migrate", migrate, "bring the database to the newest version")
    _add(commands, "sample", sample, "make the sample account and print it as JSON")
    _add_create_admin(commands)
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


def _add_fit(commands: _Commands) -> None:
    parser = _add(commands, "fit", fit, "fit a model to a CSV or XLSX file and print the return on each channel")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--target", help="outcome column (else detected)")
    parser.add_argument("--date", help="date column (else detected)")
    parser.add_argument("--media", nargs="+", metavar="COLUMN", help="spend columns (else detected)")
    parser.add_argument("--controls", nargs="*", metavar="COLUMN", help="control columns (else detected)")
    parser.add_argument("--mode", choices=("quick", "full"), default="quick", help="how many draws (default: quick)")
    parser.add_argument("--seed", type=int, help="repeat a fit exactly")
    parser.add_argument("--config", metavar="JSON", help="settings as in the HTTP API, or a file with them")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the results as JSON")


def _add_simulate(commands: _Commands) -> None:
    parser = _add(commands, "simulate", simulate, "write a simulated dataset and its true effects")
    parser.add_argument("directory", type=Path, nargs="?", default=Path("sample"), help="where (default: sample)")


def _add_create_admin(commands: _Commands) -> None:
    parser = _add(
        commands, "create-admin", create_admin, "make a workspace with an admin, or report that the email is taken"
    )
    parser.add_argument("--email", required=True)
    parser.add_argument("--password", help="asked for when left out")
    parser.add_argument("--name", default="", help="full name")
    parser.add_argument("--workspace", default="My workspace")


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
        from alembic.config import Config

        from alembic import command
        from mixmodel_app.local.frontend import PROJECT

        # env.py holds an advisory lock meanwhile, so several may start at the same time.
        command.upgrade(Config(PROJECT / "alembic.ini"), "head")


def sample(_options: argparse.Namespace) -> None:
    with _stores():
        from mixmodel_app.local.home import Home
        from mixmodel_app.services.sample import ensure_sample

        home = Home(settings().home)
        password = home.secret("sample", make=lambda: f"Mix-{secrets.token_hex(4)}-{secrets.randbelow(90) + 10}")
        print(json.dumps({"email": ensure_sample(password), "password": password}))


def create_admin(options: argparse.Namespace) -> None:
    with _stores():
        from mixmodel_app.services import accounts

        password = options.password or _ask_password()
        name = options.name or options.email.split("@")[0]
        accounts.register(email=options.email, password=password, full_name=name, workspace_name=options.workspace)
        print(f"{options.email} is the admin of {options.workspace!r}.")


def _ask_password() -> str:
    if not sys.stdin.isatty():
        raise InvalidInput("There is no password.", hint="Give one with --password.")
    return getpass.getpass("Password: ")


def _attach() -> Settings:
    """The settings; without addresses in the environment, those of the instance that runs on this home."""
    if not os.environ.get("DATABASE_URL"):
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
