// Keys for the whole product: Ctrl+K opens the palette, "?" the list of shortcuts, "g" and a letter goes to a page.
// Single keys can be switched off (people who speak to their computer would press them by accident).
(() => {
  "use strict";
  const OFF = "mm_single_keys_off";
  const GO_MS = 1500;
  const MOST = 50;
  let goUntil = 0;
  let fetched = 0;

  const byId = (id) => document.getElementById(id);
  const entries = () => [...document.querySelectorAll("#mm-palette-goals li")];
  const shown = () => entries().filter((entry) => !entry.hidden).map((entry) => entry.querySelector("a"));
  const isTyping = (target) => target instanceof Element && target.closest("input, textarea, select, [contenteditable]");

  function show(id) {
    const dialog = byId(id);
    if (!dialog || dialog.open) return;
    dialog.showModal();
    if (id === "mm-palette") {
      byId("mm-palette-words").value = "";
      filter();
      fetchMore();
    } else {
      byId("mm-single-keys").checked = localStorage.getItem(OFF) === null;
    }
  }

  function filter() {
    const words = byId("mm-palette-words").value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const entry of entries()) {
      const text = entry.textContent.toLowerCase();
      entry.hidden = !words.every((word) => text.includes(word));
    }
    byId("mm-palette-none").hidden = shown().length > 0;
  }

  // Runs and datasets come from the API, which the page's own cookie may read. Without an answer the pages remain.
  async function fetchMore() {
    if (Date.now() - fetched < 10_000) return;
    fetched = Date.now();
    const [runs, datasets] = await Promise.all(
      ["/api/models", "/api/datasets"].map((path) =>
        fetch(`${path}?limit=${MOST}`)
          .then((answer) => (answer.ok ? answer.json() : []))
          .catch(() => []),
      ),
    );
    for (const old of document.querySelectorAll("#mm-palette-goals li[data-found]")) old.remove();
    for (const run of runs) {
      const done = run.status === "completed";
      add(done ? `Results: ${run.name}` : `Run: ${run.name}`, `/${done ? "results" : "runs"}/${run.id}`);
      if (done) add(`Plan: ${run.name}`, `/budget/${run.id}`);
    }
    for (const data of datasets) add(`Dataset: ${data.filename}`, `/datasets/${data.id}/check`);
    filter();
  }

  function add(label, address) {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = label;
    const entry = document.createElement("li");
    entry.dataset.found = "";
    entry.append(link);
    byId("mm-palette-goals").append(entry);
  }

  function step(event) {
    const links = shown();
    const at = links.indexOf(document.activeElement);
    const next = event.key === "ArrowDown" ? at + 1 : at - 1;
    event.preventDefault();
    (next < 0 ? byId("mm-palette-words") : links[Math.min(next, links.length - 1)])?.focus();
  }

  function singleKey(event) {
    if (event.key === "?") {
      show("mm-shortcuts");
    } else if (event.key === "g") {
      goUntil = Date.now() + GO_MS;
    } else if (Date.now() < goUntil) {
      goUntil = 0;
      const link = document.querySelector(`#mm-palette-goals a[data-go="${CSS.escape(event.key)}"]`);
      if (!link) return;
      event.preventDefault();
      link.click();
    }
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      if (!byId("mm-palette")) return;
      event.preventDefault();
      show("mm-palette");
    } else if (byId("mm-palette")?.open) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event);
      if (event.key === "Enter" && event.target.id === "mm-palette-words") shown()[0]?.click();
    } else if (!event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target)) {
      if (localStorage.getItem(OFF) === null && !document.querySelector("dialog[open], [role=dialog]")) singleKey(event);
    }
  });

  document.addEventListener("input", (event) => {
    if (event.target.id === "mm-palette-words") filter();
  });

  document.addEventListener("change", (event) => {
    if (event.target.id !== "mm-single-keys") return;
    if (event.target.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const asked = event.target.closest("[data-keys]")?.dataset.keys;
    if (asked === "palette") show("mm-palette");
    const dialog = event.target.closest("dialog.mm-dialog");
    // A click on the dialog itself, not on its content, is one beside it.
    if (dialog && (asked === "close" || event.target === dialog || event.target.closest("a"))) dialog.close();
  });
})();
