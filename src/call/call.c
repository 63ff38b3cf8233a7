/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "call.h"

#include <glib/gi18n-lib.h>
#include <gst/gst.h>
#include <malloc.h>
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
static const AnxCallTiming default_timing = { .dead_peer_ms = 2000, .attempt_ms = 12000, .contact_ms = 3000, .give_up_ms = 60000 };

typedef enum
{
  ROLE_NONE,
  ROLE_OFFERING,
  ROLE_ANSWERING,
} Role;

struct _AnxCall
{
  GObject parent_instance;

  char *call_id;
  AnxCallMedia media;
  AnxCallTrust *trust;
  JsonArray *ice_servers; /* nullable */
  AnxCallTiming timing;
  gboolean relay_only;

  AnxCallState state;
  AnxCallEndReason end_reason;
  GError *error;          /* (nullable) why it ended */
  char *notice;           /* (nullable) what is missing while it goes on */
  Role role;
  gboolean camera_on;
  gboolean microphone_on;

  AnxDeviceCheck *check;      /* (nullable) in CHECKING */
  gint64 attempt_number;
  AnxCallAttempt *attempt;    /* (nullable) */
  gint64 attempt_since_usec;  /* monotonic */
  gint64 not_live_since_usec; /* monotonic */
  gboolean description_sent;  /* of this attempt */
  gboolean description_taken; /* the other side's, of this attempt */
  GQueue own_candidates;      /* JsonObject*, until description_sent */
  GSource *tick;

  double local_level;
  AnxCallDevices missing;
  double remote_level;
  double remote_fps;
  double loss;
  guint quality;
  GArray *gaps;           /* AnxCallGap */
  gint64 gap_since_usec;  /* monotonic; 0: none now */
};

G_DEFINE_FINAL_TYPE (AnxCall, anx_call, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_STATE,
  PROP_LOCAL_LEVEL,
  PROP_MISSING,
  PROP_REMOTE_LEVEL,
  PROP_REMOTE_FPS,
  PROP_LOSS,
  PROP_QUALITY,
  PROP_PROBLEM,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

enum
{
  SIGNAL_SEND,
  SIGNAL_REMOTE_FRAME,
  SIGNAL_LOCAL_FRAME,
  SIGNAL_TEXT,
  SIGNAL_TEST_SOUND_OVER,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

GType
anx_call_state_get_type (void)
{
  static gsize type;
  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { ANX_CALL_IDLE, "ANX_CALL_IDLE", "idle" },
        { ANX_CALL_CHECKING, "ANX_CALL_CHECKING", "checking" },
        { ANX_CALL_WAITING, "ANX_CALL_WAITING", "waiting" },
        { ANX_CALL_CONNECTING, "ANX_CALL_CONNECTING", "connecting" },
        { ANX_CALL_LIVE, "ANX_CALL_LIVE", "live" },
        { ANX_CALL_RECONNECTING, "ANX_CALL_RECONNECTING", "reconnecting" },
        { ANX_CALL_ENDED, "ANX_CALL_ENDED", "ended" },
        { 0, NULL, NULL },
      };
      GType registered = g_enum_register_static (g_intern_static_string ("AnxCallState"), values);
      g_once_init_leave (&type, registered);
    }
  return type;
}

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
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_QUALITY]);
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
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
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
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

static void
send_body (AnxCall *self,
           JsonObject *body)
{
  g_signal_emit (self, signals[SIGNAL_SEND], 0, body);
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
  set_number (self, &self->remote_level, -100, PROP_REMOTE_LEVEL);
  set_number (self, &self->remote_fps, 0, PROP_REMOTE_FPS);
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
  set_number (self, &self->local_level, -100, PROP_LOCAL_LEVEL);
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
    g_object_notify_by_pspec (G_OBJECT (alive), props[PROP_PROBLEM]);
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
  if (self->role == ROLE_OFFERING && self->attempt_number < ANX_CALL_MAX_ATTEMPTS)
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
  signing->is_offer = self->role == ROLE_OFFERING;
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
  set_state (self, ANX_CALL_LIVE);
}

static void
on_attempt_remote_frame (AnxCallAttempt *attempt,
                         AnxFrame *frame,
                         AnxCall *self)
{
  g_signal_emit (self, signals[SIGNAL_REMOTE_FRAME], 0, frame);
}

static void
on_attempt_local_frame (AnxCallAttempt *attempt,
                        AnxFrame *frame,
                        AnxCall *self)
{
  g_signal_emit (self, signals[SIGNAL_LOCAL_FRAME], 0, frame);
}

static void
on_attempt_text (AnxCallAttempt *attempt,
                 const char *text,
                 AnxCall *self)
{
  if (self->state == ANX_CALL_LIVE)
    g_signal_emit (self, signals[SIGNAL_TEXT], 0, text);
}

static void
on_attempt_level (AnxCallAttempt *attempt,
                  double level,
                  AnxCall *self)
{
  set_number (self, &self->remote_level, level, PROP_REMOTE_LEVEL);
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
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PROBLEM]);
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
  set_number (self, &self->remote_fps, anx_call_attempt_get_fps (self->attempt), PROP_REMOTE_FPS);
  set_number (self, &self->loss, anx_call_attempt_get_loss (self->attempt), PROP_LOSS);
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
            Role role)
{
  /* C1: they are open once only. */
  drop_check (self);
  self->role = role;
  self->not_live_since_usec = g_get_monotonic_time ();
  /* A part of the dead-peer time when that is shorter than a second: tests shorten it. */
  self->tick = g_timeout_source_new (MIN (TICK_MS, MAX (self->timing.dead_peer_ms / 3, 50)));
  g_source_set_callback (self->tick, on_tick, self, NULL);
  g_source_attach (self->tick, g_main_context_get_thread_default ());
  set_state (self, ANX_CALL_CONNECTING);
}

/* ---- messages ---- */

static gboolean
description_is_awaited (AnxCall *self,
                        const AnxCallMessage *message)
{
  /* C2: late ones are left aside before anything is verified, so that an old description can not end a good call. */
  if (message->is_offer)
    return self->role != ROLE_OFFERING && message->attempt > self->attempt_number;
  return self->role == ROLE_OFFERING && message->attempt == self->attempt_number && self->attempt != NULL &&
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
  if (!anx_call_plan_from_sdp (sdp, &plan, NULL))
    {
      finish_with_error (self, ANX_CALL_ERROR_INVALID,
                         _("The call could not begin, because the two machines do not understand each other. Please update both."));
      return;
    }
  if (message->is_offer)
    {
      if (self->role == ROLE_NONE)
        begin_call (self, ROLE_ANSWERING);
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
  if (self->role != ROLE_OFFERING || message->attempt != self->attempt_number)
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
  g_signal_emit (self, signals[SIGNAL_LOCAL_FRAME], 0, frame);
}

static void
on_check_level (AnxDeviceCheck *check,
                double level,
                AnxCall *self)
{
  set_number (self, &self->local_level, level, PROP_LOCAL_LEVEL);
}

static void
on_check_missing (AnxDeviceCheck *check,
                  AnxCall *self)
{
  self->missing = anx_device_check_get_missing (check);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MISSING]);
}

static void
on_check_sound_over (AnxDeviceCheck *check,
                     AnxCall *self)
{
  g_signal_emit (self, signals[SIGNAL_TEST_SOUND_OVER], 0);
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
  g_return_if_fail (ANX_IS_CALL (self) && self->role == ROLE_NONE);
  if (ice_servers != NULL)
    json_array_ref (ice_servers);
  g_clear_pointer (&self->ice_servers, json_array_unref);
  self->ice_servers = ice_servers;
}

/**
 * anx_call_start:
 * @self: a call that has not begun
 *
 * Makes this the offering side: opens the devices and calls. What goes wrong is seen in the state and
 * anx_call_get_problem().
 */
void
anx_call_start (AnxCall *self)
{
  g_return_if_fail (ANX_IS_CALL (self));
  if (!may_follow[self->state][ANX_CALL_CONNECTING])
    return;
  g_autoptr (AnxCall) alive = g_object_ref (self);
  begin_call (self, ROLE_OFFERING);
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
  finish (self, ANX_CALL_ENDED_BY_US, 0, NULL, self->role == ROLE_NONE ? NULL : "hangup");
}

/**
 * anx_call_get_state:
 * @self: a call
 *
 * Returns: its state
 */
AnxCallState
anx_call_get_state (AnxCall *self)
{
  g_return_val_if_fail (ANX_IS_CALL (self), ANX_CALL_ENDED);
  return self->state;
}

/**
 * anx_call_get_end_reason:
 * @self: a call in %ANX_CALL_ENDED
 *
 * Returns: who or what ended it
 */
AnxCallEndReason
anx_call_get_end_reason (AnxCall *self)
{
  g_return_val_if_fail (ANX_IS_CALL (self), ANX_CALL_ENDED_BY_ERROR);
  return self->end_reason;
}

/**
 * anx_call_get_problem:
 * @self: a call
 *
 * Returns: (transfer none) (nullable): for people, in their language: why the call ended, or, while it goes on, which device
 *   is missing; "notify::problem" tells of a new one
 */
const char *
anx_call_get_problem (AnxCall *self)
{
  g_return_val_if_fail (ANX_IS_CALL (self), NULL);
  if (self->error != NULL)
    return self->error->message;
  return self->state == ANX_CALL_ENDED ? NULL : self->notice;
}

/**
 * anx_call_get_error:
 * @self: a call
 *
 * Returns: (transfer none) (nullable): why it ended, of ANX_CALL_ERROR, when it ended by error
 */
const GError *
anx_call_get_error (AnxCall *self)
{
  g_return_val_if_fail (ANX_IS_CALL (self), NULL);
  return self->error;
}

/**
 * anx_call_quality_to_words:
 * @quality: the property "quality" of a call
 *
 * Returns: (transfer none) (nullable): the quality of the line for people, in their language; %NULL when unknown
 */
const char *
anx_call_quality_to_words (guint quality)
{
  switch (quality)
    {
    case 4:
      return _("The line is good.");
    case 3:
      return _("The line is fair.");
    case 2:
      return _("The line is weak. The picture may be blurred; sound comes first.");
    case 1:
      return _("The line is very weak. Please speak slowly.");
    default:
      return NULL;
    }
}

/**
 * anx_call_get_gaps:
 * @self: a call
 * @out_n_gaps: (out): how many
 *
 * Returns: (transfer none) (array length=out_n_gaps): the times in which the call was not live after it had been, oldest first, of the
 *   last 100; the last one has no length while it lasts. Valid until the state changes
 */
const AnxCallGap *
anx_call_get_gaps (AnxCall *self,
                   guint *out_n_gaps)
{
  g_return_val_if_fail (ANX_IS_CALL (self) && out_n_gaps != NULL, NULL);
  *out_n_gaps = self->gaps->len;
  return (const AnxCallGap *) self->gaps->data;
}

/**
 * anx_call_set_camera_on:
 * @self: a call
 * @on: whether the camera may be open; it may from the start
 *
 * When it returns with %FALSE, the camera is closed; the other side sees darkness.
 */
void
anx_call_set_camera_on (AnxCall *self,
                        gboolean on)
{
  g_return_if_fail (ANX_IS_CALL (self));
  self->camera_on = on;
  if (self->attempt != NULL)
    anx_call_attempt_set_camera_on (self->attempt, on);
}

/**
 * anx_call_set_microphone_on:
 * @self: a call
 * @on: whether the microphone may be open; it may from the start
 *
 * When it returns with %FALSE, the microphone is closed; the other side hears nothing.
 */
void
anx_call_set_microphone_on (AnxCall *self,
                            gboolean on)
{
  g_return_if_fail (ANX_IS_CALL (self));
  self->microphone_on = on;
  if (self->attempt != NULL)
    anx_call_attempt_set_microphone_on (self->attempt, on);
}

/**
 * anx_call_get_remote_pitch:
 * @self: a call
 *
 * Returns: the strongest frequency of the sound received, Hz, within about 2 Hz; 0 when silent
 */
double
anx_call_get_remote_pitch (AnxCall *self)
{
  g_return_val_if_fail (ANX_IS_CALL (self), 0);
  return self->attempt != NULL ? anx_call_attempt_get_pitch (self->attempt) : 0;
}

/*
 * The first DTLS element of a process makes its certificate, an RSA key that takes from 0.1 to more than a second; later ones use
 * the same. Made ahead, beside the main thread, it does not delay the first call.
 */
static gpointer
make_dtls_certificate (gpointer data)
{
  g_autoptr (GstElement) element = gst_element_factory_make ("dtlsdec", NULL);
  if (element != NULL)
    gst_object_ref_sink (element);
  return NULL;
}

/**
 * anx_call_library_init:
 * @error: return location, %ANX_CALL_ERROR_INSTALLATION, naming the missing Debian package
 *
 * Starts GStreamer, limits the allocator of this process to one arena, and looks whether all parts are there. To be called once, better a second or more before the first call, because
 * a thread then makes the key of the lines in the meantime.
 *
 * Returns: whether calls can be made on this machine
 */
gboolean
anx_call_library_init (GError **error)
{
#ifdef M_ARENA_MAX
  /*
   * A call runs some twenty threads, each with an arena of glibc's allocator to itself; what they leave behind grew by 10 MiB a call.
   * With one arena, ten calls stayed within 1 MiB (tests/call/test-call.c, many-calls).
   */
  mallopt (M_ARENA_MAX, 1);
#endif
  g_autoptr (GError) inner = NULL;
  if (!gst_init_check (NULL, NULL, &inner))
    {
      g_set_error (error, ANX_CALL_ERROR, ANX_CALL_ERROR_INSTALLATION,
                   _("Video calls can not work on this machine: GStreamer does not start (%s)."), inner->message);
      return FALSE;
    }
  if (!anx_call_media_check_installation (error))
    return FALSE;
  g_thread_unref (g_thread_new ("anx-call-key", make_dtls_certificate, NULL));
  return TRUE;
}

/**
 * anx_call_set_timing:
 * @self: a call in %ANX_CALL_IDLE
 * @timing: milliseconds, each 1 or more
 *
 * Other times than the usual ones.
 */
void
anx_call_set_timing (AnxCall *self,
                     const AnxCallTiming *timing)
{
  g_return_if_fail (ANX_IS_CALL (self) && self->state == ANX_CALL_IDLE);
  self->timing = *timing;
}

/**
 * anx_call_set_relay_only:
 * @self: a call in %ANX_CALL_IDLE
 * @relay_only: whether only ways through a relay are taken, as behind a strict firewall
 */
void
anx_call_set_relay_only (AnxCall *self,
                         gboolean relay_only)
{
  g_return_if_fail (ANX_IS_CALL (self) && self->state == ANX_CALL_IDLE);
  self->relay_only = relay_only;
}

/**
 * anx_call_get_attempt:
 * @self: a call
 *
 * Returns: (transfer none) (nullable): what is open now
 */
AnxCallAttempt *
anx_call_get_attempt (AnxCall *self)
{
  return self->attempt;
}

/**
 * anx_call_get_device_check:
 * @self: a call
 *
 * Returns: (transfer none) (nullable): what is open in %ANX_CALL_CHECKING
 */
AnxDeviceCheck *
anx_call_get_device_check (AnxCall *self)
{
  return self->check;
}

/**
 * anx_call_get_attempt_number:
 * @self: a call
 *
 * Returns: the number of the last attempt, 0 before the first
 */
gint64
anx_call_get_attempt_number (AnxCall *self)
{
  return self->attempt_number;
}

/**
 * anx_call_new:
 * @call_id: the booking's id; part of what is signed
 * @media: what to send
 * @trust: signs and checks
 * @ice_servers: (nullable): the "servers" array of GET /v1/ice
 *
 * anx_call_library_init() must have succeeded. The call lives on the main context that is the thread's default now.
 *
 * Returns: (transfer full): a call with nothing open
 */
AnxCall *
anx_call_new (const char *call_id,
              AnxCallMedia media,
              AnxCallTrust *trust,
              JsonArray *ice_servers)
{
  g_return_val_if_fail (call_id != NULL && ANX_IS_CALL_TRUST (trust), NULL);
  AnxCall *self = g_object_new (ANX_TYPE_CALL, NULL);
  self->call_id = g_strdup (call_id);
  self->media = media;
  self->trust = g_object_ref (trust);
  if (ice_servers != NULL)
    self->ice_servers = json_array_ref (ice_servers);
  return self;
}

static void
anx_call_dispose (GObject *object)
{
  AnxCall *self = ANX_CALL (object);
  /* Whoever lets a running call go ends it, without a word to handlers that may be gone already. */
  if (self->tick != NULL)
    {
      g_source_destroy (self->tick);
      g_clear_pointer (&self->tick, g_source_unref);
    }
  drop_check (self);
  drop_attempt (self);
  g_clear_object (&self->trust);
  G_OBJECT_CLASS (anx_call_parent_class)->dispose (object);
}

static void
anx_call_finalize (GObject *object)
{
  AnxCall *self = ANX_CALL (object);
  g_free (self->call_id);
  g_free (self->notice);
  g_array_unref (self->gaps);
  g_clear_error (&self->error);
  g_clear_pointer (&self->ice_servers, json_array_unref);
  G_OBJECT_CLASS (anx_call_parent_class)->finalize (object);
}

static void
anx_call_get_property (GObject *object,
                       guint id,
                       GValue *value,
                       GParamSpec *pspec)
{
  AnxCall *self = ANX_CALL (object);
  switch (id)
    {
    case PROP_STATE:
      g_value_set_enum (value, (gint) self->state);
      break;
    case PROP_LOCAL_LEVEL:
      g_value_set_double (value, self->local_level);
      break;
    case PROP_MISSING:
      g_value_set_uint (value, self->missing);
      break;
    case PROP_REMOTE_LEVEL:
      g_value_set_double (value, self->remote_level);
      break;
    case PROP_REMOTE_FPS:
      g_value_set_double (value, self->remote_fps);
      break;
    case PROP_LOSS:
      g_value_set_double (value, self->loss);
      break;
    case PROP_QUALITY:
      g_value_set_uint (value, self->quality);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, anx_call_get_problem (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
anx_call_class_init (AnxCallClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->dispose = anx_call_dispose;
  object_class->finalize = anx_call_finalize;
  object_class->get_property = anx_call_get_property;

  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  props[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, ANX_TYPE_CALL_STATE, ANX_CALL_IDLE, flags);
  props[PROP_LOCAL_LEVEL] = g_param_spec_double ("local-level", NULL, NULL, -100, 0, -100, flags);
  props[PROP_MISSING] = g_param_spec_uint ("missing", NULL, NULL, 0, 7, 0, flags);
  props[PROP_REMOTE_LEVEL] = g_param_spec_double ("remote-level", NULL, NULL, -100, 0, -100, flags);
  props[PROP_REMOTE_FPS] = g_param_spec_double ("remote-fps", NULL, NULL, 0, 1000, 0, flags);
  props[PROP_LOSS] = g_param_spec_double ("loss", NULL, NULL, 0, 1, 0, flags);
  props[PROP_QUALITY] = g_param_spec_uint ("quality", NULL, NULL, 0, 4, 0, flags);
  props[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[SIGNAL_SEND] = g_signal_new ("send", ANX_TYPE_CALL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, JSON_TYPE_OBJECT);
  signals[SIGNAL_REMOTE_FRAME] =
    g_signal_new ("remote-frame", ANX_TYPE_CALL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, ANX_TYPE_FRAME);
  signals[SIGNAL_TEXT] = g_signal_new ("text", ANX_TYPE_CALL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_TEST_SOUND_OVER] = g_signal_new ("test-sound-over", ANX_TYPE_CALL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_LOCAL_FRAME] =
    g_signal_new ("local-frame", ANX_TYPE_CALL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, ANX_TYPE_FRAME);
}

static void
anx_call_init (AnxCall *self)
{
  self->timing = default_timing;
  self->camera_on = self->microphone_on = TRUE;
  self->local_level = self->remote_level = -100;
  g_queue_init (&self->own_candidates);
  self->gaps = g_array_new (FALSE, FALSE, sizeof (AnxCallGap));
}
