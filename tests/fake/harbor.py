#!/usr/bin/env python3
"""A Harbor, with the part of its API 2.0 that wasme uses, and registries with bad lists.

    harbor.py --port-file FILE --scenario NAME [--log FILE] [--user U --password P]

Writes its port to FILE once it listens on 127.0.0.1. Each request is a line of the log:

    METHOD PATH none|basic|bearer

The fake answers as Harbor 2.16 does (the project team is public, base is not):
  - "Unauthenticated GET/HEAD is 401 even for public projects", and the API names no challenge.
  - "`/projects`, `/projects/P/repositories`, `/projects/P/repositories/R/artifacts?with_tag=true`
    (`a/b` is `a%252Fb`), `Link` and `X-Total-Count` paging"; `/repositories?q=name=~TERM` has the
    repositories that the account may see, also for a robot that may not list the repositories of a project.
  - With a wrong login, lists show the public part. The token service then gives a token without a
    subject; a request without a scope is answered by 401 without a body.
  - `/users/current` is 401 without a login and with a wrong one, and 412 for a robot.
  - A token that grants too little is answered by a 401 that asks for Basic.
  - GET of a manifest counts as a pull, so no request here may do that.
"""
import base64
import json
import time
from urllib.parse import parse_qs, quote, unquote, urlsplit

import skeleton
from skeleton import (CONFIG_TYPE, LAYER_TYPE, MANIFEST_TYPE, Handler, State, basic, digest_of, listen,
                      parser_of, run)

SCENARIOS = {
    "harbor": "a Harbor, whose pages have two items",
    "harbor-many": "the same, and forty repositories; artifacts take a moment",
    "harbor-project": "the same, and a list of all artifacts of a project, as of Harbor 2.13",
    "harbor-old": "the same, and no list of all repositories",
    "harbor-robot": "the same, and the account may pull, and remove tags, and nothing else",
    "harbor-tag-robot": "the same, and the account may remove tags, and nothing else",
    "harbor-developer": "the same, and the account may not remove anything",
    "harbor-child": "the same, and each image is a part of an index",
    "harbor-immutable": "the same, and the tags are immutable",
    "harbor-odd": "the same, and artifacts and names that cannot be",
    "harbor-busy": "the same, and its second page is 503 the first time",
    "harbor-elsewhere": "the same, and its second page is on another host",
    "plain": "the distribution API, and nothing else",
    "plain-many": "the same, and forty repositories; tags and manifests take a moment",
    "loop": "the next page is the first one",
    "endless": "there is always a next page",
    "other-host": "the next page is on another host",
    "bad-link": "the Link field is malformed",
    "million": "a million names on one page",
    "million-said": "X-Total-Count is a million",
    "million-paged": "a thousand names on each of a thousand pages",
    "giant": "a page that never ends",
    "rude": "names that drive a terminal, or are none",
    "no-list": "an answer without a list",
    "no-json": "a page for people",
    "closed": "403 on the catalog",
    "one-bad": "one manifest is garbage, one is not there, one is refused",
    "all-broken": "every manifest is 400",
    "removes-tags": "a tag can be removed alone",
    "loses-answer": "the same, but answers the first time with 502",
    "removes-nothing": "405 on each DELETE",
    "hidden-tags": "the tags cannot be listed, and none can be removed alone",
}
ANOTHER = "http://127.0.0.9:9"


def encode(doc):
    return base64.urlsafe_b64encode(json.dumps(doc).encode()).rstrip(b"=").decode()


def jwt_of(who, access):
    """A token in Harbor's form; no test verifies the signature."""
    claims = {"iss": "harbor-token-issuer", "aud": ["harbor-registry"], "access": access}
    if who:
        claims["sub"] = who
    return ".".join([encode({"alg": "RS256", "typ": "JWT"}), encode(claims), "c2lnbmVk"])


def manifest_of(name, created=None):
    descriptors = [{"mediaType": kind, "digest": digest_of((kind + name).encode()), "size": size}
                   for kind, size in ((CONFIG_TYPE, 126), (LAYER_TYPE, 1000 + len(name)))]
    made = {"annotations": {"org.opencontainers.image.created": created}} if created else {}
    return skeleton.manifest_of(descriptors, **made)


class Registry(State):
    def __init__(self, args):
        super().__init__(args)
        self.busy = args.scenario == "harbor-busy"
        one = manifest_of("one", "2021-12-01T14:33:00.25+08:00")
        two = manifest_of("two")
        # repository: tag: manifest
        self.tags = {"base/filter": {"v1": one, "v2": one, "v3": two}, "base/a/b": {"v1": two},
                     "team/tool": {"v1": two}}

        if args.scenario.endswith(("-many", "-project")):
            self.tags.update({"base/r%02d" % n: {"v1": two} for n in range(40)})
        self.running = self.most = 0

    def linger(self):
        """Waits a moment for other requests; the log has the number of requests at the same time."""
        if not self.scenario.endswith("-many"):
            return
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
            most = self.most
        self.log("TOGETHER %d -" % most)
        time.sleep(0.05)
        with self.lock:
            self.running -= 1


class Harbor(Handler):
    def do_GET(self):
        self.state.log(self.command, self.path, self.given()[1])
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path.startswith("/api/v2.0/") and self.state.scenario.startswith("harbor"):
            self.api(parts.path[len("/api/v2.0"):], query)
        elif parts.path == "/service/token":
            self.token(parse_qs(parts.query).get("scope", []))
        elif parts.path.startswith("/v2/") and self.state.scenario.startswith("harbor"):
            self.guarded(parts.path[len("/v2"):], query)
        elif parts.path.startswith("/v2/"):
            self.distribution(parts.path[len("/v2"):], query)
        else:
            self.answer(404, b"404 page not found\n")

    do_HEAD = do_GET
    do_DELETE = do_GET

    # Harbor's logins.

    def who(self):
        """The user; None for a wrong login, "" for no login."""
        args = self.state.args
        given, _ = self.given()
        return args.user if given == basic(args.user, args.password) else None if given else ""

    def may(self, right):
        return right in {
            "harbor-robot": ["pull", "delete tag"],
            "harbor-tag-robot": ["delete tag"],
            "harbor-developer": ["pull", "push", "read artifact"],
        }.get(self.state.scenario, ["pull", "push", "read artifact", "delete tag", "delete artifact"])

    def token(self, scopes):
        who = self.who()
        if not who and not scopes:
            self.answer(401)
            return
        access = []
        for scope in scopes:
            kind, name, actions = scope.split(":")
            granted = [action for action in ("pull", "push") if self.may(action)] if who else []
            if not who and name.startswith("team/"):
                granted = ["pull"]
            access.append({"type": kind, "name": name, "actions": granted})
        self.give({"token": jwt_of(who, access), "expires_in": 1800})

    def guarded(self, path, query):
        given, _ = self.given()
        name = path[1:].split("/manifests/")[0].split("/tags/")[0]
        try:
            claims = given.split(".")[1]
            access = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["access"]
        except (IndexError, ValueError):
            access = []
        if any(one["name"] == name and "pull" in one["actions"] for one in access):
            self.distribution(path, query)
            return
        host = self.headers["Host"]
        challenge = 'Basic realm="harbor"' if given else (
            'Bearer realm="http://%s/service/token",service="harbor-registry",'
            'scope="repository:%s:pull"' % (host, name))
        text = "unauthorized to access repository: %s, action: pull" % name
        self.refuse(401, "UNAUTHORIZED", text + ": " + text, WWW_Authenticate=challenge)

    # Harbor's API.

    def api(self, path, query):
        who = self.who()
        if path == "/systeminfo":
            self.give({"auth_mode": "db_auth", "self_registration": False})
        elif path == "/users/current":
            self.current_user(who)
        elif path == "/repositories" and self.state.scenario != "harbor-old":
            term = query.get("q", "name=~")[len("name=~"):]
            self.page([name for name in self.names_for(who) if term in name], query)
        else:
            self.project(path.split("/")[1:], query, who)

    def current_user(self, who):
        if not who:
            self.refuse(401, "UNAUTHORIZED", "unauthorized")
        elif who.startswith("robot$"):
            self.refuse(412, "PRECONDITION",
                        "get current user not available for security context: robot")
        else:
            self.give({"username": who})

    def names_for(self, who):
        names = [name for name in sorted(self.state.tags) if who or name.startswith("team/")]
        return names + (["base/\x1b[2Jrude"] if self.state.scenario == "harbor-odd" else [])

    def project(self, parts, query, who):
        names = self.names_for(who)
        if parts == ["projects"]:
            self.page(sorted({name.split("/")[0] for name in names} | {"library"}), query)
        elif parts[2:] == ["artifacts"] and self.state.scenario == "harbor-project":
            self.page_of([dict(self.artifact(tags, digest_of(tags["v1"])), repository_name=name)
                          for name, tags in sorted(self.state.tags.items())
                          if name.startswith(parts[1] + "/")], query)
        elif parts[0] != "projects" or len(parts) < 3 or parts[2] != "repositories":
            self.refuse(404, "NOT_FOUND", "path not found")
        elif not who and parts[1] != "team":
            self.refuse(401, "UNAUTHORIZED", "unauthorized")
        elif len(parts) == 3:
            self.page([name for name in names if name.startswith(parts[1] + "/")], query)
        elif self.command == "GET" and who and not self.may("read artifact"):
            self.refuse(403, "FORBIDDEN", "forbidden")
        else:
            # The name is decoded twice: a slash that is encoded only once would split the path.
            name = parts[1] + "/" + unquote(unquote(parts[3]))
            if name not in self.state.tags or "%2F" in parts[3]:
                self.refuse(404, "NOT_FOUND", "repository %s not found" % name)
            else:
                self.artifacts(self.state.tags[name], parts[4:], query, who)

    def page(self, names, query):
        self.page_of([{"name": name} for name in names], query)

    def page_of(self, items, query):
        number = int(query["page"])
        if number == 2 and self.state.busy:
            self.state.busy = False
            self.refuse(503, "UNAVAILABLE", "restarting")
            return
        fields = {"X-Total-Count": str(len(items))}
        links = []
        here = urlsplit(self.path).path
        rest = "&".join("%s=%s" % (key, quote(value)) for key, value in sorted(query.items())
                        if not key.startswith("page"))
        if self.state.scenario == "harbor-elsewhere":
            here = ANOTHER + here
        if number > 1:
            links.append('<%s?page=%d&page_size=2&%s>; rel="prev"' % (here, number - 1, rest))
        if number * 2 < len(items):
            links.append('<%s?page=%d&page_size=2&%s>; rel="next"' % (here, number + 1, rest))
        if links:
            fields["Link"] = " , ".join(links)
        self.give(items[number * 2 - 2:number * 2], **fields)

    def artifact(self, tags, digest):
        return {"digest": digest, "size": 248790, "push_time": "2021-12-01T06:33:12.345Z",
                "media_type": CONFIG_TYPE, "tags": [
                    {"name": tag} for tag in sorted(tags) if digest_of(tags[tag]) == digest] or None}

    def artifacts(self, tags, rest, query, who):
        if rest == ["artifacts"]:
            self.state.linger()
            items = [self.artifact(tags, digest)
                     for digest in sorted({digest_of(text) for text in tags.values()})]
            if self.state.scenario == "harbor-odd":
                items[:0] = [7, {"digest": "sha256:short"}, {"digest": "sha256:" + "0" * 64,
                             "size": -5, "push_time": "yesterday", "tags": [
                                 {"name": "odd"}, {"name": "\x1b[31m"}, {}, 5]}]
            self.page_of(items, query)
            return
        digest = digest_of(tags[rest[1]]) if rest[1] in tags else rest[1]
        held = [tag for tag in tags if digest_of(tags[tag]) == digest]
        if not held:
            self.refuse(404, "NOT_FOUND", "artifact %s not found" % rest[1])
        elif self.command == "GET" and len(rest) == 2:
            self.give(self.artifact(tags, digest))
        elif self.command == "DELETE":
            self.remove_from_harbor(tags, rest, held, who)
        else:
            self.refuse(404, "NOT_FOUND", "tag not found")

    def remove_from_harbor(self, tags, rest, held, who):
        kind = self.state.scenario
        if not who:
            self.refuse(401, "UNAUTHORIZED", "unauthorized")
        elif not self.may("delete tag" if len(rest) > 2 else "delete artifact"):
            self.refuse(403, "FORBIDDEN", "forbidden")
        elif kind == "harbor-immutable":
            self.refuse(412, "PRECONDITION",
                        "the tag %s configured as immutable, cannot be deleted" % held[0])
        elif kind == "harbor-child" and len(rest) == 2:
            self.refuse(412, "VIOLATE_FOREIGN_KEY_CONSTRAINT",
                        "the deleting artifact is referenced by others")
        elif len(rest) == 2:
            for tag in held:
                del tags[tag]
            self.answer(200)
        elif rest[2] == "tags" and rest[3] in held:
            del tags[rest[3]]
            self.answer(200)
        else:
            self.refuse(404, "NOT_FOUND", "tag not found")

    # The distribution API.

    def distribution(self, path, query):
        if path != "/_catalog":
            self.state.linger()
        if path == "/_catalog":
            if self.state.scenario == "closed":
                self.refuse(403, "DENIED", "requested access to the resource is denied")
            else:
                self.names("repositories", sorted(self.state.tags), query)
        elif path.endswith("/tags/list"):
            tags = self.state.tags.get(path[1:-len("/tags/list")])
            if tags is None or self.state.scenario == "hidden-tags":
                self.refuse(404, "NAME_UNKNOWN", "repository name not known to registry")
            else:
                self.names("tags", sorted(tags), query)
        else:
            name, key = path[1:].split("/manifests/")
            self.manifest(name, key)

    def names(self, key, names, query):
        kind = self.state.scenario
        here, last = urlsplit(self.path).path, query.get("last", "0")
        fields = {}
        if kind == "loop":
            fields["Link"] = "<%s>; rel=next" % self.path
        elif kind == "endless":
            fields["Link"] = '<%s?last=%d&n=1>; rel="next"' % (here, int(last) + 1)
        elif kind == "other-host":
            fields["Link"] = '<%s%s?last=1>; rel="next"' % (ANOTHER, here)
        elif kind == "bad-link":
            fields["Link"] = "%s?last=1; rel=next" % here
        elif kind == "million":
            names = ["a%06d" % n for n in range(1000000)]
        elif kind == "million-said":
            fields["X-Total-Count"] = "1000000"
        elif kind == "million-paged":
            names = ["a%s-%d" % (last, n) for n in range(1000)]
            fields["Link"] = '<%s?last=%d>; rel="next"' % (here, int(last) + 1)
        elif kind == "rude":
            names = names + ["\x1b]0;owned\x07", "a b", "", "../../etc", "UP", 5, None, "x\u202e"]
        if kind == "giant":
            self.giant()
        elif kind == "no-json":
            self.answer(200, b"<html>welcome</html>")
        else:
            self.give({"name": "x"} if kind == "no-list" else {key: names}, **fields)

    def giant(self):
        self.close_connection = True
        self.head(200)
        try:
            self.wfile.write(b'{"tags":[')
            while True:
                self.wfile.write(b'"' + b"a" * 100 + b'",')
        except OSError:
            self.state.log("CUT - none")

    def manifest(self, name, key):
        kind = self.state.scenario
        tags = self.state.tags.get(name, {})
        if self.command == "DELETE":
            self.remove(kind, tags, key)
        elif kind == "all-broken":
            self.refuse(400, "BROKEN", "out of order")
        elif kind == "one-bad" and (name, key) == ("base/filter", "v1"):
            self.answer(200, b"\x1b[2J garbage")
        elif kind == "one-bad" and (name, key) == ("base/filter", "v2"):
            self.refuse(404, "MANIFEST_UNKNOWN", "manifest unknown")
        elif kind == "one-bad" and (name, key) == ("base/a/b", "v1"):
            self.refuse(403, "DENIED", "not for you")
        elif key in tags:
            self.answer(200, tags[key], Docker_Content_Digest=digest_of(tags[key]),
                        Content_Type=MANIFEST_TYPE)
        else:
            self.refuse(404, "MANIFEST_UNKNOWN", "manifest unknown")

    def remove(self, kind, tags, key):
        if kind == "removes-nothing":
            self.refuse(405, "UNSUPPORTED", "The operation is unsupported.")
        elif key in tags and kind == "removes-tags":
            del tags[key]
            self.answer(202)
        elif kind == "loses-answer" and key in tags:
            del tags[key]
            self.refuse(502, "BAD_GATEWAY", "the answer is lost")
        elif kind == "loses-answer":
            self.refuse(404, "MANIFEST_UNKNOWN", "manifest unknown")
        elif key in tags:
            self.refuse(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
        else:
            for tag in [tag for tag in tags if digest_of(tags[tag]) == key]:
                del tags[tag]
            self.answer(202)


def main():
    args = parser_of(__doc__, SCENARIOS, "robot$base+ci", "s3cret").parse_args()
    run(args, listen(Harbor, Registry(args), port=args.port).server_port)


if __name__ == "__main__":
    main()
