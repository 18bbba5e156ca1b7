// form[data-drop]: a file that is dropped anywhere on the page of the form is chosen in its field; the form is sent by its button as ever.
(() => {
  const field = () => document.querySelector("form[data-drop] input[type=file]");
  const carries = (event) => event.dataTransfer?.types.includes("Files") && field();
  const mark = (on) => field()?.closest("section")?.classList.toggle("is-dropping", on);
  document.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    mark(true);
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) mark(false); });
  document.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    mark(false);
    if (event.dataTransfer.files.length === 0) return;
    const chosen = new DataTransfer();
    chosen.items.add(event.dataTransfer.files[0]);
    field().files = chosen.files;
    field().dispatchEvent(new Event("change", { bubbles: true }));
    field().focus();
  });
})();
