/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Every way in which the hub refuses, as RFC 9457 problems; one table, from which status, title and detail follow. Any thread. */
typedef struct
{
  const char *slug;
  int status;         /* of HTTP */
  const char *title;
  const char *detail; /* for people; translated when it is sent */
} AnxProblem;

const AnxProblem *anx_problem_find (const char *slug);
const AnxProblem *anx_problem_list (gsize *out_length);
JsonObject       *anx_problem_build (const AnxProblem *self, const char *detail) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
