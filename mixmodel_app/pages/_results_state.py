"""State of the results page: one view of one run, through the period and the economics of the address."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import reflex as rx

from mixmodel_app.charts.base import ChartOptions, charts_for
from mixmodel_app.components.chart_frame import ChartData
from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.errors import Conflict, InvalidInput
from mixmodel_app.domain.period import PeriodChoice, PeriodKind
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.exports.report import key_numbers
from mixmodel_app.pages._charts import chart_data
from mixmodel_app.pages._input import as_id
from mixmodel_app.pages._result_rows import (
    ChannelRow,
    CheckRow,
    NumberRow,
    ParameterRow,
    channel_rows,
    check_rows,
    parameter_rows,
    run_facts,
)
from mixmodel_app.pages._results_lens import LensForm, read_form
from mixmodel_app.services import reports, results, runs
from mixmodel_app.services.results import Lens, Reading, View
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording import insights, numbers
from mixmodel_app.wording.periods import period_note
from mixmodel_app.wording.uncertainty import level_text, range_name
from mixmodel_app.wording.versions import data_sentences

VIEWS = ((View.EXECUTIVE, "Executive"), (View.MANAGER, "Manager"), (View.ANALYST, "Analyst"))


class ResultsState(SessionState):
    """One view of one run: texts and figures, nothing else."""

    run_id: str = ""
    name: str = ""
    period: str = ""
    view: str = View.EXECUTIVE.value
    is_sample: bool = False
    form: LensForm = LensForm()
    query: str = ""
    lens_note: str = ""
    lens_problem: str = ""
    headline: str = ""
    health: str = ""
    health_sentence: str = ""
    health_reason: str = ""
    checks: list[CheckRow] = []  # noqa: RUF012 (Reflex copies the default for every person)
    hdi_name: str = ""
    range_name: str = ""
    counts: bool = False
    thing: str = ""
    numbers: list[NumberRow] = []  # noqa: RUF012
    recommendations: list[str] = []  # noqa: RUF012
    channels: list[ChannelRow] = []  # noqa: RUF012
    tells_learning: bool = False
    incomplete: bool = False
    parameters: list[ParameterRow] = []  # noqa: RUF012
    facts: list[list[str]] = []  # noqa: RUF012
    config: str = ""
    late_charts: list[ChartData] = []  # noqa: RUF012
    charts: list[ChartData] = []  # noqa: RUF012
    data_notes: list[str] = []  # noqa: RUF012
    stamp: str = ""

    @rx.var
    def tab_title(self) -> str:
        """Title of the tab."""
        label = {view.value: label for view, label in VIEWS}[self.view]
        return f"{label} results – {self.name}" if self.name else "Results"

    @rx.var
    def file_query(self) -> str:
        """What of the address files are made with: the analyst's are about the whole fit."""
        return "" if self.view == View.ANALYST else self.query.replace("&", "?", 1)

    @loader()
    async def load(self, principal: Principal):
        """The view that the address names."""
        run_id = as_id(self._route_param("run_id"))
        run = await asyncio.to_thread(runs.get, principal, run_id)
        if run["status"] != "completed" and not run["incomplete"]:
            yield rx.redirect(f"/runs/{run_id}")
            return
        asked = self._query_param("view")
        self.view = asked if asked in set(View) else View.EXECUTIVE.value
        self.run_id, self.name, self.is_sample = run["id"], run["name"], run["is_sample"]
        wish = self._read_wish()
        whole = await asyncio.to_thread(results.get, principal, run_id)
        numbers.use_outcome(whole.outcome, whole.target)
        self.counts, self.thing = numbers.look().counts, numbers.look().thing
        lens = self._lens(wish, whole)
        try:
            found = await asyncio.to_thread(results.get, principal, run_id, lens)
        except (InvalidInput, Conflict) as error:
            self.lens_problem, self.form, self.query = error.sentence(), LensForm(), ""
            wish = read_form(self.form)
            lens = self._lens(wish, whole)
            found = await asyncio.to_thread(results.get, principal, run_id, lens)
        options = wish.options(found, whole)
        self.lens_note = ""
        if options.is_part:
            self.lens_note = period_note(found.date_start, found.date_end, found.n_periods, found.frequency)
        self._show_head(found, options.break_even)
        self.stamp = reports.stamp(self.run_id, found)
        self.data_notes = data_sentences(run["data_notes"])
        self.late_charts = []
        self.charts = await asyncio.to_thread(self._charts, found, options)
        if self.view == View.EXECUTIVE:
            found_moves = await asyncio.to_thread(results.recommendations, principal, run_id, lens)
            self.recommendations = [item.sentence for item in found_moves]
        elif self.view == View.MANAGER:
            self.channels = channel_rows(found, options.break_even)
            self.tells_learning = any(channel.learning for channel in found.channels)
        else:
            self.parameters = parameter_rows(found)
            self.facts = run_facts(found)
            self.config = json.dumps(run["config"], indent=2, ensure_ascii=False)

    @handler()
    async def show_late(self, principal: Principal):
        """The charts of this view that are built when they are asked for."""
        found = await asyncio.to_thread(results.get, principal, as_id(self.run_id), Lens(level=numbers.level()))
        numbers.use_outcome(found.outcome, found.target)
        self.late_charts = await asyncio.to_thread(self._charts, found, ChartOptions(), late=True)

    @handler()
    async def change_lens(self, principal: Principal, name: str, text: str):
        """A field of the bar; a period that needs no dates is shown at once."""
        if name not in LensForm.__dataclass_fields__:
            return
        self.form = replace(self.form, **{name: text[:24]})
        if name == "period" and text != PeriodKind.CUSTOM:
            yield self._go()

    @handler()
    async def apply_lens(self, principal: Principal):
        """Show what the bar says."""
        try:
            read_form(self.form)
        except InvalidInput as error:
            self.lens_problem = error.sentence()
            return
        yield self._go()

    def _go(self) -> Any:
        return rx.redirect(f"/results/{as_id(self.run_id)}?view={self.view}{self.form.query}")

    def _read_wish(self) -> Reading:
        """From the address; one that means nothing shows all data and says so."""
        dates = {"start": "from", "end": "to"}
        texts = {name: self._query_param(dates.get(name, name))[:24] for name in LensForm.__dataclass_fields__}
        texts["period"] = texts["period"] or (PeriodKind.CUSTOM if texts["start"] or texts["end"] else PeriodKind.ALL)
        self.lens_problem = ""
        form = LensForm(**texts)
        try:
            wish = read_form(form)
        except InvalidInput as error:
            self.lens_problem, form = error.sentence(), LensForm()
            wish = read_form(form)
        self.form, self.query = form, form.query
        return wish

    def _lens(self, wish: Reading, whole: ModelResults) -> Lens:
        """The analyst looks at the fit, which has no periods; headroom is the manager's."""
        lens = wish.lens(whole.outcome, rooms=self.view == View.MANAGER)
        return replace(lens, period=PeriodChoice()) if self.view == View.ANALYST else lens

    def _show_head(self, found: ModelResults, needed: float | None) -> None:
        self.incomplete = found.incomplete
        self.period = numbers.date_range(found.date_start, found.date_end)
        self.headline = insights.headline(found, needed)
        self.range_name, self.hdi_name = range_name(found.level), f"{level_text(found.level)} HDI"
        self.health, self.health_sentence = found.verdict.value, insights.health_sentence(found)
        self.health_reason = insights.health_reason(found)
        self.checks = check_rows(found)
        self.numbers = [NumberRow(one.label, one.text, one.range_text, one.note) for one in key_numbers(found)]

    def _charts(self, found: ModelResults, options: ChartOptions, *, late: bool = False) -> list[ChartData]:
        """Figures that a time limit cut short are not for taking away."""
        folder, query = f"/api/models/{self.run_id}/charts", self.file_query
        return [
            chart_data(chart.build(found, options), f"{folder}/{chart.key}.csv{query}", saveable=not found.incomplete)
            for chart in charts_for(self.view)
            if chart.late == late
        ]
