"""What comes in from outside is pinned and hashed, what goes out is listed, and no secret is in the tree."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from detect_secrets.core import scan
from detect_secrets.settings import transient_settings

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-sbom.lock")

DETECTORS = (
    "ArtifactoryDetector",
    "AWSKeyDetector",
    "AzureStorageKeyDetector",
    "BasicAuthDetector",
    "DiscordBotTokenDetector",
    "GitHubTokenDetector",
    "GitLabTokenDetector",
    "JwtTokenDetector",
    "MailchimpDetector",
    "NpmDetector",
    "OpenAIDetector",
    "PrivateKeyDetector",
    "PypiTokenDetector",
    "SendGridDetector",
    "SlackDetector",
    "SquareOAuthDetector",
    "StripeDetector",
    "TelegramBotTokenDetector",
    "TwilioKeyDetector",
)
"""Those that know a secret by its shape. Words like "password" beside a value are in every test of a sign-in form."""

INVENTED = {
    ".env.example": {"password"},
    "docs/deploying.md": {"password"},
    "mixmodel_app/config.py": {"password"},
    "tests/unit/local/test_command_line.py": None,
    "tests/unit/local/test_production_secrets.py": None,
    "tests/unit/local/test_settings.py": None,
    "tests/unit/local/test_structured_logs.py": None,
    "tests/integration/server/test_no_leaks.py": None,
}
"""Examples by file; None for tests of how secrets are treated, which are full of made-up ones."""

_PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[\w.+!-]+)(?: ; [^\\]+)? \\$")


def _tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    return [ROOT / name for name in done.stdout.decode().splitlines()]


def _text_files() -> Iterator[Path]:
    for path in _tracked():
        large = path.suffix in (".lock", ".woff2", ".png", ".csv", ".parquet") or path.name == "package-lock.json"
        if path.is_file() and not large:
            yield path


def _secrets_in(path: Path) -> list[tuple[str, str, int]]:
    return [(one.type, one.secret_value or "", one.line_number) for one in scan.scan_file(str(path))]


@pytest.fixture
def detectors() -> Iterator[None]:
    with transient_settings({"plugins_used": [{"name": name} for name in DETECTORS]}):
        yield


@pytest.mark.usefixtures("detectors")
def test_no_secret_is_in_the_tree() -> None:
    found = []
    for path in _text_files():
        name = path.relative_to(ROOT).as_posix()
        known = INVENTED.get(name, set())
        if known is not None:
            found += [f"{name}:{line}: {kind}" for kind, value, line in _secrets_in(path) if value not in known]
    assert found == []


@pytest.mark.usefixtures("detectors")
@pytest.mark.parametrize(
    "planted",
    [
        "-----BEGIN RSA PRIVATE " + "KEY-----",
        "aws = 'AKIA" + "QYLPMN5HHHFPZAM2'",
        "token = 'ghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'",
        "postgresql://app:s3cr3t" + "Value@db.internal/mixmodel",
    ],
)
def test_the_scan_finds_what_it_should(tmp_path: Path, planted: str) -> None:
    path = tmp_path / "settings.py"
    path.write_text(planted + "\n")
    assert _secrets_in(path)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_and_hashed(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    starts = [number for number, line in enumerate(lines) if not line.startswith(" ")]
    assert len(starts) > 20
    for begin, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        assert _PIN.match(lines[begin]), lines[begin]
        hashes = [line.strip().removesuffix(" \\") for line in lines[begin + 1 : end]]
        assert hashes, lines[begin]
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", one) for one in hashes), lines[begin]


@pytest.mark.parametrize("file", ["Dockerfile", "tools/bootstrap"])
def test_nothing_is_installed_without_its_hash(file: str) -> None:
    text = (ROOT / file).read_text().replace("\\\n", " ")
    installs = [line for line in text.splitlines() if re.search(r"\bpip (install|sync)\b", line)]
    assert installs
    assert all("--require-hashes" in line for line in installs), installs


def test_the_image_lists_its_parts(tmp_path: Path) -> None:
    """The command of the Dockerfile, run here on the same lock: every package with its version is in the list."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    command = re.search(r"/sbom/bin/(cyclonedx-py requirements [^&\n]+)", text)
    assert command, "the image makes its bill of materials"
    words = command[1].split()
    place = Path(words[words.index("--output-file") + 1])
    words[words.index("--output-file") + 1] = str(tmp_path / place.name)
    subprocess.run([TOOLS / words[0], *words[1:]], cwd=ROOT, check=True, capture_output=True)
    made = json.loads((tmp_path / place.name).read_text())
    assert made["bomFormat"] == "CycloneDX"
    assert made["metadata"]["component"]["name"] == "mixmodel"
    listed = {(part["name"], part["version"]) for part in made["components"]}
    pins = [_PIN.match(line) for line in (ROOT / "requirements.lock").read_text().splitlines()]
    assert listed == {(pin["name"], pin["version"]) for pin in pins if pin}
    assert all(part["purl"].startswith("pkg:pypi/") for part in made["components"])
    assert place.is_relative_to("/app") or not place.is_absolute(), "it lies in what the image copies"


def test_the_audit_says_when_it_could_not_ask() -> None:
    """With a proxy that is not there no database can be reached: a loud line, and no claim that all is well."""
    env = {"PATH": "/usr/bin:/bin", "HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    done = subprocess.run([ROOT / "tools/audit"], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "NOT AUDITED" in done.stderr
    strict = subprocess.run(
        [ROOT / "tools/audit", "--strict"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert strict.returncode == 2
