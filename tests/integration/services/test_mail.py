"""Letters to a real mail server with TLS: encrypted, only where the certificate is right, never in clear unasked."""

import datetime
import ssl
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mixmodel_app import config
from mixmodel_app.local.processes import free_port
from mixmodel_app.services import mail

ACCOUNT = ("mailer", "p@ss/word-7Q")


class Box(Message):
    """Keeps what comes, and whether it came encrypted and by whom."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[Any] = []
        self.sessions: list[tuple[bool, bool]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        self.sessions.append((session.ssl is not None or server.transport.get_extra_info("cipher") is not None,
                              bool(session.authenticated)))  # fmt: skip
        return await super().handle_DATA(server, session, envelope)

    def handle_message(self, message: Any) -> None:
        self.letters.append(message)


def _certificate(folder: Path, name: str) -> Path:
    """A self-signed certificate with its key in one file; it is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ip_address("127.0.0.1")) if name == "127.0.0.1" else x509.DNSName(name)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def _check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    fits = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == ACCOUNT
    return AuthResult(success=fits)


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Box]]:
    """Start a server: how it speaks, for which name its certificate is, and whether that certificate is trusted."""
    running: list[Controller] = []

    def start(how: str, name: str = "127.0.0.1", *, trusted: bool = True, account: str = "", query: str = "") -> Box:
        file = _certificate(tmp_path, name)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(file)
        monkeypatch.setenv("SSL_CERT_FILE", str(file if trusted else tmp_path / "none"))
        box = Box()
        options: dict[str, Any] = {"hostname": "127.0.0.1", "port": free_port()}
        if how == "smtps":
            options["ssl_context"] = context
        if how == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        if account:
            options |= {"authenticator": _check, "auth_required": True, "auth_require_tls": how == "starttls"}
        running.append(Controller(box, **options))
        running[-1].start()
        scheme = "smtps" if how == "smtps" else "smtp"
        monkeypatch.setenv("SMTP_URL", f"{scheme}://{account}127.0.0.1:{options['port']}{query}")
        monkeypatch.setenv("SMTP_FROM", "MixModel <mix@example.com>")
        config.settings.cache_clear()
        return box

    yield start
    for controller in running:
        controller.stop()
    monkeypatch.undo()
    config.settings.cache_clear()


def _send() -> bool:
    return mail.send("ann@example.com", "Your link", "https://mix.example.com/reset?token=x")


@pytest.mark.parametrize("how", ["starttls", "smtps"])
@pytest.mark.parametrize("account", ["", "mailer:p%40ss%2Fword-7Q@"])
def test_a_letter_goes_encrypted(serve: Callable[..., Box], how: str, account: str) -> None:
    box = serve(how, account=account)
    assert _send() is True
    (letter,) = box.letters
    assert (letter["To"], letter["From"]) == ("ann@example.com", "MixModel <mix@example.com>")
    assert box.sessions == [(True, bool(account))]


@pytest.mark.parametrize("how", ["starttls", "smtps"])
@pytest.mark.parametrize(("name", "trusted"), [("127.0.0.1", False), ("other.example.com", True)])
def test_a_certificate_that_is_unknown_or_for_another_name_is_not_taken(
    serve: Callable[..., Box], how: str, name: str, trusted: bool
) -> None:
    box = serve(how, name, trusted=trusted)
    assert _send() is False
    assert box.letters == []


def test_a_password_never_goes_in_clear(serve: Callable[..., Box]) -> None:
    box = serve("plain", account="mailer:p%40ss%2Fword-7Q@")
    assert _send() is False
    assert box.letters == []


def test_a_letter_goes_in_clear_to_this_machine_or_where_that_is_allowed(
    serve: Callable[..., Box], monkeypatch: pytest.MonkeyPatch
) -> None:
    box = serve("plain")
    assert _send() is True
    far = config.settings().mail.url.replace("127.0.0.1", "127.0.0.2")
    assert len(box.letters) == 1
    for url, expected in ((far, False), (f"{far}?tls=off", True)):
        assert mail._may_be_clear(mail.urlsplit(url)) is expected
