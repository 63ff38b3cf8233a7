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

static void
take_text (AnxCallAttempt *self,
           gpointer data)
{
  g_signal_emit (self, anx_call_attempt_signals[SIGNAL_TEXT], 0, data);
}

/* A3: not before the certificate is checked, and never more than a person writes at once. */
static void
on_message (GstWebRTCDataChannel *channel,
            const char *text,
            AnxCallAttempt *self)
{
  if (text == NULL || !g_atomic_int_get (&self->verified) || strlen (text) > ANX_CALL_TEXT_BYTES || !g_utf8_validate (text, -1, NULL))
    return;
  anx_call_attempt_post (self, take_text, g_strdup (text), g_free);
}

static void
set_channel (AnxCallAttempt *self,
             gpointer data)
{
  if (self->text_channel != NULL)
    return;
  self->text_channel = g_object_ref (data);
  g_signal_connect_object (self->text_channel, "on-message-string", G_CALLBACK (on_message), self, 0);
}

static void
on_data_channel (GstElement *webrtc,
                 GstWebRTCDataChannel *channel,
                 AnxCallAttempt *self)
{
  g_autofree char *label = NULL;
  g_object_get (channel, "label", &label, NULL);
  if (g_strcmp0 (label, CHANNEL_LABEL) == 0)
    anx_call_attempt_post (self, set_channel, g_object_ref (channel), g_object_unref);
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
      g_signal_connect_object (self->webrtc, "on-data-channel", G_CALLBACK (on_data_channel), self, 0);
      return;
    }
  GstWebRTCDataChannel *channel = NULL;
  g_signal_emit_by_name (self->webrtc, "create-data-channel", CHANNEL_LABEL, NULL, &channel);
  if (channel == NULL)
    return;
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
