/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "call-message.h"

#include <string.h>

#include "bounds.h"
#include "call-error.h"
#include "json.h"

static gboolean
parse_description (AnxCallMessage *self,
                   JsonObject *body,
                   GError **error)
{
  const char *role = anx_json_need_string (body, "role", 16, error);
  if (role == NULL || !anx_json_need_int (body, "attempt", 1, ANX_CALL_MAX_ATTEMPTS, &self->attempt, error))
    return FALSE;
  self->is_offer = g_str_equal (role, "offer");
  if (!self->is_offer && !g_str_equal (role, "answer"))
    {
      g_set_error_literal (error, ANX_CALL_ERROR, ANX_CALL_ERROR_INVALID, "A description is an offer or an answer");
      return FALSE;
    }
  /* A missing statement is not a malformed message but an unsigned description, and the call must say so. */
  if (anx_json_get_string (body, "statement", NULL) == NULL)
    return TRUE;
  self->statement = g_strdup (anx_json_need_string (body, "statement", ANX_BOUND_SIGNAL_BYTES, error));
  return self->statement != NULL;
}

static gboolean
parse_candidate (AnxCallMessage *self,
                 JsonObject *body,
                 GError **error)
{
  gint64 mline = 0;
  const char *candidate = anx_json_need_string (body, "candidate", ANX_CALL_MAX_CANDIDATE_BYTES, error);
  if (candidate == NULL || !anx_json_need_int (body, "attempt", 1, ANX_CALL_MAX_ATTEMPTS, &self->attempt, error) ||
      !anx_json_need_int (body, "mline", 0, ANX_CALL_MAX_MLINES - 1, &mline, error))
    return FALSE;
  /* The ICE agent parses lines: one message must not smuggle in a second attribute. */
  if (!g_str_has_prefix (candidate, "candidate:") || strpbrk (candidate, "\r\n") != NULL)
    {
      g_set_error_literal (error, ANX_CALL_ERROR, ANX_CALL_ERROR_INVALID, "The candidate is not one line of ICE");
      return FALSE;
    }
  self->mline = (guint) mline;
  self->candidate = g_strdup (candidate);
  return TRUE;
}

static gboolean
parse_end (AnxCallMessage *self,
           JsonObject *body,
           GError **error)
{
  self->reason = g_strdup (anx_json_need_string (body, "reason", 64, error));
  return self->reason != NULL;
}

/**
 * anx_call_message_parse:
 * @body: what came from the other side
 * @error: return location, %ANX_CALL_ERROR_INVALID or a code of ANX_BASE_ERROR: a member is missing, of another type, out of
 *   range or too long
 *
 * Returns: (transfer full) (nullable): the message
 */
AnxCallMessage *
anx_call_message_parse (JsonObject *body,
                        GError **error)
{
  g_autoptr (AnxCallMessage) self = g_new0 (AnxCallMessage, 1);
  const char *type = anx_json_need_string (body, "type", 32, error);
  if (type == NULL)
    return NULL;

  gboolean good = FALSE;
  if (g_str_equal (type, "description"))
    {
      self->kind = ANX_CALL_MESSAGE_DESCRIPTION;
      good = parse_description (self, body, error);
    }
  else if (g_str_equal (type, "candidate"))
    {
      self->kind = ANX_CALL_MESSAGE_CANDIDATE;
      good = parse_candidate (self, body, error);
    }
  else if (g_str_equal (type, "end"))
    {
      self->kind = ANX_CALL_MESSAGE_END;
      good = parse_end (self, body, error);
    }
  else if (g_str_equal (type, "restart"))
    {
      self->kind = ANX_CALL_MESSAGE_RESTART;
      good = anx_json_need_int (body, "attempt", 1, ANX_CALL_MAX_ATTEMPTS, &self->attempt, error);
    }
  else
    g_set_error_literal (error, ANX_CALL_ERROR, ANX_CALL_ERROR_INVALID, "The message is of no type a call knows");
  return good ? g_steal_pointer (&self) : NULL;
}

/**
 * anx_call_message_free:
 * @self: (nullable) (transfer full): a message
 *
 * Frees it.
 */
void
anx_call_message_free (AnxCallMessage *self)
{
  if (self == NULL)
    return;
  g_free (self->statement);
  g_free (self->candidate);
  g_free (self->reason);
  g_free (self);
}

static JsonObject *
new_message (const char *type,
             gint64 attempt)
{
  JsonObject *body = json_object_new ();
  json_object_set_string_member (body, "type", type);
  if (attempt > 0)
    json_object_set_int_member (body, "attempt", attempt);
  return body;
}

/**
 * anx_call_message_new_description:
 * @attempt: the attempt, 1 or more
 * @is_offer: offer or answer
 * @statement: the signed description, Base64
 *
 * Returns: (transfer full): the message
 */
JsonObject *
anx_call_message_new_description (gint64 attempt,
                                  gboolean is_offer,
                                  const char *statement)
{
  JsonObject *body = new_message ("description", attempt);
  json_object_set_string_member (body, "role", is_offer ? "offer" : "answer");
  json_object_set_string_member (body, "statement", statement);
  return body;
}

/**
 * anx_call_message_new_candidate:
 * @attempt: the attempt, 1 or more
 * @mline: the media section it belongs to, from 0
 * @candidate: the candidate line
 *
 * Returns: (transfer full): the message
 */
JsonObject *
anx_call_message_new_candidate (gint64 attempt,
                                guint mline,
                                const char *candidate)
{
  JsonObject *body = new_message ("candidate", attempt);
  json_object_set_int_member (body, "mline", mline);
  json_object_set_string_member (body, "candidate", candidate);
  return body;
}

/**
 * anx_call_message_new_end:
 * @reason: one of the words in README.md
 *
 * Returns: (transfer full): the message
 */
JsonObject *
anx_call_message_new_end (const char *reason)
{
  JsonObject *body = new_message ("end", 0);
  json_object_set_string_member (body, "reason", reason);
  return body;
}

/**
 * anx_call_message_new_restart:
 * @attempt: the attempt that is dead, 1 or more
 *
 * Returns: (transfer full): the message
 */
JsonObject *
anx_call_message_new_restart (gint64 attempt)
{
  return new_message ("restart", attempt);
}
