"""Who may challenge one: chosen on the account's page."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from games.models import Challengers, Player


class ChallengersForm(forms.Form):
    """The choice."""

    challenged_by = forms.ChoiceField(choices=Challengers.choices)


@login_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Store the choice; challenges that wait already stay."""
    form = ChallengersForm(request.POST)
    if form.is_valid():
        Player.objects.filter(pk=request.user.pk).update(**form.cleaned_data)
        messages.success(request, "Saved.")
    else:
        messages.error(request, "Choose one of the three.")
    return redirect("account")
