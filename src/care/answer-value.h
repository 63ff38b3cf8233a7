/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * AnxValueType:
 *
 * The types of QuestionnaireResponse.item.answer.value[x] in FHIR R4.
 */
typedef enum
{
  ANX_VALUE_BOOLEAN,
  ANX_VALUE_DECIMAL,
  ANX_VALUE_INTEGER,
  ANX_VALUE_DATE,
  ANX_VALUE_DATE_TIME,
  ANX_VALUE_TIME,
  ANX_VALUE_STRING,
  ANX_VALUE_URI,
  ANX_VALUE_ATTACHMENT,
  ANX_VALUE_CODING,
  ANX_VALUE_QUANTITY,
  ANX_VALUE_REFERENCE,
} AnxValueType;

/* One answer. Members that the type does not name are passed over; all texts are (nullable) UTF-8. */
typedef struct
{
  AnxValueType type;
  gboolean boolean;
  double number; /* decimal, integer, quantity */
  char *text;    /* date, dateTime, time as FHIR writes them, string, uri; display of a coding, unit of a quantity, title of an attachment, the reference */
  char *system;  /* coding, quantity; url of an attachment */
  char *code;    /* coding, quantity; content type of an attachment */
  char *data;    /* attachment, Base64 */
} AnxAnswerValue;

AnxAnswerValue *anx_answer_value_copy (const AnxAnswerValue *self) G_GNUC_WARN_UNUSED_RESULT;
void            anx_answer_value_free (AnxAnswerValue *self); /* wipes it */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxAnswerValue, anx_answer_value_free)
gboolean        anx_answer_value_equal (const AnxAnswerValue *self, const AnxAnswerValue *other);
/* -1, 0, 1; 2 when the two have no order or it cannot be known: other types or units, dates of another precision. */
int             anx_answer_value_compare (const AnxAnswerValue *self, const AnxAnswerValue *other);
/* @object has a value[x] with this @prefix: "value", "answer", "initial". */
AnxAnswerValue *anx_answer_value_parse (JsonObject *object, const char *prefix, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void            anx_answer_value_write (const AnxAnswerValue *self, JsonObject *object, const char *prefix);
char           *anx_answer_value_dup_text (const AnxAnswerValue *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
