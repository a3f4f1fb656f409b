// Milliseconds of 60 frames: with the map pulled about, or of an empty canvas filled anew.
async (isMap) => {
  const canvas = isMap ? document.querySelector("[data-map] canvas") : document.createElement("canvas");
  if (!isMap) { canvas.width = canvas.height = 900; document.querySelector("[data-map]").append(canvas); }
  const context = canvas.getContext("2d", { alpha: false });
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const { left, top } = canvas.getBoundingClientRect();
  const send = (type, at) => canvas.dispatchEvent(new PointerEvent(type, { pointerId: 1, clientX: left + 200 + at % 40, clientY: top + 200 + at % 25, buttons: 1, bubbles: true }));
  canvas.setPointerCapture = () => {};
  await frame();
  const start = performance.now();
  send("pointerdown", 0);
  for (let at = 1; at <= 60; at += 1) {
    if (isMap) send("pointermove", at);
    else { context.fillStyle = at % 2 ? "#123456" : "#fedcba"; context.fillRect(0, 0, 900, 900); }
    await frame();
  }
  send("pointerup", 0);
  const taken = performance.now() - start;
  if (!isMap) canvas.remove();
  return taken;
}
