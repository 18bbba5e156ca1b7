// Uploads: several files one after the other with a bar each, by choosing or by dropping. Without this the form sends them all at once.
(() => {
  const FORM = "form[data-upload]";
  let busy = 0;
  const say = (text) => dispatchEvent(new CustomEvent("op:say", { detail: text }));
  const make = (tag, className, text) => {
    const el = document.createElement(tag);
    if (className) el.className = className;
    if (text) el.textContent = text;
    return el;
  };

  // One file; answers with what became of it
  const send = (form, file, line) => new Promise((done) => {
    const word = (key) => form.dataset[key].replace("{name}", () => file.name);
    const label = make("span", "", word("wordSending"));
    const bar = make("progress");
    const stop = make("button", "btn btn-sm", form.dataset.wordStop);
    stop.type = "button";
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", label.textContent);
    line.replaceChildren(label, bar, stop);
    const finish = (ok, text) => {
      line.className = ok ? "is-ok" : "is-bad";
      line.replaceChildren(make("span", "", text));
      say(text);
      done(ok);
    };
    if (file.size > Number(form.dataset.upload)) return finish(false, word("wordTooLarge"));
    const body = new FormData();
    for (const field of form.querySelectorAll("input[type=hidden]")) body.append(field.name, field.value);
    body.append("file", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
    request.addEventListener("load", () => {
      let text = "";
      try { text = JSON.parse(request.responseText).text; } catch { text = ""; }
      finish(request.status === 200 && text !== "", text || word("wordFailed"));
    });
    request.addEventListener("error", () => finish(false, word("wordFailed")));
    request.addEventListener("abort", () => { line.remove(); done(false); });
    stop.addEventListener("click", () => request.abort());
    request.send(body);
  });

  // The section as it is now, with what became of the files that were sent
  const refresh = async (section, lines) => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(section.id);
    if (!fresh) return;
    const list = fresh.querySelector("[data-upload-list]");
    if (list && lines.length > 0) {
      list.append(...lines);
      list.hidden = false;
    }
    section.replaceWith(fresh);
    fresh.querySelector("input[type=file]")?.focus({ preventScroll: true });
  };

  const upload = async (form, files) => {
    const section = form.closest("section");
    const list = form.querySelector("[data-upload-list]");
    const controls = form.querySelectorAll("input[type=file], button:not([data-upload-list] *)");
    list.hidden = false;
    list.replaceChildren();
    const lines = files.map(() => list.appendChild(make("li")));
    lines.forEach((line, at) => line.append(make("span", "muted", files[at].name)));
    busy += 1;
    for (const control of controls) control.disabled = true;
    for (const [at, file] of files.entries()) await send(form, file, lines[at]);
    busy -= 1;
    for (const control of controls) control.disabled = false;
    try { await refresh(section, lines.filter((line) => line.isConnected)); } catch { location.reload(); }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches(FORM) || event.defaultPrevented) return;
    event.preventDefault();
    const files = [...form.querySelector("input[type=file]").files];
    if (files.length > 0) upload(form, files);
  }, true);

  // Dropping: anywhere on the section; beside it a file must not replace the page
  const target = (event) => event.target.closest?.("section")?.querySelector(FORM);
  const carries = (event) => event.dataTransfer?.types.includes("Files") && document.querySelector(FORM);
  const mark = (section) => {
    for (const other of document.querySelectorAll(".is-dropping")) if (other !== section) other.classList.remove("is-dropping");
    section?.classList.add("is-dropping");
  };
  document.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    const form = target(event);
    event.dataTransfer.dropEffect = form && busy === 0 ? "copy" : "none";
    mark(busy === 0 ? form?.closest("section") : null);
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) mark(null); });
  document.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    mark(null);
    const form = target(event);
    const files = [...event.dataTransfer.files];
    if (form && busy === 0 && files.length > 0) upload(form, files);
  });

  addEventListener("beforeunload", (event) => { if (busy > 0) event.preventDefault(); });
})();
