"""What a line is, what repeats another, and how many may be said."""

import ast
import doctest
from pathlib import Path

import pytest

from games.chat import rules
from games.chat.rules import Pace
from games.protocol import InvalidMessage


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("hello", "hello"),
        ("  spaces around ", "spaces around"),
        ("two\nlines\r\nand\ta tab", "two lines  and a tab"),
        ("NUL \x00 and bell \x07", "NUL \u2400 and bell \u2407"),
        ("escape \x1b[31mred", "escape \u241b[31mred"),
        ("delete \x7f, C1 \x9b", "delete \u2421, C1 \ufffd"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("https://example.org/", "https://example.org/"),
        ("\u202egnp.exe", "\u202egnp.exe"),
        ("zero\u200bwidth \ufeff", "zero\u200bwidth \ufeff"),
        (
            "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f600",
            "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f600",
        ),
        ("שלום مرحبا 你好", "שלום مرحبا 你好"),
        ("\U0001f600" * 140, "\U0001f600" * 140),
    ],
)
def test_a_line_stands_as_it_was_sent_but_for_what_is_no_character_to_show(sent: str, shown: str) -> None:
    assert rules.read(sent) == shown


@pytest.mark.parametrize("sent", [" ", "\n\t", "\u200b", "\u202e\u202c", "\u3164", "\u2800", "\ufe0f", "\u00a0\u2003"])
def test_what_shows_nothing_is_no_line(sent: str) -> None:
    with pytest.raises(InvalidMessage):
        rules.read(sent)


def test_a_line_is_short() -> None:
    assert rules.read("x" * 140)
    with pytest.raises(InvalidMessage):
        rules.read("x" * 141)


@pytest.mark.parametrize("again", ["Hello!", "hello!", " hel lo!", "hello\u200b!", "\uff48\uff45\uff4c\uff4c\uff4f!"])
def test_a_repeat_is_found_however_it_is_dressed_up(again: str) -> None:
    assert rules.repeats(rules.read(again), ["x", "Hello!"])


def test_a_line_may_come_again_after_two_others() -> None:
    assert not rules.repeats("Hello!", ["x", "y", "Hello!"])


def test_five_lines_in_ten_seconds() -> None:
    pace = Pace(5)
    assert [pace.take(now) for now in (0, 1, 2, 3, 4, 5, 9.9)] == [True] * 5 + [False] * 2
    assert [pace.take(now) for now in (10, 10.5, 11)] == [True, False, True]


def test_a_line_that_was_not_said_counts_for_nothing() -> None:
    pace = Pace(1)
    assert pace.take(0)
    pace.give_back()
    assert pace.take(0)


def test_a_quiet_pace_can_be_forgotten() -> None:
    pace = Pace(5)
    pace.take(0)
    assert (pace.forget(9), pace.forget(10)) == (False, True)


def test_the_examples_hold() -> None:
    assert doctest.testmod(rules).failed == 0


def test_the_rules_need_neither_django_nor_the_store() -> None:
    tree = ast.parse(Path(rules.__file__).read_text())
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names == {"collections", "collections.abc", "itertools", "games.protocol"}
