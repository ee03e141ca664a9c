// Comfort on top of pages that work without it: saving as you type, receipts at once, keys, a receipt viewer.
// All words come from data attributes, so this file speaks no language.
const root = document.documentElement, all = (q, at = document) => [...at.querySelectorAll(q)];
root.classList.add("is-js");

async function send(url, body, keepalive = false) {
  const answer = await fetch(url, { method: "POST", body, keepalive, headers: { Accept: "application/json" } });
  const said = (answer.headers.get("content-type") || "").includes("json") ? await answer.json() : {};
  if (!answer.ok) throw Object.assign(new Error(said.error || ""), { final: answer.status < 500 });
  return said;
}

// A form that saves itself: <form data-autosave="URL">, with <output data-saved data-text-…> for its state.
for (const form of all("form[data-autosave]")) {
  const state = form.querySelector("[data-saved]"), text = state?.dataset ?? {};
  const typed = () => { // all but the files, which go by themselves
    const pairs = [...new FormData(form)].filter(([, value]) => typeof value === "string");
    return new URLSearchParams(pairs);
  };
  const essence = () => { const data = typed(); data.delete("version"); return data.toString(); };
  let kept = essence(), timer, busy = false, failed = 0, over = false;
  const show = (what, words) => { if (state) { state.dataset.state = what; state.lastElementChild.textContent = words; } };
  const later = (ms) => { clearTimeout(timer); timer = setTimeout(save, ms); };
  async function save(event, keepalive = false) {
    clearTimeout(timer);
    const now = essence();
    if (over || (now === kept && event !== "anyway")) return;
    if (busy && !keepalive) return later(300);
    busy = true;
    if (!failed) show("saving", text.textSaving || "");
    try {
      const said = await send(form.dataset.autosave, typed(), keepalive);
      [kept, failed] = [now, 0];
      show("saved", `${text.textSaved || ""} ${said.saved_at || ""}`);
      if (said.version !== undefined && form.elements.version) form.elements.version.value = said.version;
      all("[data-total]", form).forEach((place) => { if (said.total !== undefined) place.textContent = said.total; });
      for (const place of all("[data-hint-for]", form)) {
        place.lastElementChild.textContent = said.hints?.[place.dataset.hintFor] || "";
        place.hidden = !said.hints?.[place.dataset.hintFor];
      }
      for (const [id, words] of Object.entries(said.texts || {})) {
        const place = document.getElementById(id);
        if (place) place.textContent = words;
      }
    } catch (error) {
      over = error.final === true;
      show("failed", error.message && over ? error.message : navigator.onLine ? text.textFailed : text.textOffline);
      if (!over) later(Math.min(30000, 2000 * 2 ** failed++));
    } finally { busy = false; }
  }
  form.addEventListener("input", () => later(800));
  form.addEventListener("change", () => later(200));
  form.addEventListener("ssc-save", () => save("anyway"));
  form.addEventListener("submit", () => setTimeout(() => { if (form.dataset.sent) { clearTimeout(timer); over = true; } }));
  addEventListener("online", () => failed && later(0));
  addEventListener("pageshow", (event) => { if (event.persisted) over = false; });
  document.addEventListener("visibilitychange", () => document.hidden && save("hidden", true));
  addEventListener("pagehide", () => save("hidden", true));
  addEventListener("beforeunload", (event) => { if (failed && !over && essence() !== kept) event.preventDefault(); });
}

// Fields that belong to some categories only: <select data-category> and <div data-for-category="meal parking">.
for (const select of all("select[data-category]")) {
  const line = select.closest("[data-line]") || select.form;
  const toggle = () => all("[data-for-category]", line).forEach((group) => {
    group.hidden = !group.dataset.forCategory.split(" ").includes(select.value);
  });
  select.addEventListener("change", toggle);
  toggle();
}

// Receipts: <input type=file data-upload="URL" data-list="id of the list" data-text-…>.
for (const input of all("input[type=file][data-upload]")) {
  const list = document.getElementById(input.dataset.list), zone = input.closest(".ssc-drop");
  const one = (file) => {
    const item = Object.assign(document.createElement("li"), { className: "ssc-receipt" });
    const picture = file.type.startsWith("image/") ? new Image() : document.createElement("span");
    if (picture.src !== undefined) picture.src = URL.createObjectURL(file); else picture.className = "ssc-receipt__icon";
    picture.alt = "";
    const words = document.createElement("div"), bar = document.createElement("progress");
    words.textContent = bar.ariaLabel = file.name;
    item.append(picture, words);
    list.append(item);
    const wrong = (sentence, again) => {
      bar.remove();
      const alert = Object.assign(document.createElement("div"), { role: "alert", textContent: sentence });
      const button = Object.assign(document.createElement("button"), { type: "button", className: "utrecht-button utrecht-button--subtle utrecht-button--small" });
      button.textContent = again ? input.dataset.textAgain : input.dataset.textRemove;
      button.onclick = () => { alert.remove(); button.remove(); if (again) go(); else item.remove(); };
      item.append(button, alert);
    };
    const go = () => {
      const request = new XMLHttpRequest(), body = new FormData();
      body.append("csrf_token", input.form.elements.csrf_token?.value || "");
      body.append(input.name, file, file.name);
      bar.removeAttribute("value");
      words.append(bar);
      request.upload.onprogress = (event) => { bar.value = event.loaded / event.total * .95; };
      request.onerror = () => wrong(input.dataset.textFailed, true);
      request.onload = () => {
        let said = {};
        try { said = JSON.parse(request.responseText); } catch { /* an error page of something in between */ }
        if (!said.html) return wrong(said.error || input.dataset.textFailed, !said.error);
        item.insertAdjacentHTML("afterend", said.html);
        item.remove();
        input.form.dispatchEvent(new Event("ssc-save"));
      };
      request.open("POST", input.dataset.upload);
      request.setRequestHeader("Accept", "application/json");
      request.send(body);
    };
    go();
  };
  zone?.classList.add("is-live");
  for (const kind of ["dragenter", "dragleave", "drop"]) zone?.addEventListener(kind, () => zone.classList.toggle("is-over", kind === "dragenter"));
  input.addEventListener("change", () => { [...input.files].forEach(one); input.value = ""; });
}

// Asking first (data-confirm on a button), and never sending twice.
document.addEventListener("submit", (event) => {
  const form = event.target, button = event.submitter, ask = button?.dataset.confirm;
  if (form.dataset.sent) return event.preventDefault();
  if (ask && !button.sure) {
    event.preventDefault();
    const dialog = Object.assign(document.createElement("dialog"), { className: "ssc-dialog", ariaLabel: ask });
    const words = document.createElement("p"), choices = document.createElement("div");
    const no = Object.assign(document.createElement("button"), { className: "utrecht-button utrecht-button--secondary-action", autofocus: true });
    const yes = Object.assign(document.createElement("button"), { className: "utrecht-button utrecht-button--primary-action" });
    [words.textContent, choices.className, no.textContent, yes.textContent] = [ask, "utrecht-button-group", document.body.dataset.cancel, button.textContent.trim()];
    yes.onclick = () => { button.sure = true; dialog.close(); form.requestSubmit(button); };
    no.onclick = () => dialog.close();
    dialog.onclose = () => { dialog.remove(); button.focus(); };
    choices.append(yes, no);
    dialog.append(words, choices);
    document.body.append(dialog);
    return dialog.showModal();
  }
  if (form.method !== "post" || event.defaultPrevented) return;
  form.dataset.sent = "1";
  setTimeout(() => { if (button) { button.ariaBusy = "true"; button.disabled = true; } });
});
addEventListener("pageshow", (event) => event.persisted && all("form[data-sent]").forEach((form) => {
  delete form.dataset.sent;
  all("[aria-busy]", form).forEach((button) => { button.ariaBusy = null; button.disabled = false; button.sure = false; });
}));

// Keys: data-key="a" on a link or button; j and k go along [data-row]; keys inside a row count for that row only.
const rows = all("[data-row]"), off = () => localStorage.getItem("keys") === "off";
const typing = (at) => at.matches("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button], [type=submit])");
let row;
const enter = (next) => {
  if (!next || next === row) return;
  row?.classList.remove("is-current");
  (row = next).classList.add("is-current");
  if (next.dataset.shows) document.dispatchEvent(new CustomEvent("ssc-show", { detail: next.dataset.shows }));
};
document.addEventListener("focusin", (event) => enter(event.target.closest?.("[data-row]")));
document.addEventListener("keydown", (event) => {
  const at = event.target, { key } = event;
  if (typing(at)) { if (key === "Escape") at.blur(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || off() || document.querySelector("dialog[open]")) return;
  if (rows.length && (key === "j" || key === "k")) {
    const next = rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(row) + (key === "j" ? 1 : row ? -1 : 1)))];
    enter(next);
    (next.querySelector("[data-open]") || next.querySelector("a, input, button, summary"))?.focus();
    return event.preventDefault();
  }
  const named = all("[data-key]").filter((e) => e.dataset.key === key && !e.disabled && (!e.closest("[data-row]") || row?.contains(e)) && e.checkVisibility());
  const goal = named.find((e) => row?.contains(e)) || named[0];
  if (goal) { event.preventDefault(); goal.matches("textarea, select, input:not([type=checkbox])") ? goal.focus() : goal.click(); }
});
for (const box of all("[data-keys-toggle]")) {
  box.checked = !off();
  box.onchange = () => localStorage.setItem("keys", box.checked ? "on" : "off");
}
for (const button of all("[data-dialog]")) button.onclick = () => document.getElementById(button.dataset.dialog).showModal();
for (const box of all("[data-all]")) box.onchange = () => all(`input[name="${box.dataset.all}"]`).forEach((one) => { if (!one.disabled) one.checked = box.checked; });

// The receipt viewer: one page at a time, zoom and turn. Without this script all pages stand below each other.
for (const viewer of all("[data-viewer]")) {
  const pane = viewer.querySelector("[data-pane]"), pages = all("figure", pane), name = viewer.querySelector("[data-name]");
  let at = 0, zoom = 1, turn = 0;
  const draw = () => {
    const page = pages[at], image = page?.querySelector("img");
    pages.forEach((one) => { one.hidden = one !== page; });
    if (name && page) name.textContent = page.dataset.name || "";
    if (!image?.naturalWidth) return;
    const lying = turn % 180 !== 0, [w, h] = [image.naturalWidth, image.naturalHeight], [W, H] = lying ? [h, w] : [w, h];
    const scale = Math.min((pane.clientWidth - 24) / W, (pane.clientHeight - 24) / H) * zoom, set = (e, k, v) => e.style.setProperty(k, v);
    set(page, "--box-w", `${W * scale}px`); set(page, "--box-h", `${H * scale}px`);
    set(image, "--img-w", `${w * scale}px`); set(image, "--img-h", `${h * scale}px`); set(image, "--turn", `${turn}deg`);
  };
  const go = (to) => { [at, zoom, turn] = [(to + pages.length) % pages.length, 1, 0]; draw(); };
  const deeds = { in: () => { zoom = Math.min(8, zoom * 1.4); }, out: () => { zoom = Math.max(.5, zoom / 1.4); }, rotate: () => { turn += 90; }, next: () => go(at + 1), previous: () => go(at - 1) };
  if (!pages.length) continue;
  viewer.classList.add("is-live");
  viewer.addEventListener("click", (event) => {
    const deed = deeds[event.target.closest("[data-do]")?.dataset.do];
    if (deed) { deed(); draw(); }
  });
  document.addEventListener("ssc-show", (event) => { const i = pages.findIndex((page) => page.dataset.line === event.detail); if (i >= 0 && pages[at].dataset.line !== event.detail) go(i); });
  all("img", pane).forEach((image) => image.addEventListener("load", draw));
  new ResizeObserver(draw).observe(pane);
  draw();
}
