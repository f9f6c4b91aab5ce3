"""Bytes of a text file to text."""

from mixmodel_app.domain.errors import UnreadableFile

NAMES = {
    "utf-8": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp1252": "CP1252",
    "latin-1": "Latin-1",
}  # fmt: skip
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_SAMPLE = 4096


def decode(content: bytes, name: str) -> tuple[str, str]:
    """Text and encoding: UTF-16 by its mark or its zeros, UTF-8 when it fits, else CP1252, which is Latin-1 with more
    signs, else Latin-1, which fits anything.

    Raises:
        UnreadableFile: starts like UTF-16 and is not.
    """
    encoding = "utf-16" if content.startswith(UTF16_MARKS) else unmarked_utf16(content)
    if encoding:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text[:_SAMPLE]:  # UTF-32 starts with the same two bytes
            raise UnreadableFile(
                f"{name} starts like UTF-16 text but is not.", hint="Save it as CSV UTF-8 and upload it again."
            )
        return text, encoding
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1"), "latin-1"


def unmarked_utf16(content: bytes) -> str:
    """The byte order of UTF-16 without a mark, else "": in western text most second bytes are zero."""
    head = content[: min(_SAMPLE, len(content) // 2 * 2)]
    if len(head) < 16:
        return ""
    even, odd = head[::2].count(0) / (len(head) / 2), head[1::2].count(0) / (len(head) / 2)
    if odd > 0.6 and even == 0:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 and odd == 0 else ""
