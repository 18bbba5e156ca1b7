// data-insert="text" data-into="id": puts the text where the cursor is, or was, in the field; in another field of the form when that had it last.
(() => {
  let last = null;
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("form textarea, form input[type=text]")) last = event.target;
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    const form = button.closest("form");
    const field = last?.isConnected && form.contains(last) ? last : document.getElementById(button.dataset.into);
    field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
