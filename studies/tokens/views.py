"""One's own keys: made, shown once, revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from studies.errors import StudyError
from studies.models import ApiToken
from studies.tokens.forms import TokenForm
from studies.tokens.services import make_token, revoke_token

if TYPE_CHECKING:
    from django.http import HttpResponse

    from studies.requests import SignedInRequest

REFUSED, CREATED = 422, 201


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def tokens(request: SignedInRequest) -> HttpResponse:
    """One's keys, and a form for a new one: it is shown in the answer and never again."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    key, status = "", 200
    if form.is_valid():
        try:
            _token, key = make_token(user=request.user, **form.cleaned_data)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            form, status = TokenForm(), CREATED
    names = dict(ApiToken.Scope.choices)
    rows = ApiToken.objects.filter(user=request.user)
    context = {
        "form": form,
        "key": key,
        "rows": [{"token": row, "scopes": [names.get(scope, scope) for scope in row.scopes]} for row in rows],
    }
    return render(request, "studies/tokens/tokens.html", context, status=REFUSED if form.errors else status)


@require_POST
def token_revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    """End one's own key now."""
    revoke_token(token=get_object_or_404(ApiToken, pk=pk, user=request.user))
    messages.success(request, _("The key is revoked: programs with it are refused from now on."))
    return redirect("tokens")
