/** A player's rating in a game, in words. */
/** "1512", or "1512?" while the rating is a guess; "bot 1512" of an account whose moves a program makes. */
export function ratingText(player) {
  const rating = player?.rating ? `${player.rating}${player.provisional ? "?" : ""}` : "";
  return player?.bot ? `bot ${rating}`.trim() : rating;
}

/** "+9" or "−9", with a minus that is as wide as the plus; nothing before a rated game is over. */
export function ratingChangeText(player) {
  const change = player?.ratingChange ?? null;
  if (change === null) return "";
  return change < 0 ? `−${-change}` : `+${change}`;
}
