// Folds and unfolds a tree, and moves along its lines with the arrow keys.
function visible(line) {
  const folded = line.parentElement.parentElement.closest("details:not([open])");
  return folded === null;
}

for (const tree of document.querySelectorAll("[data-fold]")) {
  const folds = () => [...tree.querySelectorAll("details")];
  tree.querySelector("[data-fold-all]").addEventListener("click", () => folds().forEach((fold) => { fold.open = false; }));
  tree.querySelector("[data-unfold-all]").addEventListener("click", () => folds().forEach((fold) => { fold.open = true; }));
}

document.addEventListener("keydown", (event) => {
  const line = event.target.closest?.(".sc-tree summary");
  if (!line || event.target !== line) return;
  const lines = [...line.closest(".sc-panel").querySelectorAll(".sc-tree summary")].filter(visible);
  const place = lines.indexOf(line);
  const moves = {
    ArrowDown: () => lines[place + 1]?.focus(),
    ArrowUp: () => lines[place - 1]?.focus(),
    ArrowRight: () => { line.parentElement.open = true; },
    ArrowLeft: () => { line.parentElement.open = false; },
  };
  const move = moves[event.key];
  if (!move) return;
  event.preventDefault();
  move();
});

// Folds the drawing in its place: its address says what is turned, so that it can be sent to somebody.
const drawn = document.querySelector("[data-drawn]");

async function redraw(address) {
  const wanted = new URL(address, location.href);
  wanted.searchParams.set("only", "drawing");
  const answer = await fetch(wanted, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(`The drawing was refused: ${answer.status}.`);
  drawn.innerHTML = await answer.text();
}

async function turn(sign) {
  const before = sign.getBoundingClientRect();
  try {
    await redraw(sign.href.baseVal);
  } catch {
    location.assign(sign.href.baseVal);
    return;
  }
  history.replaceState(null, "", sign.href.baseVal);
  const after = drawn.querySelector(`[data-turn="${CSS.escape(sign.dataset.turn)}"]`);
  after.focus({ preventScroll: true });
  const now = after.getBoundingClientRect();
  drawn.scrollBy(now.left - before.left, 0);
  window.scrollBy(0, now.top - before.top);
}

drawn.addEventListener("click", (event) => {
  const sign = event.target.closest("[data-turn]");
  if (!sign || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  turn(sign);
});

drawn.addEventListener("keydown", (event) => {
  const at = event.target.closest("[data-turn], [data-follow]");
  if (!at) return;
  const stops = [...drawn.querySelectorAll("[data-turn], [data-follow]")];
  const place = stops.indexOf(at);
  const moves = {
    ArrowDown: () => stops[place + 1]?.focus(),
    ArrowUp: () => stops[place - 1]?.focus(),
    Enter: at.dataset.turn && (() => turn(at)),
    " ": at.dataset.turn && (() => turn(at)),
  };
  const move = moves[event.key];
  if (!move) return;
  event.preventDefault();
  move();
});
