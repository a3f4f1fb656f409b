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
