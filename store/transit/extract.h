/* The wasm of a fetched image, out of the layer that has it. */
#ifndef WASME_STORE_TRANSIT_EXTRACT_H
#define WASME_STORE_TRANSIT_EXTRACT_H

#include "store/transit/fetched.h"

/*
 * Looks for the wasm in the layers that have come, from the one that the form names down. True: that
 * is settled, with the wasm in the item or a failure. False: a lower layer, now that of the form, has
 * to be fetched first.
 */
bool extract_wasm(const struct fetch_wish *wish, struct fetched *item);

#endif
