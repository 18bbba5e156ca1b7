// Forms: confirm, unsaved changes, one submit only, focus on the first error. All delegated.
(() => {
  const word = (key) => document.body.dataset[key] ?? "";
  const confirmed = new WeakSet();
  const sent = new Map();

  // data-confirm="what will happen" on a form or a submit button; data-confirm-ok names the deed; data-confirm-danger colours it
  const make = (tag, className, text) => {
    const el = document.createElement(tag);
    if (className) el.className = className;
    if (text) el.textContent = text;
    return el;
  };
  // "{n}" in the words is the number of rows selected
  const words = (source, text) => (text ?? "").replaceAll("{n}", source.closest(".bulk")?.querySelector("[data-bulk-count]")?.textContent ?? "");
  const ask = (source, answer) => {
    const dialog = make("dialog", "ask");
    const title = make("h2", "", words(source, source.dataset.confirmTitle) || word("wordConfirmTitle"));
    const text = make("p", "", words(source, source.dataset.confirm));
    const row = make("div", "actions");
    const no = make("button", "btn", word("wordCancel"));
    const yes = make("button", source.hasAttribute("data-confirm-danger") ? "btn btn-danger" : "btn btn-primary", source.dataset.confirmOk || word("wordConfirm"));
    no.type = yes.type = "button";
    title.id = "ask-title";
    text.id = "ask-text";
    dialog.setAttribute("aria-labelledby", title.id);
    dialog.setAttribute("aria-describedby", text.id);
    row.append(no, yes);
    dialog.append(title, text, row);
    document.body.append(dialog);
    no.addEventListener("click", () => dialog.close());
    yes.addEventListener("click", () => dialog.close("yes"));
    dialog.addEventListener("close", () => {
      const agreed = dialog.returnValue === "yes";
      dialog.remove();
      if (agreed) answer();
    });
    dialog.showModal();
    no.focus();
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const source = event.submitter?.dataset.confirm !== undefined ? event.submitter : form.dataset.confirm !== undefined ? form : null;
    if (source && !confirmed.delete(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const { submitter } = event;
      ask(source, () => {
        confirmed.add(form);
        form.requestSubmit(submitter);
        confirmed.delete(form);
      });
      return;
    }
    if (sent.has(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);

  // One submit only (not for reads, nor for downloads that leave the page where it is)
  const release = (form) => {
    const button = sent.get(form);
    sent.delete(form);
    if (!button) return;
    button.disabled = false;
    button.removeAttribute("aria-busy");
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const method = (event.submitter?.getAttribute("formmethod") ?? form.getAttribute("method") ?? "get").toLowerCase();
    const byHtmx = form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]");
    if (event.defaultPrevented && !byHtmx) return;
    if ((method !== "post" && !byHtmx) || form.hasAttribute("data-download")) return;
    sent.set(form, event.submitter);
    setTimeout(() => {
      if (!event.submitter || !sent.has(form)) return;
      event.submitter.disabled = true;
      event.submitter.setAttribute("aria-busy", "true");
    });
  });
  addEventListener("pageshow", () => { for (const form of [...sent.keys()]) release(form); });
  document.addEventListener("htmx:finally:request", (event) => {
    const source = event.detail?.ctx?.sourceElement;
    for (const form of [...sent.keys()]) if (form === source || !form.isConnected) release(form);
  });

  // Unsaved changes: form[data-guard]; data-guard="dirty" when the server returns what was not saved; what is data-unguarded is never saved
  const changed = (el) => {
    if (el.disabled || !el.name || el.type === "hidden" || el.closest("[data-unguarded]")) return false;
    if (el.type === "checkbox" || el.type === "radio") return el.checked !== el.defaultChecked;
    if (el.type === "file") return el.value !== "";
    if (el.tagName === "SELECT") {
      const options = [...el.options];
      if (!el.multiple && !options.some((option) => option.defaultSelected)) return el.selectedIndex > 0;
      return options.some((option) => option.selected !== option.defaultSelected);
    }
    return "defaultValue" in el && el.value !== el.defaultValue;
  };
  addEventListener("beforeunload", (event) => {
    for (const form of document.querySelectorAll("form[data-guard]")) {
      if (sent.has(form)) continue;
      if (form.dataset.guard === "dirty" || [...form.elements].some(changed)) {
        event.preventDefault();
        return;
      }
    }
  });

  // The first error takes the focus, after load and after a swap
  const toError = () => {
    const first = document.querySelector("[aria-invalid=true]:not(:disabled)") ?? document.querySelector(".error-summary");
    first?.focus();
  };
  const ready = () => { if (!location.hash) toError(); };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready); else ready();
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.target.querySelector?.("[aria-invalid=true], .error-summary") || event.target.closest?.("[aria-invalid=true]")) toError();
  });
})();
