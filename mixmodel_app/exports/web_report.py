"""The report as one HTML file: no script, no other file, no other host; light, dark and on paper."""

from html import escape

from mixmodel_app.charts.base import ChartView
from mixmodel_app.exports.clean import without_controls
from mixmodel_app.exports.drawing.figure import drawing
from mixmodel_app.exports.drawing.svg import svg
from mixmodel_app.exports.report import NO_DECISIONS, NOTHING_TO_TELL, ReportData
from mixmodel_app.wording.numbers import MISSING

_WIDTH, _PHONE = 760, 340  # px that a chart is drawn for

_STYLE = """
:root{color-scheme:light dark;--page:#fcfcfd;--ground:#ffffff;--ink:#1c2024;--muted:#60646c;--grid:#e0e1e6;
--line:#d9d9e0;--bad:#ce2c31;--doubt:#8f4f00;--good:#1d6b49}
@media (prefers-color-scheme:dark){:root{--page:#111113;--ground:#18191b;--ink:#edeef0;--muted:#b0b4ba;--grid:#2e3135;
--line:#363a3f;--bad:#ff9592;--doubt:#ffca16;--good:#3dd68c}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 Inter,system-ui,sans-serif;
font-variant-numeric:tabular-nums;overflow-wrap:break-word}
main{max-width:64rem;margin:0 auto;padding:32px 24px}
h1{font-size:24px;line-height:30px;margin:0 0 4px}
h2{font-size:20px;line-height:28px;margin:40px 0 12px}
h3{font-size:18px;line-height:26px;margin:0}
p{margin:0 0 8px;max-width:68ch}
.muted{color:var(--muted);font-size:14px}
.headline{font-size:18px;line-height:28px;margin:16px 0}
.card{background:var(--ground);border:1px solid var(--line);border-radius:8px;padding:16px;margin:0 0 16px}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:16px;margin:16px 0}
.numbers .card{margin:0}
.numbers b{display:block;font-size:35px;line-height:40px;font-weight:600}
.bad{border-left:4px solid var(--bad)}
.status{font-weight:600}
.good{color:var(--good)}.check{color:var(--doubt)}.do_not_use{color:var(--bad)}
.wide{overflow-x:auto}
svg{display:block;width:100%;height:auto;margin:8px 0;font-family:Inter,system-ui,sans-serif}
.narrow{display:none}
.facts td{overflow-wrap:anywhere}
.facts td:first-child{white-space:nowrap}
table{border-collapse:collapse;width:100%;font-size:14px;line-height:20px}
caption{text-align:left;color:var(--muted);padding:0 0 4px}
th,td{padding:6px 12px 6px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
.n{text-align:right}
td.n{white-space:nowrap}
td:not(.n){min-width:5.5rem}
summary{cursor:pointer;padding:4px 0}
footer{margin-top:40px;border-top:1px solid var(--line);padding-top:12px}
@media screen and (max-width:600px){main{padding:24px 12px}.narrow{display:block}.broad{display:none}}
@media print{@page{margin:14mm}body{font-size:11pt;background:#fff}main{padding:0;max-width:none}
.wide{overflow:visible}table{font-size:8pt;line-height:1.4}th,td{padding-right:6px}td:not(.n){min-width:0}
.card,tr,svg{break-inside:avoid}h2,h3{break-after:avoid}details:not([open]){display:none}}
"""


def web_report(report: ReportData) -> bytes:
    """The whole report, complete for whoever opens it without MixModel."""
    parts = [
        _head(report),
        _numbers(report),
        _recommendations(report),
        _health(report),
        _channels(report),
        f"<section><h2>Charts</h2>{''.join(_chart(view) for view in report.charts)}</section>",
        _notes(report),
        _facts("Configuration and data", [*report.facts(), *report.fit_facts()]),
        _foot(*report.stamp),
    ]
    return _page(report.run_name, *parts)


def shared_view(report: ReportData, view: str, works_until: str) -> bytes:
    """One view as a page for people without an account: nothing to download, no configuration.

    Args:
        view: whose charts it shows; the channels' table belongs to the manager's.
        works_until: the last day of the link, in words.
    """
    charts = "".join(_chart(chart) for chart in report.charts if chart.key in report.charts_of(view))
    parts = [
        _head(report),
        _numbers(report),
        _channels(report) if view == "manager" else _recommendations(report),
        f"<section><h2>Charts</h2>{charts}</section>",
        _health(report),
        _notes(report),
        _foot(*report.stamp, f"this link works until {works_until}"),
    ]
    return _page(report.run_name, *parts)


def message_page(title: str, *sentences: str) -> bytes:
    """A page that only says something."""
    return _page(title, f"<h1>{escape(title)}</h1>", *(_paragraph(sentence) for sentence in sentences))


def _page(title: str, *parts: str) -> bytes:
    body = f"<body><main>{without_controls(''.join(parts))}</main></body>"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        '<link rel="icon" href="data:,">'
        f"<title>{escape(title)} – MixModel</title><style>{_STYLE}</style></head>{body}</html>"
    ).encode()


def _foot(*facts: str) -> str:
    return f'<footer class="muted">{escape(" · ".join(facts))}</footer>'


def _head(report: ReportData) -> str:
    banner = ""
    if not report.is_usable:
        banner = f'<div class="card bad" role="note"><h3>{NO_DECISIONS}</h3>{_paragraph(report.health_sentence)}</div>'
    about = f"{report.period} · {report.dataset} · {report.interval} · made {report.made}"
    return (
        f'<header><h1>{escape(report.run_name)}</h1><p class="muted">{escape(about)}</p>'
        f'<p class="muted">Run {escape(report.run_id)}</p></header>{banner}'
        f'<p class="headline">{escape(report.headline)}</p>'
    )


def _numbers(report: ReportData) -> str:
    cards = "".join(
        f'<div class="card"><span>{escape(one.label)}</span><b>{escape(one.text)}</b>'
        f'<span>{escape(one.range_text)}</span> <span class="muted">{escape(one.note)}</span></div>'
        for one in report.numbers
    )
    return f'<section class="numbers" aria-label="At a glance">{cards}</section>'


def _recommendations(report: ReportData) -> str:
    body = _paragraph(report.without_recommendations)
    if report.recommendations:
        items = "".join(
            f'<li>{escape(one.sentence)}<br><span class="muted">{escape(one.reason)}</span></li>'
            for one in report.recommendations
        )
        body = f"<ol>{items}</ol>"
    return f"<section><h2>What to do next</h2>{body}</section>"


def _health(report: ReportData) -> str:
    rows = [
        f'<tr><td>{escape(check.title)}</td><td class="status {check.status.value}">{check.status.label}</td>'
        f"<td>{escape(check.evidence)}</td></tr>"
        for check in report.results.health
    ]
    table = _table("Checks of the model's health", [("Check", False), ("Status", False), ("Evidence", False)], rows)
    return f"<section><h2>Model health: {escape(report.verdict.label)}</h2>{table}</section>"


def _channels(report: ReportData) -> str:
    first, *numeric, last = report.channel_header
    head = [(first, False), *((label, True) for label in numeric), (last, False), ("Comes from", False)]
    rows = [
        _cells(
            (line.name, False),
            *((text, True) for text in (line.spend, line.contribution, line.returned)),
            *((text, True) for text in (line.returned_range, line.next_one, line.next_range)),
            (line.verdict, False),
            (line.learned or MISSING, False),
        )
        for line in report.channels
    ]
    table = _table(f"Medians with {report.range_name}s, carryover included", head, rows)
    return f"<section><h2>Channels</h2>{table}</section>"


def _chart(view: ChartView) -> str:
    widths = (("broad", _WIDTH), ("narrow", _PHONE))
    scenes = [(name, drawing(view.figure, width, view.height)) for name, width in widths]
    picture = "".join(svg(scene, view.alt, name) for name, scene in scenes if scene)
    head = [(column.label, column.is_numeric) for column in view.table.columns]
    numeric = [column.is_numeric for column in view.table.columns]
    rows = [_cells(*zip(row, numeric, strict=True)) for row in view.table.formatted()]
    opened = "" if picture else " open"
    return (
        f'<article class="card" id="chart-{escape(view.key)}"><h3>{escape(view.title)}</h3>'
        f'<p class="muted">{escape(view.subtitle)}</p>{_paragraph(view.takeaway)}{picture}'
        f"<details{opened}><summary>View data</summary>{_table(view.title, head, rows)}</details></article>"
    )


def _notes(report: ReportData) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text in report.data_notes)
    body = f"<ul>{items}</ul>" if items else _paragraph(NOTHING_TO_TELL)
    note = "Repairs of the data, and warnings that were known before the fit."
    return f'<section><h2>What to know of the data</h2><p class="muted">{note}</p>{body}</section>'


def _facts(title: str, facts: list[tuple[str, str]]) -> str:
    rows = [_cells((label, False), (text, False)) for label, text in facts]
    table = _table(title, [("What", False), ("Value", False)], rows)
    return f'<section class="facts"><h2>{title}</h2>{table}</section>'


def _table(caption: str, head: list[tuple[str, bool]], rows: list[str]) -> str:
    cells = "".join(f'<th scope="col"{_numeric(right)}>{escape(label)}</th>' for label, right in head)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}"><table><caption>{escape(caption)}'
        f"</caption><thead><tr>{cells}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cells(*cells: tuple[str, bool]) -> str:
    return f"<tr>{''.join(f'<td{_numeric(right)}>{escape(text)}</td>' for text, right in cells)}</tr>"


def _numeric(right: bool) -> str:
    return ' class="n"' if right else ""


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"
