/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "glass-group.h"

/* A group that is anything else as well gets its records at once: an alert must never wait behind glass. */
static gboolean
has_role (const AnxPrincipal *principal)
{
  return principal != NULL && principal->kind == ANX_PRINCIPAL_GROUP && principal->roles != NULL &&
         g_strv_length ((char **) principal->roles) == 1 && g_str_equal (principal->roles[0], ANX_ROLE_BREAK_GLASS);
}

/**
 * anx_glass_is_group:
 * @directory: the directory
 * @id: a principal
 *
 * One that is not active any more counts too: what was sealed to it stays behind glass.
 *
 * Returns: whether records to it are handed out only through an open door
 */
gboolean
anx_glass_is_group (AnxDirectory *directory,
                    const char *id)
{
  return has_role (anx_directory_get_principal (directory, id));
}

/**
 * anx_glass_find_group:
 * @directory: the directory
 * @centre: (nullable): where the session is held
 *
 * Returns: (transfer none) (nullable): the group of that very centre to which its records are sealed as well; %NULL when the directory names none
 */
const AnxPrincipal *
anx_glass_find_group (AnxDirectory *directory,
                      const char *centre)
{
  if (centre == NULL)
    return NULL;
  g_autoptr (GPtrArray) groups = anx_directory_list_principals (directory, ANX_PRINCIPAL_GROUP, ANX_ROLE_BREAK_GLASS, centre);
  for (guint i = 0; i < groups->len; i++)
    {
      const AnxPrincipal *group = g_ptr_array_index (groups, i);
      if (g_strcmp0 (group->centre, centre) == 0 && has_role (group) && group->seal_certificate != NULL)
        return group;
    }
  return NULL;
}

/**
 * anx_glass_list_groups_of:
 * @directory: the directory
 * @member: a principal
 *
 * Returns: (transfer full): ids of the active break-glass groups it belongs to
 */
char **
anx_glass_list_groups_of (AnxDirectory *directory,
                          const char *member)
{
  g_auto (GStrv) groups = anx_directory_list_groups_of (directory, member);
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();
  for (gsize i = 0; groups != NULL && groups[i] != NULL; i++)
    if (anx_glass_is_group (directory, groups[i]))
      g_strv_builder_add (found, groups[i]);
  return g_strv_builder_end (found);
}

/**
 * anx_glass_list_supervision:
 * @directory: the directory
 * @centre: (nullable): the centre
 * @reader: who opens a record; nobody supervises themselves
 *
 * Returns: (transfer container) (element-type AnxPrincipal): the centre's leads, then the district's supervisors, to whom something can be sealed
 */
GPtrArray *
anx_glass_list_supervision (AnxDirectory *directory,
                            const char *centre,
                            const char *reader)
{
  g_autoptr (GPtrArray) leads = anx_directory_list_principals (directory, ANX_PRINCIPAL_PERSON, "lead", centre);
  g_autoptr (GPtrArray) supervisors = anx_directory_list_principals (directory, ANX_PRINCIPAL_PERSON, "supervisor", centre);
  GPtrArray *found = g_ptr_array_new ();
  for (guint i = 0; i < leads->len + supervisors->len; i++)
    {
      const AnxPrincipal *person = i < leads->len ? g_ptr_array_index (leads, i) : g_ptr_array_index (supervisors, i - leads->len);
      if (person->seal_certificate != NULL && !g_str_equal (person->id, reader) && !g_ptr_array_find (found, person, NULL))
        g_ptr_array_add (found, (gpointer) person);
    }
  return found;
}
