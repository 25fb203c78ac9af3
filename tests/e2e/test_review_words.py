"""The pure modules of the review: what scores mean, the sentences, a line of "what if", learning from mistakes."""

from collections.abc import Callable
from typing import Any

import pytest

from games.computer.words import last_ply
from tests.e2e.people import Person

pytestmark = pytest.mark.needs("chromium", "playwright")

Evaluate = Callable[[str, Any], Any]


@pytest.fixture
def run(alice: Person) -> Evaluate:
    """Runs the body of a function of (modules, given) in a page: `m.words`, `m.scores` and so on are the modules."""
    alice.page.goto("/accounts/")

    def evaluate(body: str, given: Any = None) -> Any:
        script = """async ([body, given]) => {
          const names = ["scores", "words", "line", "learning", "curve", "answers", "study"];
          const modules = await Promise.all(names.map((name) => import(`/static/js/review/${name}.js`)));
          const m = Object.fromEntries(names.map((name, index) => [name, modules[index]]));
          return BODY;
        }"""
        return alice.page.evaluate(script.replace("BODY", body), [body, given])

    return evaluate


def test_the_last_ply_is_the_servers(run: Evaluate) -> None:
    given = [[ply, score] for ply in range(1, 43) for score in range(-18, 19) if score]
    found = run("given.map(([ply, score]) => m.scores.lastPly(ply, score))", given)
    assert found == [last_ply(score, ply - 1) for ply, score in given]


LOSES_26 = -9
"""Of the side that moves at ply 13: the other, which has the even plies, wins with its 13th disc."""
WINS_27 = 8


def reviewed(verdict: str | None, scores: list[int | None] | None, ply: int = 13) -> dict[str, Any]:
    return {"ply": ply, "scores": scores, "verdict": verdict}


@pytest.mark.parametrize(
    ("column", "ply", "sentence"),
    [
        (2, reviewed("blunder", [-9, 0, -9, 0, 8, 7, None]),
         "Blunder: 3 lost the game; 5 would have won by move 27."),
        (1, reviewed("mistake", [-9, 0, -9, 0, 8, 8, 8]),
         "Mistake: 2 let the win go; 5, 6 or 7 would have won by move 27."),
        (0, reviewed("mistake", [-9, 0, -9, 0, -9, -9, -9]), "Mistake: 1 lost the draw; 2 or 4 would have held it."),
        (5, reviewed("good", [-9, 0, -9, 0, 8, 7, None]),
         "Good: 6 still wins, by move 29; 5 would have won by move 27."),
        (0, reviewed("good", [-9, -8, -9, None, -9, -9, -9]),
         "Good: 1 loses by move 26; 2 would have held out until move 28."),
        (4, reviewed("best", [-9, 0, -9, 0, 8, 8, None]), "Best: 5 wins by move 27."),
        (1, reviewed("best", [-9, 0, -9, 0, None, None, None]), "Best: 2 holds the draw."),
        (0, reviewed("best", [-9, -9, None, None, None, None, None]), "Best: 1 holds out until move 26."),
        (4, reviewed("only", [-9, 0, -9, 0, 8, 0, None]), "Only move: no column but 5 wins."),
        (1, reviewed("only", [-9, 0, -9, -9, -9, -9, None]), "Only move: no column but 2 holds the draw."),
        (6, reviewed("best", [None, None, None, None, None, None, 0], 42),
         "Forced: only 7 was open. It holds the draw."),
        (3, reviewed(None, None, 1), "Part of the opening."),
    ],
)  # fmt: skip
def test_what_a_ply_did_in_words(run: Evaluate, column: int, ply: dict[str, Any], sentence: str) -> None:
    assert run("m.words.verdictSentence(given[0], given[1])", [column, ply]) == sentence


GAME = {"participant1": "alice", "participant2": "bob", "firstMove": 1, "moves": [3, 3, 2], "outcome": None}


def test_how_a_position_stands_in_words(run: Evaluate) -> None:
    say = "m.words.positionSentences(given[0], given[1], given[2])"
    assert run(say, [GAME, 13, [-9, 0, -9, 0, 8, 8, None]]) == "alice is winning, by move 27. Best for alice: 5 or 6."
    assert run(say, [GAME, 14, [-8, 0, 9, None, -8, -8, -8]]) == "bob is winning, by move 26. The only move for bob: 3."
    assert run(say, [GAME, 13, [0, 0, -9, -9, -9, -9, -9]]) == (
        "A draw, if both play on perfectly. Best for alice: 1 or 2."
    )
    assert run(say, [GAME, 13, [-9, -8, -9, -9, -9, -9, -9]]) == (
        "bob is winning, by move 28. alice holds out longest with 2."
    )
    assert run(say, [{**GAME, "firstMove": 2}, 13, [8, None, None, None, None, None, None]]) == (
        "bob is winning, by move 27. Best for bob: 1."
    )


def test_a_column_in_words_and_in_signs(run: Evaluate) -> None:
    given = [8, 0, -9, None]
    assert run("given.map((score) => m.words.columnInWords(13, score))", given) == [
        "wins by move 27", "a draw", "loses by move 26", ""
    ]  # fmt: skip
    assert run("given.map((score) => m.words.columnInSigns(13, score))", given) == [
        ["+8", "win 27"], ["0", "draw"], ["−9", "loss 26"], ["–", "full"]
    ]  # fmt: skip


def _review(plies: list[tuple[list[int | None] | None, str | None]]) -> dict[str, Any]:
    return {
        "plies": [
            {
                "ply": ply,
                "scores": scores,
                "score": max(s for s in scores if s is not None) if scores else None,
                "verdict": verdict,
            }
            for ply, (scores, verdict) in enumerate(plies, 1)
        ]
    }


START = [-2, -1, 0, 1, 0, -1, -2]
PLAYED = _review([(START, "only"), ([-4, -2, -2, -1, -2, -2, -4], "best"), ([1, 1, 0, 1, 2, 1, 1], "mistake")])


def test_the_course_of_a_game_is_participant_1s(run: Evaluate) -> None:
    course = "m.scores.courseOf(given[0], given[1])"
    assert run(course, [GAME, PLAYED]) == [1, 1, 1, 0]
    assert run(course, [{**GAME, "firstMove": 2}, PLAYED]) == [-1, -1, -1, 0]
    opened = _review([(None, None), (None, None), ([1, 1, 0, 1, 2, 1, 1], "mistake")])
    assert run(course, [GAME, opened]) == [None, None, 2, 0]
    assert run(course, [{**GAME, "moves": []}, {"plies": []}]) == [None]


def test_the_turning_point_is_the_last_error(run: Evaluate) -> None:
    assert run("m.scores.turningPoint(given)", PLAYED) == 3
    assert run("m.scores.turningPoint(given)", _review([(START, "only"), (START, "good")])) is None


def test_the_graph_is_higher_the_sooner_a_side_wins(run: Evaluate) -> None:
    heights = run("given.map(m.scores.heightOf)", [18, 2, 1, 0, -1, -18])
    assert heights == sorted(heights, reverse=True)
    assert (heights[0], heights[3], heights[-1]) == (1, 0, -1)
    assert heights[2] > 0.25, "a win with the last disc is not to be told from a draw"


def test_a_press_on_the_graph_finds_the_ply_that_is_drawn_there(run: Evaluate) -> None:
    there_and_back = "Array.from({ length: 43 }, (_, p) => m.curve.plyAt(m.curve.xOf(p, 42, given), 42, given))"
    assert run(there_and_back, 320) == list(range(43))
    assert run("[-50, 900].map((x) => m.curve.plyAt(x, 42, given))", 320) == [0, 42]


def test_the_line_of_the_graph_begins_where_scores_are_known(run: Evaluate) -> None:
    paths = run("m.curve.pathsOf(given, 120, 84)", [None, None, 0, 0])
    assert paths["line"] == "M76.7 42.0L110.0 42.0"
    assert run("m.curve.pathsOf(given, 120, 84)", [None, None]) == {"line": "", "area": ""}


def test_a_line_leaves_the_game_and_comes_back(run: Evaluate) -> None:
    steps = run(
        """(() => {
          const { lineFrom, played, takenBack, columnsOf, hasLeft, notationOf } = m.line;
          const own = played(given, lineFrom(1), 3);
          const left = played(given, lineFrom(1), 0);
          const on = played(given, left, 6);
          const back = takenBack(takenBack(on));
          return { own, left: columnsOf(given, left), on: columnsOf(given, on), wrote: notationOf(on.moves),
                   back, hasLeft: [own, left, on, back].map(hasLeft) };
        })()""",
        GAME,
    )
    assert steps["own"] == {"from": 2, "moves": []}, "the game's own move is the game"
    assert (steps["left"], steps["on"], steps["wrote"]) == ([3, 0], [3, 0, 6], "17")
    assert steps["back"] == {"from": 1, "moves": []}
    assert steps["hasLeft"] == [False, True, True, False]


def test_learning_goes_through_ones_own_mistakes(run: Evaluate) -> None:
    plies = [([0, -9, 0, -9, -9, -9, -9], "mistake"), (START, "blunder"), ([8, 7, 0, None, -9, -9, -9], "blunder")]
    steps = run(
        """(() => {
          const { game, review } = given;
          const { mistakesOf, startLearning, afterTry, afterShow, afterNext, isSettled, plyOf } = m.learning;
          const start = startLearning(mistakesOf(game, review, 1));
          const say = (learning) => m.words.learningSentence(game, review.plies[plyOf(learning) - 1], learning);
          const wrong = afterTry(start, review, 1);
          const right = afterTry(wrong, review, 2);
          const second = afterNext(right);
          const drawn = afterTry(second, review, 2);
          const shown = afterShow(drawn);
          const end = afterNext(shown);
          return {
            mistakes: mistakesOf(game, review, 2), settled: [start, wrong, right, second, shown, end].map(isSettled),
            plies: [start, second, end].map(plyOf), said: [start, wrong, right, second, drawn, shown].map(say),
            stays: afterNext(wrong) === wrong && afterTry(right, review, 5) === right,
            keepsTheResult: afterTry(second, review, 1).found,
          };
        })()""",
        {"game": {**GAME, "moves": [1, 3, 2]}, "review": _review(plies)},
    )
    assert steps["mistakes"] == [2]
    assert steps["plies"] == [1, 3, None]
    assert steps["settled"] == [False, False, True, False, True, True]
    assert steps["stays"]
    assert steps["keepsTheResult"], "a slower win is a win"
    assert steps["said"] == [
        "You played 2. Which column holds the draw?",
        "Not 2: it loses by move 26. Try another column.",
        "Right: 3 holds the draw.",
        "You played 3. Which column keeps the win?",
        "Not 3: it lets the other side draw. Try another column.",
        "1 would have won by move 27.",
    ]


def test_what_answers_of_the_server_mean(run: Evaluate) -> None:
    meaning = "m.answers.meaningOf(given[0], given[1], given[2])"
    assert run(meaning, [202, {"status": "queued"}, None]) == {"kind": "queued"}
    assert run(meaning, [200, {"plies": []}, None]) == {"kind": "done", "body": {"plies": []}}
    assert run(meaning, [409, {"code": "game_in_progress"}, None]) == {"kind": "playing"}
    assert run(meaning, [503, {"code": "computer_unavailable"}, "5"]) == {"kind": "unavailable"}
    assert run(meaning, [429, {"code": "rate_limited"}, "7"]) == {"kind": "limited", "retryMs": 7000}
    assert run(meaning, [0, None, None]) == {"kind": "failed"}
    waits = run("[0, 1, 2, 3, 4, 9].map(m.answers.lookAgainAfter)")
    assert waits == [2000, 4000, 8000, 16000, 30000, 30000]
