/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "request-list.h"

#include <string.h>

#include "care-records.h"
#include "id.h"

/* A path with its query; the longest of ours has about 200 characters. */
#define MAX_PATH_BYTES 512

/* "*" stands for one UUID. A query is allowed where the hub defines one. */
static const struct
{
  const char *method;
  const char *path;
  gboolean query;
} list[] = {
  { "GET", "/v1/slots", TRUE },
  { "GET", "/v1/plans", FALSE },
  { "GET", "/v1/ice", FALSE },
  { "PUT", "/v1/bookings/*", FALSE },
  { "POST", "/v1/bookings/*/status", FALSE },
  { "POST", "/v1/bookings/*/move", FALSE },
  { "PUT", "/v1/holds/*", FALSE },
  { "POST", "/v1/holds/*/release", FALSE },
  { "PUT", "/v1/waiting/*", FALSE },
  { "PUT", "/v1/tickets/*", FALSE },
  { "GET", "/v1/queue", TRUE },
  { "GET", "/v1/bookings/*/assignment", FALSE },
  { "PUT", "/v1/bookings/*/assignment", FALSE },
  { "POST", "/v1/counts", FALSE },
  { "POST", "/v1/check-ins", FALSE },
  { "POST", "/v1/lookups", FALSE },
};

/* Compares segment by segment, so that no spelling of a path means another at the hub than here. */
static gboolean
path_matches (const char *pattern, const char *path)
{
  g_auto (GStrv) wanted = g_strsplit (pattern, "/", -1), given = g_strsplit (path, "/", -1);

  if (g_strv_length (wanted) != g_strv_length (given))
    return FALSE;
  for (guint i = 0; wanted[i] != NULL; i++)
    if (g_str_equal (wanted[i], "*") ? !anx_uuid_is_valid (given[i]) : !g_str_equal (wanted[i], given[i]))
      return FALSE;
  return TRUE;
}

/**
 * anx_request_list_allows:
 * @method: HTTP method
 * @path: path with its query
 *
 * The resident process handles what strangers type, and the shell asks with the kiosk's identity: only what a visit
 * needs passes (src/hub/README.md has the whole API).
 *
 * Returns: whether the shell may pass the request on
 */
gboolean
anx_request_list_allows (const char *method, const char *path)
{
  const char *query;
  g_autofree char *plain = NULL;

  if (strlen (path) > MAX_PATH_BYTES
      || strspn (path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/?&=:._+-%") != strlen (path))
    return FALSE;
  query = strchr (path, '?');
  plain = query != NULL ? g_strndup (path, (gsize) (query - path)) : g_strdup (path);
  for (guint i = 0; i < G_N_ELEMENTS (list); i++)
    if (g_str_equal (list[i].method, method) && path_matches (list[i].path, plain))
      return query == NULL || (list[i].query && strchr (query + 1, '?') == NULL && strchr (query, '/') == NULL);
  return FALSE;
}

/**
 * anx_request_list_allows_kind:
 * @kind: a record kind
 *
 * Returns: whether a kiosk is the author of such records (src/README.md, "Kinds of records")
 */
gboolean
anx_request_list_allows_kind (const char *kind)
{
  const char *const kinds[] = { ANX_KIND_CONTACT, ANX_KIND_SCREENING, ANX_KIND_ALERT, ANX_KIND_RATING, NULL };
  return g_strv_contains (kinds, kind);
}
