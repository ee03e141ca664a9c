// Asks a workshop for its news every few seconds and puts it on the page; pages work without it, after a refresh.
const body = document.querySelector("[data-stand-url]"), all = (query, at = document) => [...at.querySelectorAll(query)];
const link = document.querySelector("[data-link]"), said = document.querySelector("[data-message]");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const USUAL = 3000, SLOWEST = 30000, PATIENCE = 8000;
let version = body.dataset.version || "", tag = "", failed = 0, timer, busy = false;

const put = (place, text) => {
  if (place.textContent === text) return;
  place.textContent = text;
  const station = place.closest("[data-station]");
  station?.classList.toggle("is-empty", text === "0");
  if (station && !calm.matches) station.animate([{ scale: 1 }, { scale: 1.06 }, { scale: 1 }], { duration: 700, easing: "ease-out" });
};

// What somebody is typing in, or holds with the keyboard, is left alone: the next time will do.
const touched = (part) => part.contains(document.activeElement) || all("input, textarea, select", part).some((one) => one.value !== one.defaultValue && one.type !== "hidden" && !one.matches("select"));

async function renew() {
  if ("whole" in body.dataset) return location.reload();
  const parts = all("[data-live]");
  if (!parts.length) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of parts) {
    const next = page.querySelector(`[data-live="${part.dataset.live}"]`);
    if (!next || next.innerHTML === part.innerHTML || touched(part)) continue;
    const open = all("details", part).map((one) => one.open);
    part.replaceChildren(...document.importNode(next, true).childNodes);
    all("details", part).forEach((one, at) => { one.open = open[at] ?? one.open; });
  }
}

function show(news) {
  for (const [key, text] of Object.entries(news.texts || {})) for (const place of all(`[data-stand="${key}"]`)) put(place, text);
  // Each round numbers its cards and messages anew.
  const round = String(news.version).split(".")[0], seen = (what) => Number(sessionStorage.getItem(`${what} ${round}`) || 0);
  const place = document.querySelector("[data-card]"), known = seen("card");
  if (place && news.card && news.card.id > known) {
    sessionStorage.setItem(`card ${round}`, news.card.id);
    if (known) place.textContent = news.card.text;
  }
  const message = news.message, last = seen("message");
  if (said && message && message.id > last) {
    sessionStorage.setItem(`message ${round}`, message.id);
    said.textContent = `${said.dataset.message} ${message.text}`;
    said.parentElement.hidden = false;
  }
}

const tell = (text) => { if (link && link.textContent !== text) link.textContent = text; };

async function ask() {
  clearTimeout(timer);
  if (busy) return;
  busy = true;
  try {
    const answer = await fetch(body.dataset.standUrl, { headers: { Accept: "application/json", ...(tag && { "If-None-Match": tag }) }, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status !== 304) {
      if (!answer.ok) throw answer;
      tag = answer.headers.get("ETag") || "";
      const news = await answer.json();
      show(news);
      if (news.version !== version) {
        const first = version === "";
        version = news.version;
        if (!first) await renew();
      }
    }
    failed = 0;
    document.documentElement.classList.remove("is-lost");
    tell("");
  } catch {
    failed += 1;
    // One answer that got lost is no news; two are.
    if (failed > 1) { document.documentElement.classList.add("is-lost"); tell(body.dataset.textLost); }
  }
  busy = false;
  // Not all at the same moment, and slower where the network is bad.
  const wait = Math.min(USUAL * 1.6 ** failed, SLOWEST);
  timer = setTimeout(ask, wait * (0.8 + Math.random() * 0.4));
}

document.addEventListener("visibilitychange", () => document.hidden || ask());
addEventListener("online", ask);
document.querySelector("[data-close]")?.addEventListener("click", (event) => { event.currentTarget.parentElement.hidden = true; });
ask();
