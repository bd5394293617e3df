/* The claims in the tokens of a registry. */
#include "unit.h"

#include "registry/claims.h"

static void assert_access(const char *token, const char *expected)
{
    struct claims claims AUTO(claims_release) = {0};
    assert_int_equal(claims_read(token, &claims), expected != NULL);
    if (expected)
        assert_string_equal(claims.access, expected);
}

/* The middle parts are base64url of the JSON beside them, without padding. */
static void token_access(void **state)
{
    (void)state;
    /* {"access":[{"type":"repository","name":"a/b","actions":["pull","push"]}]} */
    assert_access("x.eyJhY2Nlc3MiOlt7InR5cGUiOiJyZXBvc2l0b3J5IiwibmFtZSI6ImEvYiIsImFjdGlvbnMiOls"
                  "icHVsbCIsInB1c2giXX1dfQ.y",
                  "repository:a/b:pull,push");
    /* {"access":[{"type":"repository","name":"a/b","actions":[]}]} */
    assert_access("x.eyJhY2Nlc3MiOlt7InR5cGUiOiJyZXBvc2l0b3J5IiwibmFtZSI6ImEvYiIsImFjdGlvbnMiOlt"
                  "dfV19.y",
                  "nothing");
    /* {"access":[]} */
    assert_access("x.eyJhY2Nlc3MiOltdfQ.y", "nothing");
    /* {"access":[{"type":"r","name":"~~???","actions":["pull"]}]}: has - and _ in base64url */
    assert_access(
        "x.eyJhY2Nlc3MiOlt7InR5cGUiOiJyIiwibmFtZSI6In5-Pz8_IiwiYWN0aW9ucyI6WyJwdWxsIl19XX0.y",
        "r:~~???:pull");
}

static void token_of_no_such_kind(void **state)
{
    (void)state;
    assert_access("opaque", NULL);
    assert_access("a.b", NULL);
    assert_access("a.!!!.c", NULL);
    assert_access("a..c", NULL);
    assert_access("a.bm90IGpzb24.c", NULL); /* not json */
    assert_access("a.e30.c", NULL);         /* {} */
    assert_access("a.W10.c", NULL);         /* [] */
}

static void assert_anonymous(const char *token, bool expected)
{
    struct claims claims AUTO(claims_release) = {0};
    assert_true(claims_read(token, &claims));
    assert_int_equal(claims.anonymous, expected);
}

static void token_of_nobody(void **state)
{
    (void)state;
    /* {"sub":"","access":[]} */
    assert_anonymous("x.eyJzdWIiOiIiLCJhY2Nlc3MiOltdfQ.y", true);
    /* {"sub":"me","access":[]} */
    assert_anonymous("x.eyJzdWIiOiJtZSIsImFjY2VzcyI6W119.y", false);
    /* {"access":[]}: some leave the subject out for everybody */
    assert_anonymous("x.eyJhY2Nlc3MiOltdfQ.y", false);
    /* {"iss":"harbor-token-issuer","access":[]} */
    assert_anonymous("x.eyJpc3MiOiJoYXJib3ItdG9rZW4taXNzdWVyIiwiYWNjZXNzIjpbXX0.y", true);
    /* {"iss":"harbor-token-issuer","sub":"robot$a+b","access":[]} */
    assert_anonymous("x.eyJpc3MiOiJoYXJib3ItdG9rZW4taXNzdWVyIiwic3ViIjoicm9ib3QkYStiIiwiYWNjZXNzI"
                     "jpbXX0.y",
                     false);
    /* {"iss":"harbor-token-issuer","sub":7,"access":[]} */
    assert_anonymous("x.eyJpc3MiOiJoYXJib3ItdG9rZW4taXNzdWVyIiwic3ViIjo3LCJhY2Nlc3MiOltdfQ.y",
                     false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token_access),
        cmocka_unit_test(token_of_no_such_kind),
        cmocka_unit_test(token_of_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
