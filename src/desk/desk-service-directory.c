/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-service-private.h"

#include "json.h"
#include "ui-text.h"

/**
 * anx_desk_service_get_own:
 * @self: a service
 *
 * Returns: (transfer none) (nullable): the entry of this desk's person in the directory in force
 */
const AnxPrincipal *
anx_desk_service_get_own (AnxDeskService *self)
{
  AnxDirectory *directory = anx_client_get_directory (self->client);
  return directory != NULL ? anx_directory_get_principal (directory, anx_desk_model_get_principal (self->model)) : NULL;
}

/**
 * anx_desk_service_get_pages:
 * @self: a service
 *
 * Returns: the pages of this person's roles in the directory; none before there is a directory
 */
AnxDeskPages
anx_desk_service_get_pages (AnxDeskService *self)
{
  const AnxPrincipal *principal = anx_desk_service_get_own (self);
  AnxDeskPages pages = principal != NULL && principal->active ? anx_desk_pages_for_roles (principal->roles) : 0;
  return pages != 0 ? pages | ANX_DESK_PAGE_RECORDS : 0;
}

/**
 * anx_desk_service_has_role:
 * @self: a service
 * @role: a role's word
 *
 * Returns: whether this person has it
 */
gboolean
anx_desk_service_has_role (AnxDeskService *self, const char *role)
{
  const AnxPrincipal *principal = anx_desk_service_get_own (self);
  return principal != NULL && principal->active && principal->roles != NULL && g_strv_contains (principal->roles, role);
}

static JsonObject *
get_centre (AnxDeskService *self, const char *centre)
{
  AnxDirectory *directory = anx_client_get_directory (self->client);
  return directory != NULL && centre != NULL ? anx_directory_get_centre (directory, centre) : NULL;
}

/**
 * anx_desk_service_get_zone:
 * @self: a service
 *
 * Returns: (nullable): IANA name of the own centre's time zone; %NULL = the machine's
 */
const char *
anx_desk_service_get_zone (AnxDeskService *self)
{
  const AnxPrincipal *principal = anx_desk_service_get_own (self);
  JsonObject *centre = principal != NULL ? get_centre (self, principal->centre) : NULL;
  return centre != NULL ? anx_json_get_string (centre, "timezone", NULL) : NULL;
}

/* Names in the directory are a text, or one text for each language; the screen's language first. */
static const char *
get_words (JsonObject *object, const char *member)
{
  JsonObject *languages = object != NULL ? anx_json_get_object (object, member) : NULL;
  gboolean chinese = g_str_equal (anx_ui_get_language (), "zh");

  if (object == NULL)
    return NULL;
  if (languages == NULL)
    return anx_json_get_string (object, member, NULL);
  const char *other = anx_json_get_string (languages, chinese ? "en" : "zh", NULL);
  return anx_json_get_string (languages, chinese ? "zh" : "en", other);
}

/**
 * anx_desk_service_name_principal:
 * @self: a service
 * @id: (nullable): a principal
 *
 * Returns: the work name in the directory, or the id when it has none
 */
const char *
anx_desk_service_name_principal (AnxDeskService *self, const char *id)
{
  AnxDirectory *directory = anx_client_get_directory (self->client);
  const AnxPrincipal *principal = directory != NULL && id != NULL ? anx_directory_get_principal (directory, id) : NULL;

  const char *name = principal != NULL ? get_words (principal->json, "name") : NULL;

  if (name != NULL)
    return name;
  return principal != NULL && principal->name != NULL ? principal->name : id != NULL ? id : "";
}

/**
 * anx_desk_service_name_centre:
 * @self: a service
 * @centre: (nullable): a centre's id
 *
 * Returns: its name, or the id
 */
const char *
anx_desk_service_name_centre (AnxDeskService *self, const char *centre)
{
  const char *name = get_words (get_centre (self, centre), "name");
  if (name != NULL)
    return name;
  return centre != NULL ? centre : "";
}

static const char *
find_name (JsonArray *array, const char *id)
{
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      if (object != NULL && g_strcmp0 (anx_json_get_string (object, "id", NULL), id) == 0)
        {
          const char *name = get_words (object, "name");
          return name != NULL ? name : id;
        }
    }
  return id != NULL ? id : "";
}

/**
 * anx_desk_service_name_room:
 * @self: a service
 * @centre: (nullable): a centre's id
 * @room: (nullable): a room of it
 *
 * Returns: the room's name, or its id
 */
const char *
anx_desk_service_name_room (AnxDeskService *self, const char *centre, const char *room)
{
  JsonObject *json = get_centre (self, centre);
  return find_name (json != NULL ? anx_json_get_array (json, "rooms") : NULL, room);
}

/**
 * anx_desk_service_name_service:
 * @self: a service
 * @service: (nullable): the id of what was booked
 *
 * Returns: its name, or the id
 */
const char *
anx_desk_service_name_service (AnxDeskService *self, const char *service)
{
  AnxDirectory *directory = anx_client_get_directory (self->client);
  return find_name (directory != NULL ? anx_directory_get_services (directory) : NULL, service);
}

/**
 * anx_desk_service_list_colleagues:
 * @self: a service
 *
 * Returns: (transfer container) (element-type AnxPrincipal): the duty group of the own centre first, then its other
 * counsellors and duty officers, without the person here; only those to whom something can be sealed
 */
GPtrArray *
anx_desk_service_list_colleagues (AnxDeskService *self)
{
  static const char *const ROLES[] = { "counsellor", "duty" };
  AnxDirectory *directory = anx_client_get_directory (self->client);
  const AnxPrincipal *own = anx_desk_service_get_own (self);
  GPtrArray *list = g_ptr_array_new ();

  if (directory == NULL || own == NULL || own->centre == NULL)
    return list;
  g_autoptr (GPtrArray) groups = anx_directory_list_principals (directory, ANX_PRINCIPAL_GROUP, "duty", own->centre);
  for (guint i = 0; i < groups->len; i++)
    g_ptr_array_add (list, g_ptr_array_index (groups, i));
  for (gsize k = 0; k < G_N_ELEMENTS (ROLES); k++)
    {
      g_autoptr (GPtrArray) persons
          = anx_directory_list_principals (directory, ANX_PRINCIPAL_PERSON, ROLES[k], own->centre);
      for (guint i = 0; i < persons->len; i++)
        if (!g_ptr_array_find (list, g_ptr_array_index (persons, i), NULL))
          g_ptr_array_add (list, g_ptr_array_index (persons, i));
    }
  for (guint i = list->len; i > 0; i--)
    {
      const AnxPrincipal *one = g_ptr_array_index (list, i - 1);
      if (!one->active || one->seal_certificate == NULL || one == own)
        g_ptr_array_remove_index (list, i - 1);
    }
  return list;
}

/**
 * anx_desk_service_dup_centre_phone:
 * @self: a service
 *
 * Returns: (transfer full) (nullable): the telephone number of the own centre, from the directory
 */
char *
anx_desk_service_dup_centre_phone (AnxDeskService *self)
{
  const AnxPrincipal *own = anx_desk_service_get_own (self);
  JsonObject *centre = own != NULL && own->centre != NULL ? get_centre (self, own->centre) : NULL;

  return g_strdup (anx_json_get_string (centre, "phone", NULL));
}

/**
 * anx_desk_service_list_departments:
 * @self: a service
 *
 * Returns: (transfer container) (element-type AnxPrincipal): groups that receive referrals; empty before there is a
 * directory
 */
GPtrArray *
anx_desk_service_list_departments (AnxDeskService *self)
{
  AnxDirectory *directory = anx_client_get_directory (self->client);
  if (directory == NULL)
    return g_ptr_array_new ();
  return anx_directory_list_principals (directory, ANX_PRINCIPAL_GROUP, "department", NULL);
}

/**
 * anx_desk_service_get_takes:
 * @self: a service
 * @department: a group that receives referrals
 *
 * Returns: (nullable): what it takes, in words
 */
const char *
anx_desk_service_get_takes (AnxDeskService *self, const AnxPrincipal *department)
{
  return get_words (department->json, "takes");
}
