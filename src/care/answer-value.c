/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "answer-value.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "care-error.h"
#include "fhir-private.h"
#include "json.h"
#include "process.h"

#define fail anx_care_fail

/* A photograph or a page as an attachment, in Base64. */
#define MAX_DATA_BYTES (256 * 1024)
#define MAX_TEXT_BYTES (64 * 1024)

static const char *const type_names[] = {
  [ANX_VALUE_BOOLEAN] = "Boolean", [ANX_VALUE_DECIMAL] = "Decimal",       [ANX_VALUE_INTEGER] = "Integer",
  [ANX_VALUE_DATE] = "Date",       [ANX_VALUE_DATE_TIME] = "DateTime",    [ANX_VALUE_TIME] = "Time",
  [ANX_VALUE_STRING] = "String",   [ANX_VALUE_URI] = "Uri",               [ANX_VALUE_ATTACHMENT] = "Attachment",
  [ANX_VALUE_CODING] = "Coding",   [ANX_VALUE_QUANTITY] = "Quantity",     [ANX_VALUE_REFERENCE] = "Reference",
};

/**
 * anx_answer_value_copy:
 * @self: a value
 *
 * Returns: (transfer full): a copy
 */
AnxAnswerValue *
anx_answer_value_copy (const AnxAnswerValue *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  AnxAnswerValue *copy = g_new (AnxAnswerValue, 1);
  *copy = (AnxAnswerValue){ self->type,
                            self->boolean,
                            self->number,
                            g_strdup (self->text),
                            g_strdup (self->system),
                            g_strdup (self->code),
                            g_strdup (self->data) };
  return copy;
}

static void
wipe_text (char *text)
{
  if (text != NULL)
    anx_wipe (text, strlen (text));
  g_free (text);
}

/**
 * anx_answer_value_free:
 * @self: (nullable) (transfer full): a value
 *
 * Wipes and frees it.
 */
void
anx_answer_value_free (AnxAnswerValue *self)
{
  if (self == NULL)
    return;
  wipe_text (self->text);
  wipe_text (self->system);
  wipe_text (self->code);
  wipe_text (self->data);
  anx_wipe (self, sizeof *self);
  g_free (self);
}

/* What one side leaves out does not make a difference: many forms name no system. */
static gboolean
systems_agree (const char *one,
               const char *other)
{
  return one == NULL || other == NULL || strcmp (one, other) == 0;
}

/**
 * anx_answer_value_equal:
 * @self: a value
 * @other: a value
 *
 * Codings are equal by code and, where both name one, system; a coding without a code by its display.
 *
 * Returns: whether they are the same answer
 */
gboolean
anx_answer_value_equal (const AnxAnswerValue *self,
                        const AnxAnswerValue *other)
{
  if (self->type == ANX_VALUE_CODING && other->type == ANX_VALUE_CODING)
    return self->code == NULL && other->code == NULL
               ? g_strcmp0 (self->text, other->text) == 0
               : g_strcmp0 (self->code, other->code) == 0 && systems_agree (self->system, other->system);
  if (self->type == ANX_VALUE_ATTACHMENT && other->type == ANX_VALUE_ATTACHMENT)
    return g_strcmp0 (self->code, other->code) == 0 && g_strcmp0 (self->system, other->system) == 0 &&
           g_strcmp0 (self->text, other->text) == 0 && g_strcmp0 (self->data, other->data) == 0;
  if (self->type == ANX_VALUE_BOOLEAN && other->type == ANX_VALUE_BOOLEAN)
    return self->boolean == other->boolean;
  if ((self->type == ANX_VALUE_URI || self->type == ANX_VALUE_REFERENCE) && self->type == other->type)
    return g_strcmp0 (self->text, other->text) == 0;
  return anx_answer_value_compare (self, other) == 0;
}

static int
sign (double difference)
{
  return difference < 0 ? -1 : difference > 0 ? 1 : 0;
}

/* Dates and times of different precision are ordered by what both say; when that is the same, nobody knows. */
static int
compare_times (const char *one,
               const char *other)
{
  g_autoptr (GDateTime) first = strchr (one, 'T') != NULL ? g_date_time_new_from_iso8601 (one, NULL) : NULL;
  g_autoptr (GDateTime) second = strchr (other, 'T') != NULL ? g_date_time_new_from_iso8601 (other, NULL) : NULL;
  if (first != NULL && second != NULL)
    return g_date_time_compare (first, second);
  gsize length = MIN (strlen (one), strlen (other));
  int order = strncmp (one, other, length);
  if (order != 0)
    return order < 0 ? -1 : 1;
  return strlen (one) == strlen (other) ? 0 : 2;
}

static gboolean
is_number (const AnxAnswerValue *self)
{
  return self->type == ANX_VALUE_DECIMAL || self->type == ANX_VALUE_INTEGER;
}

static gboolean
units_agree (const AnxAnswerValue *self,
             const AnxAnswerValue *other)
{
  const char *one = self->code != NULL ? self->code : self->text;
  const char *two = other->code != NULL ? other->code : other->text;
  return g_strcmp0 (one, two) == 0 && systems_agree (self->system, other->system);
}

/**
 * anx_answer_value_compare:
 * @self: a value
 * @other: a value
 *
 * Returns: -1, 0 or 1 as @self is below, the same as or above @other; 2 when that cannot be said: different types or units, texts without an
 *   order, dates of different precision that agree as far as both go
 */
int
anx_answer_value_compare (const AnxAnswerValue *self,
                          const AnxAnswerValue *other)
{
  g_return_val_if_fail (self != NULL && other != NULL, 2);
  if (is_number (self) && is_number (other))
    return sign (self->number - other->number);
  if (self->type == ANX_VALUE_QUANTITY && other->type == ANX_VALUE_QUANTITY)
    return units_agree (self, other) ? sign (self->number - other->number) : 2;
  gboolean dates = (self->type == ANX_VALUE_DATE || self->type == ANX_VALUE_DATE_TIME) &&
                   (other->type == ANX_VALUE_DATE || other->type == ANX_VALUE_DATE_TIME);
  if (self->text == NULL || other->text == NULL)
    return 2;
  if (dates || (self->type == ANX_VALUE_TIME && other->type == ANX_VALUE_TIME))
    return compare_times (self->text, other->text);
  if (self->type == ANX_VALUE_STRING && other->type == ANX_VALUE_STRING)
    return sign (strcmp (self->text, other->text));
  return 2;
}

/* --- FHIR --- */

/* YYYY, YYYY-MM, YYYY-MM-DD, and the time behind it for a dateTime; HH:MM:SS with fractions for a time. */
static gboolean
time_is_valid (AnxValueType type,
               const char *text)
{
  static const char *const patterns[] = {
    [ANX_VALUE_DATE] = "^\\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\\d|3[01]))?)?$",
    [ANX_VALUE_DATE_TIME] = "^\\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\\d|3[01])(T([01]\\d|2[0-3]):[0-5]\\d(:([0-5]\\d|60)(\\.\\d{1,9})?)?"
                            "(Z|[+-](0\\d|1[0-4]):[0-5]\\d)?)?)?)?$",
    [ANX_VALUE_TIME] = "^([01]\\d|2[0-3]):[0-5]\\d(:([0-5]\\d|60)(\\.\\d{1,9})?)?$",
  };
  if (strlen (text) > 40 || !g_regex_match_simple (patterns[type], text, 0, 0))
    return FALSE;
  int year, month, day;
  if (type == ANX_VALUE_TIME || sscanf (text, "%4d-%2d-%2d", &year, &month, &day) != 3)
    return TRUE;
  return year > 0 && g_date_valid_dmy ((GDateDay) day, (GDateMonth) month, (GDateYear) year);
}

static gboolean
parse_text (AnxAnswerValue *self,
            JsonObject *object,
            const char *member,
            GError **error)
{
  const char *text = anx_json_get_string (object, member, NULL);
  if (text == NULL || *text == '\0')
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("The value is not a text"));
  if (strlen (text) > MAX_TEXT_BYTES)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("The value is too long"));
  if ((self->type == ANX_VALUE_DATE || self->type == ANX_VALUE_DATE_TIME || self->type == ANX_VALUE_TIME) &&
      !time_is_valid (self->type, text))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("The value is not a date or time of FHIR"));
  self->text = g_strdup (text);
  return TRUE;
}

static gboolean
parse_number (AnxAnswerValue *self,
              JsonObject *object,
              const char *member,
              GError **error)
{
  if (!anx_fhir_get_number (object, member, &self->number) || !isfinite (self->number))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("The value is not a number"));
  if (self->type == ANX_VALUE_INTEGER && (self->number != floor (self->number) || fabs (self->number) > G_MAXINT32))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("The value is not a whole number"));
  return TRUE;
}

static gboolean
take (JsonObject *object,
      const char *member,
      gsize most,
      char **out_text,
      GError **error)
{
  const char *text = anx_json_get_string (object, member, NULL);
  if (text == NULL && json_object_has_member (object, member))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("A part of the value is not a text"));
  if (text != NULL && strlen (text) > most)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("A part of the value is too long"));
  *out_text = g_strdup (text);
  return TRUE;
}

static gboolean
parse_object (AnxAnswerValue *self,
              JsonObject *object,
              GError **error)
{
  if (object == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("The value is not an object"));
  switch (self->type)
    {
    case ANX_VALUE_CODING:
      if (!take (object, "system", ANX_FHIR_SHORT_BYTES, &self->system, error) ||
          !take (object, "code", ANX_FHIR_SHORT_BYTES, &self->code, error) ||
          !take (object, "display", MAX_TEXT_BYTES, &self->text, error))
        return FALSE;
      return (self->code != NULL && *self->code != '\0') || self->text != NULL
             || fail (error, ANX_CARE_ERROR_INVALID, N_ ("The coding has no code"));
    case ANX_VALUE_QUANTITY:
      return take (object, "system", ANX_FHIR_SHORT_BYTES, &self->system, error) &&
             take (object, "code", ANX_FHIR_SHORT_BYTES, &self->code, error) &&
             take (object, "unit", ANX_FHIR_SHORT_BYTES, &self->text, error) && parse_number (self, object, "value", error);
    case ANX_VALUE_REFERENCE:
      return take (object, "reference", ANX_FHIR_SHORT_BYTES, &self->text, error) &&
             take (object, "display", MAX_TEXT_BYTES, &self->data, error) &&
             (self->text != NULL || self->data != NULL || fail (error, ANX_CARE_ERROR_INVALID,
                                                                N_ ("The reference is empty")));
    default:
      return take (object, "contentType", ANX_FHIR_SHORT_BYTES, &self->code, error) &&
             take (object, "url", 4 * ANX_FHIR_SHORT_BYTES, &self->system, error) &&
             take (object, "title", ANX_FHIR_SHORT_BYTES, &self->text, error) &&
             take (object, "data", MAX_DATA_BYTES, &self->data, error) &&
             (self->data != NULL || self->system != NULL || fail (error, ANX_CARE_ERROR_INVALID,
                                                                  N_ ("The attachment is empty")));
    }
}

static gboolean
parse_value (AnxAnswerValue *self,
             JsonObject *object,
             const char *member,
             GError **error)
{
  JsonNode *node = json_object_get_member (object, member);
  switch (self->type)
    {
    case ANX_VALUE_BOOLEAN:
      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("The value is neither true nor false"));
      self->boolean = json_node_get_boolean (node);
      return TRUE;
    case ANX_VALUE_DECIMAL:
    case ANX_VALUE_INTEGER:
      return parse_number (self, object, member, error);
    case ANX_VALUE_ATTACHMENT:
    case ANX_VALUE_CODING:
    case ANX_VALUE_QUANTITY:
    case ANX_VALUE_REFERENCE:
      return parse_object (self, anx_json_get_object (object, member), error);
    default:
      return parse_text (self, object, member, error);
    }
}

/**
 * anx_answer_value_parse:
 * @object: what holds a value[x]
 * @prefix: the x-less name: `value`, `answer`, `initial`
 * @error: return location, %ANX_CARE_ERROR_INVALID; the message holds nothing of the value
 *
 * Returns: (transfer full) (nullable): the value
 */
AnxAnswerValue *
anx_answer_value_parse (JsonObject *object,
                        const char *prefix,
                        GError **error)
{
  g_return_val_if_fail (object != NULL && prefix != NULL, NULL);
  char member[32];
  for (guint type = 0; type < G_N_ELEMENTS (type_names); type++)
    {
      g_snprintf (member, sizeof member, "%s%s", prefix, type_names[type]);
      if (!json_object_has_member (object, member))
        continue;
      g_autoptr (AnxAnswerValue) self = g_new0 (AnxAnswerValue, 1);
      self->type = (AnxValueType) type;
      return parse_value (self, object, member, error) ? g_steal_pointer (&self) : NULL;
    }
  fail (error, ANX_CARE_ERROR_INVALID, N_ ("There is no value"));
  return NULL;
}

static void
set_text (JsonObject *object,
          const char *member,
          const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, member, text);
}

static void
set_number (const AnxAnswerValue *self,
            JsonObject *object,
            const char *member)
{
  if (self->number == floor (self->number) && fabs (self->number) < 1e15)
    json_object_set_int_member (object, member, (gint64) self->number);
  else
    json_object_set_double_member (object, member, self->number);
}

static JsonObject *
write_object (const AnxAnswerValue *self)
{
  JsonObject *object = json_object_new ();
  if (self->type == ANX_VALUE_QUANTITY)
    {
      set_number (self, object, "value");
      set_text (object, "unit", self->text);
    }
  if (self->type == ANX_VALUE_QUANTITY || self->type == ANX_VALUE_CODING)
    {
      set_text (object, "system", self->system);
      set_text (object, "code", self->code);
    }
  if (self->type == ANX_VALUE_CODING)
    set_text (object, "display", self->text);
  if (self->type == ANX_VALUE_REFERENCE)
    {
      set_text (object, "reference", self->text);
      set_text (object, "display", self->data);
    }
  if (self->type == ANX_VALUE_ATTACHMENT)
    {
      set_text (object, "contentType", self->code);
      set_text (object, "url", self->system);
      set_text (object, "title", self->text);
      set_text (object, "data", self->data);
    }
  return object;
}

/**
 * anx_answer_value_write:
 * @self: a value
 * @object: what gets the value[x]
 * @prefix: `value`, `answer` or `initial`
 *
 * Writes it as FHIR.
 */
void
anx_answer_value_write (const AnxAnswerValue *self,
                        JsonObject *object,
                        const char *prefix)
{
  char member[32];
  g_snprintf (member, sizeof member, "%s%s", prefix, type_names[self->type]);
  switch (self->type)
    {
    case ANX_VALUE_BOOLEAN:
      json_object_set_boolean_member (object, member, self->boolean);
      break;
    case ANX_VALUE_DECIMAL:
    case ANX_VALUE_INTEGER:
      set_number (self, object, member);
      break;
    case ANX_VALUE_ATTACHMENT:
    case ANX_VALUE_CODING:
    case ANX_VALUE_QUANTITY:
    case ANX_VALUE_REFERENCE:
      json_object_set_object_member (object, member, write_object (self));
      break;
    default:
      json_object_set_string_member (object, member, self->text);
    }
}

/**
 * anx_answer_value_dup_text:
 * @self: a value
 *
 * Returns: (transfer full): it as a person reads it, without a language
 */
char *
anx_answer_value_dup_text (const AnxAnswerValue *self)
{
  switch (self->type)
    {
    case ANX_VALUE_BOOLEAN:
      return g_strdup (self->boolean ? "✓" : "✗");
    case ANX_VALUE_DECIMAL:
    case ANX_VALUE_INTEGER:
      return g_strdup_printf ("%.15g", self->number);
    case ANX_VALUE_QUANTITY:
      return g_strdup_printf ("%.15g %s", self->number,
                              self->text != NULL   ? self->text
                              : self->code != NULL ? self->code
                                                   : "");
    case ANX_VALUE_REFERENCE:
      return g_strdup (self->data != NULL ? self->data : self->text);
    default:
      return g_strdup (self->text != NULL ? self->text : self->code != NULL ? self->code : "");
    }
}
