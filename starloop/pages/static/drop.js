// A file that is dropped anywhere on the page goes to the form, which is sent as if it had been chosen there.
const form = document.querySelector(".drop");
const field = document.getElementById("file");
let depth = 0;

function over(on) {
  depth = Math.max(0, depth + (on ? 1 : -1));
  form.classList.toggle("over", depth > 0);
}

addEventListener("dragenter", (event) => { event.preventDefault(); over(true); });
addEventListener("dragleave", () => over(false));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  depth = 0;
  form.classList.remove("over");
  if (!event.dataTransfer.files.length) return;
  field.files = event.dataTransfer.files;
  form.requestSubmit();
});
