// The boxes before the rows of a list: one for all of them, and how many are ticked.
const boxes = [...document.querySelectorAll("input.sc-pick")];
const all = document.getElementById("action-toggle");
const count = document.querySelector("[data-picked-count]");

function show() {
  const ticked = boxes.filter((box) => box.checked).length;
  count.textContent = ticked ? `${ticked} of ${boxes.length} ticked` : "";
  all.checked = ticked === boxes.length;
  all.indeterminate = ticked > 0 && !all.checked;
}

if (boxes.length > 0 && all && count) {
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  for (const box of boxes) box.addEventListener("change", show);
  // Coming back to the page keeps what was ticked.
  window.addEventListener("pageshow", show);
}
