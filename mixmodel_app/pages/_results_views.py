"""The manager's and the analyst's view of the results, and what views share."""

import reflex as rx

from mixmodel_app.components.buttons import download_link, secondary_button
from mixmodel_app.components.chart_frame import chart_frame
from mixmodel_app.components.copy_text import copy_text
from mixmodel_app.components.data_table import Column, data_table
from mixmodel_app.components.layout import card, fact_list, row, section, stack
from mixmodel_app.components.status_badge import status_badge
from mixmodel_app.components.values import FromState
from mixmodel_app.pages._result_channels import channel_section
from mixmodel_app.pages._results_state import ResultsState


def manager_view() -> rx.Component:
    return stack(
        channel_section(ResultsState.channels, ResultsState.range_name, tells_learning=ResultsState.tells_learning),
        chart_list(ResultsState.charts),
    )


def analyst_view() -> rx.Component:
    return stack(
        section("Model health", health_table(ResultsState.checks)),
        chart_list(ResultsState.charts),
        section(
            "Parameters",
            data_table(
                (
                    Column("name", "Parameter", render=lambda found: rx.el.code(found.name)),
                    Column("mean", "Mean", numeric=True),
                    Column("std", "SD", numeric=True),
                    Column("range", ResultsState.hdi_name, numeric=True),
                    Column("rhat", "R-hat", numeric=True),
                    Column("ess_bulk", "ESS bulk", numeric=True),
                    Column("ess_tail", "ESS tail", numeric=True),
                ),
                ResultsState.parameters,
                caption="Posterior of every parameter",
            ),
            note="On the model's scale.",
        ),
        _late(),
        section("Fit and data", card(fact_list(ResultsState.facts))),
        section(
            "Configuration",
            copy_text(ResultsState.config, name="run-config", label="Copy the configuration"),
            note="Exactly what this run was started with, defaults included; the API takes it as its config.",
        ),
        rx.cond(ResultsState.incomplete, rx.fragment(), section("For the audit", _audit_downloads())),
    )


def _audit_downloads() -> rx.Component:
    """For whoever computes the numbers again."""
    address = "/api/models/" + ResultsState.run_id
    return row(
        download_link("Draws (Parquet)", address + "/draws.parquet"),
        download_link("Notebook (reproduces the numbers)", address + "/notebook.ipynb"),
        download_link("Model (NetCDF)", address + "/artifact"),
        download_link("Results (JSON)", address + "/results"),
    )


def _late() -> rx.Component:
    """Charts that are large and read by few, built once they are asked for."""
    ask = secondary_button(
        "Show priors, ranks, energy and correlations", icon_name="chart-line", on_click=ResultsState.show_late
    )
    body = rx.cond(ResultsState.late_charts.length() > 0, chart_list(ResultsState.late_charts), ask)
    return section("Parameters and sampler", body, note="What every parameter learned, and how it was sampled.")


def health_table(rows: FromState) -> rx.Component:
    return data_table(
        (
            Column("title", "Check"),
            Column("status", "Status", render=lambda check: status_badge(check.status)),
            Column("evidence", "Evidence", wraps=True),
        ),
        rows,
        caption="Checks of the model's health",
    )


def chart_list(charts: FromState) -> rx.Component:
    frames = rx.foreach(charts, chart_frame)
    return rx.el.div(frames, class_name="mm-charts", custom_attrs={"data-stamp": ResultsState.stamp})
