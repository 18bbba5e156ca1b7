// Menus, shortcuts, copy, reveal, flash, live region. Everything is delegated from the document: a swap needs no re-binding.
(() => {
  const word = (key) => document.body.dataset[key] ?? "";

  const live = (text) => {
    const box = document.getElementById("live");
    if (!box) return;
    box.textContent = "";
    setTimeout(() => { box.textContent = text; }, 50);
  };
  addEventListener("op:say", (event) => live(event.detail));

  // Menus: <details class="menu">
  const openMenus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) {
      const inside = menu.contains(event.target);
      if (!inside || event.target.closest("a.menu-item")) menu.open = false;
    }
  });
  document.addEventListener("focusin", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details.menu[open]");
    if (event.key === "Escape") {
      for (const open of openMenus()) {
        open.open = false;
        if (open.contains(document.activeElement)) open.querySelector("summary").focus();
      }
      return;
    }
    if (!menu || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    if (event.target.matches("select, input:not([type=checkbox])")) return;
    const items = [...menu.querySelectorAll("summary, a[href], button:not(:disabled), input")].filter((el) => el.getClientRects().length > 0);
    const at = items.indexOf(document.activeElement);
    items.at((at + (event.key === "ArrowDown" ? 1 : -1)) % items.length)?.focus();
    event.preventDefault();
  });

  // "/" goes to the search box
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable], dialog")) return;
    const box = document.querySelector("[data-global-search]") ?? document.querySelector("[data-list-search]");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });

  // data-copy="#id of an input or element" or data-copy-text="…"
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      area.className = "visually-hidden";
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-copy-text]");
    if (!button) return;
    const source = button.dataset.copy ? document.querySelector(button.dataset.copy) : null;
    const text = button.dataset.copyText ?? source?.value ?? source?.textContent ?? "";
    const done = await copy(text.trim());
    button.focus();
    if (!done) { source?.select?.(); return; }
    live(word("wordCopied"));
    const label = button.querySelector("[data-label]");
    if (!label || button.dataset.before) return;
    button.dataset.before = label.textContent;
    label.textContent = word("wordCopied");
    setTimeout(() => { label.textContent = button.dataset.before; delete button.dataset.before; }, 2000);
  });

  // data-reveal="id of a password field"
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-reveal]");
    const field = button && document.getElementById(button.dataset.reveal);
    if (!field) return;
    const show = field.type === "password";
    field.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
  });

  // Flash messages stay until closed
  document.addEventListener("click", (event) => {
    const flash = event.target.closest("[data-close]")?.closest(".flash");
    if (!flash) return;
    flash.remove();
    document.getElementById("main")?.focus();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
    if (event.target.closest("[data-reload]")) location.reload();
  });
})();
