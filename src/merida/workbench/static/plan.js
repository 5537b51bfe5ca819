// The page works without this: it shows the sliders, ties each to its number, completes the share link, and undoes.
const millions = (field) => field.closest(".money").querySelector(".usd");
for (const slider of document.querySelectorAll(".money input[type=range]")) {
  slider.hidden = false;
  slider.addEventListener("input", () => { millions(slider).value = slider.value; });
}
document.addEventListener("input", (event) => {
  if (!event.target.matches(".money .usd")) return;
  const slider = event.target.closest(".money").querySelector("input[type=range]");
  if (Number(event.target.value) > Number(slider.max)) slider.max = 2 * Number(event.target.value);
  slider.value = event.target.value;
});
const whole = () => {
  const field = document.getElementById("share");
  if (field) field.value = new URL(field.value, location.href).href;
};
whole();
document.addEventListener("htmx:afterSettle", whole);
const undo = document.getElementById("undo");
if (undo) {
  undo.hidden = false;
  undo.addEventListener("click", () => history.back());
}
