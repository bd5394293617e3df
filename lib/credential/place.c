#include "credential/place.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/mem.h"

int credential_place_read(const struct credential_place *place, struct buf *out, struct err *err)
{
    if (!place->text && place->optional)
        return file_read(AT_FDCWD, place->name, NULL, out, err);
    if (!place->text)
        return file_read_named(place->name, out, err);
    buf_add_text(out, place->text);
    return buf_overflowed(out) ? err_set(err, ERR_DAMAGED, "more than %zu bytes", out->max) : 0;
}

int credential_place_entry(const struct credential_place *place,
                           const struct credential_target *target, struct credential_entry *out,
                           struct err *err)
{
    struct buf text AUTO(buf_wipe) = BUF_INIT(CREDENTIALS_FILE_MAX);
    int rc = credential_place_read(place, &text, err);
    return rc ? rc : credential_config_read(buf_text(&text), text.len, target, out, err);
}
