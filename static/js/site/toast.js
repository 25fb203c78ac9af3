/** Short messages over the page's header, read out by screen readers, gone by themselves. */

const SHOWN_FOR_MS = 4500;

function container() {
  let toasts = document.querySelector(".toasts");
  if (!toasts) {
    toasts = document.createElement("div");
    toasts.className = "toasts";
    toasts.setAttribute("role", "status");
    document.body.append(toasts);
  }
  return toasts;
}

/** Shows a sentence for a few seconds. The same sentence is not shown twice at once. */
export function toast(sentence) {
  const toasts = container();
  if ([...toasts.children].some((shown) => shown.textContent === sentence)) return;
  const element = document.createElement("div");
  element.className = "toast";
  element.textContent = sentence;
  toasts.append(element);
  setTimeout(() => element.remove(), SHOWN_FOR_MS);
}
