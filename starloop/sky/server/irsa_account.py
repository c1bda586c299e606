"""IRSA's login: a session cookie for who has an account. The light curves are the same with and without it."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse

from starloop.sky.server.routes import LOGIN

COOKIE = "JOSSO_SESSIONID"
WRONG_PASSWORD = "wrong"  # noqa: S105 - the one that is refused
_SESSION = "5F3759DF0123456789ABCDEF01234567"
_PAGE = "<html>\n<head><title>{title}</title></head>\n<body><h1>{title}</h1></body>\n</html>\n"


def router() -> APIRouter:
    """Log in whoever has a password, but the wrong one; who is refused gets a page with status 200, as from IRSA.

    The password must come in a form: in an address it would be kept by every log on its way, so GET gets 405.
    """
    routes = APIRouter()

    @routes.post(LOGIN)
    def login(
        josso_cmd: Annotated[str, Form()] = "",
        josso_username: Annotated[str, Form()] = "",
        josso_password: Annotated[str, Form()] = "",
    ) -> HTMLResponse:
        if josso_cmd != "login" or not josso_username or josso_password in ("", WRONG_PASSWORD):
            return HTMLResponse(_PAGE.format(title="Invalid username or password"))
        answer = HTMLResponse(_PAGE.format(title="You are logged in"))
        answer.set_cookie(COOKIE, _SESSION, httponly=True, samesite=None)
        return answer

    return routes
