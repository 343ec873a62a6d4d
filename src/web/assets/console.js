// The console works without this: it adds keys, the lit place on the paper, and news.
"use strict";
(() => {
  const typing = () => /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");

  // Rows of a list: j and k move, Enter opens.
  let rows = [...document.querySelectorAll("table.list tbody tr")];
  let here = -1;
  const go = (n) => {
    if (rows.length === 0) return;
    rows[here]?.classList.remove("here");
    here = Math.min(Math.max(n, 0), rows.length - 1);
    rows[here].classList.add("here");
    rows[here].querySelector("a.open")?.focus();
  };

  // The review: one doubt after another.
  const doubts = [...document.querySelectorAll("fieldset.doubt")];
  const spot = (doubt) => document.getElementById("spot-" + doubt.dataset.n);
  let at = -1;
  const light = (n) => {
    at = n;
    doubts.forEach((doubt, i) => {
      doubt.classList.toggle("lit", i === n);
      spot(doubt)?.classList.toggle("lit", i === n);
    });
    const place = doubts[n] && spot(doubts[n]);
    const papers = document.querySelector(".papers");
    if (place && papers) {
      const box = place.getBoundingClientRect();
      const frame = papers.getBoundingClientRect();
      papers.scrollTop += box.top - frame.top - frame.height / 3;
    }
  };
  // Held against what stands in the case: a page that comes back with what was typed begins with it.
  const isChanged = (doubt) => doubt.querySelector(".value").value.trim() !== doubt.querySelector(".was").value.replace(/[\r\n]/g, "").trim();
  // A doubtful value is done once it was looked at, another one once it was changed.
  const isDone = (doubt) => {
    return doubt.querySelector(".ok")?.checked || isChanged(doubt);
  };
  const count = () => {
    const done = doubts.filter(isDone).length;
    const words = document.getElementById("count");
    if (words) words.textContent = done + " / " + doubts.length;
    doubts.forEach((doubt) => {
      const seen = isDone(doubt);
      doubt.classList.toggle("seen", seen);
      spot(doubt)?.classList.toggle("seen", seen);
    });
  };
  const focus = (n) => {
    if (n >= doubts.length) return document.querySelector(".save button")?.focus();
    const value = doubts[Math.max(n, 0)].querySelector(".value");
    value.focus();
    value.select();
  };
  doubts.forEach((doubt, n) => {
    doubt.addEventListener("focusin", () => light(n));
    const value = doubt.querySelector(".value");
    const ok = doubt.querySelector(".ok");
    value.addEventListener("input", () => { if (ok) ok.checked = true; count(); });
    ok?.addEventListener("change", count);
    value.addEventListener("keydown", (event) => {
      // An Enter that ends the choice of kanji accepts nothing.
      if (event.isComposing) return;
      if (event.key === "Enter" || event.key === "ArrowDown") {
        event.preventDefault();
        if (event.key === "Enter" && ok && !ok.disabled) { ok.checked = true; count(); }
        focus(n + 1);
      } else if (event.key === "ArrowUp") {
        event.preventDefault();
        focus(n - 1);
      }
    });
  });
  if (doubts.length > 0) {
    count();
    focus(0);
    const form = document.getElementById("review");
    let sent = false;
    form.addEventListener("submit", () => { sent = true; });
    window.addEventListener("beforeunload", (event) => {
      if (!sent && doubts.some(isDone)) event.preventDefault();
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || typing()) return;
    if (event.key === "j") go(here + 1);
    else if (event.key === "k") go(here - 1);
    else if (event.key === "/") { event.preventDefault(); document.getElementById("q")?.focus(); }
    else if (event.key === "?") document.getElementById("help")?.showModal();
  });

  // A deed is done once, however often the button is pressed; one that cannot be undone is asked for twice.
  document.querySelectorAll("form.deed").forEach((form) => form.addEventListener("submit", (event) => {
    if (form.dataset.really && !confirm(form.dataset.really)) { event.preventDefault(); return; }
    setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }), 0);
  }));

  // The way back after the language was changed.
  document.querySelectorAll(".language a").forEach((link) => {
    link.href += "?back=" + encodeURIComponent(location.pathname + location.search);
  });

  // News: a list is drawn anew, anything else is told of, so that nothing that was typed is lost.
  if (document.querySelector(".visitor")) {
    // A list says up to what it tells; it may have been opened behind another page.
    let known = document.querySelector("[data-head]")?.dataset.head ?? null;
    let news = null;
    const isList = () => document.querySelector("[data-head]") !== null;
    const tell = () => { document.getElementById("news").hidden = false; };
    // What nobody asked for says so, and keeps no session open. Where the session has ended, so does what is shown.
    const drawAnew = async () => {
      const answer = await fetch(location.href, { headers: { "X-Uketsuke-By-Itself": "1" } });
      if (answer.redirected) return location.assign("/login");
      if (!answer.ok) return tell();
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (typing() || document.querySelector("dialog[open]")) return tell();
      const place = rows[here]?.querySelector("a.open")?.getAttribute("href");
      document.getElementById("main").replaceWith(page.getElementById("main"));
      rows = [...document.querySelectorAll("table.list tbody tr")];
      here = rows.findIndex((row) => place && row.querySelector("a.open")?.getAttribute("href") === place);
      if (here >= 0) go(here);
    };
    const listen = () => {
      const stream = new EventSource("/live");
      news = stream;
      stream.addEventListener("head", (event) => {
        if (known !== null && event.data !== known) {
          if (isList() && !typing() && !document.querySelector("dialog[open]")) drawAnew().catch(tell);
          else tell();
        }
        known = event.data;
      });
      // A stream that is refused for good was sent to the door, and a list of cases goes there too; or a proxy was alone.
      stream.addEventListener("error", () => {
        if (stream !== news || stream.readyState !== EventSource.CLOSED) return;
        news = null;
        if (isList()) drawAnew().catch(tell);
        setTimeout(attend, 60000);
      });
    };
    const hush = () => { news?.close(); news = null; };
    const attend = () => { if (document.hidden) hush(); else if (news === null) listen(); };
    attend();
    // A page that nobody sees, or that was left and may be kept for the way back, must not hold one of the few connections
    // of a browser. What happened meanwhile is told when it is seen again.
    document.addEventListener("visibilitychange", attend);
    window.addEventListener("pagehide", hush);
    window.addEventListener("pageshow", (event) => { if (event.persisted) attend(); });
    document.getElementById("reload").href = location.href;
  }
})();
