// Asks how far a job is until nobody works on it any more, then reads the page again.
const panel = document.querySelector("[data-job]");
const POLL_MILLISECONDS = 800;

function show(progress) {
  const bar = panel.querySelector("[data-bar]");
  bar.max = progress.total;
  bar.value = progress.looked_at;
  for (const [name, count] of [["looked-at", progress.looked_at], ["done", progress.done], ["failed", progress.failed]]) {
    const place = panel.querySelector(`[data-${name}]`);
    if (place) place.textContent = count.toLocaleString("en");
  }
  panel.querySelector("[data-status]").textContent = progress.state_word;
}

async function ask(first) {
  const answer = await fetch(panel.dataset.job, { headers: { Accept: "application/json" } });
  const progress = await answer.json();
  show(progress);
  if (progress.is_working && progress.state === first) setTimeout(ask, POLL_MILLISECONDS, first);
  else location.reload();
}

if (panel) {
  const first = fetch(panel.dataset.job).then((answer) => answer.json());
  first.then((progress) => ask(progress.state)).catch(() => {
    panel.querySelector("[data-status]").textContent = "The service does not answer; read the page again.";
  });
}
