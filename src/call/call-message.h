/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The signalling messages of a call (README.md has the table), bounded and type-checked. Private to the folder; any thread. */

typedef enum
{
  ANX_CALL_MESSAGE_DESCRIPTION,
  ANX_CALL_MESSAGE_CANDIDATE,
  ANX_CALL_MESSAGE_END,
  ANX_CALL_MESSAGE_RESTART,
} AnxCallMessageKind;

typedef struct
{
  AnxCallMessageKind kind;
  gint64 attempt;        /* 1 or more; 0 in an END */
  gboolean is_offer;     /* of a DESCRIPTION */
  char *statement;       /* of a DESCRIPTION; NULL when it carries none, which is an unsigned description */
  guint mline;           /* of a CANDIDATE */
  char *candidate;       /* of a CANDIDATE */
  char *reason;          /* of an END */
} AnxCallMessage;

/* Attempts of one call; at one each few seconds for at most a minute a real call stays far below. */
#define ANX_CALL_MAX_ATTEMPTS 10000
/* A candidate line is about 100 bytes. */
#define ANX_CALL_MAX_CANDIDATE_BYTES 1024
/* Media sections of a description: one video, one audio; a browser may add a data channel. */
#define ANX_CALL_MAX_MLINES 8
/* Candidates kept until the description they belong to is in place. */
#define ANX_CALL_MAX_QUEUED_CANDIDATES 64

AnxCallMessage *anx_call_message_parse (JsonObject *body, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void            anx_call_message_free (AnxCallMessage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxCallMessage, anx_call_message_free)

JsonObject *anx_call_message_new_description (gint64 attempt, gboolean is_offer, const char *statement) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *anx_call_message_new_candidate (gint64 attempt, guint mline, const char *candidate) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *anx_call_message_new_end (const char *reason) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *anx_call_message_new_restart (gint64 attempt) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
