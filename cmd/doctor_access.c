/* wasme doctor SERVER, above the connection: challenge, credentials, token, reading, pushing, and
 * the clock of the registry. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "cmd/doctor.h"

/* Seconds between two clocks, beyond which certificates and logins that carry the time are
 * refused. */
enum { SKEW_MAX = 300 };

#define FIX_LOGIN "log in with `wasme login`, or use -u USER with --password-stdin, or -c FILE"

struct access {
    struct report *report;
    const struct doctor *doctor;
    struct registry *registry;
    const struct probe_answer *version;
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

static void check_challenge(struct access *access)
{
    struct err why AUTO(err_release) = ERR_INIT;
    if (report_skips(access->report, "challenge"))
        return;
    bool known = probe_challenges(access->version, &access->challenges, &why);
    access->open = access->version->status != 401;
    if (access->open && !known) {
        report_ok(access->report, "challenge", "none: no login is asked for");
        return;
    }
    access->bearer = challenge_find(&access->challenges, "bearer");
    access->basic = challenge_find(&access->challenges, "basic") != NULL;
    if (access->bearer && !access->bearer->realm)
        access->bearer = NULL;
    const char *also = access->open ? "; open to anybody in part" : "";
    if (!known || (!access->bearer && !access->basic)) {
        report_lack(
            access->report, "challenge", "a challenge that wasme knows",
            "ask who runs the registry: a 401 must name Basic or Bearer in WWW-Authenticate",
            why.code                   ? err_text(&why)
            : access->challenges.count ? access->challenges.items[0].scheme
                                       : "401 without one");
    } else if (access->bearer) {
        report_ok(access->report, "challenge", "Bearer, tokens from %s%s%s%s",
                  access->bearer->realm, access->bearer->service ? " for service " : "",
                  access->bearer->service ? access->bearer->service : "", also);
    } else {
        report_ok(access->report, "challenge", "Basic: user and password%s", also);
    }
}

/* The owner of the credential, in words for the user; NULL: there is no credential. */
static const char *who_of(const struct access *access)
{
    const struct credential *credential = &access->credential;
    if (credential->identity_token)
        return "the owner of an identity token";
    return credential->registry_token ? "the owner of a registry token" : credential->username;
}

static int check_credentials(struct access *access, struct err *err)
{
    const char *server = access->doctor->ref.registry;
    if (report_skips(access->report, "credentials"))
        return 0;
    const char *repository = access->doctor->repository ? access->doctor->ref.repository : NULL;
    int rc = probe_credential(access->registry, server, repository, &access->credential, err);
    if (rc == ERR_INTERRUPTED)
        return rc;
    if (rc) {
        report_lack(access->report, "credentials", "credentials that can be read",
                    "mend or remove the file or helper that is named here", err_text(err));
        err_release(err);
    } else if (who_of(access)) {
        report_ok(access->report, "credentials", "%s, from %s", who_of(access),
                  access->credential.source);
    } else if (access->basic && !access->bearer && !access->open) {
        AUTO_FREE char *detail = mem_printf("none for %s, which asks for a login", server);
        report_lack(access->report, "credentials", "credentials", FIX_LOGIN, detail);
    } else {
        report_ok(access->report, "credentials", "none for %s%s", server,
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
    int rc = probe_login(access->registry, access->doctor->ref.registry, &answer, err);
    if (rc)
        return rc;
    if (!answer.rc && answer.status == 200) {
        report_ok(access->report, "login", "the registry takes it");
        return 0;
    }
    AUTO_FREE char *fix = login_fix(access);
    report_lack(access->report, "login", "a login", fix, answer.words);
    return 0;
}

/* Asks for a token for the scope, and reports a refusal. */
static int try_token(struct access *access, const char *scope, char **granted, struct err *err)
{
    const struct probe_token_request request = {.server = access->doctor->ref.registry,
                                                .challenge = access->bearer,
                                                .credential = &access->credential,
                                                .scope = scope};
    int rc = probe_token(access->registry, &request, granted, err);
    if (!rc || rc == ERR_INTERRUPTED)
        return rc;
    AUTO_FREE char *fix = login_fix(access);
    report_lack(access->report, "token", "a token",
                rc == ERR_DENIED ? fix : "look at the server that gives the tokens", err_text(err));
    err_release(err);
    return 0;
}

/* Tries the login without a scope first: when a scope is given and the login is wrong, Harbor gives
 * a token for anybody instead of a refusal. Each wrong try costs a second. */
static int check_token(struct access *access, struct err *err)
{
    const struct doctor *doctor = access->doctor;
    AUTO_FREE char *unused = NULL;
    AUTO_FREE char *granted = NULL;
    AUTO_FREE char *scope = doctor->repository
                                ? mem_printf("repository:%s:%s", doctor->ref.repository,
                                             doctor->push ? "pull,push" : "pull")
                                : mem_dup("");
    const char *who = who_of(access);
    if (!who && !*scope) {
        report_skipped(access->report, "token",
                       "skipped: needs credentials, or a repository, as in %s/NAME",
                       doctor->ref.registry);
        return 0;
    }
    int rc = who ? try_token(access, "", &unused, err) : 0;
    if (!rc && !access->report->lacking && *scope)
        rc = try_token(access, scope, &granted, err);
    if (rc || access->report->lacking)
        return rc;
    report_ok(access->report, "token", "as %s%s%s%s%s", who ? who : "anybody",
              *scope ? ", asked for " : "", scope, granted ? ", granted " : "",
              granted ? granted : "");
    return 0;
}

static int check_login(struct access *access, struct err *err)
{
    if (report_skips(access->report, access->bearer ? "token" : "login"))
        return 0;
    if (access->bearer)
        return check_token(access, err);
    if (access->basic && who_of(access))
        return check_basic(access, err);
    report_ok(access->report, "login",
              access->basic ? "none: what everybody may do is tried" : "none needed");
    return 0;
}

/* Reports that the check is skipped, if something is lacking or the user named no repository. */
static bool skips_of_repository(const struct access *access, const char *check)
{
    if (report_skips(access->report, check))
        return true;
    if (!access->doctor->repository)
        report_skipped(access->report, check, "skipped: needs a repository, as in %s/NAME",
                       access->doctor->ref.registry);
    return !access->doctor->repository;
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
    const struct ref *ref = &access->doctor->ref;
    if (skips_of_repository(access, "read"))
        return 0;
    int rc = probe_read(access->registry, ref, access->doctor->tagged, &answer, err);
    if (rc)
        return rc;
    if (!answer.rc && answer.status == 200) {
        report_ok(access->report, "read", "%s%s",
                  access->doctor->tagged ? "the manifest of " : "the tags of ",
                  access->doctor->tagged ? ref_manifest_key(ref) : ref->repository);
    } else if (answer.status == 404) {
        report_warning(
            access->report, "read", "check the repository and the tag; the first push makes them",
            "%s: the registry has nothing of this name: %s", ref->repository, answer.words);
    } else {
        AUTO_FREE char *fix = denied_fix(access);
        report_failed(access->report, "read",
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
    if (skips_of_repository(access, "push"))
        return 0;
    if (!access->doctor->push) {
        report_skipped(access->report, "push", "skipped: --no-push");
        return 0;
    }
    int rc = probe_push(access->registry, &access->doctor->ref, &answer, &cancel, err);
    if (rc)
        return rc;
    if (answer.rc || answer.status < 200 || answer.status > 299) {
        AUTO_FREE char *fix = denied_fix(access);
        /* A missing login is no fault: pulling a public image needs none. */
        bool anybody = answer.status == 401 && !who_of(access);
        const struct finding finding = {anybody ? REPORT_ABSENT : REPORT_FAILED, "push",
                                        is_denied(&answer) ? fix : push_fix(&answer)};
        report_add(access->report, finding, "%s", anybody ? "needs a login" : answer.words);
    } else if (cancel.rc || cancel.status < 200 || cancel.status > 299) {
        report_ok(access->report, "push",
                  "an upload was begun; it could not be cancelled (status %d), and the registry "
                  "drops it by itself",
                  cancel.status);
    } else {
        report_ok(access->report, "push", "an upload was begun, and cancelled");
    }
    return 0;
}

static void check_clock(struct report *report, const struct probe_answer *version)
{
    if (!version->date) {
        report_skipped(report, "clock", "skipped: needs %s",
                       version->status ? "a Date in the answer" : "an answer to /v2/");
        return;
    }
    long long ahead = (long long)time(NULL) - (long long)version->date;
    long long apart = ahead < 0 ? -ahead : ahead;
    if (apart > SKEW_MAX)
        report_warning(report, "clock",
                       "set the clock: certificates, and logins that carry the time, depend on it",
                       "this machine's is %lld seconds %s the registry's", apart,
                       ahead < 0 ? "behind" : "ahead of");
    else
        report_ok(report, "clock", "%lld seconds from the registry's", apart);
}

int doctor_access(const struct doctor *doctor, const struct probe_answer *version, struct err *err)
{
    struct access access AUTO(access_release) = {
        .report = doctor->report,
        .doctor = doctor,
        .registry = doctor->transfer->registry,
        .version = version,
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
        check_clock(doctor->report, version);
    return rc;
}
