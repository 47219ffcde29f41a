// A reviewer goes through the closest decisions of a stage; verdicts are what `gristmill review` writes.
const { element, byId, data, number, estimate, agreement, itemOf } = gristmill;
const stages = data("decisions");
const stageField = byId("review-stage");
const VERDICTS = ["right", "wrong", "skip"];
const verdicts = new Map();
let second = [];
let at = 0;

const current = () => stages[stageField.selectedIndex];
const reviewer = () => byId("reviewer").value.trim();
const keyOf = (verdict) => JSON.stringify([itemOf(verdict), verdict.reviewer]);
const verdictOn = (stage, item, verdict) => ({
  run: stage.run, stage: item.stage, reason: item.reason, doc_id: item.doc_id, value: item.value, limit: item.limit,
  decision: item.decision, verdict, reviewer: reviewer(), setting: item.setting, worse_if: item.worse_if,
  drops_at_limit: item.drops_at_limit,
});
const given = (stage, item) => verdicts.get(keyOf(verdictOn(stage, item, "skip")));
const mine = (stage) => [...verdicts.values()].filter((v) => v.run === stage.run && v.stage === stage.stage && v.reviewer === reviewer());
const lines = () => [...verdicts.values()].map((v) => `${JSON.stringify(v)}\n`).join("");
const memory = () => `gristmill-verdicts-${stages.map((stage) => stage.run).join("-")}`;

const measured = (item) => {
  if (item.value === null) return "";
  const side = item.drops_at_limit && item.worse_if === "above" ? "from" : item.worse_if;
  return ` ${number(item.value)}${item.limit === null ? "" : `, dropped ${side} ${number(item.limit)}`}`;
};
// How far a kept document is from the limit, as a share of it: some of the closest are not close.
const distance = (item) => {
  if (item.value === null || !item.limit) return "";
  const off = Math.abs(item.value - item.limit) / Math.abs(item.limit);
  return `, ${off < 0.001 ? "less than 0.1" : number(Number((100 * off).toPrecision(2)))} % from the limit`;
};
const fate = (item) =>
  item.decision === "dropped"
    ? `Dropped for ${item.reason}:${measured(item)}`
    : `Kept; closest limit ${item.reason}:${measured(item)}${distance(item)}`;
const text = (inner) => element("p", { class: "text", dir: "auto", tabindex: "0", role: "group", "aria-label": "Text" }, ...inner);
const marked = (differences, own, tag) =>
  differences
    .filter(([op]) => op === "same" || op === "left_out" || op === own)
    .map(([op, said]) => (op === own ? element(tag, {}, said) : op === "same" ? said : element("span", { class: "left" }, ` … ${said} … `)));
const column = (title, inner) => element("div", {}, element("h4", {}, title), text(inner));
const texts = (item) => {
  if (item.differences.length) {
    const both = [
      column("This document: [−in it alone−]", marked(item.differences, "removed", "del")),
      column("The one that it is like: {+in it alone+}", marked(item.differences, "added", "ins")),
    ];
    return element("div", { class: "pair" }, ...both);
  }
  return item.text === null ? element("p", { class: "note" }, "No text: texts are shown once personal data has been taken out.") : text([item.text]);
};
// On a small screen the decision is brought to the top: the verdicts stay at the bottom, in sight.
const toCard = () => {
  byId("card").focus({ preventScroll: true });
  byId("card").scrollIntoView({ block: matchMedia("(max-width: 44rem)").matches ? "start" : "nearest" });
};
const show = (focus) => {
  const stage = current();
  const item = stage.items[at];
  byId("review-notes").textContent = [stage.sample, ...stage.notes].join("; ");
  for (const name of [...VERDICTS, "back"]) byId(name).disabled = name === "back" ? at === 0 : !item;
  if (!item) {
    byId("card").replaceChildren(element("p", {}, "All decisions have been gone through. Download the verdicts to keep them."));
  } else {
    const before = given(stage, item);
    const alike = item.similarity === null ? "" : ` (similarity ${item.similarity.toFixed(3)})`;
    byId("card").replaceChildren(
      element("p", { class: "note" }, `${at + 1} of ${stage.items.length}${before ? `; your verdict: ${before.verdict}` : ""}`),
      element("p", { class: "fate" }, fate(item)),
      element("p", { class: "address" }, item.url),
      item.other_url === null ? "" : element("p", { class: "address" }, `like ${item.other_url}${alike}`),
      item.title ? element("p", { dir: "auto" }, element("strong", {}, item.title)) : "",
      element("p", { class: "fate" }, `Was it right to ${item.decision === "dropped" ? "drop" : "keep"} it?`),
      texts(item),
    );
  }
  if (focus) toCard();
};
const share = (made) =>
  made.share === null ? "no verdicts" : `${made.share.toFixed(3)} (${made.count} of ${made.of}; 95 % interval ${made.low.toFixed(3)} to ${made.high.toFixed(3)})`;
const limitLines = (limit) => {
  const what = `${limit.reason}, limit ${number(limit.limit)}`;
  if (limit.proposal === null) return [`${what}: no other limit is argued for yet: ${limit.why_none}.`];
  const then = `${limit.misplaced_then} of ${limit.verdicts} misplaced`;
  if (limit.proposal === limit.limit) return [`${what}: the verdicts argue for it as it is: ${then}.`];
  const told = [`${what}: the verdicts argue for ${limit.proposal}: ${then} instead of ${limit.misplaced}.`];
  if (limit.lowest !== limit.highest) told.push(`As good: ${number(limit.lowest)} to ${number(limit.highest)}.`);
  if (limit.setting) told.push(`--set ${limit.setting}=${limit.proposal}`);
  return told;
};
const tell = () => {
  const stage = current();
  const chosen = new Set(stage.items.map((item) => itemOf({ ...item, run: stage.run })));
  const all = mine(stage);
  const made = estimate(all.filter((v) => chosen.has(itemOf(v))), byId("interval").value);
  const limits = estimate(all, byId("interval").value).limits;
  const said = [`Rightly dropped among ${stage.sample} (precision): ${share(made.dropped)}`];
  if (Object.keys(made.reasons).length > 1) for (const [reason, of] of Object.entries(made.reasons)) said.push(`${reason}: ${share(of)}`);
  if (made.kept.of) said.push(`Rightly kept among them: ${share(made.kept)}`);
  if (made.skipped) said.push(`Skipped: ${made.skipped}`);
  said.push(...limits.flatMap(limitLines));
  byId("estimate").replaceChildren(...said.map((line) => element("p", {}, line)));
  compare();
};
const compare = () => {
  const stage = current();
  const theirs = second.filter((v) => v.stage === stage.stage);
  if (!second.length) return;
  const made = agreement(mine(stage), theirs);
  const said = [`${made.items} items judged by both; ${made.only_first} by you alone, ${made.only_second} by the second`];
  said.push(...made.counts.map((cell) => `you ${cell.first}, the second ${cell.second}: ${cell.items}`));
  said.push(made.kappa === null ? "Cohen's kappa is not defined: it needs items, and both labels" : `Cohen's kappa: ${made.kappa.toFixed(3)} (standard error ${made.standard_error.toFixed(3)})`);
  byId("agreement").replaceChildren(...said.map((line) => element("p", {}, line)));
};
const answer = (verdict) => {
  const stage = current();
  const item = stage.items[at];
  if (!item) return;
  const made = verdictOn(stage, item, verdict);
  verdicts.set(keyOf(made), made);
  const isKept = gristmill.remember(memory(), lines());
  byId("review-said").textContent = `${at + 1}: ${verdict}.${isKept ? "" : " This browser forgets verdicts: download them."}`;
  const later = stage.items.findIndex((next, n) => n > at && !given(stage, next));
  at = later < 0 ? stage.items.length : later;
  tell();
  show(true);
};
const back = () => {
  at = Math.max(0, at - 1);
  show(true);
};
const start = (focus) => {
  const stage = current();
  const first = stage.items.findIndex((item) => !given(stage, item));
  at = first < 0 ? stage.items.length : first;
  show(focus);
  tell();
};
const CHOICES = { decision: ["dropped", "kept"], verdict: VERDICTS, worse_if: ["above", "below"] };
const parsed = (line, where) => {
  let value = null;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Error(`${where}: no line of JSON`);
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Error(`${where}: no verdict`);
  const made = { reviewer: "", setting: "", worse_if: "above", drops_at_limit: false, ...value };
  for (const name of ["run", "stage", "reason", "doc_id", "reviewer", "setting"]) {
    if (typeof made[name] !== "string") throw new Error(`${where}: ${name} is not text`);
  }
  for (const name of ["value", "limit"]) {
    if (made[name] !== null && typeof made[name] !== "number") throw new Error(`${where}: ${name} is neither a number nor null`);
  }
  for (const [name, choices] of Object.entries(CHOICES)) {
    if (!choices.includes(made[name])) throw new Error(`${where}: ${name} is one of ${choices.join(", ")}`);
  }
  const fields = ["run", "stage", "reason", "doc_id", "value", "limit", "decision", "verdict", "reviewer", "setting", "worse_if", "drops_at_limit"];
  return Object.fromEntries(fields.map((name) => [name, made[name]]));
};
const read = (content, name) =>
  content.split("\n").flatMap((line, n) => (line.trim() ? [parsed(line, `${name}:${n + 1}`)] : []));
const latest = (read) => [...new Map(read.map((v) => [keyOf(v), v])).values()];
const fromFile = async (field, take) => {
  const [file] = field.files;
  if (!file) return;
  try {
    const loaded = latest(read(await file.text(), file.name));
    byId("review-said").textContent = take(loaded, file.name);
    start(false);
  } catch (error) {
    byId("review-said").textContent = error.message;
  }
  field.value = "";
};
const takeOwn = (loaded, name) => {
  const names = [...new Set(loaded.map((v) => v.reviewer))];
  if (names.length === 1) byId("reviewer").value = names[0];
  loaded.forEach((v) => verdicts.set(keyOf(v), v));
  gristmill.remember(memory(), lines());
  const runs = new Set(stages.map((stage) => stage.run));
  const foreign = loaded.filter((v) => !runs.has(v.run)).length;
  return `${loaded.length} verdicts read from ${name}${foreign ? `; ${foreign} of them are on other decisions` : ""}.`;
};
const takeSecond = (loaded, name) => {
  if (new Set(loaded.map((v) => v.reviewer)).size > 1) throw new Error(`${name} holds verdicts of several reviewers: one file for each`);
  second = loaded;
  return `${loaded.length} verdicts of the second reviewer read from ${name}.`;
};
const download = () => {
  const url = URL.createObjectURL(new Blob([lines()], { type: "application/jsonl" }));
  const link = element("a", { href: url, download: `verdicts-${current().stage}.jsonl` });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
};

if (!stages.length) {
  byId("review").replaceChildren(byId("review-title"), element("p", {}, "There is nothing to judge: no stage of this run compares anything with a limit, or none whose texts may be shown."));
} else {
  stages.forEach((stage) => stageField.append(element("option", {}, `${stage.stage} (${stage.items.length})`)));
  const remembered = gristmill.remembered(memory());
  try {
    if (remembered) takeOwn(latest(read(remembered, "memory")), "memory");
  } catch {
    gristmill.remember(memory(), "");
  }
  const chosen = stages.findIndex((stage) => stage.stage === "dedup_document" || stage.stage === "heuristics");
  stageField.selectedIndex = Math.max(chosen, 0);
  stageField.addEventListener("change", () => start(false));
  byId("review-form").addEventListener("submit", (event) => event.preventDefault());
  byId("reviewer").addEventListener("change", () => start(false));
  byId("interval").addEventListener("change", tell);
  VERDICTS.forEach((verdict) => byId(verdict).addEventListener("click", () => answer(verdict)));
  byId("back").addEventListener("click", back);
  byId("download").addEventListener("click", download);
  byId("load").addEventListener("change", (event) => fromFile(event.target, takeOwn));
  byId("second").addEventListener("change", (event) => fromFile(event.target, takeSecond));
  // A finding's link opens the decisions of its stage.
  document.querySelectorAll("a.to[href='#review']").forEach((link) =>
    link.addEventListener("click", () => {
      const wanted = stages.findIndex((stage) => stage.stage === link.dataset.stage);
      if (wanted < 0) return;
      stageField.selectedIndex = wanted;
      start(false);
      const { items } = current();
      const first = items.findIndex((item) => item.decision === "dropped" && !given(current(), item));
      if (first >= 0) at = first;
      setTimeout(() => show(true)); // once the browser has gone to the section
    }),
  );
  gristmill.toCard = toCard;
  gristmill.answers = { y: () => answer("right"), n: () => answer("wrong"), s: () => answer("skip"), b: back };
  start(false);
}
