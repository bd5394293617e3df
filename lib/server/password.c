#include "server/password.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

#include "base/lazy.h"
#include "base/mem.h"

#define CRYPT_SONAME "libcrypt.so.1"

DLOPEN_NOTE(crypt, "[{\"feature\":\"login\",\"description\":\"passwords of wasme serve\","
                   "\"priority\":\"recommended\",\"soname\":[\"" CRYPT_SONAME "\"]}]");

static __typeof__(crypt_r) *lib_crypt_r;

/* The hash of "wasme" at the lowest cost. */
static const char known[] = "$2y$04$abcdefghijklmnopqrstuu.8cfs5FSEmGFx9QzUCAS.5JEXDEGUPe";

int password_load(struct err *err)
{
    static const struct lazy_symbol symbols[] = {
        {"crypt_r", &lib_crypt_r},
    };
    static struct lazy_library library = {CRYPT_SONAME, symbols, COUNT(symbols), NULL};
    int rc = lazy_load(&library, err);
    if (rc)
        return err_wrap(err, "check passwords");
    if (!password_matches("wasme", known))
        return err_set(err, ERR_UNSUPPORTED,
                       "check passwords: %s of this system does not know bcrypt: install libxcrypt",
                       CRYPT_SONAME);
    return 0;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool is_bcrypt(const char *hash)
{
    return begins(hash, "$2y$") || begins(hash, "$2b$") || begins(hash, "$2a$");
}

/* What the hash is, for those that htpasswd and other programs make; crypt(5) and the manual of
 * Apache, "Password Formats". */
static const char *name_other(const char *hash)
{
    if (begins(hash, "$apr1$"))
        return "a hash of Apache's MD5";
    if (begins(hash, "{SHA}") || begins(hash, "{SSHA}"))
        return "a plain SHA-1";
    if (begins(hash, "$1$"))
        return "a hash of MD5";
    if (begins(hash, "$argon2"))
        return "a hash of argon2";
    return "no hash that can be checked safely";
}

static const char letters[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static int check_bcrypt(const char *hash, struct err *err)
{
    enum { LENGTH = 60, COST_MIN = 4 };
    size_t len = strlen(hash);
    long cost = len == LENGTH ? strtol(hash + 4, NULL, 10) : 0;
    if (cost < COST_MIN || hash[6] != '$' || strspn(hash + 7, letters) != len - 7)
        return err_set(err, ERR_UNSUPPORTED, "the hash of bcrypt is damaged");
    if (cost > PASSWORD_COST_MAX)
        return err_set(err, ERR_UNSUPPORTED,
                       "a bcrypt of cost %.2s would take minutes for each login: the most is %d",
                       hash + 4, PASSWORD_COST_MAX);
    return 0;
}

/* crypt(5): a method, perhaps parameters, a salt, and the letters of the hash itself. */
static int check_other(const char *hash, struct err *err)
{
    static const struct {
        const char *method;
        size_t letters;
    } methods[] = {{"$5$", 43}, {"$6$", 86}, {"$y$", 43}};
    for (size_t i = 0; i < COUNT(methods); i++) {
        if (!begins(hash, methods[i].method))
            continue;
        const char *last = strrchr(hash, '$') + 1;
        size_t len = strlen(last);
        if (len == methods[i].letters && strspn(last, letters) == len)
            return 0;
        return err_set(err, ERR_UNSUPPORTED, "the hash of %s is damaged", methods[i].method);
    }
    return err_set(err, ERR_UNSUPPORTED, "%s: set the password again with `htpasswd -B`",
                   name_other(hash));
}

int password_check_hash(const char *hash, struct err *err)
{
    if (strlen(hash) > PASSWORD_HASH_MAX)
        return err_set(err, ERR_UNSUPPORTED, "the hash has more than %d bytes", PASSWORD_HASH_MAX);
    return is_bcrypt(hash) ? check_bcrypt(hash, err) : check_other(hash, err);
}

/* Compares without telling by its time where the texts differ. */
static bool same_text(const char *a, const char *b)
{
    return strlen(a) == strlen(b) && mem_same_secret(a, b, strlen(a));
}

bool password_matches(const char *password, const char *hash)
{
    struct crypt_data *data = mem_zero(1, sizeof(*data)); /* 32 kB */
    const char *made = lib_crypt_r(password, hash, data);
    bool matches = made && *made != '*' && same_text(made, hash);
    explicit_bzero(data, sizeof(*data));
    free(data);
    return matches;
}
