/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "directory-words.h"

#include <glib/gi18n.h>

#include "json.h"
#include "ui-text.h"

/**
 * anx_words_of:
 * @object: (nullable): an entry of the directory
 * @member: the member that holds a name
 *
 * Returns: (nullable) (transfer none): the name in the language of the screen, else in the other one
 */
const char *
anx_words_of (JsonObject *object,
              const char *member)
{
  if (object == NULL)
    return NULL;
  const char *text = anx_json_get_string (object, member, NULL);
  if (text != NULL)
    return text;
  JsonObject *languages = anx_json_get_object (object, member);
  if (languages == NULL)
    return NULL;
  gboolean chinese = g_str_equal (anx_ui_get_language (), "zh");
  const char *other = anx_json_get_string (languages, chinese ? "en" : "zh", NULL);
  return anx_json_get_string (languages, chinese ? "zh" : "en", other);
}

/**
 * anx_words_of_principal:
 * @resident: the visit
 * @id: (nullable): a person, kiosk or group
 *
 * Returns: (transfer none): its name, or its id when the directory does not know it; never %NULL
 */
const char *
anx_words_of_principal (AnxResident *resident,
                        const char *id)
{
  if (id == NULL)
    return "";
  const AnxPrincipal *principal = anx_directory_get_principal (anx_resident_get_directory (resident), id);
  if (principal == NULL)
    return id;
  const char *name = anx_words_of (principal->json, "name");
  return name != NULL ? name : principal->name != NULL ? principal->name : id;
}

static JsonObject *
find_by_id (JsonArray *array,
            const char *id)
{
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (!JSON_NODE_HOLDS_OBJECT (node))
        continue;
      JsonObject *object = json_node_get_object (node);
      if (g_strcmp0 (anx_json_get_string (object, "id", NULL), id) == 0)
        return object;
    }
  return NULL;
}

/**
 * anx_words_of_service:
 * @resident: the visit
 * @id: a service
 *
 * Returns: (transfer none): its name, or its id when the directory does not know it; never %NULL
 */
const char *
anx_words_of_service (AnxResident *resident,
                      const char *id)
{
  JsonArray *services = anx_directory_get_services (anx_resident_get_directory (resident));
  const char *name = anx_words_of (find_by_id (services, id), "name");
  return name != NULL ? name : id != NULL ? id : "";
}

static JsonObject *
get_own_centre (AnxResident *resident)
{
  const char *id = anx_resident_get_centre (resident);
  return id != NULL ? anx_directory_get_centre (anx_resident_get_directory (resident), id) : NULL;
}

/**
 * anx_words_of_centre:
 * @resident: the visit
 *
 * Returns: (transfer none): the name of this kiosk's centre; never %NULL
 */
const char *
anx_words_of_centre (AnxResident *resident)
{
  const char *id = anx_resident_get_centre (resident);
  JsonObject *centre = id != NULL ? anx_directory_get_centre (anx_resident_get_directory (resident), id) : NULL;
  const char *name = anx_words_of (centre, "name");
  return name != NULL ? name : id != NULL ? id : "";
}

/**
 * anx_words_of_room:
 * @resident: the visit
 * @room: (nullable): a room of this centre
 *
 * Returns: (transfer none): its name; never %NULL
 */
const char *
anx_words_of_room (AnxResident *resident,
                   const char *room)
{
  JsonObject *centre = get_own_centre (resident);
  JsonObject *entry = centre != NULL ? find_by_id (anx_json_get_array (centre, "rooms"), room) : NULL;
  const char *name = anx_words_of (entry, "name");
  return name != NULL ? name : room != NULL ? room : "";
}

/**
 * anx_words_where:
 * @resident: the visit
 * @room: (nullable): a room of this centre
 *
 * Returns: (transfer full): centre and room in one line
 */
char *
anx_words_where (AnxResident *resident,
                 const char *room)
{
  return g_strdup_printf ("%s · %s", anx_words_of_centre (resident), anx_words_of_room (resident, room));
}

static const char *
get_telephone (JsonObject *entry)
{
  const char *number = entry != NULL ? anx_json_get_string (entry, "phone", "") : "";
  return *number != '\0' ? number : NULL;
}

/**
 * anx_words_telephone_of_room:
 * @resident: the visit
 *
 * Returns: (transfer none) (nullable): the number of the telephone in this kiosk's room
 */
const char *
anx_words_telephone_of_room (AnxResident *resident)
{
  JsonObject *centre = get_own_centre (resident);
  return get_telephone (centre != NULL ? find_by_id (anx_json_get_array (centre, "rooms"), anx_resident_get_room (resident)) : NULL);
}

/**
 * anx_words_telephone_of_centre:
 * @resident: the visit
 *
 * Returns: (transfer none) (nullable): the number of this kiosk's centre
 */
const char *
anx_words_telephone_of_centre (AnxResident *resident)
{
  return get_telephone (get_own_centre (resident));
}

static const char *
language_name (const char *code)
{
  if (g_str_has_prefix (code, "zh"))
    return _("Mandarin");
  if (g_str_has_prefix (code, "en"))
    return _("English");
  if (g_str_has_prefix (code, "yue"))
    return _("Cantonese");
  return code;
}

/**
 * anx_words_about_counsellor:
 * @resident: the visit
 * @id: a counsellor
 *
 * Returns: (transfer full): profession and languages in one line, perhaps empty
 */
char *
anx_words_about_counsellor (AnxResident *resident,
                            const char *id)
{
  const AnxPrincipal *principal = anx_directory_get_principal (anx_resident_get_directory (resident), id);
  GString *out = g_string_new (NULL);
  if (principal != NULL && principal->json != NULL)
    {
      const char *profession = anx_words_of (principal->json, "profession");
      if (profession != NULL)
        g_string_append (out, profession);
      JsonArray *languages = anx_json_get_array (principal->json, "languages");
      for (guint i = 0; languages != NULL && i < json_array_get_length (languages); i++)
        {
          JsonNode *node = json_array_get_element (languages, i);
          if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
            continue;
          g_string_append (out, i > 0 ? _(", ") : out->len > 0 ? " · " : "");
          g_string_append (out, language_name (json_node_get_string (node)));
        }
    }
  return g_string_free (out, FALSE);
}
