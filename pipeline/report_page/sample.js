// The documents: searched by words, filtered by reason and language.
const { element, byId, data, number } = gristmill;
const PAGE = 20;
const documents = data("documents").map((row) => {
  const told = [row.source_url, row.title, row.text, row.stage, row.reason, row.language, row.category, row.doc_id];
  return { ...row, words: told.filter(Boolean).join("\n").toLowerCase() };
});
const fields = { query: byId("query"), reason: byId("reason"), language: byId("language") };
const list = byId("matching");
const more = byId("more");
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
const fill = (select, values, say) =>
  values.forEach((value) => select.append(element("option", { value }, say(value))));
fill(fields.reason, [...new Set(documents.map(named))], (value) => value);
fill(fields.language, [...new Set(documents.map((row) => row.language).filter(Boolean))].sort(), gristmill.languageName);

const fate = (row) => {
  if (row.stage === "kept") return `Kept${row.category ? `, ${row.category}` : ""}`;
  const value = row.value === null ? "" : `: ${number(row.value)}`;
  const limit = row.limit === null ? "" : `, limit ${number(row.limit)}`;
  return `Dropped by ${row.stage} for ${row.reason}${value}${limit}`;
};
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
};
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
