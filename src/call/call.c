/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "call.h"

#include <glib/gi18n-lib.h>
#include <gst/gst.h>
#include <string.h>

#include "call-attempt.h"
#include "call-error.h"
#include "call-media.h"
#include "call-message.h"
#include "call-private.h"
#include "call-sdp.h"
#include "device-check.h"

/* The states, who may move between them, and the invariants C1–C8 the comments below name are in README.md. */

#define TICK_MS 1000
#define MAX_GAPS 100

static void begin_attempt (AnxCall *self, gint64 number, const char *remote_offer);
static void finish (AnxCall *self, AnxCallEndReason reason, int code, const char *problem, const char *tell_peer);

/* Rows: from; columns: to. README.md says what brings each about. */
static const gboolean may_follow[ANX_CALL_ENDED + 1][ANX_CALL_ENDED + 1] = {
  /*                       IDLE   CHECKING WAITING CONNECTING LIVE  RECONNECTING ENDED */
  [ANX_CALL_IDLE]         = { FALSE, TRUE,  TRUE,  TRUE,  FALSE, FALSE, TRUE },
  [ANX_CALL_CHECKING]     = { FALSE, FALSE, TRUE,  TRUE,  FALSE, FALSE, TRUE },
  [ANX_CALL_WAITING]      = { FALSE, TRUE,  FALSE, TRUE,  FALSE, FALSE, TRUE },
  [ANX_CALL_CONNECTING]   = { FALSE, FALSE, FALSE, FALSE, TRUE,  FALSE, TRUE },
  [ANX_CALL_LIVE]         = { FALSE, FALSE, FALSE, FALSE, FALSE, TRUE,  TRUE },
  [ANX_CALL_RECONNECTING] = { FALSE, FALSE, FALSE, FALSE, TRUE,  FALSE, TRUE },
  [ANX_CALL_ENDED]        = { FALSE },
};

/* C9: a gap begins with RECONNECTING and ends with what follows it. */
static void
note_gap (AnxCall *self,
          AnxCallState state)
{
  gint64 now = g_get_monotonic_time ();
  if (self->gap_since_usec != 0)
    {
      AnxCallGap *last = &g_array_index (self->gaps, AnxCallGap, self->gaps->len - 1);
      last->length_usec = MAX (now - self->gap_since_usec, 1);
      self->gap_since_usec = 0;
    }
  if (state != ANX_CALL_RECONNECTING)
    return;
  if (self->gaps->len == MAX_GAPS)
    g_array_remove_index (self->gaps, 0);
  AnxCallGap gap = { g_get_real_time (), 0 };
  g_array_append_val (self->gaps, gap);
  self->gap_since_usec = now;
}

static void
set_quality (AnxCall *self,
             guint quality)
{
  if (self->quality == quality)
    return;
  self->quality = quality;
  g_object_notify_by_pspec (G_OBJECT (self), anx_call_props[ANX_CALL_PROP_QUALITY]);
}

static void
set_state (AnxCall *self,
           AnxCallState state)
{
  if (self->state == state)
    return;
  g_assert (may_follow[self->state][state]);
  note_gap (self, state);
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), anx_call_props[ANX_CALL_PROP_STATE]);
}

static void
set_number (AnxCall *self,
            double *field,
            double value,
            guint prop)
{
  if (*field == value)
    return;
  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), anx_call_props[prop]);
}

static void
send_body (AnxCall *self,
           JsonObject *body)
{
  g_signal_emit (self, anx_call_signals[ANX_CALL_SIGNAL_SEND], 0, body);
  json_object_unref (body);
}

/* Closes the attempt and its devices; nothing of the other side counts as present any more. */
static void
drop_attempt (AnxCall *self)
{
  if (self->attempt != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->attempt, self);
      anx_call_attempt_close (self->attempt);
      g_clear_object (&self->attempt);
    }
  g_queue_clear_full (&self->own_candidates, (GDestroyNotify) json_object_unref);
  self->description_sent = self->description_taken = FALSE;
  set_number (self, &self->remote_level, -100, ANX_CALL_PROP_REMOTE_LEVEL);
  set_number (self, &self->remote_fps, 0, ANX_CALL_PROP_REMOTE_FPS);
  set_quality (self, 0);
}

static void
drop_check (AnxCall *self)
{
  if (self->check == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->check, self);
  anx_device_check_close (self->check);
  g_clear_object (&self->check);
  set_number (self, &self->local_level, -100, ANX_CALL_PROP_LOCAL_LEVEL);
}

/* C6: the devices are closed before ENDED is seen, and before the other side is told. */
static void
finish (AnxCall *self,
        AnxCallEndReason reason,
        int code,
        const char *problem,
        const char *tell_peer)
{
  if (self->state == ANX_CALL_ENDED)
    return;
  g_autoptr (AnxCall) alive = g_object_ref (self);
  drop_check (self);
  drop_attempt (self);
  if (self->tick != NULL)
    {
      g_source_destroy (self->tick);
      g_clear_pointer (&self->tick, g_source_unref);
    }
  self->end_reason = reason;
  if (problem != NULL)
    self->error = g_error_new_literal (ANX_CALL_ERROR, code, problem);
  if (tell_peer != NULL)
    send_body (alive, anx_call_message_new_end (tell_peer));
  /* A handler of "send" may have come back to us. */
  if (alive->state == ANX_CALL_ENDED)
    return;
  set_state (alive, ANX_CALL_ENDED);
  if (problem != NULL)
    g_object_notify_by_pspec (G_OBJECT (alive), anx_call_props[ANX_CALL_PROP_PROBLEM]);
}

static const char *
end_word (int code)
{
  switch (code)
    {
    case ANX_CALL_ERROR_UNTRUSTED:
      return "untrusted";
    case ANX_CALL_ERROR_CONNECTION:
      return "connection";
    default:
      return "failed";
    }
}

static void
finish_with_error (AnxCall *self,
                   int code,
                   const char *problem)
{
  finish (self, ANX_CALL_ENDED_BY_ERROR, code, problem, end_word (code));
}

static void
finish_untrusted (AnxCall *self)
{
  finish_with_error (self, ANX_CALL_ERROR_UNTRUSTED,
                     _("The call was ended, because it could not be confirmed who the other side is. Nobody else saw or heard anything. Please tell the administrator."));
}

/* ---- attempts ---- */

static char *
make_context (AnxCall *self,
              gboolean is_offer)
{
  return g_strdup_printf ("session-description:%s:%" G_GINT64_FORMAT ":%s", self->call_id, self->attempt_number,
                          is_offer ? "offer" : "answer");
}

/* C3: the offering side alone makes numbers; the answering side can only ask. */
static void
try_again (AnxCall *self)
{
  if (self->role == ANX_CALL_ROLE_OFFERING && self->attempt_number < ANX_CALL_MAX_ATTEMPTS)
    {
      begin_attempt (self, self->attempt_number + 1, NULL);
      return;
    }
  drop_attempt (self);
  self->attempt_since_usec = g_get_monotonic_time ();
  send_body (self, anx_call_message_new_restart (self->attempt_number));
}

static void
lose_connection (AnxCall *self)
{
  if (self->state == ANX_CALL_LIVE)
    {
      self->not_live_since_usec = g_get_monotonic_time ();
      drop_attempt (self);
      set_state (self, ANX_CALL_RECONNECTING);
    }
  if (self->state == ANX_CALL_CONNECTING || self->state == ANX_CALL_RECONNECTING)
    try_again (self);
}

typedef struct
{
  AnxCall *self;
  gint64 attempt_number;
  gboolean is_offer;
} Signing;

static void
on_signed (GObject *source,
           GAsyncResult *result,
           gpointer user_data)
{
  Signing *signing = user_data;
  g_autoptr (AnxCall) self = signing->self;
  gint64 attempt_number = signing->attempt_number;
  gboolean is_offer = signing->is_offer;
  g_free (signing);

  g_autoptr (GError) error = NULL;
  g_autofree char *statement = anx_call_trust_sign_finish (ANX_CALL_TRUST (source), result, &error);
  if (self->state == ANX_CALL_ENDED || self->attempt == NULL || self->attempt_number != attempt_number)
    return;
  if (statement == NULL)
    {
      finish (self, ANX_CALL_ENDED_BY_ERROR, ANX_CALL_ERROR_UNTRUSTED,
              _("The call could not begin, because this machine could not confirm itself. Nobody else saw or heard anything. Please tell the administrator."),
              "failed");
      return;
    }
  self->description_sent = TRUE;
  send_body (self, anx_call_message_new_description (attempt_number, is_offer, statement));
  /* C4: candidates follow the description they belong to. A handler may have ended the attempt meanwhile. */
  while (self->attempt_number == attempt_number && !g_queue_is_empty (&self->own_candidates))
    send_body (self, g_queue_pop_head (&self->own_candidates));
}

static void
on_attempt_description (AnxCallAttempt *attempt,
                        const char *sdp,
                        AnxCall *self)
{
  Signing *signing = g_new0 (Signing, 1);
  signing->self = g_object_ref (self);
  signing->attempt_number = self->attempt_number;
  signing->is_offer = self->role == ANX_CALL_ROLE_OFFERING;
  g_autofree char *context = make_context (self, signing->is_offer);
  anx_call_trust_sign_async (self->trust, context, sdp, on_signed, signing);
}

static void
on_attempt_candidate (AnxCallAttempt *attempt,
                      guint mline,
                      const char *candidate,
                      AnxCall *self)
{
  JsonObject *body = anx_call_message_new_candidate (self->attempt_number, mline, candidate);
  if (self->description_sent)
    send_body (self, body);
  else if (g_queue_get_length (&self->own_candidates) < ANX_CALL_MAX_QUEUED_CANDIDATES)
    g_queue_push_tail (&self->own_candidates, body);
  else
    json_object_unref (body);
}

static void
on_attempt_media (AnxCallAttempt *attempt,
                  AnxCall *self)
{
  g_autoptr (AnxCall) alive = g_object_ref (self);
  g_autoptr (GError) error = NULL;
  set_state (self, ANX_CALL_LIVE);
  /* C6: not before. A handler may have ended the call. */
  if (self->attempt == attempt && !anx_call_attempt_open_devices (attempt, &error))
    finish_with_error (self, error->code, error->message);
}

static void
on_attempt_remote_frame (AnxCallAttempt *attempt,
                         AnxFrame *frame,
                         AnxCall *self)
{
  g_signal_emit (self, anx_call_signals[ANX_CALL_SIGNAL_REMOTE_FRAME], 0, frame);
}

static void
on_attempt_local_frame (AnxCallAttempt *attempt,
                        AnxFrame *frame,
                        AnxCall *self)
{
  /* Before it, this is what stands in for the camera. */
  if (self->state == ANX_CALL_LIVE)
    g_signal_emit (self, anx_call_signals[ANX_CALL_SIGNAL_LOCAL_FRAME], 0, frame);
}

static void
on_attempt_text (AnxCallAttempt *attempt,
                 const char *text,
                 AnxCall *self)
{
  g_signal_emit (self, anx_call_signals[ANX_CALL_SIGNAL_TEXT], 0, text);
}

static void
on_attempt_level (AnxCallAttempt *attempt,
                  double level,
                  AnxCall *self)
{
  set_number (self, &self->remote_level, level, ANX_CALL_PROP_REMOTE_LEVEL);
}

static void
on_attempt_notice (AnxCallAttempt *attempt,
                   const char *text,
                   AnxCall *self)
{
  /* Several devices can be missing; each is named once. */
  if (self->notice != NULL && strstr (self->notice, text) != NULL)
    return;
  char *all = self->notice != NULL ? g_strconcat (self->notice, "\n", text, NULL) : g_strdup (text);
  g_free (self->notice);
  self->notice = all;
  g_object_notify_by_pspec (G_OBJECT (self), anx_call_props[ANX_CALL_PROP_PROBLEM]);
}

static void
on_attempt_failed (AnxCallAttempt *attempt,
                   GError *error,
                   AnxCall *self)
{
  /* A line that breaks is tried again by the tick, at its pace; a wrong certificate or a broken machine is not. */
  if (error->code == ANX_CALL_ERROR_CONNECTION && self->state == ANX_CALL_LIVE)
    lose_connection (self);
  else if (error->code != ANX_CALL_ERROR_CONNECTION)
    finish_with_error (self, error->code, error->message);
}

/* C1: one attempt at a time; the one before is closed, with its devices, before the next opens them. */
static void
begin_attempt (AnxCall *self,
               gint64 number,
               const char *remote_offer)
{
  drop_attempt (self);
  AnxCallAttemptSetup setup = {
    .media = self->media,
    .camera_on = self->camera_on,
    .microphone_on = self->microphone_on,
    .studio = self->studio,
    .ice_servers = self->ice_servers,
    .relay_only = self->relay_only,
  };
  /* A device may have come back; what is still missing is found out anew. */
  g_clear_pointer (&self->notice, g_free);
  self->attempt_number = number;
  self->attempt_since_usec = g_get_monotonic_time ();
  self->attempt = anx_call_attempt_new (&setup);
  g_signal_connect (self->attempt, "description", G_CALLBACK (on_attempt_description), self);
  g_signal_connect (self->attempt, "candidate", G_CALLBACK (on_attempt_candidate), self);
  g_signal_connect (self->attempt, "media", G_CALLBACK (on_attempt_media), self);
  g_signal_connect (self->attempt, "remote-frame", G_CALLBACK (on_attempt_remote_frame), self);
  g_signal_connect (self->attempt, "local-frame", G_CALLBACK (on_attempt_local_frame), self);
  g_signal_connect (self->attempt, "text", G_CALLBACK (on_attempt_text), self);
  g_signal_connect (self->attempt, "level", G_CALLBACK (on_attempt_level), self);
  g_signal_connect (self->attempt, "notice", G_CALLBACK (on_attempt_notice), self);
  g_signal_connect (self->attempt, "failed", G_CALLBACK (on_attempt_failed), self);
  self->description_taken = remote_offer != NULL;

  g_autoptr (GError) error = NULL;
  if (!anx_call_attempt_open (self->attempt, remote_offer, &error))
    finish_with_error (self, error->code, error->message);
}

/* ---- the clock of the call ---- */

static void
watch_live_line (AnxCall *self)
{
  anx_call_attempt_tick (self->attempt);
  set_number (self, &self->remote_fps, anx_call_attempt_get_fps (self->attempt), ANX_CALL_PROP_REMOTE_FPS);
  set_number (self, &self->loss, anx_call_attempt_get_loss (self->attempt), ANX_CALL_PROP_LOSS);
  set_quality (self, anx_call_attempt_get_quality (self->attempt));
  if (anx_call_attempt_get_silent_usec (self->attempt) > (gint64) self->timing.dead_peer_ms * 1000)
    lose_connection (self);
}

/*
 * A line that was there comes back at any moment, and an attempt that began without it learns of it late, because it asks more and more
 * seldom. So a new one is begun often, until the machines have found each other; then it is given its time.
 */
static gint64
get_patience_usec (AnxCall *self)
{
  gboolean short_time = self->state == ANX_CALL_RECONNECTING && (self->attempt == NULL || !anx_call_attempt_has_contact (self->attempt));
  return 1000 * (gint64) (short_time ? MIN (self->timing.contact_ms, self->timing.attempt_ms) : self->timing.attempt_ms);
}

static gboolean
on_tick (gpointer user_data)
{
  g_autoptr (AnxCall) self = g_object_ref (user_data);
  if (self->state == ANX_CALL_LIVE)
    {
      watch_live_line (self);
      return self->tick != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
    }
  gint64 now = g_get_monotonic_time ();
  if (now - self->not_live_since_usec > (gint64) self->timing.give_up_ms * 1000)
    finish_with_error (self, ANX_CALL_ERROR_CONNECTION,
                       self->state == ANX_CALL_RECONNECTING
                         ? _("The connection was lost and did not come back. Nothing that was written is lost. Please call again.")
                         : _("The other side could not be reached. Please try again in a moment."));
  else if (now - self->attempt_since_usec > get_patience_usec (self))
    try_again (self);
  return self->tick != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
begin_call (AnxCall *self,
            AnxCallRole role)
{
  /* C1: they are open once only. */
  drop_check (self);
  /* C6: they are opened when the other side is there; that there are none is better known before it is called. */
  g_autoptr (GError) error = NULL;
  gboolean known = self->studio != NULL && anx_call_studio_is_capturing (self->studio);
  gboolean bare = !known && self->camera_on && self->microphone_on && !anx_call_media_check_devices (self->media, &error);
  self->role = role;
  self->not_live_since_usec = g_get_monotonic_time ();
  /* A part of the dead-peer time when that is shorter than a second: tests shorten it. */
  self->tick = g_timeout_source_new (MIN (TICK_MS, MAX (self->timing.dead_peer_ms / 3, 50)));
  g_source_set_callback (self->tick, on_tick, self, NULL);
  g_source_attach (self->tick, g_main_context_get_thread_default ());
  set_state (self, ANX_CALL_CONNECTING);
  /* A handler may have ended the call. */
  if (bare && self->state == ANX_CALL_CONNECTING)
    finish_with_error (self, error->code, error->message);
}

/* ---- messages ---- */

static gboolean
description_is_awaited (AnxCall *self,
                        const AnxCallMessage *message)
{
  /* C2: late ones are left aside before anything is verified, so that an old description can not end a good call. */
  if (message->is_offer)
    return self->role != ANX_CALL_ROLE_OFFERING && message->attempt > self->attempt_number;
  return self->role == ANX_CALL_ROLE_OFFERING && message->attempt == self->attempt_number && self->attempt != NULL &&
         self->description_sent && !self->description_taken;
}

static void
receive_description (AnxCall *self,
                     const AnxCallMessage *message)
{
  if (!description_is_awaited (self, message))
    return;

  g_autofree char *context = g_strdup_printf ("session-description:%s:%" G_GINT64_FORMAT ":%s", self->call_id, message->attempt,
                                              message->is_offer ? "offer" : "answer");
  g_autoptr (GError) error = NULL;
  g_autofree char *sdp = message->statement != NULL ? anx_call_trust_verify (self->trust, context, message->statement, &error) : NULL;
  if (sdp == NULL)
    {
      finish_untrusted (self);
      return;
    }
  /* Signed by the right person and still unusable: their program speaks another protocol, and trying again will not change it. */
  AnxCallPlan plan;
  if (!anx_call_plan_from_sdp (sdp, &plan, &error))
    {
      if (g_error_matches (error, ANX_CALL_ERROR, ANX_CALL_ERROR_UNTRUSTED))
        finish_with_error (self, ANX_CALL_ERROR_UNTRUSTED,
                           _("The call was ended, because the other side asked for weaker protection than a session needs. Nobody else saw or heard anything. Please tell the administrator."));
      else
        finish_with_error (self, ANX_CALL_ERROR_INVALID,
                           _("The call could not begin, because the two machines do not understand each other. Please update both."));
      return;
    }
  if (message->is_offer)
    {
      if (self->role == ANX_CALL_ROLE_NONE)
        begin_call (self, ANX_CALL_ROLE_ANSWERING);
      else if (self->state == ANX_CALL_LIVE)
        {
          /* The offering side has lost us, though we still had it. */
          self->not_live_since_usec = g_get_monotonic_time ();
          drop_attempt (self);
          set_state (self, ANX_CALL_RECONNECTING);
        }
      if (self->state != ANX_CALL_ENDED)
        begin_attempt (self, message->attempt, sdp);
      return;
    }
  self->description_taken = TRUE;
  if (!anx_call_attempt_take_answer (self->attempt, sdp, &error))
    finish_with_error (self, error->code, error->message);
}

static void
receive_end (AnxCall *self,
             const AnxCallMessage *message)
{
  /* What the other side ended was no call of ours yet; waiting goes on for the next. */
  if (self->state == ANX_CALL_CHECKING || self->state == ANX_CALL_WAITING)
    return;
  if (g_str_equal (message->reason, "untrusted"))
    finish (self, ANX_CALL_ENDED_BY_ERROR, ANX_CALL_ERROR_UNTRUSTED,
            _("The call was ended, because the other side could not confirm who is calling. Nobody else saw or heard anything. Please tell the administrator."),
            NULL);
  else if (g_str_equal (message->reason, "connection"))
    finish (self, ANX_CALL_ENDED_BY_ERROR, ANX_CALL_ERROR_CONNECTION,
            _("The connection was lost and did not come back. Nothing that was written is lost. Please call again."), NULL);
  else if (g_str_equal (message->reason, "failed"))
    finish (self, ANX_CALL_ENDED_BY_ERROR, ANX_CALL_ERROR_MEDIA,
            _("The call was ended, because camera, microphone or program of the other side do not work. Please call again later."), NULL);
  else
    finish (self, ANX_CALL_ENDED_BY_PEER, 0, NULL, NULL);
}

static void
receive_restart (AnxCall *self,
                 const AnxCallMessage *message)
{
  /* C2, C3: one that names an older attempt was answered already. */
  if (self->role != ANX_CALL_ROLE_OFFERING || message->attempt != self->attempt_number)
    return;
  if (self->state == ANX_CALL_LIVE)
    lose_connection (self);
  else if (self->state == ANX_CALL_CONNECTING || self->state == ANX_CALL_RECONNECTING)
    try_again (self);
}

/**
 * anx_call_receive:
 * @self: a call
 * @body: what came from the other side
 *
 * Takes one message. What is not of the protocol, late, or of another attempt is left aside without a word; a description that
 * is not signed by the other side of the booking ends the call.
 */
void
anx_call_receive (AnxCall *self,
                  JsonObject *body)
{
  g_return_if_fail (ANX_IS_CALL (self) && body != NULL);
  g_autoptr (AnxCall) alive = g_object_ref (self);
  g_autoptr (AnxCallMessage) message = anx_call_message_parse (body, NULL);
  if (message == NULL || self->state == ANX_CALL_ENDED)
    return;
  switch (message->kind)
    {
    case ANX_CALL_MESSAGE_DESCRIPTION:
      receive_description (self, message);
      break;
    case ANX_CALL_MESSAGE_CANDIDATE:
      if (self->attempt != NULL && message->attempt == self->attempt_number)
        anx_call_attempt_add_candidate (self->attempt, message->mline, message->candidate);
      break;
    case ANX_CALL_MESSAGE_END:
      receive_end (self, message);
      break;
    case ANX_CALL_MESSAGE_RESTART:
      receive_restart (self, message);
      break;
    }
}

static void
on_check_frame (AnxDeviceCheck *check,
                AnxFrame *frame,
                AnxCall *self)
{
  g_signal_emit (self, anx_call_signals[ANX_CALL_SIGNAL_LOCAL_FRAME], 0, frame);
}

static void
on_check_level (AnxDeviceCheck *check,
                double level,
                AnxCall *self)
{
  set_number (self, &self->local_level, level, ANX_CALL_PROP_LOCAL_LEVEL);
}

static void
on_check_missing (AnxDeviceCheck *check,
                  AnxCall *self)
{
  self->missing = anx_device_check_get_missing (check);
  g_object_notify_by_pspec (G_OBJECT (self), anx_call_props[ANX_CALL_PROP_MISSING]);
}

static void
on_check_sound_over (AnxDeviceCheck *check,
                     AnxCall *self)
{
  g_signal_emit (self, anx_call_signals[ANX_CALL_SIGNAL_TEST_SOUND_OVER], 0);
}

/**
 * anx_call_check_devices:
 * @self: a call in %ANX_CALL_IDLE or %ANX_CALL_WAITING; in any other nothing happens
 *
 * Opens camera, microphone and loudspeaker, to be tried out by the person in front of them. What is not there is in "missing". An offer
 * that comes meanwhile is answered: the check is closed first.
 */
void
anx_call_check_devices (AnxCall *self)
{
  g_return_if_fail (ANX_IS_CALL (self));
  if (!may_follow[self->state][ANX_CALL_CHECKING])
    return;
  self->check = anx_device_check_new (self->media);
  g_signal_connect (self->check, "local-frame", G_CALLBACK (on_check_frame), self);
  g_signal_connect (self->check, "level", G_CALLBACK (on_check_level), self);
  g_signal_connect (self->check, "missing", G_CALLBACK (on_check_missing), self);
  g_signal_connect (self->check, "test-sound-over", G_CALLBACK (on_check_sound_over), self);
  g_autoptr (AnxCall) alive = g_object_ref (self);
  set_state (self, ANX_CALL_CHECKING);
  if (self->check != NULL)
    on_check_missing (self->check, self);
}

/**
 * anx_call_play_test_sound:
 * @self: a call
 *
 * Plays three rising tones on the loudspeaker; signal "test-sound-over" follows.
 *
 * Returns: whether they sound now; %FALSE without a loudspeaker, and in any state but %ANX_CALL_CHECKING
 */
gboolean
anx_call_play_test_sound (AnxCall *self)
{
  g_return_val_if_fail (ANX_IS_CALL (self), FALSE);
  return self->check != NULL && anx_device_check_play_test_sound (self->check);
}

/**
 * anx_call_wait:
 * @self: a call in %ANX_CALL_IDLE or %ANX_CALL_CHECKING; in any other nothing happens
 *
 * Waits for the other side to call. When it returns, every device is closed.
 */
void
anx_call_wait (AnxCall *self)
{
  g_return_if_fail (ANX_IS_CALL (self));
  if (!may_follow[self->state][ANX_CALL_WAITING])
    return;
  drop_check (self);
  set_state (self, ANX_CALL_WAITING);
}

/**
 * anx_call_set_ice_servers:
 * @self: a call that has not begun
 * @ice_servers: (nullable): the "servers" array of GET /v1/ice
 *
 * For a side that waits: what a relay lends is good for two hours only, and is asked for when the other side calls.
 */
void
anx_call_set_ice_servers (AnxCall *self,
                          JsonArray *ice_servers)
{
  g_return_if_fail (ANX_IS_CALL (self) && self->role == ANX_CALL_ROLE_NONE);
  if (ice_servers != NULL)
    json_array_ref (ice_servers);
  g_clear_pointer (&self->ice_servers, json_array_unref);
  self->ice_servers = ice_servers;
}

/**
 * anx_call_start:
 * @self: a call that has not begun
 *
 * Makes this the offering side, and calls; the devices are opened when the other side is there. What goes wrong is seen in the state and
 * anx_call_get_problem().
 */
void
anx_call_start (AnxCall *self)
{
  g_return_if_fail (ANX_IS_CALL (self));
  if (!may_follow[self->state][ANX_CALL_CONNECTING])
    return;
  g_autoptr (AnxCall) alive = g_object_ref (self);
  begin_call (self, ANX_CALL_ROLE_OFFERING);
  if (self->state == ANX_CALL_CONNECTING)
    begin_attempt (self, 1, NULL);
}

/**
 * anx_call_send_text:
 * @self: a call
 * @text: UTF-8, 1 to %ANX_CALL_TEXT_BYTES bytes
 *
 * Writes to the other side, for a person who hears badly or a line on which nothing is understood. It goes the way of picture and sound,
 * encrypted like them and past the hub; neither side's call keeps it.
 *
 * Returns: whether it is on its way; %FALSE when the call is not live, the other side takes no text, or it is empty, too long or no UTF-8
 */
gboolean
anx_call_send_text (AnxCall *self,
                    const char *text)
{
  g_return_val_if_fail (ANX_IS_CALL (self) && text != NULL, FALSE);
  if (self->state != ANX_CALL_LIVE || *text == '\0' || strlen (text) > ANX_CALL_TEXT_BYTES || !g_utf8_validate (text, -1, NULL))
    return FALSE;
  return anx_call_attempt_send_text (self->attempt, text);
}

/**
 * anx_call_end:
 * @self: a call
 *
 * Ends it and tells the other side. When it returns, camera and microphone are closed. Ending twice is harmless.
 */
void
anx_call_end (AnxCall *self)
{
  g_return_if_fail (ANX_IS_CALL (self));
  finish (self, ANX_CALL_ENDED_BY_US, 0, NULL, self->role == ANX_CALL_ROLE_NONE ? NULL : "hangup");
}

/**
 * anx_call_release:
 * @self: a call that is let go
 *
 * Closes what is open, without a word to the other side or to handlers that may be gone already.
 */
void
anx_call_release (AnxCall *self)
{
  if (self->tick != NULL)
    {
      g_source_destroy (self->tick);
      g_clear_pointer (&self->tick, g_source_unref);
    }
  drop_check (self);
  drop_attempt (self);
}
