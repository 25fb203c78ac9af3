"""The pages that nobody means to see."""

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("400.html", "did not understand"),
        ("413.html", "more than this site takes"),
        ("500.html", "Something broke on our side"),
    ],
)
def test_these_need_no_database_and_no_request(template: str, words: str) -> None:
    page = render_to_string(template)
    assert words in page
    assert 'href="/"' in page


@pytest.mark.parametrize("template", ["403.html", "403_csrf.html", "404.html", "429.html"])
def test_these_lead_to_the_lobby(template: str) -> None:
    assert "Go to the lobby" in render_to_string(template, {}, RequestFactory().get("/nowhere/"))


def test_429_says_how_long(rf: RequestFactory) -> None:
    assert "Try again in 1 second." in render_to_string("429.html", {"retry_after": 1}, rf.get("/"))
    assert "Try again in 30 seconds." in render_to_string("429.html", {"retry_after": 30}, rf.get("/"))


@pytest.mark.django_db
def test_a_form_without_its_token_is_explained(settings: object) -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"username": "a", "password": "b"})
    assert answer.status_code == 403
    assert "That form was out of date" in answer.content.decode()


@pytest.mark.django_db
def test_a_page_that_is_not_there(client: Client) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("form", "content_type"), [("x", "multipart/form-data"), ("a=1&" * 1200, "application/x-www-form-urlencoded")]
)
def test_a_form_that_cannot_be_read_where_there_is_no_page(form: str, content_type: str) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies["csrftoken"] = "c" * 32
    assert client.post("/nowhere/", form, content_type).status_code == 404
