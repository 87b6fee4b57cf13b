"""The emulator as a program finds it: its set-up, its pages as a browser sees them, its rows.

`EMULATOR_SETUP` holds the set-up in JSON, as `GET /_emulator/setup` answers it. `Rows` reads the
Web API with plain requests: the second, independent way in which a client's work is looked at.
"""

import json
import os
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import requests

SETUP = json.loads(os.environ["EMULATOR_SETUP"])
ORIGIN = SETUP["https_url"]
AUTHORITY = f"{ORIGIN}/{SETUP['tenant']}"
API = f"{ORIGIN}/api/data/v9.2"
USER_SCOPE = f"{ORIGIN}/user_impersonation"
APP_SCOPE = f"{ORIGIN}/.default"
REDIRECT_URI = SETUP["redirect_uris"][0]


class _Forms(HTMLParser):
    """The forms of a page: action, fields with their values, submit buttons."""

    def __init__(self):
        super().__init__()
        self.forms = []

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({"action": "", "enctype": ""} | attributes | {"fields": {}, "buttons": []})
        if not self.forms or "name" not in attributes:
            return
        form = self.forms[-1]
        if tag == "button":
            form["buttons"].append((attributes["name"], attributes.get("value", "")))
        elif tag == "textarea" or tag == "input" and attributes.get("type") != "file":
            form["fields"][attributes["name"]] = attributes.get("value", "")


class Browser:
    """A person at the pages: fills in what is asked for and presses the button."""

    def __init__(self):
        self.http = requests.Session()
        self.url = ""
        self.text = ""

    def open(self, url: str) -> str | None:
        """Opens a page. Gives the address that it leads to where that is the app's and not a page."""
        return self._follow(self.http.get(url, allow_redirects=False))

    def submit(self, values: dict[str, str], press: str | None = None) -> str | None:
        """Fills in the first form that has the fields of `values` and presses the button of that value."""
        page = _Forms()
        page.feed(self.text)
        for form in page.forms:
            buttons = [button for button in form["buttons"] if press is None or button[1] == press]
            if values.keys() <= form["fields"].keys() and (press is None or buttons):
                fields = form["fields"] | values | dict(buttons[:1])
                if form["enctype"] == "multipart/form-data":
                    body = {"files": {name: (None, value) for name, value in fields.items()}}
                else:
                    body = {"data": fields}
                target = urljoin(self.url, form["action"])
                return self._follow(self.http.post(target, allow_redirects=False, **body))
        raise AssertionError(f"no form with {list(values)} and {press} on {self.url}: {self.text[:300]}")

    def _follow(self, answer: requests.Response) -> str | None:
        while answer.is_redirect:
            target = urljoin(answer.url, answer.headers["Location"])
            if not target.startswith(ORIGIN):
                return target
            answer = self.http.get(target, allow_redirects=False)
        self.url, self.text = answer.url, answer.text
        return None


def sign_in(authorize_url: str, user: str | None = None, password: str | None = None) -> dict[str, str]:
    """From the authorize address through the pages to the parameters that the app gets back."""
    browser = Browser()
    back = browser.open(authorize_url)
    if back is None:
        login, passwd = user or SETUP["user"], password or SETUP["password"]
        back = browser.submit({"login": login, "passwd": passwd})
    if back is None:
        back = browser.submit({}, press="accept")
    if back is None:
        raise AssertionError(f"the sign-in ended on {browser.url}: {browser.text[:600]}")
    return dict(parse_qsl(urlsplit(back).query))


class Rows:
    """Reads rows without any of the clients."""

    def __init__(self, token: str):
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.http.headers["Accept"] = "application/json"

    def get(self, path: str, **options: str) -> dict:
        """A row or list of rows; `options` are query options without their `$`."""
        query = urlencode({f"${name}": value for name, value in options.items()})
        answer = self.http.get(f"{API}/{path}?{query}")
        if not answer.ok:
            raise AssertionError(f"{answer.request.url} answered {answer.status_code}: {answer.text[:300]}")
        return answer.json()

    def status(self, path: str) -> int:
        """Whether a row is there."""
        return self.http.get(f"{API}/{path}").status_code


def clear_faults() -> None:
    """Takes back the faults that nobody met."""
    requests.delete(f"{ORIGIN}/_emulator/faults").raise_for_status()


def fault(**members) -> None:
    """Asks the emulator to fail once, as its control API describes."""
    answer = requests.post(f"{ORIGIN}/_emulator/faults", json=members)
    if not answer.ok:
        raise AssertionError(f"the fault was refused: {answer.status_code} {answer.text}")
