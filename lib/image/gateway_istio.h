/* The rules of Istio, Envoy Gateway and Higress for the forms of images. */
#ifndef WASME_IMAGE_GATEWAY_ISTIO_H
#define WASME_IMAGE_GATEWAY_ISTIO_H

#include "image/gateway.h"

/* The verdict of one of the three; as gateway_check(). */
int gateway_istio_check(enum gateway gateway, const struct gateway_image *image,
                        struct gateway_verdict *out, struct err *err);
/* The next step for an image that a conversion helps: to convert it to the form. */
void gateway_advise(const struct gateway_image *image, const char *form,
                    struct gateway_verdict *out);

#endif
