/* wasme doctor SERVER, above the connection: challenge, credentials, token, reading, pushing, and
 * the registry's clock. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "cmd/doctor.h"

/* Beyond it, certificates and logins that carry the time are refused. */
enum { SKEW_MAX = 300 };

#define FIX_LOGIN "log in with `wasme login`, or use -u USER with --password-stdin, or -c FILE"

struct access {
    struct report *report;
    struct registry *registry;
    const struct doctor_target *target;
    const struct probe_answer *version;
    const char *needs; /* what the later checks lack, or NULL */
    struct challenge_list challenges;
    const struct challenge *bearer; /* of the challenges, or NULL */
    bool basic;
    bool open; /* /v2/ is answered without a login */
    struct credential credential;
};

static void access_release(struct access *access)
{
    challenge_list_release(&access->challenges);
    credential_release(&access->credential);
}

static bool is_skipped(const struct access *access, const char *check)
{
    if (access->needs)
        report_add(access->report, REPORT_SKIPPED, check, NULL, "skipped: needs %s", access->needs);
    return access->needs != NULL;
}

static void check_challenge(struct access *access)
{
    struct err why AUTO(err_release) = ERR_INIT;
    static const char needs[] = "a challenge that wasme knows";
    if (is_skipped(access, "challenge"))
        return;
    bool known = probe_challenges(access->version, &access->challenges, &why);
    access->open = access->version->status != 401;
    if (access->open && !known) {
        report_add(access->report, REPORT_OK, "challenge", NULL, "none: no login is asked for");
        return;
    }
    access->bearer = challenge_find(&access->challenges, "bearer");
    access->basic = challenge_find(&access->challenges, "basic") != NULL;
    if (access->bearer && !access->bearer->realm)
        access->bearer = NULL;
    const char *also = access->open ? "; open to anybody in part" : "";
    if (!known || (!access->bearer && !access->basic)) {
        report_add(access->report, REPORT_FAILED, "challenge",
                   "ask who runs the registry: a 401 must name Basic or Bearer in WWW-Authenticate",
                   "%s",
                   why.code                   ? err_text(&why)
                   : access->challenges.count ? access->challenges.items[0].scheme
                                              : "401 without one");
        access->needs = needs;
    } else if (access->bearer) {
        report_add(access->report, REPORT_OK, "challenge", NULL, "Bearer, tokens from %s%s%s%s",
                   access->bearer->realm, access->bearer->service ? " for service " : "",
                   access->bearer->service ? access->bearer->service : "", also);
    } else {
        report_add(access->report, REPORT_OK, "challenge", NULL, "Basic: user and password%s",
                   also);
    }
}

/* For people; NULL: nobody in particular. */
static const char *who_of(const struct access *access)
{
    const struct credential *credential = &access->credential;
    if (credential->identity_token)
        return "the owner of an identity token";
    return credential->registry_token ? "the owner of a registry token" : credential->username;
}

static int check_credentials(struct access *access, struct err *err)
{
    const char *server = access->target->ref.registry;
    if (is_skipped(access, "credentials"))
        return 0;
    const char *repository = access->target->repository ? access->target->ref.repository : NULL;
    int rc = probe_credential(access->registry, server, repository, &access->credential, err);
    if (rc == ERR_INTERRUPTED)
        return rc;
    if (rc) {
        report_add(access->report, REPORT_FAILED, "credentials", "mend or remove what it names",
                   "%s", err_text(err));
        err_release(err);
        access->needs = "credentials that can be read";
    } else if (who_of(access)) {
        report_add(access->report, REPORT_OK, "credentials", NULL, "%s, from %s", who_of(access),
                   access->credential.source);
    } else if (access->basic && !access->bearer && !access->open) {
        report_add(access->report, REPORT_FAILED, "credentials", FIX_LOGIN,
                   "none for %s, which asks for a login", server);
        access->needs = "credentials";
    } else {
        report_add(access->report, REPORT_OK, "credentials", NULL, "none for %s%s", server,
                   access->bearer || access->basic ? ": what everybody may do is tried" : "");
    }
    return 0;
}

/* The next step after a refusal; the caller frees it. */
static char *login_fix(const struct access *access)
{
    if (access->credential.username)
        return mem_printf("check the user and the password from %s", access->credential.source);
    if (who_of(access))
        return mem_printf("check the token from %s", access->credential.source);
    return mem_dup(FIX_LOGIN);
}

static int check_basic(struct access *access, struct err *err)
{
    struct probe_answer answer AUTO(probe_answer_release) = {0};
    int rc = probe_login(access->registry, access->target->ref.registry, &answer, err);
    if (rc)
        return rc;
    if (!answer.rc && answer.status == 200) {
        report_add(access->report, REPORT_OK, "login", NULL, "the registry takes it");
        return 0;
    }
    AUTO_FREE char *fix = login_fix(access);
    report_add(access->report, REPORT_FAILED, "login", fix, "%s", answer.words);
    access->needs = "a login";
    return 0;
}

/* Asks for a token for the scope; one that is refused is told. */
static int try_token(struct access *access, const char *scope, char **granted, struct err *err)
{
    const struct probe_token_request request = {.server = access->target->ref.registry,
                                                .challenge = access->bearer,
                                                .credential = &access->credential,
                                                .scope = scope};
    int rc = probe_token(access->registry, &request, granted, err);
    if (!rc || rc == ERR_INTERRUPTED)
        return rc;
    AUTO_FREE char *fix = login_fix(access);
    report_add(access->report, REPORT_FAILED, "token",
               rc == ERR_DENIED ? fix : "look at the server that gives the tokens", "%s",
               err_text(err));
    err_release(err);
    access->needs = "a token";
    return 0;
}

/* With a scope, Harbor gives a token to whoever has a login that it does not take, one for anybody:
 * the login is tried without one, and first, since each wrong try costs a second. */
static int check_token(struct access *access, struct err *err)
{
    const struct doctor_target *target = access->target;
    AUTO_FREE char *unused = NULL;
    AUTO_FREE char *granted = NULL;
    AUTO_FREE char *scope = target->repository
                                ? mem_printf("repository:%s:%s", target->ref.repository,
                                             target->push ? "pull,push" : "pull")
                                : mem_dup("");
    const char *who = who_of(access);
    if (!who && !*scope) {
        report_add(access->report, REPORT_SKIPPED, "token", NULL,
                   "skipped: needs credentials, or a repository, as in %s/NAME",
                   target->ref.registry);
        return 0;
    }
    int rc = who ? try_token(access, "", &unused, err) : 0;
    if (!rc && !access->needs && *scope)
        rc = try_token(access, scope, &granted, err);
    if (rc || access->needs)
        return rc;
    report_add(access->report, REPORT_OK, "token", NULL, "as %s%s%s%s%s", who ? who : "anybody",
               *scope ? ", asked for " : "", scope, granted ? ", granted " : "",
               granted ? granted : "");
    return 0;
}

static int check_login(struct access *access, struct err *err)
{
    if (is_skipped(access, access->bearer ? "token" : "login"))
        return 0;
    if (access->bearer)
        return check_token(access, err);
    if (access->basic && who_of(access))
        return check_basic(access, err);
    report_add(access->report, REPORT_OK, "login", NULL,
               access->basic ? "none: what everybody may do is tried" : "none needed");
    return 0;
}

static bool lacks_repository(const struct access *access, const char *check)
{
    if (!access->needs && !access->target->repository)
        report_add(access->report, REPORT_SKIPPED, check, NULL,
                   "skipped: needs a repository, as in %s/NAME", access->target->ref.registry);
    return !access->needs && !access->target->repository;
}

static bool is_denied(const struct probe_answer *answer)
{
    return answer->status == 401 || answer->status == 403;
}

static char *denied_fix(const struct access *access)
{
    if (who_of(access))
        return mem_printf("check the repository's name and the rights of the account from %s",
                          access->credential.source);
    return mem_dup(FIX_LOGIN);
}

static int check_read(struct access *access, struct err *err)
{
    struct probe_answer answer AUTO(probe_answer_release) = {0};
    const struct ref *ref = &access->target->ref;
    if (is_skipped(access, "read") || lacks_repository(access, "read"))
        return 0;
    int rc = probe_read(access->registry, ref, access->target->tagged, &answer, err);
    if (rc)
        return rc;
    if (!answer.rc && answer.status == 200) {
        report_add(access->report, REPORT_OK, "read", NULL, "%s%s",
                   access->target->tagged ? "the manifest of " : "the tags of ",
                   access->target->tagged ? ref_manifest_key(ref) : ref->repository);
    } else if (answer.status == 404) {
        report_add(access->report, REPORT_WARNING, "read",
                   "check the repository and the tag; the first push makes them",
                   "%s: nothing there is under this name: %s", ref->repository, answer.words);
    } else {
        AUTO_FREE char *fix = denied_fix(access);
        report_add(access->report, REPORT_FAILED, "read",
                   is_denied(&answer) ? fix : "ask who runs the registry", "%s", answer.words);
    }
    return 0;
}

static const char *push_fix(const struct probe_answer *answer)
{
    switch (answer->status) {
    case 404:
        return "make the repository or its project in the registry first";
    case 405:
        return "the registry is read-only, a mirror or in maintenance: push to another one, or ask "
               "who runs it";
    case 429:
    case 503:
        return "try again later";
    default:
        return "ask who runs the registry";
    }
}

static int check_push(struct access *access, struct err *err)
{
    struct probe_answer answer AUTO(probe_answer_release) = {0};
    struct probe_answer cancel AUTO(probe_answer_release) = {0};
    if (is_skipped(access, "push") || lacks_repository(access, "push"))
        return 0;
    if (!access->target->push) {
        report_add(access->report, REPORT_SKIPPED, "push", NULL, "skipped: --no-push");
        return 0;
    }
    int rc = probe_push(access->registry, &access->target->ref, &answer, &cancel, err);
    if (rc)
        return rc;
    if (answer.rc || answer.status < 200 || answer.status > 299) {
        AUTO_FREE char *fix = denied_fix(access);
        /* Who only pulls what is public needs no login. */
        bool anybody = answer.status == 401 && !who_of(access);
        report_add(access->report, anybody ? REPORT_ABSENT : REPORT_FAILED, "push",
                   is_denied(&answer) ? fix : push_fix(&answer), "%s",
                   anybody ? "needs a login" : answer.words);
    } else if (cancel.rc || cancel.status < 200 || cancel.status > 299) {
        report_add(access->report, REPORT_OK, "push", NULL,
                   "an upload was begun; it could not be cancelled (status %d), and the registry "
                   "drops it by itself",
                   cancel.status);
    } else {
        report_add(access->report, REPORT_OK, "push", NULL, "an upload was begun, and cancelled");
    }
    return 0;
}

static void check_clock(struct report *report, const struct probe_answer *version)
{
    if (!version->date) {
        report_add(report, REPORT_SKIPPED, "clock", NULL, "skipped: needs %s",
                   version->status ? "a Date in the answer" : "an answer to /v2/");
        return;
    }
    long long ahead = (long long)time(NULL) - (long long)version->date;
    long long apart = ahead < 0 ? -ahead : ahead;
    if (apart > SKEW_MAX)
        report_add(report, REPORT_WARNING, "clock",
                   "set the clock: certificates, and logins that carry the time, depend on it",
                   "this machine's is %lld seconds %s the registry's", apart,
                   ahead < 0 ? "behind" : "ahead of");
    else
        report_add(report, REPORT_OK, "clock", NULL, "%lld seconds from the registry's", apart);
}

int doctor_access(struct report *report, struct transfer *transfer,
                  const struct doctor_target *target, const struct probe_answer *version,
                  const char *needs, struct err *err)
{
    struct access access AUTO(access_release) = {
        .report = report,
        .registry = transfer->registry,
        .target = target,
        .version = version,
        .needs = needs,
    };
    check_challenge(&access);
    int rc = check_credentials(&access, err);
    if (!rc)
        rc = check_login(&access, err);
    if (!rc)
        rc = check_read(&access, err);
    if (!rc)
        rc = check_push(&access, err);
    if (!rc)
        check_clock(report, version);
    return rc;
}
