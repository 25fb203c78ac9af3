/** On every page of somebody who is signed in, or a guest: the lobby's line, and a quiet bar while one seeks. */
import { timeControlWords } from "../site/time_control.js";
import { bar } from "./bar.js";
import "./challenges.js";
import { connect } from "./line.js";
import { seek, stop, waitedSeconds, watch } from "./seeking.js";

const seeks = bar("seek");
const isHome = document.querySelector("[data-play-now]") !== null;

function words() {
  const seconds = waitedSeconds();
  return `${timeControlWords(seek.wanted)} · ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function draw() {
  if (isHome || !seek.wanted) seeks.hide();
  else seeks.show("Looking for an opponent", words(), [{ label: "Stop", press: stop }]);
}

watch(draw);
setInterval(() => { if (seek.wanted) draw(); }, 1000);
connect();
