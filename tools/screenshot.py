"""Take the picture in the README: the executive view of the sample, light, 1280 × 800.

    tools/screenshot.py URL PASSWORD [docs/screenshot.png]

URL and PASSWORD are those that `make run` prints. Needs the development environment and a Chromium.
"""

import io
import os
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

SAMPLE = "sample@mixmodel.local"
SIZE = {"width": 1280, "height": 800}
MOST_BYTES = 150_000


def main(url: str, password: str, target: str = "docs/screenshot.png") -> None:
    """Sign in, open the sample's results, and write the picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("MIXMODEL_CHROMIUM", "/usr/bin/chromium"))
        picture = compressed(_executive_view(browser, url.rstrip("/"), password))
        browser.close()
    Path(target).write_bytes(picture)
    print(f"{target}: {len(picture) // 1000} kB")


def _executive_view(browser: Browser, url: str, password: str) -> bytes:
    page = browser.new_context(viewport=SIZE, color_scheme="light", reduced_motion="reduce").new_page()  # pyright: ignore[reportArgumentType]
    page.goto(f"{url}/login")
    page.get_by_label("Email").fill(SAMPLE)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Open results").click()
    page.wait_for_url("**/results/*")
    _settled(page)
    return page.screenshot()


def _settled(page: Page) -> None:
    """Wait until the chart is drawn and the fonts are there."""
    page.locator(".mm-chart .main-svg").first.wait_for()
    page.evaluate("document.fonts.ready.then(() => true)")
    page.mouse.move(0, 0)


def compressed(picture: bytes) -> bytes:
    """The picture as a PNG of 256 colours, which a page of flat colours does not notice.

    Raises:
        SystemExit: it is still too large for the repository.
    """
    out = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True
    )
    if out.tell() > MOST_BYTES:
        raise SystemExit(f"The picture has {out.tell() // 1000} kB; at most {MOST_BYTES // 1000} kB may be committed.")
    return out.getvalue()


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
