// Sends each chosen file by itself, shows how far it is, then asks for its state until it is settled.
const form = document.querySelector("[data-upload]");
const rows = document.querySelector("[data-upload-rows]");
const table = document.querySelector("[data-upload-table]");
const drop = document.querySelector("[data-upload-drop]");
const template = document.querySelector("[data-upload-row]");
const signs = JSON.parse(document.getElementById("state-signs").textContent);
const POLL_MILLISECONDS = 1500;
const waiting = new Map();

function show(row, state, message) {
  const sign = signs[state] ?? { icon: "circle", tone: "plain", word: state };
  const badge = row.querySelector("[data-state]");
  badge.className = `sc-badge sc-badge-${sign.tone}`;
  badge.querySelector(".sc-icon").textContent = sign.icon;
  badge.querySelector("[data-word]").textContent = sign.word;
  row.querySelector("[data-message]").textContent = message ?? "";
}

function link(row, file) {
  const anchor = row.querySelector("[data-name]");
  anchor.href = file.address;
}

function send(file) {
  const row = template.content.firstElementChild.cloneNode(true);
  row.querySelector("[data-name]").textContent = file.name;
  row.querySelector("[data-size]").textContent = `${Math.ceil(file.size / 1024).toLocaleString("en")} KiB`;
  rows.append(row);
  table.hidden = false;
  const progress = row.querySelector("progress");
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  if (form.elements.creates_lots.checked) body.append("creates_lots", "on");
  body.append("uploads", file);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) progress.value = event.loaded / event.total;
  });
  return new Promise((resolve) => {
    request.addEventListener("loadend", () => {
      progress.value = 1;
      received(row, request);
      resolve();
    });
    request.send(body);
  });
}

function received(row, request) {
  const file = request.status === 200 ? request.response.files[0] : null;
  if (!file) {
    const detail = request.response?.detail ?? "It did not arrive. Check the connection and try again.";
    show(row, "failed", detail);
    return;
  }
  link(row, file);
  show(row, file.arrived, file.arrived === "duplicate" ? "These bytes were here before; nothing changed." : file.message);
  if (file.arrived !== "duplicate" && !file.is_settled) waiting.set(file.sha256, row);
}

async function poll() {
  if (waiting.size > 0) {
    const query = new URLSearchParams([...waiting.keys()].map((sha256) => ["sha256", sha256]));
    const answer = await fetch(`${form.dataset.states}?${query}`).catch(() => null);
    const files = answer?.ok ? (await answer.json()).files : [];
    for (const file of files) {
      show(waiting.get(file.sha256), file.state, file.message);
      if (file.is_settled) waiting.delete(file.sha256);
    }
  }
  setTimeout(poll, POLL_MILLISECONDS);
}

async function sendAll(files) {
  for (const file of files) await send(file);
  form.elements.uploads.value = "";
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  sendAll([...form.elements.uploads.files]);
});
form.elements.uploads.addEventListener("change", () => sendAll([...form.elements.uploads.files]));
for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("sc-drop-over");
  });
}
for (const name of ["dragleave", "drop"]) {
  drop.addEventListener(name, () => drop.classList.remove("sc-drop-over"));
}
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  sendAll([...event.dataTransfer.files]);
});
poll();
