/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The API's JSON, written and read. What comes from the hub is checked here and nowhere else. Any thread. */

/* One answer of POST /records. */
typedef struct
{
  char *id;
  gboolean accepted;  /* stored now or held before */
  char *problem;      /* (nullable) why it was refused, for people */
} AnxRecordResult;

/* One page of GET /inbox. */
typedef struct
{
  GPtrArray *envelopes; /* (element-type GBytes), in the hub's order */
  gint64 cursor;        /* where the next page begins */
  gboolean more;
} AnxInboxPage;

/* What POST /enrolments/claims says. */
typedef struct
{
  char *principal;
  gboolean approved;
  char *sign_certificate; /* (nullable) PEM, when approved */
  char *seal_certificate;
} AnxClaimAnswer;

void anx_record_result_free (AnxRecordResult *self);
void anx_inbox_page_free (AnxInboxPage *self);
void anx_claim_answer_free (AnxClaimAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxInboxPage, anx_inbox_page_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxClaimAnswer, anx_claim_answer_free)

GBytes         *anx_message_build_records (GPtrArray *envelopes) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray      *anx_message_parse_record_results (GBytes *answer, GPtrArray *ids, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxInboxPage   *anx_message_parse_inbox (GBytes *answer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxClaimAnswer *anx_message_parse_claim (GBytes *answer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean        anx_message_parse_health (GBytes *answer, gint64 *out_now_usec, GError **error);
char           *anx_message_parse_authority (GBytes *answer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonObject     *anx_message_parse_problem (GBytes *answer) G_GNUC_WARN_UNUSED_RESULT;
/* What an answer outside 2xx means: REFUSED, CONFLICT, UNKNOWN, BUSY. */
void            anx_message_set_status_error (guint status, JsonObject *problem, GError **error);

G_END_DECLS
