/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Members of the hub's answers into structures, told by a table that ends with a member of NULL. */
typedef enum
{
  ANX_FIELD_TEXT,   /* char *, NULL when absent, of another type or too long */
  ANX_FIELD_NEEDED, /* char *; without it the whole entry is left out */
  ANX_FIELD_ID,     /* as NEEDED, a UUID */
  ANX_FIELD_NUMBER, /* gint64, 0 when absent */
} AnxFieldType;

typedef struct
{
  const char *member;
  AnxFieldType type;
  gsize offset;
} AnxField;

const char *anx_answer_get_text (JsonObject *object, const char *member); /* (nullable) */
gpointer    anx_fields_read (const AnxField *fields, gsize size, JsonObject *json) G_GNUC_WARN_UNUSED_RESULT; /* (nullable) */
void        anx_fields_free (const AnxField *fields, gpointer entry);

G_END_DECLS
