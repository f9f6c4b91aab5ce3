// Keeps the browser's session alive. The tokens are in HttpOnly cookies that no script can read: this file only asks
// the server to renew them, and reloads when the page's socket was opened with cookies that have run out since.
(() => {
  "use strict";
  const RENEW_EVERY_MS = 10 * 60 * 1000;
  const LAST_RELOAD = "mm_last_reload";
  let renewedAt = Date.now();
  let pending = null;

  const isPublic = () => document.getElementById("mm-session") === null;

  function toLogin() {
    const here = location.pathname + location.search;
    sessionStorage.clear();
    location.assign("/login?next=" + encodeURIComponent(here));
  }

  // One renewal at a time: a refresh token that is shown twice ends the session.
  function renew() {
    pending ??= fetch("/api/session/renew", { method: "POST", headers: { accept: "application/json" } })
      .then((answer) => {
        if (answer.ok) renewedAt = Date.now();
        return answer.status;
      })
      .catch(() => 0)
      .finally(() => {
        pending = null;
      });
    return pending;
  }

  async function renewIfDue() {
    if (isPublic() || document.hidden || Date.now() - renewedAt < RENEW_EVERY_MS) return;
    if ((await renew()) === 401) toLogin();
  }

  async function recover() {
    const status = await renew();
    if (status === 0 || status >= 500) {
      setTimeout(watchMarker, 3_000); // nobody answers at the moment: reloading would put an error in place of the page
      return;
    }
    const last = Number(sessionStorage.getItem(LAST_RELOAD) || 0);
    if (status === 401 || Date.now() - last < 15_000) {
      toLogin();
    } else {
      // The tab's server-side state still says "expired" and would be shown again before the new session is seen.
      sessionStorage.clear();
      sessionStorage.setItem(LAST_RELOAD, String(Date.now()));
      location.reload();
    }
  }

  function watchMarker() {
    const marker = document.getElementById("mm-session");
    if (marker?.dataset.state === "expired") recover();
  }

  // Signing in or out makes another person: the tab's server-side state must not be carried over.
  document.addEventListener("submit", (event) => {
    if (event.target instanceof HTMLFormElement && event.target.dataset.sessionForm) sessionStorage.clear();
  });

  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("a[data-session-link]")) sessionStorage.clear();
  });

  new MutationObserver(watchMarker).observe(document.documentElement, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["data-state"],
  });
  setInterval(renewIfDue, 60_000);
  for (const moment of ["focus", "online"]) addEventListener(moment, renewIfDue);
  document.addEventListener("visibilitychange", renewIfDue);
})();
