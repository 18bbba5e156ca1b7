// Comparing two records: the one that is kept keeps its own values, but for those that it does not have.
(() => {
  document.addEventListener("change", (event) => {
    const keep = event.target.closest("[data-compare] input[name=survivor]");
    if (!keep) return;
    for (const row of keep.form.querySelectorAll("[data-compare-row]")) {
      const own = row.querySelector(`[data-side="${keep.dataset.side}"]`);
      const other = row.querySelector(`[data-side]:not([data-side="${keep.dataset.side}"])`);
      const chosen = own?.dataset.blank ? other : own;
      if (chosen) chosen.checked = true;
    }
  });
})();
