"""A fit as it moves: per cent, bar, stages with ticks, time."""

import reflex as rx
from reflex.vars import NumberVar

from mixmodel_app.components.icons import icon
from mixmodel_app.components.values import Text, number_var
from mixmodel_app.domain.run import Stage

_STAGES = (
    (Stage.LOADING, "Load data"),
    (Stage.PREPARING, "Prepare"),
    (Stage.TUNING, "Tune"),
    (Stage.SAMPLING, "Sample"),
    (Stage.EXTRACTING, "Compute results"),
)


def run_progress(
    percent: int | rx.Var[int],
    stage: Text,
    message: Text,
    *,
    announced: Text = "",
    remaining: Text = "",
    elapsed: Text = "",
) -> rx.Component:
    """The progress of a run.

    Args:
        percent: 0 to 100.
        stage: value of `domain.run.Stage`.
        message: one sentence, as fresh as it comes; screen readers find it but are not told of each change.
        announced: the sentence that is read out whenever it changes, so change it at most every 10 s.
        remaining, elapsed: formatted durations; "" shows nothing.
    """
    value, started = number_var(percent), rx.Var.create(stage) != Stage.QUEUED.value
    return rx.el.div(
        rx.el.div(
            rx.el.strong(value, " %", class_name="mm-progress-percent"),
            rx.el.span(message, class_name="mm-progress-message"),
            rx.el.div(_time("Elapsed", elapsed), _time("Remaining", remaining), class_name="mm-progress-times"),
            class_name="mm-progress-head",
        ),
        rx.progress(value=value, max=100, size="3", radius="full", aria_label="Progress of the run"),
        rx.el.ol(*(_stage(found, name, value, started) for found, name in _STAGES), class_name="mm-stages"),
        rx.el.span(announced, role="status", class_name="mm-visually-hidden"),
        class_name="mm-card mm-progress",
        custom_attrs={"data-stage": stage},
    )


def _stage(stage: Stage, name: str, percent: NumberVar[int], started: rx.Var[bool]) -> rx.Component:
    first, last = stage.share
    done, now = percent >= last, started & (percent >= first)
    mark = rx.cond(done, icon("circle-check", size=16), rx.cond(now, _now(), _later()))
    state = rx.cond(done, "done", rx.cond(now, "now", "later"))
    read = rx.match(state, ("done", "Done: "), ("now", "Now: "), "Later: ")
    word = rx.el.span(read, class_name="mm-visually-hidden")
    return rx.el.li(mark, rx.el.span(word, name), class_name="mm-stage", custom_attrs={"data-state": state})


def _now() -> rx.Component:
    return icon("loader-circle", size=16, class_name="mm-turning")


def _later() -> rx.Component:
    return icon("circle", size=16)


def _time(label: str, text: Text) -> rx.Component:
    shown = rx.el.span(label, " ", rx.el.span(text, class_name="mm-number"))
    return rx.cond(text, shown, rx.fragment())
