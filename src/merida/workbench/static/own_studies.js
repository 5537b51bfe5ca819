// A file that is chosen or dropped fills the field in which tables are pasted; it goes to the server with the form alone.
const field = document.getElementById("table");
const take = async (file) => { if (file) field.value = await file.text(); };
document.getElementById("upload").hidden = false;
document.getElementById("file").addEventListener("change", (event) => take(event.target.files[0]));
field.addEventListener("dragover", (event) => event.preventDefault());
field.addEventListener("drop", (event) => {
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  take(event.dataTransfer.files[0]);
});
