// The editor of prices. What the trial finds wrong shows at its field, and the text of the tiers follows the table; the
// slider and the box hold one quantity; a text that was typed is read into the table when the field is left.
(() => {
  const touched = new WeakSet();
  const field = (form, name) => form.elements.namedItem(name);

  const unmark = (control) => {
    control.removeAttribute("aria-invalid");
    document.getElementById(`${control.id}-error`)?.remove();
  };
  const mark = (control, text) => {
    let note = document.getElementById(`${control.id}-error`);
    if (!note) {
      note = document.createElement("p");
      note.className = "field-error";
      note.id = `${control.id}-error`;
      control.closest(".field")?.append(note);
    }
    if (note.textContent.trim() !== text) note.textContent = text;
    control.setAttribute("aria-invalid", "true");
    const described = new Set((control.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
    control.setAttribute("aria-describedby", [...described.add(note.id)].join(" "));
  };
  const tried = (form, trial) => {
    const faults = new Map([...trial.querySelectorAll("[data-fault-of]")].map((item) => [item.dataset.faultOf, item.textContent]));
    for (const control of form.querySelectorAll(".plan-main .form-control, .plan-main .form-select")) {
      if (!control.name || control.type === "hidden") continue;
      const text = faults.get(control.name);
      // What is still blank and was never left is not yet a fault.
      if (text && (control.value !== "" || touched.has(control))) mark(control, text);
      else unmark(control);
    }
    for (const item of trial.querySelectorAll("[data-text-of]")) {
      const control = field(form, item.dataset.textOf);
      const was = field(form, `${item.dataset.textOf}_was`);
      if (!control || !was || document.activeElement === control || control.value !== was.value) continue;
      control.value = was.value = item.textContent;
    }
  };
  // A button that changed the form is gone with it: what it made takes the focus, or the same button of the new form.
  let pressed = "";
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("form[data-price-editor] button[name=act]");
    if (button) pressed = button.value;
  });
  // Leaving the text of the tiers for another field reads it while somebody may be typing there already: what they typed
  // goes into the same field of the new form.
  let held = null;
  document.addEventListener("htmx:before:swap", () => {
    const control = document.activeElement;
    const isField = control?.matches?.("form[data-price-editor] :is(input:not([type=hidden]), select, textarea)");
    held = isField ? { name: control.name, value: control.value, typed: control.value !== control.defaultValue } : null;
  });
  const hold = (form) => {
    const control = held && form.elements.namedItem(held.name);
    if (!control?.focus) return false;
    control.focus({ preventScroll: true });
    if (held.typed) control.value = held.value;
    pressed = "";
    return true;
  };
  const refocus = (form) => {
    const [act, place] = pressed.split(":");
    const same = form.querySelector(`button[value="${CSS.escape(pressed)}"]:not(:disabled, .visually-hidden)`);
    const blank = [...form.querySelectorAll(`[name^="charges[${place}].tiers"][name$="].up_to"]`)].find((control) => control.value === "");
    const models = form.querySelectorAll('.plan-model select');
    const made = act === "add_tier" ? blank : act === "add_charge" ? models[models.length - 1] : same;
    made?.focus({ preventScroll: act !== "add_charge" });
    pressed = "";
  };
  document.addEventListener("htmx:after:swap", () => {
    const form = document.querySelector("form[data-price-editor]");
    if (form && pressed && !hold(form) && !form.querySelector("[aria-invalid=true]")) refocus(form);
    const trial = form?.querySelector("#trial");
    if (trial) tried(form, trial);
  });

  document.addEventListener("focusout", (event) => {
    if (event.target.closest?.("form[data-price-editor]")) touched.add(event.target);
  });
  document.addEventListener("input", (event) => {
    const control = event.target;
    const form = control.closest?.("form[data-price-editor]");
    if (!form) return;
    if (control.dataset.slide) document.getElementById(control.dataset.slide).value = control.value;
    const slider = form.querySelector(`[data-slide="${CSS.escape(control.id || "-")}"]`);
    if (slider) {
      const quantity = Number(control.value.replaceAll(",", ""));
      if (quantity > Number(slider.max)) slider.max = quantity * 2;
      if (!Number.isNaN(quantity)) slider.value = quantity;
    }
    // Where a tier begins follows the bound of the one before.
    if (/\.up_to$/.test(control.name)) {
      const next = control.closest("tr")?.nextElementSibling?.querySelector("[data-begins]");
      if (next) next.textContent = control.value.trim();
    }
  });
  document.addEventListener("change", (event) => {
    const control = event.target.closest?.("form[data-price-editor] [data-quick]");
    if (!control || control.value.trim() === "") return;
    control.closest(".plan-quick").querySelector("[data-quick-read]")?.click();
  });
})();
