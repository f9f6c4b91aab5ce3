"""A PDF page with the product's face and colours: text in boxes, rules, and charts as shapes.

Inter is the face of the pages; it holds Latin letters. For names in other scripts DejaVu stands in, which comes with a
library that every installation has. What neither holds is shown as an empty square, and `missing` says so.
"""

import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from fpdf import FPDF

from mixmodel_app.charts import theme
from mixmodel_app.exports.drawing.scene import Dot, Ink, Item, Scene, Shape, Text

PAGE_WIDTH, PAGE_HEIGHT, MARGIN = 210.0, 297.0, 16.0  # mm
ACROSS = PAGE_WIDTH - 2 * MARGIN
_INTER = Path(__file__).resolve().parents[2] / "assets" / "fonts" / "inter-latin.woff2"
_WEIGHTS = {"": 400, "B": 600}
_SHAPING = ("GPOS", "GSUB", "GDEF")  # ligatures and kerning: not used here, and most of the time of a cut
_FACE, _OTHER_SCRIPTS = "Inter", "DejaVu"
_SQUARE = "□"
_MM_PER_POINT = 25.4 / 72
_LINE = 1.32  # of the size


class _Faces:
    """The faces as files of single weights, made once for the process, and the letters that they hold."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="mixmodel-fonts-")
        self.files = {style: self._cut(style, weight) for style, weight in _WEIGHTS.items()}
        self.fallback = _other_scripts()
        files = [file for file in (self.files[""], self.fallback) if file]
        self.letters = {sign for file in files for sign in TTFont(file).getBestCmap() or ()}

    def _cut(self, style: str, weight: int) -> Path:
        font = TTFont(_INTER)
        for table in _SHAPING:
            del font[table]
        instantiateVariableFont(font, {"wght": weight}, inplace=True)
        font.flavor = None
        path = Path(self._folder.name) / f"inter{style}.ttf"
        font.save(path)
        return path


@cache
def _faces() -> _Faces:
    return _Faces()


def _other_scripts() -> Path | None:
    """DejaVu Sans from where matplotlib lies, without loading matplotlib."""
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
    return path if path.is_file() else None


class Paper(FPDF):
    """An A4 document that breaks no page by itself. All measures in mm, sizes of text in points."""

    def __init__(self) -> None:
        super().__init__(format="A4")
        self.set_auto_page_break(False)
        self.set_margin(MARGIN)
        self.c_margin = 0
        self.missing = False
        faces = _faces()
        for style, file in faces.files.items():
            self.add_font(_FACE, style, file)
        if faces.fallback:
            self.add_font(_OTHER_SCRIPTS, "", faces.fallback)
            self.set_fallback_fonts([_OTHER_SCRIPTS], exact_match=False)
        self._letters = faces.letters

    def printable(self, text: str) -> str:
        """The text with a square for each letter that no face holds."""
        shown = "".join(sign if ord(sign) in self._letters else _SQUARE for sign in " ".join(text.split()))
        self.missing |= _SQUARE in shown
        return shown

    def face(self, size: float, colour: str = theme.INK, *, bold: bool = False) -> None:
        self.set_font(_FACE, "B" if bold else "", size)
        self.set_text_color(colour)

    def width_of(self, text: str) -> float:
        return self.get_string_width(text)

    def height_of(self, text: str, width: float, size: float, *, bold: bool = False) -> float:
        """How high a paragraph would be."""
        self.face(size, bold=bold)
        lines = self.multi_cell(
            width, size * _MM_PER_POINT * _LINE, self.printable(text), align="L", dry_run=True, output="LINES"
        )
        assert isinstance(lines, list)
        return len(lines) * size * _MM_PER_POINT * _LINE

    def paragraph(
        self, x: float, y: float, width: float, text: str, size: float, colour: str = theme.INK, *, bold: bool = False
    ) -> float:
        """Write a paragraph; gives where the next may begin."""
        self.face(size, colour, bold=bold)
        self.set_xy(x, y)
        self.multi_cell(width, size * _MM_PER_POINT * _LINE, self.printable(text), align="L")
        return y + self.height_of(text, width, size, bold=bold)

    def line_of_text(
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        size: float,
        colour: str = theme.INK,
        *,
        bold: bool = False,
        right: bool = False,
    ) -> None:
        """One line, its middle at `y`; a long one loses its end."""
        self.face(size, colour, bold=bold)
        shown = self.fitted(self.printable(text), width)
        at = x + width - self.width_of(shown) if right else x
        self._write_at(at, y, shown)

    def fitted(self, text: str, width: float) -> str:
        """The text, or its beginning with an ellipsis, in the current face."""
        if self.width_of(text) <= width:
            return text
        while text and self.width_of(f"{text}…") > width:
            text = text[:-1]
        return f"{text}…"

    def rule(self, y: float, x: float = MARGIN, width: float = ACROSS) -> None:
        """A hairline."""
        self.set_draw_color(theme.GRID)
        self.set_line_width(0.2)
        self.line(x, y, x + width, y)

    def scene(self, scene: Scene, x: float, y: float, width: float) -> float:
        """A chart, as wide as asked; gives where the next thing may begin."""
        scale = width / scene.width
        for item in scene.items:
            self._item(item, x, y, scale)
        return y + scene.height * scale

    def _item(self, item: Item, x: float, y: float, scale: float) -> None:
        if isinstance(item, Text):
            self._label(item, x, y, scale)
            return
        fill, stroke = item.fill, item.stroke
        opacities = {"fill_opacity": _opacity(fill), "stroke_opacity": _opacity(stroke)}
        if min(opacities.values()) < 1:
            with self.local_context(**opacities):
                self._draw_shape(item, x, y, scale)
        else:
            self._draw_shape(item, x, y, scale)

    def _draw_shape(self, item: Shape | Dot, x: float, y: float, scale: float) -> None:
        if item.fill is None and item.stroke is None:
            return
        if item.fill:
            self.set_fill_color(item.fill.colour)
        if item.stroke:
            self.set_draw_color(item.stroke.colour)
            self.set_line_width(max(item.width * scale, 0.1))
        style = f"{'D' if item.stroke else ''}{'F' if item.fill else ''}"
        if isinstance(item, Dot):
            across = 2 * item.radius * scale
            left, top = x + item.centre[0] * scale - across / 2, y + item.centre[1] * scale - across / 2
            self.ellipse(left, top, across, across, style=style)
            return
        points = [(x + a * scale, y + b * scale) for a, b in item.points]
        if item.dash:
            self.set_dash_pattern(item.dash[0] * scale, item.dash[1] * scale)
        if item.closed:
            self.polygon(points, style=style)
        else:
            self.polyline(points, style="D")
        if item.dash:
            self.set_dash_pattern()

    def _label(self, item: Text, x: float, y: float, scale: float) -> None:
        self.face(item.size * scale / _MM_PER_POINT, item.ink.colour, bold=item.bold)
        shown = self.printable(item.text)
        wide = self.width_of(shown)
        left = x + item.x * scale - {"start": 0.0, "middle": wide / 2, "end": wide}[item.anchor]
        self._write_at(left, y + item.y * scale, shown)

    def _write_at(self, x: float, middle: float, text: str) -> None:
        """A line in the current face. (`text` of the library knows no face that stands in for another.)"""
        height = self.font_size * _LINE
        self.set_xy(x, middle - height / 2)
        self.cell(self.width_of(text), height, text)


def _opacity(ink: Ink | None) -> float:
    return 1.0 if ink is None else ink.opacity
