/* The wasm of a fetched image, out of the layer that has it. */
#ifndef WASME_STORE_TRANSIT_EXTRACT_H
#define WASME_STORE_TRANSIT_EXTRACT_H

#include "store/transit/fetched.h"

/*
 * Looks for the wasm in the layers that have come, from the layer of the form downwards. True: the
 * item has the wasm, or has failed. False: a lower layer has to be fetched first, which is now the
 * layer of the form.
 */
bool extract_wasm(const struct fetch_wish *wish, struct fetched *item);

#endif
