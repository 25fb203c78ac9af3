/**
 * Times as every page shows them: in the reader's zone and language, the hours counted to 24, as the server writes them
 * where there is no script.
 */
const HOURS = { hourCycle: "h23" };
const formats = {
  date: new Intl.DateTimeFormat([], { dateStyle: "medium" }),
  time: new Intl.DateTimeFormat([], { timeStyle: "short", ...HOURS }),
  both: new Intl.DateTimeFormat([], { dateStyle: "medium", timeStyle: "short", ...HOURS }),
  clock: new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", second: "2-digit", ...HOURS }),
  recent: new Intl.DateTimeFormat([], { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", ...HOURS }),
  full: new Intl.DateTimeFormat([], { dateStyle: "full", timeStyle: "medium", ...HOURS }),
};

/**
 * A moment as text.
 *
 * @param {Date} moment
 * @param {string} style "date", "time" (14:09), "clock" (14:09:15), "both", "recent" (without the year) or "full"
 */
export function shownTime(moment, style) {
  return (formats[style] ?? formats.both).format(moment);
}
