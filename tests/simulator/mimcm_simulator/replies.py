# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server can answer: the API's values, ASP.NET's error objects, IIS's own pages."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from .values import to_json

JSON = "application/json; charset=utf-8"
HTML = "text/html"

_PAGE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">\r\n'
    '<html xmlns="http://www.w3.org/1999/xhtml">\r\n<head>\r\n'
    '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1"/>\r\n'
    "<title>{title}</title>\r\n</head>\r\n<body>\r\n"
    '<div id="header"><h1>Server Error</h1></div>\r\n<div id="content">\r\n'
    "<h2>{title}</h2>\r\n<h3>{detail}</h3>\r\n</div>\r\n</body>\r\n</html>\r\n"
)

_DETAILS = {
    401: "You do not have permission to view this directory or page using the credentials that you supplied.",
    404: "The resource you are looking for might have been removed, had its name changed, or is temporarily "
    "unavailable.",
}


@dataclass
class Reply:
    status: int
    body: bytes = b""
    content_type: str | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)


def phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def ok(document: Any, status: int = 200) -> Reply:
    return Reply(status, to_json(document), JSON)


def nothing() -> Reply:
    return Reply(204)


def found(document: Any) -> Reply:
    """A list that is empty is answered like something that does not exist."""
    return ok(document) if document else nothing()


def error(status: int, message: str, **more: Any) -> Reply:
    return ok({"Message": message, **more}, status)


def invalid(detail: str) -> Reply:
    return error(400, "The request is invalid.", MessageDetail=detail)


def invalid_field(name: str, message: str) -> Reply:
    return error(400, "The request is invalid.", ModelState={f"request.{name}": [message]})


def forbidden() -> Reply:
    return error(403, "Authorization has been denied for this request.")


def failed() -> Reply:
    """The details are in the event log of a real server, under this id; a stack trace is never sent."""
    return error(500, f"An error has occurred. Correlation ID: {uuid.uuid4()}")


def not_found(what: str, identifier: str) -> Reply:
    return error(404, f"No {what} with the identifier '{identifier}' was found.")


def page(status: int, detail: str | None = None) -> Reply:
    """An HTML page as IIS or a proxy before it sends one."""
    text = _PAGE.format(title=f"{status} - {phrase(status)}", detail=detail or _DETAILS.get(status, phrase(status)))
    return Reply(status, text.encode("latin-1"), HTML)


def unauthorised(challenges: list[str]) -> Reply:
    reply = page(401)
    reply.headers = [("WWW-Authenticate", challenge) for challenge in challenges]
    return reply
