/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "json.h"

#include <stdio.h>
#include <string.h>

#include "base-error.h"
#include "bounds.h"

/*
 * What the parser may see. Nesting is counted before it starts, because it recurses: hostile input must not exhaust the stack. json-glib also
 * takes comments, assignments and text in single quotes, in which a bracket would not be counted, and leaks all but one of several values:
 * what is no JSON outside of strings, and a second value, go no further.
 */
static gboolean
check_shape (const char *text,
             gsize length,
             GError **error)
{
  guint depth = 0, values = 0;
  gboolean in_string = FALSE, in_word = FALSE, sound = TRUE;
  for (gsize i = 0; i < length && sound; i++)
    {
      char c = text[i];
      if (in_string)
        {
          if (c == '\\')
            i++;
          in_string = c != '"';
          continue;
        }
      gboolean opens = c == '{' || c == '[', word = g_ascii_isalnum (c) || c == '+' || c == '-' || c == '.';
      if (depth == 0 && (opens || c == '"' || (word && !in_word)))
        values++;
      in_string = c == '"';
      in_word = word;
      if (opens)
        depth++;
      else if ((c == '}' || c == ']') && depth > 0)
        depth--;
      sound = values <= 1 && (word || strchr ("{}[]\",: \t\r\n", c) != NULL);
      if (depth > ANX_BOUND_JSON_DEPTH)
        {
          g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_TOO_LARGE, "The JSON is nested deeper than %d levels", ANX_BOUND_JSON_DEPTH);
          return FALSE;
        }
    }
  if (!sound)
    g_set_error_literal (error, ANX_BASE_ERROR, ANX_BASE_ERROR_INVALID, "The text is not one JSON value");
  return sound;
}

/**
 * anx_json_parse:
 * @text: JSON in UTF-8
 * @length: its bytes, or -1 when it ends with a zero byte
 * @max_bytes: the bound of this kind of input, from bounds.h
 * @error: return location, %ANX_BASE_ERROR_INVALID or %ANX_BASE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): the parsed tree
 */
JsonNode *
anx_json_parse (const char *text,
                gssize length,
                gsize max_bytes,
                GError **error)
{
  g_return_val_if_fail (text != NULL || length == 0, NULL);
  gsize bytes = length < 0 ? strlen (text) : (gsize) length;

  if (bytes > max_bytes)
    {
      g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_TOO_LARGE, "The JSON is longer than %" G_GSIZE_FORMAT " bytes", max_bytes);
      return NULL;
    }
  if (bytes == 0 || !g_utf8_validate_len (text, bytes, NULL))
    {
      g_set_error_literal (error, ANX_BASE_ERROR, ANX_BASE_ERROR_INVALID, "The JSON is empty or not UTF-8");
      return NULL;
    }
  if (!check_shape (text, bytes, error))
    return NULL;

  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) inner = NULL;
  if (!json_parser_load_from_data (parser, text, (gssize) bytes, &inner) || json_parser_get_root (parser) == NULL)
    {
      /* json-glib quotes the input in its message; only the place may be repeated, the content can be personal. */
      unsigned line = 1;
      if (inner != NULL)
        sscanf (inner->message, "%*[^:]:%u", &line);
      g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_INVALID, "The JSON has an error in line %u", line);
      return NULL;
    }
  return json_node_copy (json_parser_get_root (parser));
}

/**
 * anx_json_parse_object:
 * @text: JSON in UTF-8
 * @length: its bytes, or -1 when it ends with a zero byte
 * @max_bytes: the bound of this kind of input
 * @error: return location, as anx_json_parse()
 *
 * Returns: (transfer full) (nullable): the object at the root
 */
JsonObject *
anx_json_parse_object (const char *text,
                       gssize length,
                       gsize max_bytes,
                       GError **error)
{
  g_autoptr (JsonNode) node = anx_json_parse (text, length, max_bytes, error);
  if (node == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error_literal (error, ANX_BASE_ERROR, ANX_BASE_ERROR_INVALID, "The JSON is not an object");
      return NULL;
    }
  return json_node_dup_object (node);
}

/**
 * anx_json_node_to_text:
 * @node: a tree
 *
 * Returns: (transfer full): the JSON on one line
 */
char *
anx_json_node_to_text (JsonNode *node)
{
  g_return_val_if_fail (node != NULL, NULL);
  return json_to_string (node, FALSE);
}

/**
 * anx_json_object_to_text:
 * @object: an object
 *
 * Returns: (transfer full): the JSON on one line
 */
char *
anx_json_object_to_text (JsonObject *object)
{
  g_autoptr (JsonNode) node = anx_json_node_from_object (object);
  return anx_json_node_to_text (node);
}

/**
 * anx_json_node_from_object:
 * @object: (transfer none): an object
 *
 * Returns: (transfer full): a node that holds a reference to @object
 */
JsonNode *
anx_json_node_from_object (JsonObject *object)
{
  g_return_val_if_fail (object != NULL, NULL);
  JsonNode *node = json_node_alloc ();
  json_node_init_object (node, object);
  return node;
}

static JsonNode *
member_of_type (JsonObject *object,
                const char *member,
                JsonNodeType type)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, member) : NULL;
  return node != NULL && JSON_NODE_TYPE (node) == type ? node : NULL;
}

/**
 * anx_json_get_string:
 * @object: (nullable): an object
 * @member: the member's name
 * @fallback: (nullable): what to give when it is absent or not a string
 *
 * Returns: (transfer none) (nullable): the string, owned by @object
 */
const char *
anx_json_get_string (JsonObject *object,
                     const char *member,
                     const char *fallback)
{
  JsonNode *node = member_of_type (object, member, JSON_NODE_VALUE);
  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : fallback;
}

/**
 * anx_json_get_int:
 * @object: (nullable): an object
 * @member: the member's name
 * @fallback: what to give when it is absent or not an integer
 *
 * Returns: the number
 */
gint64
anx_json_get_int (JsonObject *object,
                  const char *member,
                  gint64 fallback)
{
  JsonNode *node = member_of_type (object, member, JSON_NODE_VALUE);
  return node != NULL && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : fallback;
}

/**
 * anx_json_get_boolean:
 * @object: (nullable): an object
 * @member: the member's name
 * @fallback: what to give when it is absent or not a boolean
 *
 * Returns: the value
 */
gboolean
anx_json_get_boolean (JsonObject *object,
                      const char *member,
                      gboolean fallback)
{
  JsonNode *node = member_of_type (object, member, JSON_NODE_VALUE);
  return node != NULL && json_node_get_value_type (node) == G_TYPE_BOOLEAN ? json_node_get_boolean (node) : fallback;
}

/**
 * anx_json_get_object:
 * @object: (nullable): an object
 * @member: the member's name
 *
 * Returns: (transfer none) (nullable): the member when it is an object
 */
JsonObject *
anx_json_get_object (JsonObject *object,
                     const char *member)
{
  JsonNode *node = member_of_type (object, member, JSON_NODE_OBJECT);
  return node != NULL ? json_node_get_object (node) : NULL;
}

/**
 * anx_json_get_array:
 * @object: (nullable): an object
 * @member: the member's name
 *
 * Returns: (transfer none) (nullable): the member when it is an array
 */
JsonArray *
anx_json_get_array (JsonObject *object,
                    const char *member)
{
  JsonNode *node = member_of_type (object, member, JSON_NODE_ARRAY);
  return node != NULL ? json_node_get_array (node) : NULL;
}

/**
 * anx_json_need_string:
 * @object: an object
 * @member: the member's name
 * @max_bytes: the longest it may be
 * @error: return location, %ANX_BASE_ERROR_INVALID or %ANX_BASE_ERROR_TOO_LARGE, naming @member
 *
 * Returns: (transfer none) (nullable): the string, not empty, owned by @object
 */
const char *
anx_json_need_string (JsonObject *object,
                      const char *member,
                      gsize max_bytes,
                      GError **error)
{
  const char *text = anx_json_get_string (object, member, NULL);
  if (text == NULL || *text == '\0')
    {
      g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_INVALID, "“%s” must be a text", member);
      return NULL;
    }
  if (strlen (text) > max_bytes)
    {
      g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_TOO_LARGE, "“%s” is longer than %" G_GSIZE_FORMAT " bytes", member, max_bytes);
      return NULL;
    }
  return text;
}

/**
 * anx_json_need_int:
 * @object: an object
 * @member: the member's name
 * @minimum: the least it may be
 * @maximum: the most it may be
 * @out_value: (out): where to put it
 * @error: return location, %ANX_BASE_ERROR_INVALID, naming @member
 *
 * Returns: whether it was an integer in range
 */
gboolean
anx_json_need_int (JsonObject *object,
                   const char *member,
                   gint64 minimum,
                   gint64 maximum,
                   gint64 *out_value,
                   GError **error)
{
  JsonNode *node = member_of_type (object, member, JSON_NODE_VALUE);
  if (node == NULL || json_node_get_value_type (node) != G_TYPE_INT64 || json_node_get_int (node) < minimum ||
      json_node_get_int (node) > maximum)
    {
      g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_INVALID,
                   "“%s” must be a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, member, minimum, maximum);
      return FALSE;
    }
  *out_value = json_node_get_int (node);
  return TRUE;
}

/**
 * anx_json_need_object:
 * @object: an object
 * @member: the member's name
 * @error: return location, %ANX_BASE_ERROR_INVALID, naming @member
 *
 * Returns: (transfer none) (nullable): the member
 */
JsonObject *
anx_json_need_object (JsonObject *object,
                      const char *member,
                      GError **error)
{
  JsonObject *found = anx_json_get_object (object, member);
  if (found == NULL)
    g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_INVALID, "“%s” must be an object", member);
  return found;
}

/**
 * anx_json_need_array:
 * @object: an object
 * @member: the member's name
 * @max_elements: the most it may hold
 * @error: return location, %ANX_BASE_ERROR_INVALID or %ANX_BASE_ERROR_TOO_LARGE, naming @member
 *
 * Returns: (transfer none) (nullable): the member
 */
JsonArray *
anx_json_need_array (JsonObject *object,
                     const char *member,
                     guint max_elements,
                     GError **error)
{
  JsonArray *found = anx_json_get_array (object, member);
  if (found == NULL)
    {
      g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_INVALID, "“%s” must be an array", member);
      return NULL;
    }
  if (json_array_get_length (found) > max_elements)
    {
      g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_TOO_LARGE, "“%s” holds more than %u elements", member, max_elements);
      return NULL;
    }
  return found;
}

/**
 * anx_json_array_need_object:
 * @array: an array
 * @index: a place within it
 * @error: return location, %ANX_BASE_ERROR_INVALID
 *
 * Returns: (transfer none) (nullable): the object there
 */
JsonObject *
anx_json_array_need_object (JsonArray *array,
                            guint index,
                            GError **error)
{
  JsonNode *node = index < json_array_get_length (array) ? json_array_get_element (array, index) : NULL;
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);
  g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_INVALID, "Element %u must be an object", index);
  return NULL;
}

/**
 * anx_json_need_strings:
 * @object: an object
 * @member: the member's name
 * @max_elements: the most it may hold
 * @error: return location, %ANX_BASE_ERROR_INVALID or %ANX_BASE_ERROR_TOO_LARGE, naming @member
 *
 * Returns: (transfer full) (nullable): the strings of an array of strings
 */
char **
anx_json_need_strings (JsonObject *object,
                       const char *member,
                       guint max_elements,
                       GError **error)
{
  JsonArray *array = anx_json_need_array (object, member, max_elements, error);
  if (array == NULL)
    return NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
        {
          g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_INVALID, "“%s” must hold texts only", member);
          return NULL;
        }
      g_strv_builder_add (builder, json_node_get_string (node));
    }
  return g_strv_builder_end (builder);
}

/**
 * anx_json_set_strings:
 * @object: an object
 * @member: the member's name
 * @strings: (array zero-terminated=1): what it shall hold
 *
 * Writes an array of strings.
 */
void
anx_json_set_strings (JsonObject *object,
                      const char *member,
                      const char *const *strings)
{
  JsonArray *array = json_array_new ();
  for (gsize i = 0; strings != NULL && strings[i] != NULL; i++)
    json_array_add_string_element (array, strings[i]);
  json_object_set_array_member (object, member, array);
}
