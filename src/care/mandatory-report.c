/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mandatory-report.h"

#include <string.h>

#include "care-error.h"
#include "clock.h"
#include "json.h"

#define fail anx_care_fail

#define MOST_CASES 50
#define TEXT_BYTES 2048
#define MOST_MINUTES (7 * 24 * 60)

static void
case_free (gpointer data)
{
  AnxReportCase *one = data;
  g_free (one->code);
  g_free (one->law_zh);
  g_free (one->law_en);
  g_free (one->when_zh);
  g_free (one->when_en);
  g_free (one->to_zh);
  g_free (one->to_en);
  g_free (one);
}

static gboolean
read_words (JsonObject *json,
            const char *member,
            char **out_zh,
            char **out_en,
            GError **error)
{
  JsonObject *words = anx_json_get_object (json, member);
  const char *zh = anx_json_get_string (words, "zh", "");
  const char *en = anx_json_get_string (words, "en", "");
  if (*zh == '\0' || *en == '\0' || strlen (zh) > TEXT_BYTES || strlen (en) > TEXT_BYTES)
    return fail (error, ANX_CARE_ERROR_INVALID,
                 "A case of mandatory report has law, when and to, in Chinese and English");
  *out_zh = g_strdup (zh);
  *out_en = g_strdup (en);
  return TRUE;
}

static gboolean
read_case (AnxReportRules *self,
           JsonObject *json,
           GError **error)
{
  const char *code = anx_json_get_string (json, "code", "");
  AnxReportCase *one = g_new0 (AnxReportCase, 1);
  g_ptr_array_add (self->cases, one);
  if (*code == '\0' || strlen (code) > 32 || strspn (code, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen (code))
    return fail (error, ANX_CARE_ERROR_INVALID,
                 "A case of mandatory report has a code of at most 32 small letters, digits and dashes");
  if (anx_report_rules_find (self, code) != NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, "Two cases of mandatory report have one code");
  one->code = g_strdup (code);
  return read_words (json, "law", &one->law_zh, &one->law_en, error) && read_words (json, "when", &one->when_zh, &one->when_en, error)
         && read_words (json, "to", &one->to_zh, &one->to_en, error);
}

/**
 * anx_report_rules_parse:
 * @json: the data file
 * @error: return location, %ANX_CARE_ERROR_INVALID
 *
 * Returns: (transfer full) (nullable): the cases in which the law wants a report, and the time for it
 */
AnxReportRules *
anx_report_rules_parse (JsonObject *json,
                        GError **error)
{
  g_autoptr (AnxReportRules) self = g_new0 (AnxReportRules, 1);
  JsonArray *cases = anx_json_get_array (json, "cases");
  gint64 minutes = anx_json_get_int (json, "minutes", 0);

  self->cases = g_ptr_array_new_with_free_func (case_free);
  if (minutes < 1 || minutes > MOST_MINUTES || cases == NULL || json_array_get_length (cases) < 1 || json_array_get_length (cases) > MOST_CASES)
    {
      fail (error, ANX_CARE_ERROR_INVALID,
            "Mandatory reports need between 1 minute and 7 days, and between 1 and 50 cases");
      return NULL;
    }
  self->minutes = (guint) minutes;
  for (guint i = 0; i < json_array_get_length (cases); i++)
    if (!read_case (self, anx_json_array_need_object (cases, i, NULL), error))
      return NULL;
  return g_steal_pointer (&self);
}

/**
 * anx_report_rules_free:
 * @self: (nullable) (transfer full): rules
 */
void
anx_report_rules_free (AnxReportRules *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->cases);
  g_free (self);
}

/**
 * anx_report_rules_find:
 * @self: rules
 * @code: (nullable): a code
 *
 * Returns: (transfer none) (nullable): the case
 */
const AnxReportCase *
anx_report_rules_find (AnxReportRules *self,
                       const char *code)
{
  for (guint i = 0; i < self->cases->len; i++)
    {
      const AnxReportCase *one = g_ptr_array_index (self->cases, i);
      if (code != NULL && g_strcmp0 (one->code, code) == 0)
        return one;
    }
  return NULL;
}

/**
 * anx_report_rules_due_usec:
 * @self: rules
 * @known_usec: when it became known, microseconds of UTC
 *
 * Returns: until when it is to be sent; nights and days off do not stop this clock
 */
gint64
anx_report_rules_due_usec (AnxReportRules *self,
                           gint64 known_usec)
{
  return known_usec + self->minutes * ANX_USEC_PER_MINUTE;
}

/**
 * anx_mandatory_report_check:
 * @rules: the rules
 * @referral: what is to be sent; task, from and time need not be there yet
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: whether it is a mandatory report
 */
gboolean
anx_mandatory_report_check (AnxReportRules *rules,
                            const AnxReferral *referral,
                            GError **error)
{
  if (anx_report_rules_find (rules, referral->legal_basis) == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, "A mandatory report names the article of law that wants it");
  if (referral->consented)
    return fail (error, ANX_CARE_ERROR_INVALID, "A mandatory report does not rest on consent");
  if (referral->urgency != ANX_URGENCY_IMMEDIATE)
    return fail (error, ANX_CARE_ERROR_INVALID, "A mandatory report is always immediate");
  return anx_note_check (referral->reason, error);
}
