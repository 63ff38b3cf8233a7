/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * JSON from outside, bounded in size and depth before json-glib (whose parser recurses) sees it, and readers that tell
 * "absent" from "of another type". All errors are of ANX_BASE_ERROR. Any thread.
 */

JsonNode   *anx_json_parse (const char *text, gssize length, gsize max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *anx_json_parse_object (const char *text, gssize length, gsize max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char       *anx_json_object_to_text (JsonObject *object) G_GNUC_WARN_UNUSED_RESULT;
char       *anx_json_node_to_text (JsonNode *node) G_GNUC_WARN_UNUSED_RESULT;
JsonNode   *anx_json_node_from_object (JsonObject *object) G_GNUC_WARN_UNUSED_RESULT;

const char *anx_json_get_string (JsonObject *object, const char *member, const char *fallback);
gint64      anx_json_get_int (JsonObject *object, const char *member, gint64 fallback);
gboolean    anx_json_get_boolean (JsonObject *object, const char *member, gboolean fallback);
JsonObject *anx_json_get_object (JsonObject *object, const char *member);
JsonArray  *anx_json_get_array (JsonObject *object, const char *member);

const char *anx_json_need_string (JsonObject *object, const char *member, gsize max_bytes, GError **error);
gboolean    anx_json_need_int (JsonObject *object, const char *member, gint64 minimum, gint64 maximum, gint64 *out_value, GError **error);
JsonObject *anx_json_need_object (JsonObject *object, const char *member, GError **error);
JsonArray  *anx_json_need_array (JsonObject *object, const char *member, guint max_elements, GError **error);
JsonObject *anx_json_array_need_object (JsonArray *array, guint index, GError **error);
char      **anx_json_need_strings (JsonObject *object, const char *member, guint max_elements, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void        anx_json_set_strings (JsonObject *object, const char *member, const char *const *strings);

G_END_DECLS
