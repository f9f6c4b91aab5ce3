"""MixModel from a script: `from mixmodel import Client`. Needs nothing of the server's code; see docs/client.md."""

from mixmodel.client import ApiError as ApiError
from mixmodel.client import ChannelReturn as ChannelReturn
from mixmodel.client import Client as Client
from mixmodel.client import Dataset as Dataset
from mixmodel.client import Run as Run
from mixmodel.client import RunFailed as RunFailed
