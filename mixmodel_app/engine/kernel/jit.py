"""How the kernel is compiled, and where that is kept: in a folder named after all the sources.

So old code is never run for new: numba alone looks only at the file of the outer function, while the functions that
it calls are compiled into it.
"""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import numba as nb

_HERE = Path(__file__).parent


def source_digest(folder: Path) -> str:
    """The first twelve hexadecimal digits of the SHA-256 of all Python files of a folder."""
    sources = (path.name.encode() + path.read_bytes() for path in sorted(folder.glob("*.py")))
    return hashlib.sha256(b"\0".join(sources)).hexdigest()[:12]


def cache_folder(places: list[Path], digest: str) -> Path:
    """A folder for this digest in the first place that can be written; folders of other digests there are removed.

    Where no place can be written, a folder of this process alone: code that others can write is not run.
    """
    for place in places:
        found = place / f"kernel-{digest}"
        try:
            found.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if not os.access(found, os.W_OK):
            continue
        for other in place.glob("kernel-*"):
            if other != found:
                shutil.rmtree(other, ignore_errors=True)
        return found
    return Path(tempfile.mkdtemp(prefix="mixmodel-kernel-"))


def _places() -> list[Path]:
    asked = nb.config.CACHE_DIR
    return [Path(asked)] if asked else [_HERE / "__pycache__", Path.home() / ".cache" / "mixmodel"]


nb.config.CACHE_DIR = str(cache_folder(_places(), source_digest(_HERE)))  # read by every decorator from here on

jit = nb.njit(cache=True, nogil=True, error_model="numpy")
contracted = nb.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz"})
reordered = nb.njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})
