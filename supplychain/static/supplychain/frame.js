// What the theme's frame does not do by itself.

// Where the focus goes: after a refusal to what was refused, else to the box that waits for a scanner.
// The theme hides the page until its scripts are ready, and `autofocus` passes over what is hidden.
function focusFirst() {
  const first = document.querySelector("[data-focus-first]") ?? document.querySelector("[data-scan-first]");
  if (!first) return;
  if (first.getClientRects().length > 0) first.focus();
  else requestAnimationFrame(focusFirst);
}

// The theme's frame has no landmark to skip to.
function nameTheMainPart() {
  const content = document.getElementById("content");
  if (!content) return;
  content.setAttribute("role", "main");
  content.tabIndex = -1;
}

// The theme's script would look for a text box that belongs to its own file fields only.
function keepOffOurFileFields() {
  for (const input of document.querySelectorAll(".sc-page input[type=file]")) input.hasChangeListener = true;
}

document.addEventListener("DOMContentLoaded", () => {
  nameTheMainPart();
  keepOffOurFileFields();
  focusFirst();
});
