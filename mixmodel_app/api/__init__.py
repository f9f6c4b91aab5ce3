"""The HTTP API (FastAPI at /api): thin routes over the services, errors as problem+json, and the layers around."""
