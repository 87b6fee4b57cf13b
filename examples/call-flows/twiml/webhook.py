#!/usr/bin/env python3
"""A webhook for Twilio's incoming calls: runs a scenario and answers with TwiML.

Nothing but Python's standard library. Settings are environment variables:

    PATCHCORD_TOKEN     API token of the scope `run`
    PATCHCORD_URL       the server; http://127.0.0.1:8460 where it is not set
    PATCHCORD_SCENARIO  the scenario; identify-caller
    DEADLINE_MS         how long a caller may wait for it; 3000 (Twilio itself gives up after 15 seconds)
    VIP_QUEUE, GENERAL_QUEUE  names of Twilio queues; vip, general
    LISTEN              address and port; 127.0.0.1:8480
    TWILIO_AUTH_TOKEN   where it is set, requests that are not signed with it are refused
    PUBLIC_URL          address under which Twilio comes, which the signature covers; needed with TWILIO_AUTH_TOKEN

Known callers are greeted and go to the VIP queue, others to the general one. A scenario that answers the variable `dial`,
a telephone number, has the call put through to it. On any error the call goes to the general queue.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

LARGEST_FORM = 64 * 1024
LARGEST_ANSWER = 2 * 1024 * 1024
NUMBER = re.compile(r"\+?[0-9]{3,15}")
# What XML 1.0 cannot hold, not even escaped.
NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Settings:
    """What the environment says."""

    def __init__(self, environment):
        self.token = environment.get("PATCHCORD_TOKEN", "")
        url = environment.get("PATCHCORD_URL", "http://127.0.0.1:8460")
        scenario = environment.get("PATCHCORD_SCENARIO", "identify-caller")
        self.runs = f"{url.rstrip('/')}/v1/scenarios/{urllib.parse.quote(scenario, safe='')}/runs"
        self.deadline_ms = int(environment.get("DEADLINE_MS", "3000"))
        self.vip_queue = environment.get("VIP_QUEUE", "vip")
        self.general_queue = environment.get("GENERAL_QUEUE", "general")
        host, _, port = environment.get("LISTEN", "127.0.0.1:8480").rpartition(":")
        self.listen = (host, int(port))
        self.auth_token = environment.get("TWILIO_AUTH_TOKEN", "")
        self.public_url = environment.get("PUBLIC_URL", "")
        if self.auth_token and not self.public_url:
            raise SystemExit("TWILIO_AUTH_TOKEN is set: set PUBLIC_URL as well, which the signature covers")


def signature(auth_token, url, form):
    """What X-Twilio-Signature must be ("Webhooks security" in Twilio's documentation)."""
    text = url + "".join(name + value for name, value in sorted(set(form)))
    digest = hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def run_scenario(settings, call):
    """Asks Patchcord; raises OSError or ValueError where there is no answer."""
    item = {"from": call.get("From", ""), "to": call.get("To", ""), "callid": call.get("CallSid", "")}
    question = {
        "variables": {"item": item},
        "deadline_ms": settings.deadline_ms,
        "want": ["caller_name", "dial"],
    }
    headers = {"Authorization": f"Bearer {settings.token}", "Content-Type": "application/json"}
    if call.get("CallSid"):
        # Twilio asks again where it hears nothing; that is still the same call.
        headers["Idempotency-Key"] = urllib.parse.quote(call["CallSid"], safe="")
    request = urllib.request.Request(settings.runs, json.dumps(question).encode(), headers)
    with urllib.request.urlopen(request, timeout=settings.deadline_ms / 1000 + 0.5) as answer:
        found = json.loads(answer.read(LARGEST_ANSWER))
    if not isinstance(found, dict) or not isinstance(found.get("variables"), dict):
        raise ValueError("the answer has another shape")
    return found


def text(value):
    """A value as text of an XML element."""
    return escape(NO_XML.sub("", str(value)))


def verbs(settings, answer):
    """The TwiML verbs for an answer."""
    variables = answer["variables"]
    dial = variables.get("dial")
    if isinstance(dial, str) and NUMBER.fullmatch(dial):
        return f"<Dial><Number>{text(dial)}</Number></Dial>"
    if answer.get("result") != "known":
        return f"<Enqueue>{text(settings.general_queue)}</Enqueue>"
    name = variables.get("caller_name")
    greeting = f"<Say>Hello, {text(name)}.</Say>" if name else ""
    return f"{greeting}<Enqueue>{text(settings.vip_queue)}</Enqueue>"


def respond(settings, call):
    """The TwiML document for a call."""
    try:
        inner = verbs(settings, run_scenario(settings, call))
    except (OSError, ValueError) as error:
        print(f"{call.get('CallSid', 'a call')}: to {settings.general_queue}: {error}", file=sys.stderr)
        inner = f"<Enqueue>{text(settings.general_queue)}</Enqueue>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Response>{inner}</Response>\n'


class Webhook(BaseHTTPRequestHandler):
    """Twilio's form POST."""

    settings = None
    timeout = 10

    def do_POST(self):  # noqa: N802, the name that the library asks for
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > LARGEST_FORM:
            self.send_error(413)
            return
        body = self.rfile.read(int(length)).decode("utf-8", "replace")
        form = urllib.parse.parse_qsl(body, keep_blank_values=True)
        if not self.is_twilio(form):
            self.send_error(403)
            return
        document = respond(self.settings, dict(form)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(document)))
        self.end_headers()
        self.wfile.write(document)

    def is_twilio(self, form):
        """Whether the request is signed, where it must be."""
        settings = self.settings
        if not settings.auth_token:
            return True
        url = urllib.parse.urljoin(settings.public_url, self.path)
        told = self.headers.get("X-Twilio-Signature", "")
        return hmac.compare_digest(signature(settings.auth_token, url, form).encode(), told.encode())

    def log_message(self, *_):
        """Nothing: the numbers of callers belong in no log."""


def main():
    Webhook.settings = Settings(os.environ)
    server = ThreadingHTTPServer(Webhook.settings.listen, Webhook)
    host, port = server.server_address[:2]
    print(f"listening on http://{host}:{port}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
