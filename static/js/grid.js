// The grid: cells that are changed in place, and columns that are moved before they are applied. All delegated.
(() => {
  let edited = null;

  // The form in a cell takes the focus; the cell has it again when the form is gone
  document.addEventListener("htmx:after:swap", () => {
    const form = document.querySelector("[data-cell-form]");
    if (form) {
      edited = form.querySelector("select").id.replace("edit-", "cell-");
      if (!form.contains(document.activeElement)) form.querySelector("select").focus();
      return;
    }
    if (!edited) return;
    document.getElementById(edited)?.focus({ preventScroll: true });
    edited = null;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const form = event.target.closest?.("[data-cell-form]");
    if (!form) return;
    event.preventDefault();
    form.querySelector("[data-cell-cancel]").click();
  });
  // "e" on a row opens its first cell that can be changed
  document.addEventListener("keydown", (event) => {
    if (event.key !== "e" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const row = document.activeElement;
    if (!row?.matches("[data-rows] tbody tr")) return;
    row.querySelector(".cell-edit")?.click();
    event.preventDefault();
  });

  // A column moves at once; "apply" keeps the order
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    event.preventDefault();
    const item = button.closest(".menu-order");
    const other = button.dataset.move === "-1" ? item.previousElementSibling : item.nextElementSibling;
    if (!other?.matches(".menu-order")) return;
    if (button.dataset.move === "-1") other.before(item); else other.after(item);
    button.focus();
  });
})();
