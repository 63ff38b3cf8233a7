/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * How long what is kept about a person is kept: data/care/retention.json. Three times of a record follow from its class: from when it is
 * sealed (not shown in lists any more; opened only with a reason that is recorded), until when the law wants it kept whatever the person
 * asks, and from when it is to be erased. Immutable, no I/O. Any thread.
 */
typedef struct _AnxRetention AnxRetention;

AnxRetention *anx_retention_parse (JsonObject *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean      anx_retention_lengthen (AnxRetention *self, JsonObject *own, GError **error);
void          anx_retention_free (AnxRetention *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxRetention, anx_retention_free)

const char        *anx_retention_get_class (AnxRetention *self, const char *kind);
const char *const *anx_retention_list_kinds (AnxRetention *self);
const char        *anx_retention_get_law (AnxRetention *self, const char *reason);
gint64             anx_retention_get_oldest_usec (AnxRetention *self, const char *kind, gint64 now_usec);
gboolean           anx_retention_is_sealed (AnxRetention *self, const char *kind, gint64 since_usec, gint64 now_usec);

/* What the hub knows of a record without opening it. */
typedef struct
{
  const char *kind;
  gint64 received_usec;    /* when it came, by the hub's clock */
  gboolean of_referral;    /* a referral, its events, a report */
  gint64 closed_usec;      /* when that ended, 0 = it is open */
  gboolean of_crisis;      /* it belongs to a call for help */
  gint64 crisis_usec;      /* when that was */
  gboolean crisis_open;    /* nobody has answered it yet */
} AnxRetentionFacts;

typedef enum
{
  ANX_RETENTION_ERASE,         /* may be, and should be, erased */
  ANX_RETENTION_NOT_YET,       /* its period is not over */
  ANX_RETENTION_CRISIS_OPEN,   /* somebody is perhaps in danger now */
  ANX_RETENTION_REFERRAL_OPEN, /* a department still works on it */
  ANX_RETENTION_LAW,           /* the law wants it kept until out_until */
  ANX_RETENTION_ALWAYS,        /* kept for good, or of no class */
} AnxRetentionVerdict;

AnxRetentionVerdict anx_retention_judge (AnxRetention *self, const AnxRetentionFacts *facts, const char *reason, gint64 now_usec, gint64 *out_until_usec);
const char         *anx_retention_verdict_to_string (AnxRetentionVerdict verdict);

G_END_DECLS
