/** What the server's answers about reviews and scores mean to the person at the page. Pure. */

const FIRST_LOOK_MS = 2000;
const LONGEST_LOOK_MS = 30000; // the socket says it, too: this is for words that were lost
const LIMITED_MS = 10000;

/**
 * What an answer stands for.
 *
 * @param {number} status of HTTP; 0 where none came
 * @param {object|null} body
 * @param {string|null} retryAfter the header's seconds
 * @returns {{kind: string, body?: object, retryMs?: number}} `done` with the body; `queued`; `playing`: refused because of
 *   a live game; `unavailable`: perfect play is not to be had; `limited`; `failed`
 */
export function meaningOf(status, body, retryAfter = null) {
  if (status === 202) return { kind: "queued" };
  if (status === 200 && body) return { kind: "done", body };
  if (status === 409 && body?.code === "game_in_progress") return { kind: "playing" };
  if (body?.code === "computer_unavailable") return { kind: "unavailable" };
  if (status === 429) return { kind: "limited", retryMs: (Number(retryAfter) || LIMITED_MS / 1000) * 1000 };
  return { kind: "failed" };
}

/** Milliseconds until the next look for a review that is queued: longer each time. */
export function lookAgainAfter(looks) {
  return Math.min(LONGEST_LOOK_MS, FIRST_LOOK_MS * 2 ** looks);
}

/** What the page says while there is no review. */
export function waitingSentence(kind) {
  return {
    loading: "Loading the review…",
    queued: "The review is being made. It appears here by itself.",
    playing: "You are playing a timed game. The review opens when it is over.",
    unavailable: "Reviews are not available at the moment.",
    limited: "Too many requests. Trying again in a moment…",
    failed: "The review could not be loaded.",
  }[kind] ?? "";
}

/** What the page says where the scores of a position can't be had. */
export function noScoresSentence(kind) {
  return {
    playing: "You are playing a timed game: no scores until it is over.",
    unavailable: "Scores are not available at the moment.",
    limited: "Too many positions at once. Wait a moment.",
  }[kind] ?? "The scores could not be loaded.";
}
