// The number beside a slider follows it at once; the answer follows when the server has it.
document.addEventListener("input", (event) => {
  if (event.target.type !== "range") return;
  const shown = document.querySelector(`output[for="${event.target.id}"]`);
  if (shown) shown.textContent = event.target.dataset.unit ? event.target.value + event.target.dataset.unit : event.target.value;
});
