// "/" and F2 go to the scan box from any page; where none is in sight, to the scan page.
// In the admin's lists "/" belongs to their own search; F2 works there too.
// Scanners send the group separator of a 2D code as Ctrl+], which a browser would swallow.
const GROUP_SEPARATOR = "\u001d";

function inSight(box) {
  return box.getClientRects().length > 0;
}

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[data-scan]");
  if (box && event.ctrlKey && event.key === "]") {
    event.preventDefault();
    box.setRangeText(GROUP_SEPARATOR, box.selectionStart, box.selectionEnd, "end");
    return;
  }
  const listSearch = document.getElementById("searchbar");
  const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
  const isSlash = event.key === "/" && !isTyping && !listSearch && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!isSlash && event.key !== "F2") return;
  event.preventDefault();
  const boxes = [...document.querySelectorAll("[data-scan]")].filter(inSight);
  const wanted = boxes.find((one) => one.hasAttribute("data-scan-first")) ?? boxes[0];
  if (wanted) {
    wanted.focus();
    wanted.select();
  } else {
    location.assign("/scan");
  }
});
