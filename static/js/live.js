// data-live="2": the element looks for its newer self every so many seconds, by an event "live" that its hx-trigger
// waits for. Nothing is asked for while nobody looks: the tab is hidden, or a menu or dialog within it is open.
(() => {
  const asked = new WeakMap();
  const opened = Date.now();
  const rests = (element) => element.querySelector("details.menu[open], dialog[open]") !== null;
  const look = () => {
    if (document.hidden) return;
    const now = Date.now();
    for (const element of document.querySelectorAll("[data-live]")) {
      const every = Number(element.dataset.live) * 1000;
      if (!asked.has(element)) asked.set(element, now);
      if (now - asked.get(element) < every || rests(element)) continue;
      asked.set(element, now);
      // What was said when the page was opened is overtaken by what it shows now.
      if (now - opened > 6000) document.querySelector("main > .flash.is-ok")?.remove();
      element.dispatchEvent(new CustomEvent("live"));
    }
  };
  setInterval(look, 500);
  document.addEventListener("visibilitychange", look);
})();
