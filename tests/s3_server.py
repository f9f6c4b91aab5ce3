"""A server that speaks S3, in this process. It follows the protocol and checks no signatures."""

import boto3
from moto.server import ThreadedMotoServer

from mixmodel_app.local.processes import free_port

BUCKET = "mixmodel-test"
_KEY, _SECRET = "a-key-of-the-tests", "a-secret-of-the-tests-that-nobody-guesses"


class S3Server:
    """One empty bucket; its objects stay when the server is stopped and started again."""

    def __init__(self) -> None:
        self.port = free_port()
        self.start()
        boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=_KEY,
            aws_secret_access_key=_SECRET,
        ).create_bucket(Bucket=BUCKET)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def env(self) -> dict[str, str]:
        """The settings of an installation that keeps its files here."""
        return {
            "STORAGE_URL": f"s3://{BUCKET}",
            "S3_ENDPOINT_URL": self.url,
            "S3_ACCESS_KEY": _KEY,
            "S3_SECRET_KEY": _SECRET,
        }

    def start(self) -> None:
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=self.port, verbose=False)
        self.server.start()

    def stop(self) -> None:
        self.server.stop()
