"""Parts of the page that are the same for every run."""

from typing import Final

WORDS: Final = """<details class="words"><summary>Words on this page</summary><dl>
<dt>record</dt><dd>one answer of a server, as a crawl wrote it down; once read, a document</dd>
<dt>stage</dt><dd>a step of the pipeline; each is handed what the one before it kept</dd>
<dt>reason</dt><dd>why a stage dropped a document; most compare a <em>value</em> with a <em>limit</em></dd>
<dt>copies</dt><dd>older captures have the same address, exact copies the same words, near duplicates most of them</dd>
<dt>token</dt><dd>a piece of a word, in which texts for language models are counted</dd>
<dt>mix, release</dt><dd>what is drawn from the kept documents, some of them several times; what is handed on</dd>
</dl></details>"""

SAMPLE: Final = """<section id="sample" aria-labelledby="sample-title">
<h2 id="sample-title">Documents</h2>
<p>Some documents of each reason, and of those that are kept: the same ones each time. Texts stand as they left the
stage that takes personal data out; of what was dropped there or before, only address, reason, value and limit are
shown.</p>
<form id="filter" role="search" aria-label="Documents">
<label>Search <input type="search" id="query" autocomplete="off" aria-describedby="query-help"></label>
<label>Reason <select id="reason"><option value="">all</option></select></label>
<label>Language <select id="language"><option value="">all</option></select></label>
</form>
<p class="note" id="query-help">Words of address, title, text, reason or language; all of them have to be there.</p>
<p id="matches" role="status"></p>
<p id="beyond" class="note" hidden></p>
<ol id="matching" class="documents"></ol>
<button type="button" id="more" hidden>Show more</button>
</section>"""

REVIEW: Final = """<section id="review" aria-labelledby="review-title">
<h2 id="review-title">Review</h2>
<p>Judge the closest decisions of a stage: was each right? Your verdicts say how often, and which limit would have been
better. They stay in this browser; download them to keep them, or to go on in a terminal: <code>gristmill review</code>
reads the file, and this page reads its.</p>
<form id="review-form" aria-label="Review">
<label>Stage <select id="review-stage"></select></label>
<label>Your name <input id="reviewer" autocomplete="off"></label>
<label>Interval <select id="interval"><option value="exact">exact (Clopper-Pearson)</option>
<option value="wilson">Wilson</option></select></label>
</form>
<p id="review-notes" class="note"></p>
<div id="card" tabindex="-1" role="group" aria-label="The decision"></div>
<div class="answers" role="group" aria-label="Your verdict">
<button type="button" id="right">Right <kbd>y</kbd></button>
<button type="button" id="wrong">Wrong <kbd>n</kbd></button>
<button type="button" id="skip">Skip <kbd>s</kbd></button> <button type="button" id="back">Back <kbd>b</kbd></button>
<p id="review-said" role="status"></p>
</div>
<h3>What the verdicts say</h3>
<div id="estimate" aria-live="polite"></div>
<div class="files">
<button type="button" id="download">Download verdicts</button>
<label>Load verdicts <input type="file" id="load" accept=".jsonl,.json,text/plain"></label>
<label>Compare with a second reviewer's <input type="file" id="second" accept=".jsonl,.json,text/plain"></label>
</div>
<div id="agreement" aria-live="polite"></div>
</section>"""

HELP: Final = """<dialog id="keys" aria-labelledby="keys-title"><h2 id="keys-title">Keys</h2><dl>
<dt><kbd>?</kbd></dt><dd>these keys</dd>
<dt><kbd>/</kbd></dt><dd>search documents; <kbd>Esc</kbd> leaves the box</dd>
<dt><kbd>r</kbd></dt><dd>review; in it, <kbd>y</kbd> right,
 <kbd>n</kbd> wrong, <kbd>s</kbd> skip, <kbd>b</kbd> back</dd>
<dt><kbd>l</kbd></dt><dd>light or dark</dd>
<dt><kbd>Tab</kbd></dt><dd>the next link, button, field or chart; arrows scroll a chart or table that is too wide</dd>
</dl><form method="dialog"><button>Close</button></form></dialog>"""
