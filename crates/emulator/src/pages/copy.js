// Adds a button that copies to every value marked for it. Without script the values can be selected by hand.
for (const value of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  const what = value.dataset.copy;
  button.setAttribute("aria-label", "Copy " + what);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(value.textContent);
    button.textContent = "Copied";
    button.setAttribute("aria-label", what + " copied");
    setTimeout(() => {
      button.textContent = "Copy";
      button.setAttribute("aria-label", "Copy " + what);
    }, 2000);
  });
  value.after(" ", button);
}
