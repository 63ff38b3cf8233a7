/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fhir-types.h"

#include <stdlib.h>
#include <string.h>

typedef struct
{
  const char *name;
  const char *base;
  const char *elements;
} Type;

static const Type types[] = {
#include "fhir-types.inc"
};

static int
compare_name (const void *key,
              const void *type)
{
  return strcmp (key, ((const Type *) type)->name);
}

static const Type *
find (const char *name)
{
  return name != NULL ? bsearch (name, types, G_N_ELEMENTS (types), sizeof types[0], compare_name) : NULL;
}

/**
 * anx_fhir_type_find:
 * @name: (nullable): a type, "Coding" or "Questionnaire.item"
 *
 * Returns: (nullable): the table's own copy of @name, for good
 */
const char *
anx_fhir_type_find (const char *name)
{
  const Type *type = find (name);
  return type != NULL ? type->name : NULL;
}

/**
 * anx_fhir_type_find_choice:
 * @suffix: how the member of a choice element ends
 *
 * Returns: (nullable): the type that it stands for
 */
const char *
anx_fhir_type_find_choice (const char *suffix)
{
  if (!g_ascii_isupper (*suffix) || strchr (suffix, '.') != NULL)
    return NULL;
  const char *found = anx_fhir_type_find (suffix);
  if (found != NULL)
    return found;
  g_autofree char *primitive = g_strdup (suffix);
  primitive[0] = g_ascii_tolower (primitive[0]);
  found = anx_fhir_type_find (primitive);
  return found != NULL && anx_fhir_type_is_primitive (found) ? found : NULL;
}

/**
 * anx_fhir_type_is_a:
 * @name: (nullable): a type
 * @base: another
 *
 * Returns: whether @name is @base or derives from it
 */
gboolean
anx_fhir_type_is_a (const char *name,
                    const char *base)
{
  for (const Type *type = find (name); type != NULL; type = find (type->base))
    if (strcmp (type->name, base) == 0)
      return TRUE;
  return FALSE;
}

/**
 * anx_fhir_type_is_primitive:
 * @name: (nullable): a type
 *
 * Returns: whether JSON holds it as a plain value
 */
gboolean
anx_fhir_type_is_primitive (const char *name)
{
  return name != NULL && g_ascii_islower (*name);
}

/**
 * anx_fhir_type_is_resource:
 * @name: (nullable): a type
 *
 * Returns: whether it is a resource
 */
gboolean
anx_fhir_type_is_resource (const char *name)
{
  return anx_fhir_type_is_a (name, "Resource");
}

/**
 * anx_fhir_type_is_closed:
 * @name: (nullable): a type
 *
 * Returns: whether the table lists its elements, so that another name is a mistake
 */
gboolean
anx_fhir_type_is_closed (const char *name)
{
  const Type *type = find (name);
  return type != NULL && (*type->elements != '\0' || anx_fhir_type_is_primitive (name)) &&
         strcmp (name, "Resource") != 0 && strcmp (name, "DomainResource") != 0 && strcmp (name, "Element") != 0 &&
         strcmp (name, "BackboneElement") != 0;
}

/* The types of one element of one row, without looking at the base; a copy. */
static char *
find_in_row (const Type *type,
             const char *element)
{
  gsize length = strlen (element);
  for (const char *at = type->elements; *at != '\0';)
    {
      const char *end = strchrnul (at, ' ');
      if (strncmp (at, element, length) == 0 && at[length] == ':')
        return g_strndup (at + length + 1, (gsize) (end - at) - length - 1);
      at = *end == ' ' ? end + 1 : end;
    }
  return NULL;
}

/**
 * anx_fhir_type_has_element:
 * @parent: (nullable): a type
 * @element: an element's name, without the type at the end of a choice
 * @out_type: (out) (nullable): its type; %NULL for a choice and for any resource
 * @out_choice: (out): whether it is a choice, whose JSON member ends with the type
 *
 * Returns: whether the table knows the element
 */
gboolean
anx_fhir_type_has_element (const char *parent,
                           const char *element,
                           const char **out_type,
                           gboolean *out_choice)
{
  for (const Type *type = find (parent); type != NULL; type = find (type->base))
    {
      g_autofree char *found = find_in_row (type, element);
      if (found == NULL)
        continue;
      *out_choice = strcmp (found, "*") == 0 || strchr (found, '|') != NULL;
      *out_type = *out_choice || strcmp (found, "Resource") == 0
                      ? NULL
                      : anx_fhir_type_find (*found == '@' ? found + 1 : found);
      return TRUE;
    }
  return FALSE;
}

/**
 * anx_fhir_type_any_has_element:
 * @element: an element's name
 *
 * Returns: whether any type of the table has it
 */
gboolean
anx_fhir_type_any_has_element (const char *element)
{
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *found = find_in_row (&types[i], element);
      if (found != NULL)
        return TRUE;
    }
  return FALSE;
}
