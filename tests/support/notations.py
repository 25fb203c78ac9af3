"""Whole games in notation: a digit for the column of each move."""

# Found by search: 41 drops after which the last one fills the board, with and without four in a row.
BOARD_FULL = "656173566152215676422337377473141445425321"
WON_BY_THE_42ND = "571376236345225146673541242612413735415776"


def columns_of(notation: str) -> list[int]:
    return [int(digit) - 1 for digit in notation]
