// Follows the system's light or dark. Loaded in <head> without defer, so the first paint is already right.
// Also marks that scripts run (html.js): controls that need a script are hidden without it.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => root.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
  root.classList.add("js");
  apply();
  dark.addEventListener("change", apply);
  addEventListener("beforeprint", () => root.setAttribute("data-bs-theme", "light"));
  addEventListener("afterprint", apply);
})();
