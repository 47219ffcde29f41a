// The documents: searched by words, filtered by reason and language.
const { element, byId, data, number } = gristmill;
const PAGE = 20;
const fields = { query: byId("query"), reason: byId("reason"), language: byId("language") };
const list = byId("matching");
const more = byId("more");
const about = data("about");
let matching = [];
let shown = 0;

const named = (row) => (row.stage === "kept" ? "kept" : `${row.stage}: ${row.reason}`);
gristmill.languageName = (code) => {
  try {
    const name = new Intl.DisplayNames(["en"], { type: "language" }).of(code);
    return name === code ? code : `${name} (${code})`;
  } catch {
    return code;
  }
};
const fate = (row) => {
  if (row.stage === "kept") return `Kept${row.category ? `, ${row.category}` : ""}`;
  const value = row.value === null ? "" : `: ${number(row.value)}`;
  const limit = row.limit === null ? "" : `, limit ${number(row.limit)}`;
  return `Dropped by ${row.stage} for ${row.reason}${value}${limit}`;
};
// What can be searched for is what a card shows, and the codes behind its names.
const documents = data("documents").map((row) => {
  const told = [row.source_url, row.survivor_url, row.title, row.text, row.reason, row.language, row.category, row.doc_id, fate(row)];
  const language = row.language ? gristmill.languageName(row.language) : "";
  return { ...row, words: [...told, language].filter(Boolean).join("\n").toLowerCase() };
});
const fill = (select, values, say) =>
  values.forEach((value) => select.append(element("option", { value }, say(value))));
fill(fields.reason, [...new Set(documents.map(named))], (value) => value);
fill(fields.language, [...new Set(documents.map((row) => row.language).filter(Boolean))].sort(), gristmill.languageName);

const card = (row) => {
  const body = row.text === null ? "" : element("p", { class: "text", dir: "auto", tabindex: "0", role: "group", "aria-label": "Text" }, row.text);
  const language = row.language ? `, ${gristmill.languageName(row.language)}` : "";
  return element(
    "li",
    { class: "document" },
    element("p", { class: "fate" }, `${fate(row)}${language}`),
    element("p", { class: "address" }, row.source_url ?? ""),
    row.survivor_url ? element("p", { class: "address" }, `Kept in its place: ${row.survivor_url}`) : "",
    row.title ? element("p", { dir: "auto" }, element("strong", {}, row.title)) : "",
    row.text === null && row.stage !== "kept" ? element("p", { class: "note" }, "No text: it was dropped before personal data was taken out.") : body,
  );
};
const show = (count) => {
  list.append(...matching.slice(shown, shown + count).map(card));
  shown = Math.min(shown + count, matching.length);
  more.hidden = shown >= matching.length;
  byId("matches").textContent = `${matching.length} of ${documents.length} documents${more.hidden ? "" : `, ${shown} shown`}`;
};
const search = () => {
  const words = fields.query.value.toLowerCase().split(/\s+/).filter(Boolean);
  matching = documents.filter(
    (row) =>
      (!fields.reason.value || named(row) === fields.reason.value) &&
      (!fields.language.value || row.language === fields.language.value) &&
      words.every((word) => row.words.includes(word)),
  );
  list.replaceChildren();
  shown = 0;
  show(PAGE);
  byId("beyond").hidden = matching.length > 0;
};
const quoted = (text) => (/^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`);
byId("beyond").append(
  `Nothing in the sample has these words: it is ${number(documents.length)} of ${number(about.records)} records. For any other page: `,
  element("code", {}, `gristmill explain ${quoted(about.run)} URL`),
);
// A finding's link shows the documents that it is about; what no list has is searched for.
const choose = (select, value) => {
  const isThere = [...select.options].some((option) => option.value === value);
  select.value = isThere ? value : "";
  return isThere ? "" : value;
};
document.querySelectorAll("a.to[href='#sample']").forEach((link) =>
  link.addEventListener("click", () => {
    const words = [choose(fields.reason, link.dataset.reason), choose(fields.language, link.dataset.language), link.dataset.query];
    fields.query.value = words.filter(Boolean).join(" ");
    search();
  }),
);
// On a small screen the results are in sight once the box is at the top.
const NARROW = "(max-width: 44rem)";
fields.query.addEventListener("focus", () => {
  if (matchMedia(NARROW).matches) byId("filter").scrollIntoView();
});
fields.query.addEventListener("keydown", (event) => {
  if (event.key === "Escape") fields.query.blur();
});
byId("filter").addEventListener("submit", (event) => event.preventDefault());
fields.query.addEventListener("input", search);
fields.reason.addEventListener("change", search);
fields.language.addEventListener("change", search);
more.addEventListener("click", () => {
  const next = shown;
  show(PAGE);
  const first = list.children[next];
  first.tabIndex = -1;
  first.focus();
});
search();
