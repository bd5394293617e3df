#include "image/layout.h"

#include <string.h>

#include "base/json_write.h"
#include "image/annotation.h"
#include "image/media_type.h"

static void write_image(const struct layout_image *image, struct buf *out)
{
    json_begin_object(out);
    json_put_pair(out, "mediaType", image->media_type);
    json_put_pair(out, "digest", image->digest.text);
    json_key(out, "size");
    json_put_int(out, image->size);
    json_key(out, "annotations");
    json_begin_object(out);
    json_put_pair_if(out, ANNOTATION_IMAGE_NAME, image->name);
    json_put_pair_if(out, ANNOTATION_REF_NAME, image->tag);
    json_end_object(out);
    json_end_object(out);
}

void layout_write_index(const struct layout_image *images, size_t count, struct buf *out)
{
    json_begin_object(out);
    json_key(out, "schemaVersion");
    json_put_int(out, 2);
    json_put_pair(out, "mediaType", MEDIA_OCI_INDEX);
    json_key(out, "manifests");
    json_begin_array(out);
    for (size_t i = 0; i < count; i++)
        write_image(&images[i], out);
    json_end_array(out);
    json_end_object(out);
}

const char *layout_name(const struct index_child *child)
{
    if (child->image_name)
        return child->image_name;
    /* A tag alone has neither; podman and skopeo may write the whole reference here. */
    return child->ref_name && strpbrk(child->ref_name, "/:") ? child->ref_name : NULL;
}
