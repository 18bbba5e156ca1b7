// data-key="n": the letter follows the link, presses the button or goes to the field, unless somebody types.
(() => {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable], dialog, details.menu[open]")) return;
    const way = /^[a-z]$/.test(event.key) && document.querySelector(`main [data-key="${event.key}"]:not(:disabled)`);
    if (!way) return;
    event.preventDefault();
    if (way.matches("input, textarea, select")) way.focus();
    else way.click();
  });
})();
