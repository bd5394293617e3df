/* The functions of libyaml that are used, loaded when first needed: for base/yaml.c and
 * base/yaml_read.c alone. */
#ifndef WASME_BASE_LIBYAML_H
#define WASME_BASE_LIBYAML_H

#include <yaml.h>

#include "base/err.h"

/* yaml_NAME is called as lib_NAME. */
/* clang-format off */
#define LIBYAML_FUNCTIONS(X) \
    X(emitter_initialize) X(emitter_delete) X(emitter_set_output) X(emitter_set_width) \
    X(emitter_set_unicode) X(emitter_emit) X(stream_start_event_initialize) \
    X(stream_end_event_initialize) X(document_start_event_initialize) \
    X(document_end_event_initialize) X(scalar_event_initialize) \
    X(sequence_start_event_initialize) X(sequence_end_event_initialize) \
    X(mapping_start_event_initialize) X(mapping_end_event_initialize) X(parser_initialize) \
    X(parser_delete) X(parser_set_input_string) X(parser_parse) X(event_delete)
/* clang-format on */

#define LIBYAML_DECLARE(name) extern __typeof__(yaml_##name) *lib_##name;
LIBYAML_FUNCTIONS(LIBYAML_DECLARE)

int libyaml_load(struct err *err);

#endif
