#!/usr/bin/env python3
"""A registry with the login quirks of a real one: Harbor, ACR, GHCR, ECR or zot.

    quirks.py --port-file FILE --log FILE --scenario NAME

Writes "PORT DIGEST" to FILE once it listens on 127.0.0.1. The registry holds proj/filter:v1, whose manifest
has the digest. The user is robot$proj+ci, the password right. Each request is a line of the log:

    METHOD PATH none|basic|TOKEN
"""
import urllib.parse

from skeleton import (MANIFEST_TYPE, Handler, State, basic, digest_of, filter_parts, listen, manifest_of,
                      parser_of, run)

QUIRKS = {
    "harbor": "401 for all without a token; a wrong password gets a token when a scope is asked for",
    "harbor-narrow": "the first token allows too little, and then the challenge is Basic",
    "harbor-denied": "the same with every token",
    "harbor-no-project": "401 with an empty challenge",
    "zot": "open in part: /v2/ is 200 and names Basic, lists have what anybody may read",
    "acr": "an identity token goes by POST, and the answer has access_token alone",
    "acr-get-only": "takes no POST to the realm",
    "ghcr": "the realm answers 403 to a wrong password",
    "ecr": "Basic alone, with the user AWS and a password of 2 KB",
    "short-lived": "a token is good for three requests, and then invalid",
}
USER, PASSWORD, IDENTITY = "robot$proj+ci", "right", "the-identity-token"
AWS = "x" * 2000


class Registry(State):
    def __init__(self, args):
        super().__init__(args)
        self.tokens = {}  # what each grants: "scope" and how often it was used
        parts = filter_parts(b"\0asm\1\0\0\0")
        self.blobs = {digest_of(data): data for _, data in parts}
        self.manifest = manifest_of([descriptor for descriptor, _ in parts])
        self.digest = digest_of(self.manifest)

    def new_token(self, grant):
        with self.lock:
            name = "token%d" % (len(self.tokens) + 1)
            self.tokens[name] = [grant, 0]
            return name

    def use_token(self, name):
        """(what it grants, how often it was used before); None: no such token."""
        with self.lock:
            if name not in self.tokens:
                return None
            self.tokens[name][1] += 1
            return self.tokens[name][0], self.tokens[name][1] - 1


class Quirk(Handler):
    def deny(self, status, message, challenge=None):
        fields = {"WWW_Authenticate": challenge} if challenge is not None else {}
        self.refuse(status, "UNAUTHORIZED", message, **fields)

    def arrive(self):
        given, kind = self.given()
        self.state.log(self.command, self.path, given.split(" ")[1] if kind == "bearer" else kind)
        return given

    # The realm.

    def realm(self):
        return "http://127.0.0.1:%d/service/token" % self.server.server_port

    def bearer(self, repository=None, error=None):
        """Harbor's, word for word; nothing of a scope on /v2/."""
        text = 'Bearer realm="%s",service="harbor-registry"' % self.realm()
        if repository:
            reads = self.command in ("GET", "HEAD")
            text += ',scope="repository:%s:%s"' % (repository, "pull" if reads else "pull,push")
        return text + (',error="%s"' % error if error else "")

    def give_token(self, scope, member="token"):
        name = self.state.new_token(scope)
        self.give({member: name, "expires_in": 1800})

    def token(self, given):
        scope = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query).get("scope", [""])[0]
        right = basic(USER, PASSWORD)
        quirk = self.state.scenario
        if given == right:
            self.give_token(scope)
        elif quirk.startswith("harbor") and scope:
            # A wrong login gets a token with less access, and no message.
            self.give_token("public " + scope if not given else "")
        elif quirk == "ghcr":
            self.deny(403, "denied: denied")
        else:
            self.deny(401, "unauthorized")

    def do_POST(self):
        given = self.arrive()
        form = urllib.parse.parse_qs(self.body().decode())
        if self.path.startswith("/v2/"):
            if self.is_let_in(given, self.path[len("/v2/"):].split("/blobs/")[0]):
                self.deny(405, "no such method")
        elif self.state.scenario != "acr" or given:
            self.deny(405, "no such method")
        elif form.get("grant_type") != ["refresh_token"] or form.get("refresh_token") != [IDENTITY]:
            self.deny(401, "unauthorized")
        else:
            self.give_token(form.get("scope", [""])[0], "access_token")

    # The registry.

    def is_let_in(self, given, repository):
        """Answers itself when not."""
        quirk = self.state.scenario
        if quirk == "ecr":
            if given == basic("AWS", AWS):
                return True
            self.deny(401, "Not Authorized", 'Basic realm="https://ecr.example/",service="ecr"')
            return False
        if quirk == "harbor-no-project":
            self.deny(401, "unauthorized to access repository", "")
            return False
        used = self.state.use_token(given[7:]) if given.startswith("Bearer ") else None
        if used is None:
            self.deny(401, "unauthorized", self.bearer(repository))
            return False
        grant, before = used
        if quirk == "short-lived" and before >= 3:
            self.deny(401, "invalid token", self.bearer(repository, "invalid_token"))
            return False
        wanted = "repository:%s:pull" % repository
        enough = not repository or wanted in grant
        if quirk in ("harbor-narrow", "harbor-denied"):
            enough = "pull,push" in grant and quirk == "harbor-narrow"
        if not enough:
            self.deny(401, "unauthorized to access repository", 'Basic realm="harbor"')
        return enough

    def zot(self, given, path):
        """Word for word zot's, with its realm "the tests": without quotes in a 200."""
        right = basic(USER, PASSWORD)
        lists = {"/v2/_catalog": {"repositories": ["public/filter"]},
                 "/v2/public/filter/tags/list": {"name": "public/filter", "tags": ["v1"]},
                 "/v2/proj/filter/tags/list": {"name": "proj/filter", "tags": ["v1"]}}
        if given == right:
            lists["/v2/_catalog"]["repositories"].append("proj/filter")
        if given not in ("", right) or (not given and "/proj/" in path):
            self.give({"code": "UNAUTHORIZED", "message": "authentication required"}, 401,
                      WWW_Authenticate='Basic realm="the tests"')
        elif path == "/v2/":
            self.answer(200, Content_Type="application/json",
                        WWW_Authenticate="basic realm=the tests")
        elif path in lists:
            self.give(lists[path])
        elif path.endswith("/manifests/v1"):
            self.answer(200, self.state.manifest, Content_Type=MANIFEST_TYPE)
        else:
            self.answer(404, b"404 page not found\n")

    def do_GET(self):
        given = self.arrive()
        path = self.path.split("?", 1)[0]
        if self.state.scenario == "zot":
            self.zot(given, path)
            return
        if path == "/service/token":
            self.token(given)
            return
        repository = path[len("/v2/"):].rsplit("/", 2)[0] if path != "/v2/" else None
        if not self.is_let_in(given, repository):
            return
        key = path.rsplit("/", 1)[1]
        if path == "/v2/":
            self.answer(200, b"{}")
        elif key in ("v1", self.state.digest):
            self.answer(200, self.state.manifest, Content_Type=MANIFEST_TYPE)
        elif key in self.state.blobs:
            self.answer(200, self.state.blobs[key])
        else:
            self.deny(404, "not found")

    do_HEAD = do_GET


def main():
    args = parser_of(__doc__, QUIRKS).parse_args()
    state = Registry(args)
    run(args, listen(Quirk, state, port=args.port).server_port, state.digest)


if __name__ == "__main__":
    main()
