// Buttons that copy: `data-copy` names the element whose text goes to the clipboard. Without the clipboard's permission
// (a page that is not on https) the text is selected, so that Ctrl+C takes it.
(() => {
  "use strict";
  const SHOWN_MS = 2000;

  async function write(source) {
    try {
      await navigator.clipboard.writeText(source.textContent);
      return "Copied";
    } catch {
      const range = document.createRange();
      range.selectNodeContents(source);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      return "Selected: press Ctrl+C";
    }
  }

  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
    const source = button && document.getElementById(button.dataset.copy);
    const status = button && document.getElementById(button.dataset.copy + "-status");
    if (!source || !status) return;
    status.textContent = await write(source);
    setTimeout(() => {
      status.textContent = "";
    }, SHOWN_MS);
  });
})();
