"""A long column of text that stays in one block of memory until someone asks for its cells."""

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

pc: Any = pyarrow.compute  # its functions are made at run time, so no checker knows them
_PLAIN = r"^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$"


class TextColumn(Sequence[str | None]):
    """Cells of one column, stripped, None when empty; behaves as the list of them.

    Ten million cells as Python text need half a gigabyte. Most columns of a large file are plain numbers, which
    `plain_numbers` reads straight out of the block.

    Attributes:
        is_plain: whether every filled cell is digits with at most a decimal point and an exponent.
    """

    def __init__(self, array: Any, *, trimmed: bool = False) -> None:
        """A column around an Arrow array of text; `trimmed` says that no cell has blanks around it."""
        array = array if trimmed else pc.utf8_trim_whitespace(array)
        self._array = pc.if_else(pc.equal(pc.binary_length(array), 0), None, array)
        self.is_plain = bool(pc.all(pc.match_substring_regex(self._array, _PLAIN), min_count=0).as_py())

    def __len__(self) -> int:
        return len(self._array)

    @overload
    def __getitem__(self, place: int) -> str | None: ...
    @overload
    def __getitem__(self, place: slice) -> list[str | None]: ...
    def __getitem__(self, place: int | slice) -> str | list[str | None] | None:
        if isinstance(place, slice):
            return list(self)[place]
        return self._array[place].as_py()

    def __iter__(self) -> Iterator[str | None]:
        """Equal texts are one object: dates and names repeat a lot in large files."""
        coded = self._array.combine_chunks().dictionary_encode()
        texts = np.array([*coded.dictionary.to_pylist(), None], dtype=object)
        places = coded.indices.fill_null(len(texts) - 1).to_numpy(zero_copy_only=False)
        return iter(texts[places].tolist())

    def plain_numbers(self) -> NDArray[np.float64] | None:
        """The column as floats, empty cells as nan, when `is_plain` and none is too large for a float."""
        if not self.is_plain:
            return None
        try:
            values = pc.cast(self._array, pa.float64())
        except pa.ArrowInvalid:  # a spelling that only Python reads, such as "1."
            return None
        if not pc.all(pc.is_finite(values), min_count=0).as_py():
            return None
        return values.to_numpy(zero_copy_only=False)

    def with_sign(self, most: int) -> list[str]:
        """The first cells that hold a point or a comma."""
        return self._array.filter(pc.match_substring_regex(self._array, "[.,]"))[:most].to_pylist()

    def longest(self) -> int:
        """The number of characters of the longest cell."""
        return pc.max(pc.utf8_length(self._array)).as_py() or 0

    def empty(self) -> NDArray[np.bool_]:
        return pc.is_null(self._array).to_numpy(zero_copy_only=False)

    def take(self, keep: NDArray[np.bool_]) -> "TextColumn":
        return TextColumn(self._array.filter(pa.array(keep)), trimmed=True)
