/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "request.h"

G_BEGIN_DECLS

/**
 * AnxWho:
 * @ANX_WHO_ANYONE: without a certificate too
 * @ANX_WHO_CERTIFIED: a certificate of the authority, in the directory or not; the handler decides further
 * @ANX_WHO_SENDER: active in the directory with that certificate, also one with the role "intake"
 * @ANX_WHO_PRINCIPAL: the same, but that role: it may hand in cases and nothing else
 * @ANX_WHO_ADMINISTRATOR: a principal with that role
 *
 * Who may call a route.
 */
typedef enum
{
  ANX_WHO_ANYONE,
  ANX_WHO_CERTIFIED,
  ANX_WHO_SENDER,
  ANX_WHO_PRINCIPAL,
  ANX_WHO_ADMINISTRATOR,
} AnxWho;

struct _AnxRoute
{
  const char *method;
  const char *pattern;   /* at most one part in braces */
  AnxWho who;
  gsize max_body_bytes;  /* 0 = must have none */
  void (*handle) (AnxRequest *request);
};

const AnxRoute *anx_router_list (gsize *out_length);
const AnxRoute *anx_router_find (const char *method, const char *path, char **out_parameter, gboolean *out_path_known);

G_END_DECLS
