// Comfort on top of pages that work without it. All words come from the page, so this file speaks no language.
const all = (query, at = document) => [...at.querySelectorAll(query)];
document.documentElement.classList.add("is-js");
all("[data-focus]")[0]?.focus();

// <form data-autosave="URL"> saves itself; [data-saved] tells how that goes, [data-total] and [data-hint-for] follow.
for (const form of all("form[data-autosave]")) {
  const state = form.querySelector("[data-saved]"), text = state.dataset;
  const typed = () => new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  const essence = () => { const data = typed(); data.delete("version"); return `${data}`; };
  let kept = essence(), timer, busy = false, failed = 0, over = false, waiting;
  const show = (what, words) => { text.state = what; state.lastElementChild.textContent = words; };
  const later = (ms) => { clearTimeout(timer); timer = setTimeout(save, ms); };
  const follow = ({ saved_at, version, total, hints = {} }) => {
    show("saved", saved_at ? text.textSaved.replace("{time}", saved_at) : text.textKept);
    if (version !== undefined && form.elements.version) form.elements.version.value = version;
    for (const place of all("[data-total]")) place.textContent = total ?? place.textContent;
    for (const place of all("[data-hint-for]", form)) {
      const words = hints[place.dataset.hintFor] || "";
      (place.lastElementChild || place).textContent = words;
      place.hidden = !words;
    }
  };
  async function save({ keepalive = false, anyway = false } = {}) {
    clearTimeout(timer);
    const now = essence();
    if (over || (now === kept && !anyway)) return;
    if (busy && !keepalive) return later(300);
    busy = true;
    if (!failed) show("saving", text.textSaving);
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: typed(), keepalive, headers: { Accept: "application/json" }, signal: AbortSignal.timeout(15000) });
      const said = await answer.json();
      if (answer.ok) { [kept, failed] = [now, 0]; follow(said); } else if (answer.status < 500) { over = true; show("failed", said.error); } else throw said;
    } catch {
      show("failed", navigator.onLine ? text.textFailed : text.textOffline);
      later(Math.min(30000, 2000 * 2 ** failed++));
    }
    busy = false;
    if (waiting) form.requestSubmit(waiting);
  }
  // What is being saved gets there first: else the form would be sent with a version that is no longer the last.
  form.addEventListener("submit", (event) => {
    waiting = busy ? event.submitter : undefined;
    if (busy) { event.preventDefault(); event.stopPropagation(); }
  });
  form.addEventListener("input", () => later(800));
  form.addEventListener("change", () => later(200));
  form.addEventListener("ssc-changed", () => save({ anyway: true }));
  form.addEventListener("ssc-sent", () => { clearTimeout(timer); over = true; });
  addEventListener("pageshow", (event) => { if (event.persisted) over = false; });
  addEventListener("online", () => failed && later(0));
  addEventListener("pagehide", () => save({ keepalive: true }));
  document.addEventListener("visibilitychange", () => document.hidden && save({ keepalive: true }));
  addEventListener("beforeunload", (event) => { if (failed && !over) event.preventDefault(); });
}

// <select data-category> in a [data-line] shows the fields of its choice: <div data-for-category="meal parking">.
for (const select of all("select[data-category]")) {
  const toggle = () => {
    for (const group of all("[data-for-category]", select.closest("[data-line]"))) {
      group.hidden = !group.dataset.forCategory.split(" ").includes(select.value);
      group.classList.remove("ssc-nojs");
    }
  };
  select.addEventListener("change", toggle);
  toggle();
}

// <input type=file data-upload="URL" data-list="id"> sends each file at once and puts its <li> in the list.
for (const input of all("input[data-upload]")) {
  const zone = input.closest(".ssc-drop"), list = document.getElementById(input.dataset.list);
  const add = (file) => {
    const item = zone.querySelector("template").content.cloneNode(true).firstElementChild, part = (query) => item.querySelector(query);
    const [bar, alert, again, remove] = ["progress", "[role=alert]", "[data-again]", "[data-remove]"].map(part);
    part("[data-name]").textContent = bar.ariaLabel = file.name;
    if (/jpeg|png|webp/.test(file.type)) part(".ssc-receipt__icon").replaceWith(Object.assign(new Image(44, 44), { src: URL.createObjectURL(file), alt: "" }));
    const wrong = (sentence) => { alert.textContent = sentence || input.dataset.textFailed; bar.hidden = true; again.hidden = !!sentence; remove.hidden = !sentence; };
    const go = () => {
      const request = new XMLHttpRequest(), body = new FormData();
      body.append("csrf_token", input.form.elements.csrf_token.value);
      body.append("file", file);
      [bar.hidden, again.hidden, alert.textContent] = [false, true, ""];
      bar.removeAttribute("value");
      request.responseType = "json";
      request.upload.onprogress = ({ loaded, total }) => { bar.value = .95 * loaded / total; };
      request.onerror = () => wrong();
      request.onload = () => {
        if (!request.response?.html) return wrong(request.response?.error);
        item.insertAdjacentHTML("afterend", request.response.html);
        item.remove();
        input.closest(".utrecht-form-field").classList.remove("utrecht-form-field--invalid");
        document.getElementById(`${input.id}-error`)?.remove();
        input.removeAttribute("aria-invalid");
        input.setAttribute("aria-describedby", `${input.id}-hint`);
        input.form.dispatchEvent(new Event("ssc-changed"));
      };
      request.open("POST", input.dataset.upload);
      request.setRequestHeader("Accept", "application/json");
      request.send(body);
    };
    again.onclick = go;
    remove.onclick = () => { item.remove(); input.focus(); };
    list.append(item);
    go();
  };
  zone.classList.add("is-live");
  for (const kind of ["dragenter", "dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.toggle("is-over", kind === "dragenter"));
  input.addEventListener("change", () => {
    // Who tries another file has read what was wrong with the last one.
    for (const item of all("li:has(> [data-remove]:not([hidden]))", list)) item.remove();
    [...input.files].forEach(add);
    input.value = "";
  });
}

// <button data-confirm="question"> asks first; no form is sent twice.
const dialog = document.getElementById("confirm");
document.addEventListener("submit", (event) => {
  const form = event.target, button = event.submitter;
  if (form.method !== "post") return;
  if (form.dataset.sent) return event.preventDefault();
  if (button?.dataset.confirm && dialog.returnValue !== "yes") {
    event.preventDefault();
    dialog.querySelector("p").textContent = button.dataset.confirm;
    dialog.querySelector("[value=yes]").textContent = [...button.childNodes].map((node) => node.data || "").join("");
    dialog.onclose = () => { if (dialog.returnValue === "yes") form.requestSubmit(button); else button.focus(); };
    return dialog.showModal();
  }
  dialog.returnValue = "";
  form.dataset.sent = "yes";
  form.dispatchEvent(new Event("ssc-sent"));
  setTimeout(() => { if (button) { button.ariaBusy = "true"; button.disabled = true; } });
});
addEventListener("pageshow", (event) => event.persisted && all("form[data-sent]").forEach((form) => {
  delete form.dataset.sent;
  for (const button of all("[aria-busy]", form)) { button.ariaBusy = null; button.disabled = false; }
}));

// data-key="a" presses a link or button; j and k walk along [data-row]; keys within a row count for that row only.
const rows = all("[data-row]"), silent = () => localStorage.getItem("keys") === "off";
const isText = (at) => at.matches("textarea, select, input:not([type=checkbox], [type=radio])");
let row;
const enter = (next) => {
  if (!next || next === row) return;
  row?.classList.remove("is-current");
  row = next;
  row.classList.add("is-current");
  document.dispatchEvent(new CustomEvent("ssc-row", { detail: row.dataset.row }));
};
const walk = (step) => {
  enter(rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(row) + step))]);
  (row.querySelector("[data-open]") ?? row.querySelector("a, summary, input:not([type=hidden], :disabled), button"))?.focus();
};
document.addEventListener("focusin", (event) => enter(event.target.closest("[data-row]")));
document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (isText(target)) return key === "Escape" && target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || silent() || all("dialog[open]").length) return;
  let goal = all("[data-key]").filter((at) => at.dataset.key === key && at.checkVisibility() && (row?.contains(at) || !at.closest("[data-row]"))).pop();
  if (rows.length && (key === "j" || key === "k")) walk(key === "j" ? 1 : -1);
  else if (goal && isText(goal)) goal.focus();
  else if (goal) {
    goal.click();
    if (goal.matches("details[open] > summary")) goal.parentElement.querySelector("textarea")?.focus();
  } else return;
  event.preventDefault();
});
// <button data-tick> ticks everything in its row and goes on to the next one, or at the end to [data-finish].
for (const button of all("[data-tick]")) button.onclick = () => {
  enter(button.closest("[data-row]"));
  for (const box of all("[type=checkbox]:enabled", row)) box.checked = true;
  button.form.dispatchEvent(new Event("change"));
  if (row === rows.at(-1)) all("[data-finish]")[0]?.focus();
  else walk(1);
};
// <button data-pick="select" data-value="v" data-then="field"> chooses a value in a list and goes to the field that explains it.
for (const button of all("[data-pick]")) button.onclick = () => {
  const { pick, value, then } = button.dataset, fields = button.form.elements;
  fields[pick].value = value;
  fields[pick].dispatchEvent(new Event("change", { bubbles: true }));
  fields[then].focus();
};
for (const box of all("[data-keys]")) {
  box.checked = !silent();
  box.onchange = () => localStorage.setItem("keys", box.checked ? "on" : "off");
}
for (const button of all("[data-dialog]")) button.onclick = () => document.getElementById(button.dataset.dialog).showModal();
for (const box of all("[data-all]")) box.onchange = () => all(`[name="${box.dataset.all}"]:enabled`).forEach((one) => { one.checked = box.checked; });

// [data-live="seconds"] with an id is fetched anew so often while somebody looks; what one is working in is left alone.
const live = () => all("[data-live][id]");
const refresh = async () => {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(15000) });
    const fresh = answer.ok && !answer.redirected && new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of fresh ? live() : []) {
      const next = fresh.getElementById(part.id);
      if (!next) delete part.dataset.live;
      else if (next.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) part.innerHTML = next.innerHTML;
      if (next && !next.dataset.live) delete part.dataset.live;
    }
  } catch { /* The next time, perhaps. */ }
  again();
};
const again = () => live().length && setTimeout(() => document.hidden ? again() : refresh(), 1000 * live()[0].dataset.live);
again();

// [data-viewer] shows one receipt at a time, with zoom and turn; the current row brings its own receipt.
for (const viewer of all("[data-viewer]")) {
  const pane = viewer.querySelector("[data-pane]"), pages = all("figure", pane);
  let at = 0, zoom = 1, turn = 0;
  const size = (item, width, height) => { item.style.setProperty("--w", `${width}px`); item.style.setProperty("--h", `${height}px`); };
  const draw = () => {
    const page = pages[at], image = page.querySelector("img"), following = pages[at + 1]?.querySelector("img");
    for (const one of pages) one.hidden = one !== page;
    if (following) following.loading = "eager";
    viewer.querySelector("[data-name]").textContent = page.dataset.name;
    if (!image?.naturalWidth) return;
    const { naturalWidth: w, naturalHeight: h } = image, [W, H] = turn % 180 ? [h, w] : [w, h];
    const scale = zoom * Math.min((pane.clientWidth - 24) / W, (pane.clientHeight - 24) / H);
    size(page, W * scale, H * scale);
    size(image, w * scale, h * scale);
    image.style.setProperty("--turn", `${turn}deg`);
  };
  const go = (to) => { [at, zoom, turn] = [(to + pages.length) % pages.length, 1, 0]; };
  const deeds = { in: () => { zoom = Math.min(8, zoom * 1.4); }, out: () => { zoom = Math.max(.5, zoom / 1.4); }, rotate: () => { turn += 90; }, next: () => go(at + 1), previous: () => go(at - 1) };
  if (!pages.length) continue;
  viewer.classList.add("is-live");
  viewer.addEventListener("click", (event) => { deeds[event.target.closest("[data-do]")?.dataset.do]?.(); draw(); });
  document.addEventListener("ssc-row", ({ detail }) => {
    const found = pages.findIndex((page) => page.dataset.line === detail);
    if (found >= 0 && pages[at].dataset.line !== detail) { go(found); draw(); }
  });
  const broken = (image) => {
    const caption = image.nextElementSibling;
    image.hidden = true;
    image.parentElement.classList.add("is-broken");
    caption.firstElementChild.hidden = false;
  };
  for (const image of all("img", pane)) {
    image.addEventListener("load", draw);
    image.addEventListener("error", () => broken(image));
    if (image.complete && image.currentSrc && !image.naturalWidth) broken(image);
  }
  new ResizeObserver(draw).observe(pane);
}

// A page whose rows have names (the lines of a check) begins at the first.
if (rows[0]?.dataset.row) enter(rows[0]);
