// The bell in the top bar: asks now and then how much is unread, but not while nobody looks, and stops when signed out.
(() => {
  const EVERY = 30_000;
  let asked = Date.now();
  let timer = null;

  const ask = async () => {
    const bell = document.querySelector("[data-bell]");
    if (!bell || document.hidden) return;
    asked = Date.now();
    let answer;
    try {
      answer = await fetch(bell.dataset.bell, { headers: { accept: "application/json" }, redirect: "manual", credentials: "same-origin" });
    } catch {
      return;
    }
    if (answer.type === "opaqueredirect" || answer.status === 401) clearInterval(timer);
    if (!answer.ok) return;
    const { count, label } = await answer.json();
    const badge = bell.querySelector(".bell-count");
    const more = badge.textContent !== count && count !== "";
    badge.textContent = count;
    badge.hidden = count === "";
    bell.setAttribute("aria-label", label);
    if (more) dispatchEvent(new CustomEvent("op:say", { detail: label }));
  };

  timer = setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", () => { if (!document.hidden && Date.now() - asked >= EVERY) ask(); });
})();
