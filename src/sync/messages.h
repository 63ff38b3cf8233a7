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
  gboolean misplaced; /* refused because the hub holds another record in its place or under its id */
  char *problem;      /* (nullable) why it was refused, for people */
} AnxRecordResult;

/* One page of GET /inbox. */
typedef struct
{
  GPtrArray *envelopes; /* (element-type GBytes), in the hub's order */
  gint64 cursor;        /* where the next page begins */
  GBytes *at_cursor;    /* (nullable) the envelope that stands there */
  gboolean more;
} AnxInboxPage;

/* What GET /chain says the hub holds of the own chain. */
typedef struct
{
  gint64 place;
  char *digest;
} AnxChainPlace;

typedef struct
{
  gint64 count;
  gint64 head_place;  /* 0 when nothing is held */
  char *head_id;      /* (nullable) */
  char *head_digest;  /* (nullable) */
  GPtrArray *places;  /* (element-type AnxChainPlace), rising */
  gboolean more;
} AnxChainPage;

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
void anx_chain_page_free (AnxChainPage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxChainPage, anx_chain_page_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxInboxPage, anx_inbox_page_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxClaimAnswer, anx_claim_answer_free)

GBytes         *anx_message_build_records (GPtrArray *envelopes) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray      *anx_message_parse_record_results (GBytes *answer, GPtrArray *ids, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxInboxPage   *anx_message_parse_inbox (GBytes *answer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxChainPage   *anx_message_parse_chain (GBytes *answer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes         *anx_message_parse_record (GBytes *answer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean        anx_message_problem_is (JsonObject *problem, const char *slug);
AnxClaimAnswer *anx_message_parse_claim (GBytes *answer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean        anx_message_parse_health (GBytes *answer, gint64 *out_now_usec, GError **error);
char           *anx_message_parse_authority (GBytes *answer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonObject     *anx_message_parse_problem (GBytes *answer) G_GNUC_WARN_UNUSED_RESULT;
/* What an answer outside 2xx means: REFUSED, CONFLICT, UNKNOWN, BUSY. */
void            anx_message_set_status_error (guint status, JsonObject *problem, GError **error);

G_END_DECLS
