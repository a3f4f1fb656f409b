// What the theme's frame does not do by itself.

// Where the focus goes: after a refusal to what was refused, else to the box that waits for a scanner, else to the
// first field of a form that is all the page is for.
// The theme hides the page until its scripts are ready, and `autofocus` passes over what is hidden.
const FIELDS = ":is(input:not([type=hidden]), select, textarea)";

function focusFirst() {
  const told = document.querySelector("[data-focus-first]") ?? document.querySelector("[data-scan-first]");
  const first = told ?? document.querySelector(`form[data-first-field] ${FIELDS}`);
  if (!first) return;
  if (first.getClientRects().length === 0) requestAnimationFrame(focusFirst);
  else if (told || document.activeElement === document.body) begin(first);
}

// What is suggested there is replaced by typing, as where Tab comes to it.
function begin(field) {
  field.focus();
  if (field.matches("input")) field.select();
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

// The administration's script comes at any time and takes the focus to the first field of a new row, after a refusal too.
function keepTheFocusOnWhatWasRefused() {
  if (!document.querySelector("[data-focus-first]")) return;
  delete document.getElementById("django-admin-form-add-constants")?.dataset.modelName;
}

document.addEventListener("DOMContentLoaded", () => {
  nameTheMainPart();
  keepTheFocusOnWhatWasRefused();
  keepOffOurFileFields();
  focusFirst();
});
