/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "retention.h"

#include <string.h>

#include "care-error.h"
#include "json.h"

#define MAX_CLASSES 32
#define MAX_KINDS 32
#define MAX_REASONS 16
#define NAME_BYTES 40
#define SOURCE_BYTES 1024
#define MAX_YEARS 100
#define CRISIS_CLASS "crisis"

/* 0 = there is no such period. */
typedef struct
{
  char *id;
  char **kinds;
  gboolean from_closed; /* counted from the referral's end, else from when the hub received it */
  gint seal_years;
  gint least_years;
  gint keep_years;
} Class;

typedef struct
{
  char *id;
  char *law;
  char *waits; /* period least nothing */
} Reason;

struct _AnxRetention
{
  GPtrArray *classes; /* Class */
  GPtrArray *reasons; /* Reason */
  GPtrArray *kinds;   /* of all classes, NULL at the end; belong to the classes */
};

static void
class_free (gpointer data)
{
  Class *class = data;
  g_free (class->id);
  g_strfreev (class->kinds);
  g_free (class);
}

static void
reason_free (gpointer data)
{
  Reason *reason = data;
  g_free (reason->id);
  g_free (reason->law);
  g_free (reason->waits);
  g_free (reason);
}

static gboolean
has_text (const char *text)
{
  return text != NULL && *text != '\0';
}

/* A period without its source is refused: nobody could say later why it is what it is. */
static gboolean
read_period (JsonObject *object,
             const char *member,
             const char *why,
             gint *out_years,
             GError **error)
{
  gint64 years = 0;
  if (!json_object_has_member (object, member))
    return TRUE;
  JsonObject *period = anx_json_need_object (object, member, error);
  const char *source = period != NULL ? anx_json_need_string (period, why, SOURCE_BYTES, error) : NULL;
  if (source == NULL || !anx_json_need_int (period, "years", 1, MAX_YEARS, &years, error))
    return FALSE;
  if (!has_text (source))
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "the period “%s” has no %s", member, why);
  *out_years = (gint) years;
  return TRUE;
}

static gboolean
periods_fit (const Class *class,
             GError **error)
{
  if (class->keep_years == 0 && (class->seal_years > 0 || class->least_years > 0))
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "the class %s is never erased and so has no other period", class->id);
  if (class->least_years > class->keep_years || class->seal_years > class->keep_years)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "the class %s is erased before its other periods are over", class->id);
  return TRUE;
}

static gboolean
read_class (JsonObject *object,
            Class *class,
            GError **error)
{
  const char *id = anx_json_need_string (object, "id", NAME_BYTES, error);
  const char *from = id != NULL ? anx_json_need_string (object, "from", NAME_BYTES, error) : NULL;
  class->id = g_strdup (id);
  class->kinds = from != NULL ? anx_json_need_strings (object, "kinds", MAX_KINDS, error) : NULL;
  if (class->kinds == NULL || !read_period (object, "seal", "source", &class->seal_years, error) ||
      !read_period (object, "least", "source", &class->least_years, error) || !read_period (object, "keep", "source", &class->keep_years, error))
    return FALSE;
  class->from_closed = strcmp (from, "closed") == 0;
  if (!has_text (id) || class->kinds[0] == NULL || (!class->from_closed && strcmp (from, "received") != 0))
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "a class needs an id, kinds, and from: received or closed");
  return periods_fit (class, error);
}

static Class *
find_class (AnxRetention *self,
            const char *kind)
{
  for (guint i = 0; i < self->classes->len; i++)
    {
      Class *class = self->classes->pdata[i];
      if (g_strv_contains ((const char *const *) class->kinds, kind))
        return class;
    }
  return NULL;
}

static Class *
find_class_by_id (AnxRetention *self,
                  const char *id)
{
  for (guint i = 0; i < self->classes->len; i++)
    {
      Class *class = self->classes->pdata[i];
      if (strcmp (class->id, id) == 0)
        return class;
    }
  return NULL;
}

static gboolean
add_class (AnxRetention *self,
           JsonObject *object,
           GError **error)
{
  Class *class = g_new0 (Class, 1);
  if (!read_class (object, class, error))
    {
      class_free (class);
      return FALSE;
    }
  for (gsize i = 0; class->kinds[i] != NULL; i++)
    if (find_class (self, class->kinds[i]) != NULL)
      {
        anx_care_fail (error, ANX_CARE_ERROR_INVALID, "%s is in two classes", class->kinds[i]);
        class_free (class);
        return FALSE;
      }
  g_ptr_array_add (self->classes, class);
  return TRUE;
}

static gboolean
read_classes (AnxRetention *self,
              JsonObject *json,
              GError **error)
{
  JsonArray *classes = anx_json_need_array (json, "classes", MAX_CLASSES, error);
  for (guint i = 0; classes != NULL && i < json_array_get_length (classes); i++)
    {
      JsonObject *object = anx_json_array_need_object (classes, i, error);
      if (object == NULL || !add_class (self, object, error))
        return FALSE;
    }
  if (classes == NULL)
    return FALSE;
  for (guint i = 0; i < self->classes->len; i++)
    for (char **kind = ((Class *) self->classes->pdata[i])->kinds; *kind != NULL; kind++)
      g_ptr_array_add (self->kinds, *kind);
  g_ptr_array_add (self->kinds, NULL);
  if (find_class_by_id (self, CRISIS_CLASS) != NULL)
    return TRUE;
  return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "the class " CRISIS_CLASS " is missing");
}

static gboolean
read_reasons (AnxRetention *self,
              JsonObject *json,
              GError **error)
{
  static const char *const waits_for[] = { "period", "least", "nothing", NULL };
  JsonArray *reasons = anx_json_need_array (json, "reasons", MAX_REASONS, error);
  for (guint i = 0; reasons != NULL && i < json_array_get_length (reasons); i++)
    {
      JsonObject *object = anx_json_array_need_object (reasons, i, error);
      const char *id = object != NULL ? anx_json_need_string (object, "id", NAME_BYTES, error) : NULL;
      const char *law = id != NULL ? anx_json_need_string (object, "law", SOURCE_BYTES, error) : NULL;
      const char *waits = law != NULL ? anx_json_need_string (object, "waits", NAME_BYTES, error) : NULL;
      if (waits == NULL)
        return FALSE;
      if (!has_text (id) || !has_text (law) || !g_strv_contains (waits_for, waits))
        return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "a reason needs an id, its law, and waits: period, least or nothing");
      Reason *reason = g_new0 (Reason, 1);
      reason->id = g_strdup (id);
      reason->law = g_strdup (law);
      reason->waits = g_strdup (waits);
      g_ptr_array_add (self->reasons, reason);
    }
  return reasons != NULL;
}

/**
 * anx_retention_parse:
 * @json: the form of data/care/retention.json
 * @error: return location, %ANX_CARE_ERROR_INVALID
 *
 * Returns: (transfer full) (nullable): the table; a period without a source, a kind in two classes, a class whose erasing comes before its
 *   sealing or before what the law wants are refused
 */
AnxRetention *
anx_retention_parse (JsonObject *json,
                     GError **error)
{
  g_return_val_if_fail (json != NULL, NULL);
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRetention) self = g_new0 (AnxRetention, 1);
  self->classes = g_ptr_array_new_with_free_func (class_free);
  self->reasons = g_ptr_array_new_with_free_func (reason_free);
  self->kinds = g_ptr_array_new ();
  if (read_reasons (self, json, &inner) && read_classes (self, json, &inner))
    return g_steal_pointer (&self);
  g_set_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, "The table of how long records are kept is not usable: %s", inner->message);
  return NULL;
}

static gboolean
lengthen_one (gint *years,
              gint wanted,
              GError **error)
{
  if (wanted != 0 && wanted < *years)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "a site may lengthen a period, not shorten it");
  *years = MAX (*years, wanted);
  return TRUE;
}

static gboolean
lengthen_class (AnxRetention *self,
                JsonObject *object,
                GError **error)
{
  gint least = 0, keep = 0;
  const char *id = anx_json_need_string (object, "id", NAME_BYTES, error);
  if (id == NULL)
    return FALSE;
  Class *class = find_class_by_id (self, id);
  if (class == NULL || class->keep_years == 0)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "there is no such class with a period");
  return read_period (object, "least", "reason", &least, error) && read_period (object, "keep", "reason", &keep, error) &&
         lengthen_one (&class->least_years, least, error) && lengthen_one (&class->keep_years, keep, error) && periods_fit (class, error);
}

/**
 * anx_retention_lengthen:
 * @self: the built-in table; unusable after an error
 * @own: a site's own: `{"classes":[{"id","keep"?:{"years","reason"},"least"?:{"years","reason"}}]}`
 * @error: return location, %ANX_CARE_ERROR_INVALID
 *
 * Returns: whether every period is longer than, or as long as, the built-in one and has its reason
 */
gboolean
anx_retention_lengthen (AnxRetention *self,
                        JsonObject *own,
                        GError **error)
{
  g_autoptr (GError) inner = NULL;
  JsonArray *classes = anx_json_need_array (own, "classes", MAX_CLASSES, &inner);
  for (guint i = 0; classes != NULL && i < json_array_get_length (classes) && inner == NULL; i++)
    {
      JsonObject *object = anx_json_array_need_object (classes, i, &inner);
      if (object != NULL)
        lengthen_class (self, object, &inner);
    }
  if (inner == NULL)
    return TRUE;
  g_set_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, "The site's table of how long records are kept is not usable: %s", inner->message);
  return FALSE;
}

/**
 * anx_retention_free:
 * @self: (transfer full) (nullable): a table
 */
void
anx_retention_free (AnxRetention *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->kinds);
  g_ptr_array_unref (self->classes);
  g_ptr_array_unref (self->reasons);
  g_free (self);
}

/**
 * anx_retention_get_class:
 * @self: a table
 * @kind: of a record
 *
 * Returns: (transfer none) (nullable): the class it belongs to
 */
const char *
anx_retention_get_class (AnxRetention *self,
                         const char *kind)
{
  const Class *class = find_class (self, kind);
  return class != NULL ? class->id : NULL;
}

/**
 * anx_retention_list_kinds:
 * @self: a table
 *
 * Returns: (transfer none): the kinds of all classes
 */
const char *const *
anx_retention_list_kinds (AnxRetention *self)
{
  return (const char *const *) self->kinds->pdata;
}

static const Reason *
find_reason (AnxRetention *self,
             const char *id)
{
  for (guint i = 0; i < self->reasons->len; i++)
    {
      const Reason *reason = self->reasons->pdata[i];
      if (g_strcmp0 (reason->id, id) == 0)
        return reason;
    }
  return NULL;
}

/**
 * anx_retention_get_law:
 * @self: a table
 * @reason: why something is to be erased
 *
 * Returns: (transfer none) (nullable): the article it rests on; %NULL for a reason that is not in the table
 */
const char *
anx_retention_get_law (AnxRetention *self,
                       const char *reason)
{
  const Reason *found = find_reason (self, reason);
  return found != NULL ? found->law : NULL;
}

/* Years of the calendar: ten years after the 29th of February is the 28th. */
static gint64
add_years (gint64 usec,
           gint years)
{
  g_autoptr (GDateTime) since = g_date_time_new_from_unix_utc (usec / G_USEC_PER_SEC);
  g_autoptr (GDateTime) then = since != NULL ? g_date_time_add_years (since, years) : NULL;
  return then != NULL ? g_date_time_to_unix (then) * G_USEC_PER_SEC + usec % G_USEC_PER_SEC : G_MAXINT64;
}

/**
 * anx_retention_get_oldest_usec:
 * @self: a table
 * @kind: of a record
 * @now_usec: the time, UTC
 *
 * Returns: records of this kind that were received before this time can be due; 0 when they never are
 */
gint64
anx_retention_get_oldest_usec (AnxRetention *self,
                               const char *kind,
                               gint64 now_usec)
{
  const Class *class = find_class (self, kind);
  if (class == NULL || class->keep_years == 0)
    return 0;
  /* A day more than the shortest such years: which of them are due is for the judgement to say. */
  return now_usec - (gint64) class->keep_years * 365 * 24 * 3600 * G_USEC_PER_SEC;
}

/**
 * anx_retention_is_sealed:
 * @self: a table
 * @kind: of a record
 * @since_usec: when it was written, or its referral ended; 0 while the referral is open
 * @now_usec: the time, UTC
 *
 * Returns: whether it is no longer shown in lists, and opened only with a reason that is recorded
 */
gboolean
anx_retention_is_sealed (AnxRetention *self,
                         const char *kind,
                         gint64 since_usec,
                         gint64 now_usec)
{
  const Class *class = find_class (self, kind);
  return class != NULL && class->seal_years > 0 && since_usec > 0 && now_usec >= add_years (since_usec, class->seal_years);
}

static gboolean
is_before_end (gint64 since_usec,
               gint years,
               gint64 now_usec,
               gint64 *out_until_usec)
{
  gint64 end_usec = years > 0 ? add_years (since_usec, years) : 0;
  if (now_usec >= end_usec)
    return FALSE;
  *out_until_usec = end_usec;
  return TRUE;
}

/**
 * anx_retention_judge:
 * @self: a table
 * @facts: what is known of the record
 * @reason: why it is to be erased, of the table
 * @now_usec: the time, UTC
 * @out_until_usec: (out): until when it is kept, for %ANX_RETENTION_NOT_YET and %ANX_RETENTION_LAW; else 0
 *
 * A call for help nobody answered and a referral somebody works on hold everything that belongs to them, whatever the reason. What belongs to
 * a call for help is also kept as long as the call itself must be.
 *
 * Returns: whether it may be erased, or what holds it
 */
AnxRetentionVerdict
anx_retention_judge (AnxRetention *self,
                     const AnxRetentionFacts *facts,
                     const char *reason,
                     gint64 now_usec,
                     gint64 *out_until_usec)
{
  const Class *class = find_class (self, facts->kind);
  const Class *crisis = find_class_by_id (self, CRISIS_CLASS);
  const Reason *why = find_reason (self, reason);
  *out_until_usec = 0;
  if (class == NULL || class->keep_years == 0 || why == NULL)
    return ANX_RETENTION_ALWAYS;
  if (facts->crisis_open)
    return ANX_RETENTION_CRISIS_OPEN;
  if (facts->of_referral && facts->closed_usec == 0)
    return ANX_RETENTION_REFERRAL_OPEN;
  if (strcmp (why->waits, "nothing") == 0)
    return ANX_RETENTION_ERASE;
  gint64 since_usec = class->from_closed && facts->of_referral ? facts->closed_usec : facts->received_usec;
  if (strcmp (why->waits, "period") == 0 && is_before_end (since_usec, class->keep_years, now_usec, out_until_usec))
    return ANX_RETENTION_NOT_YET;
  if (is_before_end (since_usec, class->least_years, now_usec, out_until_usec))
    return ANX_RETENTION_LAW;
  if (facts->of_crisis && is_before_end (facts->crisis_usec, crisis->least_years, now_usec, out_until_usec))
    return ANX_RETENTION_LAW;
  return ANX_RETENTION_ERASE;
}

/**
 * anx_retention_verdict_to_string:
 * @verdict: a verdict
 *
 * Returns: (transfer none): its word in the API
 */
const char *
anx_retention_verdict_to_string (AnxRetentionVerdict verdict)
{
  static const char *const words[] = { "erase", "not-yet", "crisis-open", "referral-open", "law", "always" };
  g_return_val_if_fail (verdict < G_N_ELEMENTS (words), NULL);
  return words[verdict];
}
