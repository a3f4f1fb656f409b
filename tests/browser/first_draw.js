// globalThis.first: milliseconds from dies in hand to a map with its legend.
const read = Response.prototype.json;
Response.prototype.json = async function () {
  const found = await read.call(this);
  globalThis.inHand ??= performance.now();
  return found;
};
document.addEventListener("sc-painted", () => {
  if (globalThis.inHand && document.querySelector("[data-legend] li")) {
    globalThis.first ??= performance.now() - globalThis.inHand;
  }
}, true);
