/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "answer-fields.h"

#include <string.h>

#include "id.h"
#include "json.h"

/* Longest text accepted in a field of the hub's answers. */
#define FIELD_BYTES 256

/**
 * anx_answer_get_text:
 * @object: an object of the hub's answer
 * @member: a member of it
 *
 * Returns: (nullable) (transfer none): its text; %NULL when it is absent, of another type or longer than a field may be
 */
const char *
anx_answer_get_text (JsonObject *object,
                     const char *member)
{
  const char *text = anx_json_get_string (object, member, NULL);
  return text != NULL && strlen (text) <= FIELD_BYTES ? text : NULL;
}

static gboolean
read_text (const AnxField *field,
           gpointer entry,
           JsonObject *json)
{
  const char *text = anx_answer_get_text (json, field->member);

  if (field->type != ANX_FIELD_TEXT && (text == NULL || (field->type == ANX_FIELD_ID && !anx_uuid_is_valid (text))))
    return FALSE;
  G_STRUCT_MEMBER (char *, entry, field->offset) = g_strdup (text);
  return TRUE;
}

/**
 * anx_fields_read:
 * @fields: the table
 * @size: of the structure, bytes
 * @json: an entry of the hub's answer
 *
 * Returns: (nullable) (transfer full): the structure, to be freed with anx_fields_free(); %NULL when something needed is missing
 */
gpointer
anx_fields_read (const AnxField *fields,
                 gsize size,
                 JsonObject *json)
{
  gpointer entry = g_malloc0 (size);

  for (const AnxField *field = fields; field->member != NULL; field++)
    if (field->type == ANX_FIELD_NUMBER)
      G_STRUCT_MEMBER (gint64, entry, field->offset) = anx_json_get_int (json, field->member, 0);
    else if (!read_text (field, entry, json))
      {
        anx_fields_free (fields, entry);
        return NULL;
      }
  return entry;
}

/**
 * anx_fields_free:
 * @fields: the table
 * @entry: (transfer full): of anx_fields_read()
 */
void
anx_fields_free (const AnxField *fields,
                 gpointer entry)
{
  for (const AnxField *field = fields; field->member != NULL; field++)
    if (field->type != ANX_FIELD_NUMBER)
      g_free (G_STRUCT_MEMBER (char *, entry, field->offset));
  g_free (entry);
}
