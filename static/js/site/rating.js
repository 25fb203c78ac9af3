/** A player's rating in a game, in words. */
/** "1512", or "1512?" while the rating is a guess. */
export function ratingText(player) {
  return player?.rating ? `${player.rating}${player.provisional ? "?" : ""}` : "";
}

/** "+9" or "−9", with a minus that is as wide as the plus; nothing before a rated game is over. */
export function ratingChangeText(player) {
  const change = player?.ratingChange ?? null;
  if (change === null) return "";
  return change < 0 ? `−${-change}` : `+${change}`;
}
