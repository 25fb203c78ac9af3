"""The schema, the page to try it, and what is said where there is nothing."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from games.protocol import ErrorCode, GameError


class Schema(SpectacularAPIView):
    """The OpenAPI schema, the same that is kept in docs/openapi.yaml."""

    renderer_classes = [OpenApiJsonRenderer]  # noqa: RUF012  the parent's type is a list
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """The schema as JSON."""
        return super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]  # drf-spectacular's own

    def _get_version_parameter(self, request: Request) -> None:
        """There is one version. The parent would put any text that is asked for into the schema and into a header."""


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """A page to read and try the API; all of it comes from this server."""
    return render(request, "api/docs.html")


@extend_schema(exclude=True)
class Nothing(APIView):
    """Any address that there isn't."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse whatever the method.

        Raises:
            GameError: always, ``not_found``.
        """
        raise GameError(ErrorCode.NOT_FOUND)
