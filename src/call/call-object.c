/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is seen of a call from outside, and its birth and end as an object. */
#include "call-private.h"

#include <glib/gi18n-lib.h>

G_DEFINE_FINAL_TYPE (AnxCall, anx_call, G_TYPE_OBJECT)

GParamSpec *anx_call_props[ANX_CALL_N_PROPS];
guint anx_call_signals[ANX_CALL_N_SIGNALS];

static const AnxCallTiming default_timing = { .dead_peer_ms = 2000, .attempt_ms = 12000, .contact_ms = 3000, .give_up_ms = 60000 };

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
 * anx_call_is_camera_on:
 * @self: a call
 *
 * Returns: whether the camera may be open in the call, as last set
 */
gboolean
anx_call_is_camera_on (AnxCall *self)
{
  g_return_val_if_fail (ANX_IS_CALL (self), FALSE);
  return self->camera_on;
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
 * anx_call_is_microphone_on:
 * @self: a call
 *
 * Returns: whether the microphone may be open in the call, as last set
 */
gboolean
anx_call_is_microphone_on (AnxCall *self)
{
  g_return_val_if_fail (ANX_IS_CALL (self), FALSE);
  return self->microphone_on;
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

/**
 * anx_call_set_studio:
 * @self: a call in %ANX_CALL_IDLE or %ANX_CALL_WAITING
 * @studio: has camera, microphone and loudspeaker, for this and other calls of one session
 *
 * Without one a call opens them for itself, and then no other call can.
 */
void
anx_call_set_studio (AnxCall *self,
                     AnxCallStudio *studio)
{
  g_return_if_fail (ANX_IS_CALL (self) && self->role == ANX_CALL_ROLE_NONE);
  g_set_object (&self->studio, studio);
  self->media = anx_call_studio_get_media (studio);
}

static void
anx_call_dispose (GObject *object)
{
  AnxCall *self = ANX_CALL (object);
  anx_call_release (self);
  g_clear_object (&self->trust);
  g_clear_object (&self->studio);
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
    case ANX_CALL_PROP_STATE:
      g_value_set_enum (value, (gint) self->state);
      break;
    case ANX_CALL_PROP_LOCAL_LEVEL:
      g_value_set_double (value, self->local_level);
      break;
    case ANX_CALL_PROP_MISSING:
      g_value_set_uint (value, self->missing);
      break;
    case ANX_CALL_PROP_REMOTE_LEVEL:
      g_value_set_double (value, self->remote_level);
      break;
    case ANX_CALL_PROP_REMOTE_FPS:
      g_value_set_double (value, self->remote_fps);
      break;
    case ANX_CALL_PROP_LOSS:
      g_value_set_double (value, self->loss);
      break;
    case ANX_CALL_PROP_QUALITY:
      g_value_set_uint (value, self->quality);
      break;
    case ANX_CALL_PROP_PROBLEM:
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
  anx_call_props[ANX_CALL_PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, ANX_TYPE_CALL_STATE, ANX_CALL_IDLE, flags);
  anx_call_props[ANX_CALL_PROP_LOCAL_LEVEL] = g_param_spec_double ("local-level", NULL, NULL, -100, 0, -100, flags);
  anx_call_props[ANX_CALL_PROP_MISSING] = g_param_spec_uint ("missing", NULL, NULL, 0, 7, 0, flags);
  anx_call_props[ANX_CALL_PROP_REMOTE_LEVEL] = g_param_spec_double ("remote-level", NULL, NULL, -100, 0, -100, flags);
  anx_call_props[ANX_CALL_PROP_REMOTE_FPS] = g_param_spec_double ("remote-fps", NULL, NULL, 0, 1000, 0, flags);
  anx_call_props[ANX_CALL_PROP_LOSS] = g_param_spec_double ("loss", NULL, NULL, 0, 1, 0, flags);
  anx_call_props[ANX_CALL_PROP_QUALITY] = g_param_spec_uint ("quality", NULL, NULL, 0, 4, 0, flags);
  anx_call_props[ANX_CALL_PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, ANX_CALL_N_PROPS, anx_call_props);

  anx_call_signals[ANX_CALL_SIGNAL_SEND] = g_signal_new ("send", ANX_TYPE_CALL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, JSON_TYPE_OBJECT);
  anx_call_signals[ANX_CALL_SIGNAL_REMOTE_FRAME] =
    g_signal_new ("remote-frame", ANX_TYPE_CALL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, ANX_TYPE_FRAME);
  anx_call_signals[ANX_CALL_SIGNAL_TEXT] = g_signal_new ("text", ANX_TYPE_CALL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  anx_call_signals[ANX_CALL_SIGNAL_TEST_SOUND_OVER] = g_signal_new ("test-sound-over", ANX_TYPE_CALL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  anx_call_signals[ANX_CALL_SIGNAL_LOCAL_FRAME] =
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
