// Pages work without this: it only lets the key "/" open the jump-to menu, and leaves blank fields out of a form's address.
document.addEventListener("keydown", (event) => {
  const jump = document.getElementById("jump");
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "/" && !typing && !jump.open && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    jump.showModal();
    jump.querySelector("input").select();
  }
  if (jump.open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    const stops = [jump.querySelector("input"), ...jump.querySelectorAll("a")];
    const next = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    stops[(next + stops.length) % stops.length].focus();
  }
});
document.addEventListener("click", (event) => {
  if (event.target.id === "jump") event.target.close();
});
document.addEventListener("submit", (event) => {
  if (event.target.method !== "get") return;
  for (const field of event.target.elements) {
    if (field.name && field.value === "") field.disabled = true;
  }
});
window.addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll(":disabled")) field.disabled = false;
});
