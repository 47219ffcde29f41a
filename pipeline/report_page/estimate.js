// What verdicts say, as pipeline/review computes it: tests hold the two together.
const CONFIDENCE = 0.95;
const LEAST = 10;
const Z = 1.959963984540054;
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

const logGamma = (value) => {
  const x = value - 1;
  const t = x + 7.5;
  const sum = LANCZOS.slice(1).reduce((total, factor, at) => total + factor / (x + at + 1), LANCZOS[0]);
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(t) - t + Math.log(sum);
};
// The regularised incomplete beta function, by Lentz's continued fraction.
const beta = (a, b, x) => {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - beta(b, a, 1 - x);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  const away = (number) => (Math.abs(number) < 1e-300 ? 1e-300 : number);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 10000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return front * fraction;
};
const inverseBeta = (a, b, wanted) => {
  let [low, high] = [0, 1];
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (beta(a, b, middle) < wanted) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
};
const exact = (count, of) => {
  const tail = (1 - CONFIDENCE) / 2;
  return [
    count ? inverseBeta(count, of - count + 1, tail) : 0,
    count < of ? inverseBeta(count + 1, of - count, 1 - tail) : 1,
  ];
};
const wilson = (count, of) => {
  const share = count / of;
  const spread = (Z * Z) / of;
  const centre = (share + spread / 2) / (1 + spread);
  const half = (Z / (1 + spread)) * Math.sqrt((share * (1 - share)) / of + spread / (4 * of));
  return [count === 0 ? 0 : centre - half, count === of ? 1 : centre + half];
};
const shareOf = (count, of, method) => {
  const [low, high] = of ? (method === "wilson" ? wilson : exact)(count, of) : [0, 1];
  return { count, of, share: of ? count / of : null, low, high };
};
const right = (verdicts, method) => shareOf(verdicts.filter((v) => v.verdict === "right").length, verdicts.length, method);
const shouldGo = (verdict) => (verdict.decision === "dropped") === (verdict.verdict === "right");

const misplacedBy = (verdicts, limit) =>
  verdicts.filter((v) => {
    const [value, at] = v.worse_if === "above" ? [v.value, limit] : [-v.value, -limit];
    return shouldGo(v) === (v.drops_at_limit ? value < at : value <= at);
  }).length;
const whyNone = (verdicts) => {
  if (verdicts.length < LEAST) return `too few verdicts (${verdicts.length} of ${LEAST})`;
  const decisions = new Set(verdicts.map((v) => v.decision));
  if (decisions.size === 1 && verdicts.every((v) => v.verdict === "wrong")) {
    const too = decisions.has("dropped") ? "much" : "little";
    return `all ${verdicts.length} judged ${[...decisions][0]} documents are wrongly so: it drops too ${too}`;
  }
  if (decisions.size === 1) return `all verdicts are on one side of the limit, on ${[...decisions][0]} documents`;
  const goes = new Set(verdicts.map(shouldGo));
  if (goes.size === 1) return `all documents should be ${[...goes][0] ? "dropped" : "kept"}: judge some that are farther off`;
  return "";
};
const argued = (verdicts, method) => {
  const { reason, setting = "", limit, worse_if, drops_at_limit } = verdicts[0];
  const all = verdicts.map((v) => ({ ...v, worse_if, drops_at_limit }));
  const misplaced = verdicts.filter((v) => v.verdict === "wrong").length;
  const made = { reason, setting, limit, verdicts: verdicts.length, misplaced, proposal: null, why_none: whyNone(verdicts) };
  if (made.why_none) return made;
  const candidates = [...new Set([...all.map((v) => v.value), limit])].sort((a, b) => a - b);
  const counts = candidates.map((candidate) => misplacedBy(all, candidate));
  const fewest = Math.min(...counts);
  const far = (at) => (counts[at] === fewest ? Math.abs(candidates[at] - limit) : Infinity);
  const chosen = candidates.reduce((best, _, at) => (far(at) < far(best) ? at : best), 0);
  let [low, high] = [chosen, chosen];
  while (low > 0 && counts[low - 1] === counts[chosen]) low -= 1;
  while (high < counts.length - 1 && counts[high + 1] === counts[chosen]) high += 1;
  return {
    ...made,
    proposal: candidates[chosen] === limit ? limit : shortest(candidates[chosen], all),
    lowest: candidates[low],
    highest: candidates[high],
    misplaced_then: fewest,
    right_then: shareOf(verdicts.length - fewest, verdicts.length, method),
  };
};
const shortest = (value, verdicts) => {
  const wanted = misplacedBy(verdicts, value);
  for (let digits = 2; digits < 18; digits += 1) {
    const rounded = Number(value.toPrecision(digits));
    if (misplacedBy(verdicts, rounded) === wanted) return rounded;
  }
  return value;
};
const grouped = (verdicts, keyOf) => {
  const groups = new Map();
  for (const verdict of verdicts) {
    const key = JSON.stringify(keyOf(verdict));
    groups.set(key, [...(groups.get(key) ?? []), verdict]);
  }
  return [...groups.keys()].sort().map((key) => [JSON.parse(key), groups.get(key)]);
};

// Return what one reviewer's verdicts say, one for each item.
gristmill.estimate = (verdicts, method = "exact") => {
  const counted = verdicts.filter((v) => v.verdict !== "skip");
  const dropped = counted.filter((v) => v.decision === "dropped");
  const limited = counted.filter((v) => v.value !== null && v.limit !== null);
  return {
    dropped: right(dropped, method),
    kept: right(counted.filter((v) => v.decision === "kept"), method),
    skipped: verdicts.length - counted.length,
    reasons: Object.fromEntries(grouped(dropped, (v) => v.reason).map(([reason, of]) => [reason, right(of, method)])),
    limits: grouped(limited, (v) => [v.reason, v.setting ?? "", v.limit]).map(([, of]) => argued(of, method)),
  };
};

gristmill.itemOf = (v) => JSON.stringify([v.run, v.stage, v.reason, v.doc_id]);
// Return how far two reviewers agree: Cohen's kappa, its standard error by Fleiss, Cohen and Everitt (1969).
gristmill.agreement = (first, second) => {
  const [mine, theirs] = [first, second].map((given) => new Map(given.map((v) => [gristmill.itemOf(v), v.verdict])));
  const both = [...mine].filter(([item]) => theirs.has(item)).map(([item, verdict]) => [verdict, theirs.get(item)]);
  const judged = both.filter((pair) => !pair.includes("skip"));
  const labels = ["right", "wrong"];
  const count = (a, b) => judged.filter(([x, y]) => x === a && y === b).length;
  const counts = labels.flatMap((a) => labels.map((b) => ({ first: a, second: b, items: count(a, b) })));
  const made = {
    items: judged.length, counts, skipped: both.length - judged.length,
    only_first: mine.size - both.length, only_second: theirs.size - both.length, kappa: null, standard_error: null,
  };
  if (!judged.length) return made;
  const share = (a, b) => count(a, b) / judged.length;
  const rows = Object.fromEntries(labels.map((a) => [a, share(a, "right") + share(a, "wrong")]));
  const columns = Object.fromEntries(labels.map((b) => [b, share("right", b) + share("wrong", b)]));
  const sum = (of) => labels.reduce((total, label) => total + of(label), 0);
  const chance = sum((label) => rows[label] * columns[label]);
  if (1 - chance < 1e-12) return made;
  const kappa = (sum((label) => share(label, label)) - chance) / (1 - chance);
  const agreeing = sum((a) => share(a, a) * (1 - (rows[a] + columns[a]) * (1 - kappa)) ** 2);
  const differing =
    (1 - kappa) ** 2 * sum((a) => sum((b) => (a === b ? 0 : share(a, b) * (columns[a] + rows[b]) ** 2)));
  const variance = agreeing + differing - (kappa - chance * (1 - kappa)) ** 2;
  return { ...made, kappa, standard_error: Math.sqrt(Math.max(variance, 0) / judged.length) / (1 - chance) };
};
