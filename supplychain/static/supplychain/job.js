// Asks how far a job is until nobody works on it any more, then reads the page again.
// What can be done then gets the focus, which would else be back at the top of the page.
const panel = document.querySelector("[data-job]");
const POLL_MILLISECONDS = 800;
const READ_AGAIN = "job-read-again";

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
  else {
    sessionStorage.setItem(READ_AGAIN, location.pathname);
    location.reload();
  }
}

function focusWhatNow() {
  const now = document.querySelector("[data-job-now]");
  if (now && now.getClientRects().length === 0) requestAnimationFrame(focusWhatNow);
  else now?.focus();
}

if (sessionStorage.getItem(READ_AGAIN) === location.pathname) {
  sessionStorage.removeItem(READ_AGAIN);
  focusWhatNow();
}

if (panel) {
  const first = fetch(panel.dataset.job).then((answer) => answer.json());
  first.then((progress) => ask(progress.state)).catch(() => {
    panel.querySelector("[data-status]").textContent = "The service does not answer; read the page again.";
  });
}
