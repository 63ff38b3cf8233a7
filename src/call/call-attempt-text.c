/* SPDX-License-Identifier: GPL-3.0-or-later */
#define GST_USE_UNSTABLE_API
#include <gst/webrtc/webrtc.h>
#include <string.h>

#include "call-attempt-private.h"

/*
 * Text beside the call: one data channel, SCTP over the same DTLS as picture and sound, in order and complete. The offering side makes it;
 * what is written is kept nowhere.
 */

#define CHANNEL_LABEL "text"

/* The other side may have checked the line, and written, a moment before we have. More than this nobody writes in that moment. */
#define EARLY_TEXTS 16

/* A3: shown when the certificate is checked, not before. */
static void
take_text (AnxCallAttempt *self,
           gpointer data)
{
  if (g_atomic_int_get (&self->verified))
    g_signal_emit (self, anx_call_attempt_signals[SIGNAL_TEXT], 0, data);
  else
    g_queue_push_tail (&self->early_texts, g_strdup (data));
}

/* A thread of webrtcbin's. Never more than a person writes at once; what nobody can have written must not even wait for the main loop. */
static void
on_message (GstWebRTCDataChannel *channel,
            const char *text,
            AnxCallAttempt *self)
{
  if (text == NULL || strlen (text) > ANX_CALL_TEXT_BYTES || !g_utf8_validate (text, -1, NULL))
    return;
  if (!g_atomic_int_get (&self->verified) && g_atomic_int_add (&self->early_posted, 1) >= EARLY_TEXTS)
    return;
  anx_call_attempt_post (self, take_text, g_strdup (text), g_free);
}

static void
set_channel (AnxCallAttempt *self,
             gpointer data)
{
  g_set_object (&self->text_channel, data);
}

/* A thread of webrtcbin's, and the last moment in which no text can have come: one that finds nobody listening is gone. */
static void
on_data_channel (GstElement *webrtc,
                 GstWebRTCDataChannel *channel,
                 AnxCallAttempt *self)
{
  g_autofree char *label = NULL;
  g_object_get (channel, "label", &label, NULL);
  if (g_strcmp0 (label, CHANNEL_LABEL) != 0 || g_atomic_int_exchange (&self->text_awaited, 0) == 0)
    return;
  g_signal_connect_object (channel, "on-message-string", G_CALLBACK (on_message), self, 0);
  anx_call_attempt_post (self, set_channel, g_object_ref (channel), g_object_unref);
}

/**
 * anx_call_attempt_release_text:
 * @self: an attempt whose line has just been checked
 *
 * Emits "text" for what came before.
 */
void
anx_call_attempt_release_text (AnxCallAttempt *self)
{
  char *text;
  while ((text = g_queue_pop_head (&self->early_texts)) != NULL)
    {
      g_signal_emit (self, anx_call_attempt_signals[SIGNAL_TEXT], 0, text);
      g_free (text);
    }
}

/**
 * anx_call_attempt_prepare_text:
 * @self: an attempt whose pipeline is in PLAYING and has no description yet
 *
 * Offers or awaits the data channel.
 */
void
anx_call_attempt_prepare_text (AnxCallAttempt *self)
{
  if (!self->offering)
    {
      g_atomic_int_set (&self->text_awaited, 1);
      g_signal_connect_object (self->webrtc, "on-data-channel", G_CALLBACK (on_data_channel), self, 0);
      return;
    }
  GstWebRTCDataChannel *channel = NULL;
  g_signal_emit_by_name (self->webrtc, "create-data-channel", CHANNEL_LABEL, NULL, &channel);
  if (channel == NULL)
    return;
  g_signal_connect_object (channel, "on-message-string", G_CALLBACK (on_message), self, 0);
  set_channel (self, channel);
  g_object_unref (channel);
}

/**
 * anx_call_attempt_send_text:
 * @self: an attempt
 * @text: UTF-8, at most %ANX_CALL_TEXT_BYTES
 *
 * Returns: whether it is on its way; not while the channel is not open, or the line not checked
 */
gboolean
anx_call_attempt_send_text (AnxCallAttempt *self,
                            const char *text)
{
  GstWebRTCDataChannelState state = GST_WEBRTC_DATA_CHANNEL_STATE_CLOSED;
  if (self->closed || self->text_channel == NULL || !g_atomic_int_get (&self->verified))
    return FALSE;
  g_object_get (self->text_channel, "ready-state", &state, NULL);
  if (state != GST_WEBRTC_DATA_CHANNEL_STATE_OPEN)
    return FALSE;
  g_signal_emit_by_name (self->text_channel, "send-string", text);
  return TRUE;
}
