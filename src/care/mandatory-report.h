/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "care-records.h"

G_BEGIN_DECLS

/*
 * A report that the law wants without the resident's consent: a minor in danger, domestic violence. It is a referral whose legal basis is one
 * of the cases of data/care/mandatory-report.json, always immediate; so the receiver's answer, the lights and the supervision are those of
 * referrals. Its record kind is its own, so that no form for consent can write one and no one for it asks for consent. No I/O. Any thread.
 */
typedef struct
{
  char *code;
  char *law_zh;
  char *law_en;
  char *when_zh;
  char *when_en;
  char *to_zh;
  char *to_en;
} AnxReportCase;

typedef struct
{
  GPtrArray *cases; /* AnxReportCase, at least one */
  guint minutes;    /* from knowing to sending */
} AnxReportRules;

AnxReportRules *anx_report_rules_parse (JsonObject *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void            anx_report_rules_free (AnxReportRules *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxReportRules, anx_report_rules_free)
const AnxReportCase *anx_report_rules_find (AnxReportRules *self, const char *code); /* (nullable) */
gint64          anx_report_rules_due_usec (AnxReportRules *self, gint64 known_usec);

/* Whether @referral can go out as a mandatory report: names a case, needs no consent, is immediate, says what is known. */
gboolean anx_mandatory_report_check (AnxReportRules *rules, const AnxReferral *referral, GError **error);

G_END_DECLS
