/* The scopes of tokens (distribution specification, "Token Scope Documentation"). */
#ifndef WASME_REGISTRY_SCOPE_H
#define WASME_REGISTRY_SCOPE_H

#include <stdbool.h>

/* Does `scope` ("repository:a/b:pull,push", or several of them separated by spaces) grant all
 * access of the single scope `other`? */
bool scope_covers(const char *scope, const char *other);
/* The same for each scope in a list; false for an empty list. */
bool scope_covers_all(const char *scope, const char *others);
/* Does a scope in the list grant all access of the single scope `scope`, and more? */
bool scope_is_outdone(const char *scope, const char *list);

#endif
