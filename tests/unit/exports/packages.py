"""What makes an office program ask to repair a file: faults of a package, its parts, its cells and its charts.

The rules are those of ECMA-376: open packaging (part 2), SpreadsheetML, PresentationML and DrawingML charts (part 1).
"""

import io
import math
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
MOST_CHARACTERS, MOST_IN_FOOTER, MOST_IN_SHEET_NAME = 32_767, 255, 31
_FORBIDDEN_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\]|^'|'$")

# The children of each element of a chart in the order of its schema; those before "|" have to be there.
_SERIES = "idx order | tx spPr"
_AXIS_HEAD = "axId scaling | delete axPos majorGridlines minorGridlines title numFmt majorTickMark minorTickMark"
_AXIS = f"{_AXIS_HEAD} tickLblPos spPr txPr crossAx crosses crossesAt"
_ORDER = {
    "chartSpace": "| date1904 lang roundedCorners AlternateContent style clrMapOvr pivotFmts protection chart spPr txPr"
    " externalData printSettings userShapes extLst",
    "chart": "| title autoTitleDeleted pivotFmts view3D floor sideWall backWall plotArea legend plotVisOnly"
    " dispBlanksAs showDLblsOverMax extLst",
    "plotArea": "| layout areaChart lineChart scatterChart doughnutChart barChart catAx dateAx valAx dTable spPr"
    " extLst",
    "barChart": "barDir | grouping varyColors ser dLbls gapWidth overlap serLines axId extLst",
    "lineChart": "grouping | varyColors ser dLbls dropLines hiLowLines upDownBars marker smooth axId extLst",
    "areaChart": "| grouping varyColors ser dLbls dropLines axId extLst",
    "doughnutChart": "| varyColors ser dLbls firstSliceAng holeSize extLst",
    "scatterChart": "scatterStyle | varyColors ser dLbls axId extLst",
    "barChart/ser": f"{_SERIES} invertIfNegative pictureOptions dPt dLbls trendline errBars cat val shape extLst",
    "lineChart/ser": f"{_SERIES} marker dPt dLbls trendline errBars cat val smooth extLst",
    "areaChart/ser": f"{_SERIES} pictureOptions dPt dLbls trendline errBars cat val extLst",
    "doughnutChart/ser": f"{_SERIES} explosion dPt dLbls cat val extLst",
    "scatterChart/ser": f"{_SERIES} marker dPt dLbls trendline errBars xVal yVal smooth extLst",
    "dPt": "idx | invertIfNegative marker bubble3D explosion spPr pictureOptions extLst",
    "dLbls": "| dLbl delete numFmt spPr txPr dLblPos showLegendKey showVal showCatName showSerName showPercent"
    " showBubbleSize separator showLeaderLines leaderLines extLst",
    "errBars": "| errDir errBarType errValType noEndCap plus minus val spPr extLst",
    "catAx": f"{_AXIS} auto lblAlgn lblOffset tickLblSkip tickMarkSkip noMultiLvlLbl extLst",
    "dateAx": f"{_AXIS} auto lblOffset baseTimeUnit majorUnit majorTimeUnit minorUnit minorTimeUnit extLst",
    "valAx": f"{_AXIS} crossBetween majorUnit minorUnit dispUnits extLst",
    "scaling": "| logBase orientation max min extLst",
    "legend": "| legendPos legendEntry layout overlay spPr txPr extLst",
    "title": "| tx layout overlay spPr txPr extLst",
    "marker": "| symbol size spPr extLst",
    "numRef": "f | numCache extLst",
    "strRef": "f | strCache extLst",
    "numCache": "| formatCode ptCount pt extLst",
    "numLit": "| formatCode ptCount pt extLst",
    "strCache": "| ptCount pt extLst",
    "strLit": "| ptCount pt extLst",
}


def faults(content: bytes) -> list[str]:
    """Everything that is wrong with a PPTX or XLSX file; empty for a sound one."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    names = archive.namelist()
    found = [f"{name}: twice in the package" for name, count in Counter(names).items() if count > 1]
    parts: dict[str, etree._Element] = {}
    for name in names:
        if name.endswith((".xml", ".rels")):
            try:
                parts[name] = etree.fromstring(archive.read(name))
            except etree.XMLSyntaxError as error:
                found.append(f"{name}: {error}")
    package = _Package(set(names), parts)
    found += [*package.types(), *package.relations(), *package.ids(), *package.sheets()]
    for name, root in parts.items():
        if root.tag == f"{CHART}chartSpace":
            found += [f"{name}: {fault}" for fault in _chart(root)]
    for name in names:
        if name.startswith("ppt/embeddings/"):
            found += [f"{name}: {fault}" for fault in faults(archive.read(name))]
    return found


@dataclass(frozen=True)
class _Package:
    names: set[str]
    parts: dict[str, etree._Element]

    def types(self) -> Iterator[str]:
        """Each part has a content type, each content type its part."""
        root = self.parts["[Content_Types].xml"]
        defaults = {one.get("Extension").lower() for one in root.iter(f"{TYPES}Default")}
        own = Counter(one.get("PartName").lstrip("/") for one in root.iter(f"{TYPES}Override"))
        yield from (f"{name}: two content types" for name, count in own.items() if count > 1)
        yield from (f"{name}: a content type without a part" for name in own if name not in self.names)
        for name in self.names - {"[Content_Types].xml"}:
            if name not in own and name.rpartition(".")[2].lower() not in defaults:
                yield f"{name}: no content type"

    def relations(self) -> Iterator[str]:
        """Each relationship has a part at its end, each reference a relationship."""
        for name, root in self.parts.items():
            if name.endswith(".rels"):
                yield from self._ends(name, root)
            else:
                known = self._known(name)
                for element in root.iter():
                    for key, value in element.attrib.items():
                        if key.startswith(OFFICE) and value not in known:
                            yield f"{name}: no relationship {value}"

    def _ends(self, name: str, root: etree._Element) -> Iterator[str]:
        folder = posixpath.dirname(posixpath.dirname(name))
        ids = Counter(one.get("Id") for one in root)
        yield from (f"{name}: the id {key} twice" for key, count in ids.items() if count > 1)
        for one in root:
            if one.get("TargetMode") == "External":
                yield f"{name}: leads to {one.get('Target')}"
                continue
            target = posixpath.normpath(posixpath.join("/", folder, one.get("Target"))).lstrip("/")
            if target not in self.names:
                yield f"{name}: leads to {target}, which is not there"

    def _known(self, name: str) -> set[str]:
        folder, base = posixpath.split(name)
        own = self.parts.get(posixpath.join(folder, "_rels", f"{base}.rels"))
        return set() if own is None else {one.get("Id") for one in own.iter(f"{RELATIONS}Relationship")}

    def ids(self) -> Iterator[str]:
        """Shapes of one part, slides and sheets each have a number of their own."""
        for name, root in self.parts.items():
            for tag in ("cNvPr", "sldId", "sldLayoutId", "sheet"):
                key = "sheetId" if tag == "sheet" else "id"
                ids = Counter(one.get(key) for one in root.iter("{*}" + tag))
                yield from (f"{name}: {tag} {value} twice" for value, count in ids.items() if count > 1)

    def sheets(self) -> Iterator[str]:
        """The names of sheets, their cells and the formats of these."""
        book = self.parts.get("xl/workbook.xml")
        if book is None:
            return
        titles = [one.get("name") for one in book.iter(f"{SHEET}sheet")]
        if len({title.casefold() for title in titles}) < len(titles):
            yield "two sheets of one name"
        for title in titles:
            if not 0 < len(title) <= MOST_IN_SHEET_NAME or _FORBIDDEN_IN_SHEET_NAME.search(title):
                yield f"the sheet name {title!r}"
        styles, shared = self.parts["xl/styles.xml"], self.parts.get("xl/sharedStrings.xml")
        n_formats, n_texts = len(styles.find(f"{SHEET}cellXfs")), 0 if shared is None else len(shared)
        yield from _formats(styles)
        for one in () if shared is None else shared:
            if len("".join(one.itertext())) > MOST_CHARACTERS:
                yield "a text that is too long for a cell"
        for name, root in self.parts.items():
            if root.tag == f"{SHEET}worksheet":
                yield from (f"{name}: {fault}" for fault in _cells(root, n_formats, n_texts, titles))


def _formats(styles: etree._Element) -> Iterator[str]:
    ids = [int(one.get("numFmtId")) for one in styles.iter(f"{SHEET}numFmt")]
    if len(set(ids)) < len(ids) or any(key < 164 for key in ids):
        yield "number formats whose ids are not their own"
    known = {*range(164), *ids}
    for one in styles.iter(f"{SHEET}xf"):
        if int(one.get("numFmtId", "0")) not in known:
            yield f"no number format {one.get('numFmtId')}"
    for one in styles.iter(f"{SHEET}numFmt"):
        yield from (
            f"the number format {one.get('formatCode')!r}: {fault}" for fault in format_faults(one.get("formatCode"))
        )


def format_faults(code: str) -> Iterator[str]:
    """What Excel would refuse in a number format."""
    if code.count('"') % 2:
        yield "an open quotation mark"
    bare = re.sub(r'"[^"]*"', "", code)
    sections = bare.split(";")
    if len(sections) > 4:
        yield "more than four sections"
    if sum("[" in section for section in sections) > 2:
        yield "more than two conditions"
    for section in sections:
        if re.search(r"[^\[\]<>=0-9.#,%\-ymdhs General/\\ ]", section):
            yield f"signs outside quotation marks in {section!r}"


def _cells(root: etree._Element, n_formats: int, n_texts: int, titles: list[str]) -> Iterator[str]:
    rows = [int(row.get("r")) for row in root.iter(f"{SHEET}row")]
    if rows != sorted(set(rows)):
        yield "rows out of order"
    places = Counter(cell.get("r") for cell in root.iter(f"{SHEET}c"))
    yield from (f"the cell {place} twice" for place, count in places.items() if count > 1)
    for cell in root.iter(f"{SHEET}c"):
        value = cell.findtext(f"{SHEET}v")
        if int(cell.get("s", "0")) >= n_formats:
            yield f"{cell.get('r')}: no such format"
        if cell.find(f"{SHEET}f") is not None:
            yield f"{cell.get('r')}: a formula"
        if cell.get("t") == "s" and not 0 <= int(value or "-1") < n_texts:
            yield f"{cell.get('r')}: no such text"
        if cell.get("t", "n") == "n" and value is not None and not _is_number(value):
            yield f"{cell.get('r')}: {value!r} is no number"
    for link in root.iter(f"{SHEET}hyperlink"):
        sheet = (link.get("location") or "").rpartition("!")[0].strip("'").replace("''", "'")
        if sheet not in titles:
            yield f"a link to {link.get('location')!r}"
    for side in ("oddFooter", "oddHeader"):
        if len(root.findtext(f".//{SHEET}{side}") or "") > MOST_IN_FOOTER:
            yield f"the {side} is too long"


def _chart(space: etree._Element) -> Iterator[str]:
    for element in space.iter(f"{CHART}*"):
        yield from _order(element)
    series = list(space.iter(f"{CHART}ser"))
    if not series:
        yield "no series"
    for key in ("idx", "order"):
        numbers = [one.find(f"{CHART}{key}").get("val") for one in series]
        if len(set(numbers)) < len(numbers):
            yield f"two series with one {key}"
    for one in space.iter(f"{CHART}numCache", f"{CHART}numLit", f"{CHART}strCache", f"{CHART}strLit"):
        yield from _points(one)
    axes = {axis.find(f"{CHART}axId").get("val"): axis for axis in space.iter(*(f"{CHART}{kind}Ax" for kind in _AXES))}
    wanted = [one.get("val") for plot in space.find(f".//{CHART}plotArea") for one in plot.findall(f"{CHART}axId")]
    crossed = [axis.find(f"{CHART}crossAx").get("val") for axis in axes.values()]
    if not {*wanted, *crossed} <= set(axes):
        yield "an axis that is not there"


_AXES = ("cat", "val", "date")


def _order(element: etree._Element) -> Iterator[str]:
    kind = etree.QName(element).localname
    parent = element.getparent()
    longer = f"{etree.QName(parent).localname}/{kind}" if parent is not None else kind
    if kind == "marker" and not len(element):
        return  # in a line chart it is a switch
    order = _ORDER.get(longer) or _ORDER.get(kind)
    if order is None:
        return
    needed, _, rest = order.partition("|")
    names = [*needed.split(), *rest.split()]
    own = [etree.QName(child).localname for child in element]
    if unknown := set(own) - set(names):
        yield f"{longer}: {', '.join(sorted(unknown))} does not belong there"
        return
    at = [names.index(name) for name in own]
    if kind == "plotArea":
        at = [
            min(place, names.index("catAx")) if name.endswith("Ax") else place
            for name, place in zip(own, at, strict=True)
        ]
    if at != sorted(at):
        yield f"{longer}: {' '.join(own)} is not the order of the schema"
    if missing := set(needed.split()) - set(own):
        yield f"{longer}: without {', '.join(sorted(missing))}"


def _points(cache: etree._Element) -> Iterator[str]:
    count = int(cache.find(f"{CHART}ptCount").get("val"))
    places = [int(point.get("idx")) for point in cache.iter(f"{CHART}pt")]
    if len(set(places)) < len(places) or any(not 0 <= place < count for place in places):
        yield "points whose places are not their own"
    if etree.QName(cache).localname.startswith("num"):
        for value in cache.iter(f"{CHART}v"):
            if not _is_number(value.text or ""):
                yield f"{value.text!r} is no number"


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
