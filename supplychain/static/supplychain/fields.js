// Shows only the fields of what is chosen; without this script all are shown, each with what it is for.
const fields = [...document.querySelectorAll("[data-shown-by]")];

function show() {
  for (const field of fields) {
    const chosen = field.form.elements[field.dataset.shownBy].value;
    const isShown = field.dataset.shownFor.split(" ").includes(chosen);
    field.closest(".sc-field").hidden = !isShown;
    // What is typed is not sent where it is not shown. A list always says something, and that is passed over then.
    field.disabled = !isShown && !field.matches("select");
  }
}

for (const form of new Set(fields.map((field) => field.form))) form.addEventListener("change", show);
window.addEventListener("pageshow", show);
show();
