// Lists: selection and bulk bar, row keys, clean filter addresses, announced counts. All delegated.
(() => {
  const list = () => document.getElementById("list");
  const boxes = (root) => [...root.querySelectorAll("tbody .pick input[type=checkbox]:not(:disabled)")];
  let lastBox = null;
  let typing = null;

  const recount = (root) => {
    if (!root) return;
    const all = boxes(root);
    const picked = all.filter((box) => box.checked).length;
    const head = root.querySelector("[data-select-all]");
    if (head) {
      head.checked = picked > 0 && picked === all.length;
      head.indeterminate = picked > 0 && picked < all.length;
    }
    const bar = root.querySelector("[data-bulk-bar]");
    if (!bar) return;
    bar.classList.toggle("is-on", picked > 0);
    const whole = bar.querySelector("[data-bulk-all]");
    if (whole) {
      whole.hidden = picked === 0 || picked < all.length;
      const input = whole.querySelector("input");
      if (whole.hidden && input) input.checked = false;
      const count = bar.querySelector("[data-bulk-count]");
      if (count) count.textContent = input?.checked ? (whole.dataset.bulkAll || picked) : picked;
    } else {
      const count = bar.querySelector("[data-bulk-count]");
      if (count) count.textContent = picked;
    }
  };

  document.addEventListener("change", (event) => {
    const box = event.target;
    const root = box.closest(".list");
    if (!root) return;
    if (box.matches("[data-select-all]")) for (const other of boxes(root)) other.checked = box.checked;
    recount(root);
  });
  document.addEventListener("click", (event) => {
    const clear = event.target.closest("[data-bulk-clear]");
    if (clear) {
      const root = clear.closest(".list");
      for (const box of boxes(root)) box.checked = false;
      recount(root);
      root.querySelector("[data-select-all]")?.focus();
      return;
    }
    const box = event.target.closest(".pick input[type=checkbox]");
    if (!box || box.matches("[data-select-all]")) return;
    const root = box.closest(".list");
    if (event.shiftKey && lastBox?.isConnected) {
      const all = boxes(root);
      const [from, to] = [all.indexOf(lastBox), all.indexOf(box)].sort((a, b) => a - b);
      if (from >= 0) for (const other of all.slice(from, to + 1)) other.checked = box.checked;
      recount(root);
    }
    lastBox = box;
  });
  addEventListener("pageshow", () => document.querySelectorAll(".list").forEach(recount));

  // j/k everywhere, arrows once a row has the focus; Enter opens, x selects
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const inField = event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog, details.menu[open]");
    if (inField) return;
    const row = document.activeElement?.closest("[data-rows] tbody tr");
    const onRow = row === document.activeElement;
    const step = event.key === "j" || (onRow && event.key === "ArrowDown") ? 1 : event.key === "k" || (onRow && event.key === "ArrowUp") ? -1 : 0;
    if (step !== 0) {
      const rows = [...document.querySelectorAll("[data-rows] tbody tr:not(.group)")];
      if (rows.length === 0) return;
      const at = rows.indexOf(row);
      const next = at < 0 ? rows[0] : rows[Math.min(rows.length - 1, Math.max(0, at + step))];
      next.tabIndex = -1;
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
      event.preventDefault();
    } else if (onRow && event.key === "Enter") {
      row.querySelector("[data-row-link], th a[href], a[href]")?.click();
      event.preventDefault();
    } else if (row && event.key === "x") {
      row.querySelector(".pick input")?.click();
    }
  });

  // A filter's address carries only what is set
  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = event.detail;
    const form = ctx.sourceElement;
    if (!form.matches?.("form[data-filter]")) return;
    const body = ctx.request.body;
    for (const key of new Set(body.keys())) {
      const kept = body.getAll(key).filter((value) => value !== "");
      body.delete(key);
      for (const value of kept) body.append(key, value);
    }
    // One step of history for a word typed, not one for every letter
    const typed = ctx.sourceEvent?.type === "input";
    if (typed && typing === form) { ctx.push = null; ctx.replace = "true"; }
    typing = typed ? form : null;
  });
  // The same without htmx: empty fields are left out of the native submit
  document.addEventListener("formdata", (event) => {
    if (!event.target.matches("form[data-filter]")) return;
    const data = event.formData;
    for (const key of new Set(data.keys())) {
      const kept = data.getAll(key).filter((value) => value !== "");
      data.delete(key);
      for (const value of kept) data.append(key, value);
    }
  });
  document.addEventListener("htmx:after:swap", () => {
    const root = list();
    if (!root) return;
    recount(root);
    if (root.getBoundingClientRect().top < 0) root.scrollIntoView();
    if (document.activeElement === document.body) root.querySelector(".table-box")?.focus({ preventScroll: true });
    const count = root.querySelector("[data-count]");
    if (count) dispatchEvent(new CustomEvent("op:say", { detail: count.textContent.replace(/\s+/g, " ").trim() }));
  });
})();
