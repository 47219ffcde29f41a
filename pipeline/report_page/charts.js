// Charts are drawn when they are about to be seen, by Vega's interpreter, which makes no code out of data.
const { element, byId, data } = gristmill;
const charts = data("charts");
const looks = data("looks");
const drawn = new Map();
const PANEL = 318;
const NARROW = 560;

const tip = element("div", { id: "tip", hidden: "", role: "presentation" });
document.body.append(tip);
const tell = (_handler, event, _item, value) => {
  tip.hidden = value === null || value === undefined || value === "";
  if (tip.hidden) return;
  const entries = typeof value === "object" ? Object.entries(value) : [["", value]];
  const shown = entries.flatMap(([key, said]) => [element("dt", {}, key), element("dd", {}, String(said))]);
  tip.replaceChildren(element("dl", {}, ...shown));
  const x = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
  const below = event.clientY + 18;
  tip.style.left = `${Math.max(x, 8)}px`;
  tip.style.top = `${below + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 12 : below}px`;
};
const nothing = { load: () => Promise.reject(new Error("a report loads nothing")), sanitize: () => Promise.reject(new Error("no links")) };
// Words beside bars, as they have room on a phone: what two spaces set off is in the table.
const short = (rows) => rows.map((row) => (row.beside ? { ...row, beside: row.beside.split("  ")[0] } : row));
const columns = (width) => Math.max(1, Math.floor(width / PANEL));

const draw = async (holder) => {
  const { spec, least } = charts[holder.dataset.chart];
  holder.style.minWidth = `${least}px`;
  const width = holder.clientWidth;
  const look = looks[gristmill.look()];
  const config = { ...look, background: "transparent", padding: 2, aria: false };
  if (width < NARROW && !least) {
    config.axis = { ...look.axis, labelLimit: Math.round(width * 0.36) };
    config.text = { limit: Math.round(width * 0.26) };
    config.legend = { ...look.legend, columns: 1 };
  }
  const laid = { ...spec, config };
  if (width < NARROW && spec.data?.values) laid.data = { values: short(spec.data.values) };
  if (spec.columns) laid.columns = columns(width);
  drawn.get(holder)?.view?.finalize();
  drawn.set(holder, { width });
  try {
    const options = { mode: "vega-lite", ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip: tell, loader: nothing, logLevel: 1 };
    drawn.set(holder, { width, view: (await vegaEmbed(holder, laid, options)).view });
  } catch (error) {
    holder.textContent = `This chart could not be drawn (${error.message}); its numbers stand below.`;
  }
  performance.mark("chart drawn", { detail: holder.dataset.chart });
};

const holders = [...document.querySelectorAll("[data-chart]")];
const watcher = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      watcher.unobserve(entry.target);
      draw(entry.target);
    }
  },
  { rootMargin: "300px" },
);
holders.forEach((holder) => watcher.observe(holder));
const again = () => [...drawn.keys()].forEach(draw);
gristmill.onLook(again);
let waiting = 0;
addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    for (const [holder, { width }] of drawn) if (holder.clientWidth !== width) draw(holder);
  }, 200);
});
addEventListener("beforeprint", () => holders.filter((holder) => !drawn.has(holder)).forEach(draw));
gristmill.drawAll = () => Promise.all(holders.filter((holder) => !drawn.has(holder)).map(draw));
addEventListener("scroll", () => (tip.hidden = true), { passive: true });
