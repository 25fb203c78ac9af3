/** Getting a text out of the page: the clipboard, the browser's share sheet, or a selection to copy by hand. */

/** Selects all of an element's text; a field's value or an element's content. */
export function selectText(element) {
  if (typeof element.select === "function") {
    element.focus();
    element.select();
    return;
  }
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

/**
 * Copies text. Browsers offer the clipboard on secure addresses only, so a page served over plain HTTP in a
 * local network has none: then the element that shows the text is selected instead.
 *
 * @param {string} text what to copy
 * @param {Element|null} shownIn the element to select where there is no clipboard
 * @returns {Promise<boolean>} whether the text is on the clipboard
 */
export async function copyText(text, shownIn = null) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    if (shownIn) selectText(shownIn);
    return false;
  }
}

/** Whether this browser can hand a link to other programs. */
export function canShare(content) {
  return typeof navigator.share === "function" && (!navigator.canShare || navigator.canShare(content));
}

/** Opens the browser's share sheet. Closing it without a choice is not an error. */
export async function share(content) {
  try {
    await navigator.share(content);
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}
