// The planner's sliders. React hears every step of a slider; the server should hear one change, when it is let go. So a
// slider writes where it stands into the number box beside it, and on release the box reports as if a person had typed.
// Keys let go at every step: a slider reports at most every REPORT_GAP ms, and last where it came to rest. The answer to
// an earlier step must not pull back what has moved on, so a slider follows the server again once its last report is
// answered: the server repeats the amount as it was written.
(() => {
  "use strict";
  const SLIDER = 'input[data-planner="slider"]';
  const BOX = 'input[data-planner="box"]';
  const PAGE_STEP = 10;
  const REPORT_GAP = 200;
  const LONGEST_WAIT = 2000;

  // By slider: whether it moved since its last report, what that said and when. Then the report that is due, and the
  // slider that moved last.
  const moves = new WeakMap();
  let due = null;
  let held = null;

  const rowOf = (element) => element.closest(".mm-planner-control");
  const boxOf = (slider) => rowOf(slider)?.querySelector(BOX);

  function moveOf(slider) {
    if (!moves.has(slider)) moves.set(slider, { moved: false, said: null, at: -Infinity });
    return moves.get(slider);
  }

  function amount(slider) {
    const value = Number(slider.value) * Number(slider.dataset.unit);
    const digits = value > 0 && value < 99.995 ? 2 : 0;
    const [decimal, thousands] = slider.dataset.separators;
    return value
      .toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })
      .replace(/[.,]/g, (mark) => (mark === "." ? decimal : thousands));
  }

  function write(slider) {
    const box = boxOf(slider);
    if (!box) return;
    moveOf(slider).moved = true;
    held = slider;
    box.value = amount(slider);
    slider.setAttribute("aria-valuetext", box.value);
  }

  function report(slider) {
    write(slider);
    if (due?.slider !== slider) flush();
    clearTimeout(due?.timer);
    const wait = Math.max(moveOf(slider).at + REPORT_GAP - performance.now(), 0);
    due = { slider, timer: setTimeout(flush, wait) };
    if (wait === 0) flush();
  }

  // What else a person does must find the plan as they left it.
  function flush() {
    if (!due) return;
    const { slider, timer } = due;
    due = null;
    clearTimeout(timer);
    const box = boxOf(slider);
    if (!box) return;
    Object.assign(moveOf(slider), { moved: false, said: box.value, at: performance.now() });
    box.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
  }

  // Whether the server has yet to answer what a slider last said; one that refuses it says nothing.
  function isAhead(slider) {
    const move = moveOf(slider);
    if (move.moved) return true;
    if (move.said === null || boxOf(slider)?.dataset.value === move.said) return false;
    const left = move.at + LONGEST_WAIT - performance.now();
    if (left > 0) setTimeout(() => [slider, boxOf(slider)].forEach((each) => each && follow(each)), left + 1);
    return left > 0;
  }

  // What the server says of an element comes as an attribute; an element that is being typed in keeps its text.
  function follow(element) {
    if (element === document.activeElement && element.matches(BOX)) return;
    const slider = element.matches(SLIDER) ? element : rowOf(element)?.querySelector(SLIDER);
    if (slider && isAhead(slider)) return;
    if (slider) moveOf(slider).said = null;
    if (element.value !== element.dataset.value) element.value = element.dataset.value;
  }

  document.addEventListener("input", (event) => {
    if (event.target instanceof Element && event.target.matches(SLIDER)) write(event.target);
  });
  document.addEventListener("change", (event) => {
    if (event.target instanceof Element && event.target.matches(SLIDER)) report(event.target);
  });
  document.addEventListener("pointerdown", flush, true);
  // A thumb that is dragged away and back changes nothing, so the browser does not tell of its release.
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => setTimeout(() => {
      if (held && moveOf(held).moved && due?.slider !== held) report(held);
    }), true);
  }
  document.addEventListener("focusout", (event) => {
    if (event.target instanceof Element && event.target.matches(SLIDER)) flush();
  });
  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (!(target instanceof Element)) return;
    if (target.matches(SLIDER) && (key === "PageUp" || key === "PageDown")) {
      event.preventDefault();
      target.value = String(Number(target.value) + (key === "PageUp" ? PAGE_STEP : -PAGE_STEP));
      report(target);
    } else if (target.matches(BOX) && key === "Enter") {
      event.preventDefault();
      target.blur();
      target.focus();
    } else if (key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !typing(target)) {
      const undo = document.querySelector("[data-planner-undo]");
      if (undo instanceof HTMLButtonElement && !undo.disabled) {
        event.preventDefault();
        flush();
        undo.click();
      }
    }
  });

  function typing(target) {
    return target.matches("textarea, input:not([type=range]):not([type=checkbox])");
  }

  new MutationObserver((changes) => {
    for (const { target } of changes) {
      if (target instanceof HTMLInputElement && target.matches(`${SLIDER}, ${BOX}`)) follow(target);
    }
  }).observe(document.documentElement, { subtree: true, attributes: true, attributeFilter: ["data-value"] });
})();
