#include "image/gateway_path.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/gateway_json.h"
#include "image/media_type.h"
#include "image/ref.h"

#define MEDIA_DOCKER_OLD "application/vnd.docker.distribution.manifest.v1+json"
#define MEDIA_DOCKER_OLD_SIGNED "application/vnd.docker.distribution.manifest.v1+prettyjws"

void gateway_fault_release(struct gateway_fault *fault)
{
    free(fault->because);
    free(fault->next);
    *fault = (struct gateway_fault){.because = NULL};
}

/* The walk along the steps. */
struct walk {
    const struct gateway_image *image;
    size_t at;        /* the step that is looked at */
    const char *type; /* of that step, as the gateways see it; NULL: as the text says */
    char *own_type;   /* the same, when the walk owns it */
    struct gateway_fault fault;
};

static void walk_release(struct walk *walk)
{
    free(walk->own_type);
    gateway_fault_release(&walk->fault);
}

static int refuse(struct walk *walk, char *because, char *next)
{
    walk->fault = (struct gateway_fault){.because = because, .next = next};
    return 0;
}

static char *name_manifest(const struct walk *walk)
{
    return walk->image->manifest
               ? mem_printf("name the image by its digest, %s", walk->image->digest->text)
               : mem_dup("push the image itself: wasme pull --platform, then wasme push");
}

static bool is_index_type(const char *type)
{
    return strcmp(type, MEDIA_OCI_INDEX) == 0 || strcmp(type, MEDIA_DOCKER_LIST) == 0;
}

bool gateway_choose(const struct image_index *index, size_t *child)
{
    for (size_t i = 0; i < index->count; i++) {
        const struct index_child *at = &index->children[i];
        if (!at->has_platform ||
            (mem_same_text(at->platform.os, PLATFORM_OS) &&
             mem_same_text(at->platform.architecture, PLATFORM_ARCHITECTURE))) {
            *child = i;
            return true;
        }
    }
    return false;
}

/* Which images the index has: "wasip1/wasm, no platform". */
static char *list_children(const struct image_index *index)
{
    enum { LISTED_MAX = 8 };
    AUTO(buf_release) struct buf list = BUF_INIT(4096);
    for (size_t i = 0; i < index->count && i < LISTED_MAX; i++) {
        const struct index_child *at = &index->children[i];
        buf_printf(&list, "%s%.64s/%.64s", i ? ", " : "", at->platform.os ? at->platform.os : "",
                   at->platform.architecture ? at->platform.architecture : "");
    }
    if (index->count > LISTED_MAX)
        buf_printf(&list, " and %zu more", index->count - LISTED_MAX);
    return index->count ? buf_steal(&list) : mem_dup("no image");
}

/* The bytes that stand in the index in place of the child. */
static int judge_data(struct walk *walk, size_t child, struct err *err)
{
    const struct gateway_step *step = &walk->image->steps[walk->at];
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    AUTO(buf_release) struct buf data = BUF_INIT(MANIFEST_MAX);
    int rc = json_doc_parse(step->text, step->len, &doc, err);
    if (rc)
        return rc;
    if (gateway_json_data(json_arr_at(json_member(doc, "manifests"), child), &data) == DATA_WRONG)
        return refuse(walk,
                      mem_printf("the index %s carries a copy of the image in its member \"data\", "
                                 "and that copy does not match its digest or its size",
                                 step->digest->text),
                      mem_dup("push the index again, without \"data\""));
    return 0;
}

/* The step from an index to the child that gateways choose. */
static int follow(struct walk *walk, struct err *err)
{
    const struct gateway_step *step = &walk->image->steps[walk->at];
    AUTO(index_release) struct image_index index = {0};
    size_t child = 0;
    int rc = index_parse(step->text, step->len, &index, err);
    if (rc)
        return err_wrap(err, "index %s", step->digest->text);
    if (!gateway_choose(&index, &child)) {
        AUTO_FREE char *list = list_children(&index);
        return refuse(
            walk,
            mem_printf("the reference names an index without an image for " PLATFORM_DEFAULT
                       ", the only one that is looked for (there is %s; the gateway says: "
                       "no child with platform)",
                       list),
            name_manifest(walk));
    }
    const struct descriptor *chosen = &index.children[child].descriptor;
    bool is_last = walk->at + 1 == walk->image->step_count;
    if (is_last || !digest_equal(&chosen->digest, walk->image->steps[walk->at + 1].digest))
        return refuse(
            walk,
            mem_printf("the reference names an index, of which another image is taken: %s",
                       chosen->digest.text),
            name_manifest(walk));
    free(walk->own_type);
    walk->type = walk->own_type = mem_dup(chosen->media_type);
    return judge_data(walk, child, err);
}

/* A text that is not what its type says. */
static int refuse_type(struct walk *walk, bool is_index)
{
    const char *sent = walk->at ? "the index says that its image is" : "the registry sends it as";
    return refuse(walk,
                  mem_printf("%s %s, %s it is %s: gateways believe the type, and find no image",
                             sent, *walk->type ? walk->type : "of no type",
                             walk->at ? "and" : "while", is_index ? "an index" : "an image"),
                  name_manifest(walk));
}

static int take_step(struct walk *walk, struct err *err)
{
    const struct gateway_step *step = &walk->image->steps[walk->at];
    bool is_index = index_is_one(step->text, step->len);
    const char *type = walk->type;
    AUTO_FREE char *fault = NULL;
    if (type && (strcmp(type, MEDIA_DOCKER_OLD) == 0 || strcmp(type, MEDIA_DOCKER_OLD_SIGNED) == 0))
        return refuse(walk,
                      mem_printf("the registry sends it as %s, a type that gateways refuse "
                                 "(they say: unsupported MediaType)",
                                 type),
                      mem_dup("push the image again, with a newer tool or to a newer registry"));
    if (type && is_index_type(type) != is_index)
        return refuse_type(walk, is_index);
    int rc = gateway_json_fault(step->text, step->len, is_index, &fault, err);
    if (rc)
        return err_wrap(err, "%s %s", is_index ? "index" : "manifest", step->digest->text);
    if (fault) {
        refuse(walk,
               mem_printf("gateways cannot decode the %s %s: %s", is_index ? "index" : "manifest",
                          step->digest->text, fault),
               is_index ? name_manifest(walk) : mem_dup("build the filter again, and push it"));
        walk->fault.rewrite = !is_index;
        return 0;
    }
    return is_index ? follow(walk, err) : 0;
}

/* A digest behind "@" is compared with the digest of the manifest, also where it is an index's. */
static int judge_pinned(struct walk *walk)
{
    const struct gateway_image *image = walk->image;
    AUTO(ref_release) struct ref ref = {0};
    bool pinned = ref_parse(image->ref, NULL, &ref, ERR_IGNORED) == 0 && ref.digest.text[0];
    if (!pinned || digest_equal(&ref.digest, image->digest))
        return 0;
    return refuse(
        walk,
        mem_printf("the digest in the reference is that of an index, and gateways compare "
                   "it with the digest of the image in it (they say: module downloaded "
                   "has checksum %s, which does not match: %s)",
                   digest_hex(image->digest), digest_hex(&ref.digest)),
        name_manifest(walk));
}

int gateway_path_judge(const struct gateway_image *image, struct gateway_fault *out,
                       struct err *err)
{
    AUTO(walk_release) struct walk walk = {.image = image};
    if (image->step_count)
        walk.type = image->steps[0].type;
    int rc = 0;
    for (; !rc && !walk.fault.because && walk.at < image->step_count; walk.at++)
        rc = take_step(&walk, err);
    if (!rc && !walk.fault.because && image->step_count > 1)
        rc = judge_pinned(&walk);
    if (rc)
        return rc;
    *out = walk.fault;
    walk.fault = (struct gateway_fault){.because = NULL};
    return 0;
}
