/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "care-testing.h"

#include <string.h>

#include "bounds.h"
#include "files.h"
#include "json.h"

JsonObject *
testing_json (const char *text)
{
  g_autofree char *quoted = g_strdelimit (g_strdup (text), "'", '"');
  g_autoptr (GError) error = NULL;
  JsonObject *object = anx_json_parse_object (quoted, -1, 1 << 20, &error);
  g_assert_no_error (error);
  return object;
}

JsonObject *
testing_load (const char *path)
{
  g_autofree char *full = g_build_filename (g_getenv ("ANX_TOP_SOURCE"), path, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = anx_file_read (full, ANX_BOUND_QUESTIONNAIRE_BYTES, &error);
  g_assert_no_error (error);
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);
  JsonObject *object = anx_json_parse_object (text, (gssize) length, ANX_BOUND_QUESTIONNAIRE_BYTES, &error);
  g_assert_no_error (error);
  return object;
}

AnxQuestionnaire *
testing_questionnaire (const char *path)
{
  g_autoptr (JsonObject) json = testing_load (path);
  g_autoptr (GError) error = NULL;
  AnxQuestionnaire *questionnaire = anx_questionnaire_parse (json, &error);
  g_assert_no_error (error);
  return questionnaire;
}

JsonObject *
testing_copy (JsonObject *object)
{
  g_autofree char *text = anx_json_object_to_text (object);
  return anx_json_parse_object (text, -1, 16 << 20, NULL);
}

JsonObject *
testing_extension (JsonObject *element,
         const char *url)
{
  JsonArray *extensions = json_object_has_member (element, "extension") ? json_object_get_array_member (element, "extension") : NULL;
  for (guint i = 0; extensions != NULL && i < json_array_get_length (extensions); i++)
    {
      JsonObject *extension = json_array_get_object_element (extensions, i);
      if (strcmp (json_object_get_string_member (extension, "url"), url) == 0)
        return extension;
    }
  return NULL;
}

const char *
testing_extension_code (JsonObject *questionnaire,
         const char *url)
{
  JsonObject *extension = testing_extension (questionnaire, url);
  return extension != NULL ? json_object_get_string_member (extension, "valueCode") : NULL;
}

const char *
testing_translation (JsonObject *element,
                const char *companion)
{
  JsonObject *translation
      = testing_extension (json_object_get_object_member (element, companion), "http://hl7.org/fhir/StructureDefinition/translation");
  g_assert_cmpstr (json_object_get_string_member (testing_extension (translation, "lang"), "valueCode"), ==, "zh-CN");
  return json_object_get_string_member (testing_extension (translation, "content"), "valueString");
}

int
testing_compare_strings (gconstpointer a,
                 gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *
testing_names (const char *folder,
          const char *ending)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) directory = g_dir_open (folder, 0, &error);
  g_assert_no_error (error);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *name;
  while ((name = g_dir_read_name (directory)) != NULL)
    if (g_str_has_suffix (name, ending))
      g_ptr_array_add (names, g_strndup (name, strlen (name) - strlen (ending)));
  g_ptr_array_sort (names, testing_compare_strings);
  return names;
}

GPtrArray *
testing_instruments (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("ANX_TOP_SOURCE"), "data", "questionnaires", NULL);
  return testing_names (folder, ".json");
}

/* Walks in a fixed order and counts; at place @target it damages and stops. FALSE when there is no such place. */
typedef struct
{
  guint target;
  guint count;
  gboolean replace;
  GString *path;
} Walk;

static gboolean walk_object (JsonObject *object, Walk *walk);

static gboolean
walk_node (JsonNode *node, Walk *walk);

static gboolean
walk_array (JsonArray *array,
            Walk *walk)
{
  gsize length = walk->path->len;
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_string_append_printf (walk->path, "[%u]", i);
      if (walk->count++ == walk->target)
        {
          json_array_remove_element (array, i);
          if (walk->replace)
            json_array_add_int_element (array, 7);
          return TRUE;
        }
      if (walk_node (json_array_get_element (array, i), walk))
        return TRUE;
      g_string_truncate (walk->path, length);
    }
  return FALSE;
}

static gboolean
walk_node (JsonNode *node,
           Walk *walk)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    return walk_object (json_node_get_object (node), walk);
  return JSON_NODE_HOLDS_ARRAY (node) && walk_array (json_node_get_array (node), walk);
}

static gboolean
walk_object (JsonObject *object,
             Walk *walk)
{
  gsize length = walk->path->len;
  g_autoptr (GList) members = json_object_get_members (object);
  for (GList *l = members; l != NULL; l = l->next)
    {
      g_autofree char *member = g_strdup (l->data);
      g_string_append_printf (walk->path, ".%s", member);
      if (walk->count++ == walk->target)
        {
          if (walk->replace)
            json_object_set_int_member (object, member, 7);
          else
            json_object_remove_member (object, member);
          return TRUE;
        }
      if (walk_node (json_object_get_member (object, member), walk))
        return TRUE;
      g_string_truncate (walk->path, length);
    }
  return FALSE;
}

void
testing_damage (JsonObject *object,
                void (*damaged) (JsonObject *object, const char *path, gpointer data),
                gpointer data)
{
  for (int replace = 0; replace < 2; replace++)
    for (guint target = 0;; target++)
      {
        g_autoptr (JsonObject) copy = testing_copy (object);
        g_autoptr (GString) path = g_string_new (replace ? "as a number: " : "without: ");
        Walk walk = { target, 0, replace, path };
        if (!walk_object (copy, &walk))
          break;
        damaged (copy, path->str, data);
      }
}

void
testing_keep_payload (const char *kind,
                      JsonObject *record)
{
  const char *folder = g_getenv ("ANX_PAYLOADS");
  if (folder == NULL)
    return;
  g_autofree char *file = g_strdup_printf ("%s/%s.json", folder, kind);
  g_autofree char *text = anx_json_object_to_text (record);
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
}
