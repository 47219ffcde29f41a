// Keys: a letter means something where nothing is typed; verdicts only where the review has the focus.
const { byId } = gristmill;
const dialog = byId("keys");
const review = byId("review");
const help = () => (dialog.open ? dialog.close() : dialog.showModal());
byId("help").addEventListener("click", help);

const isTyping = (target) => target instanceof HTMLElement && (target.matches("input:not([type=file]), select, textarea") || target.isContentEditable);
const everywhere = {
  "?": help,
  "/": () => byId("query").focus(),
  l: gristmill.changeLook,
  r: () => {
    review.scrollIntoView();
    gristmill.toCard?.();
  },
};
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (dialog.open && event.key !== "?") return;
  const answers = review.contains(document.activeElement) ? gristmill.answers ?? {} : {};
  const act = answers[event.key] ?? everywhere[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
// A link to a section or chart moves the focus there, too, so that Tab goes on from it.
addEventListener("hashchange", () => {
  const target = byId(decodeURIComponent(location.hash.slice(1)));
  if (target && target.matches("figure, main")) target.focus({ preventScroll: true });
});
