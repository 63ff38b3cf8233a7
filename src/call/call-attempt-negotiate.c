/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>
#include <gst/video/video.h>
#include <string.h>
#define GST_USE_UNSTABLE_API
#include <gst/webrtc/webrtc.h>

#include "call-attempt-private.h"
#include "call-error.h"
#include "call-message.h"
#include "json.h"

#define MAX_ICE_SERVERS 8
#define MAX_ICE_URLS 8
#define MAX_ICE_TEXT_BYTES 512

typedef struct
{
  guint mline;
  char *text;
} Candidate;

/* ---- descriptions ---- */

static void
free_candidate (gpointer data)
{
  Candidate *candidate = data;
  g_free (candidate->text);
  g_free (candidate);
}

static void
free_description (gpointer data)
{
  gst_webrtc_session_description_free (data);
}

static void
take_local_description (AnxCallAttempt *self,
                        gpointer data)
{
  GstWebRTCSessionDescription *description = data;
  g_autofree char *sdp = gst_sdp_message_as_text (description->sdp);
  g_autoptr (GstPromise) promise = gst_promise_new ();
  g_signal_emit_by_name (self->webrtc, "set-local-description", description, promise);
  g_signal_emit (self, anx_call_attempt_signals[SIGNAL_DESCRIPTION], 0, sdp);
}

static void
fail_posted (AnxCallAttempt *self,
             gpointer data)
{
  anx_call_attempt_fail_connection (self);
}

static void
on_description_made (GstPromise *promise,
                     gpointer user_data)
{
  AnxCallAttempt *self = user_data;
  GstWebRTCSessionDescription *description = NULL;
  const GstStructure *reply = gst_promise_wait (promise) == GST_PROMISE_RESULT_REPLIED ? gst_promise_get_reply (promise) : NULL;
  if (reply != NULL)
    gst_structure_get (reply, self->offering ? "offer" : "answer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &description, NULL);
  if (description != NULL)
    anx_call_attempt_post (self, take_local_description, description, free_description);
  else
    anx_call_attempt_post (self, fail_posted, NULL, NULL);
  gst_promise_unref (promise);
}

/**
 * anx_call_attempt_new_promise:
 * @self: an attempt
 * @func: called by webrtcbin when it is kept; gives it back
 *
 * Returns: (transfer full): a promise that holds a reference to @self; webrtcbin keeps none of ours
 */
GstPromise *
anx_call_attempt_new_promise (AnxCallAttempt *self,
                              GstPromiseChangeFunc func)
{
  return gst_promise_new_with_change_func (func, g_object_ref (self), g_object_unref);
}

/**
 * anx_call_attempt_make_description:
 * @self: an attempt in PLAYING
 *
 * Has webrtcbin make the offer or the answer; "description" follows.
 */
void
anx_call_attempt_make_description (AnxCallAttempt *self)
{
  /* The promise is given back in its own callback, because webrtcbin keeps no reference of ours. */
  GstPromise *promise = anx_call_attempt_new_promise (self, on_description_made);
  g_signal_emit_by_name (self->webrtc, self->offering ? "create-offer" : "create-answer", NULL, promise);
}

static void
remote_is_set (AnxCallAttempt *self,
               gpointer data)
{
  self->remote_set = TRUE;
  Candidate *candidate;
  while ((candidate = g_queue_pop_head (&self->candidates)) != NULL)
    {
      g_signal_emit_by_name (self->webrtc, "add-ice-candidate", candidate->mline, candidate->text);
      free_candidate (candidate);
    }
  if (!self->offering)
    anx_call_attempt_make_description (self);
}

static void
on_remote_set (GstPromise *promise,
               gpointer user_data)
{
  AnxCallAttempt *self = user_data;
  gboolean good = gst_promise_wait (promise) == GST_PROMISE_RESULT_REPLIED;
  const GstStructure *reply = good ? gst_promise_get_reply (promise) : NULL;
  if (reply != NULL && gst_structure_has_field (reply, "error"))
    good = FALSE;
  anx_call_attempt_post (self, good ? remote_is_set : fail_posted, NULL, NULL);
  gst_promise_unref (promise);
}

/**
 * anx_call_attempt_set_remote:
 * @self: an attempt in PLAYING
 * @sdp: the other side's description, its signature checked
 * @error: return location, %ANX_CALL_ERROR_INVALID
 *
 * Returns: whether it can be read; whether it can be used is told by "failed"
 */
gboolean
anx_call_attempt_set_remote (AnxCallAttempt *self,
                             const char *sdp,
                             GError **error)
{
  GstSDPMessage *message = NULL;
  gst_sdp_message_new (&message);
  if (gst_sdp_message_parse_buffer ((const guint8 *) sdp, (guint) strlen (sdp), message) != GST_SDP_OK)
    {
      gst_sdp_message_free (message);
      g_set_error_literal (error, ANX_CALL_ERROR, ANX_CALL_ERROR_INVALID, "The session description can not be read");
      return FALSE;
    }
  g_autoptr (GstWebRTCSessionDescription) description =
    gst_webrtc_session_description_new (self->offering ? GST_WEBRTC_SDP_TYPE_ANSWER : GST_WEBRTC_SDP_TYPE_OFFER, message);
  g_signal_emit_by_name (self->webrtc, "set-remote-description", description, anx_call_attempt_new_promise (self, on_remote_set));
  return TRUE;
}

static void
emit_candidate (AnxCallAttempt *self,
                gpointer data)
{
  Candidate *candidate = data;
  g_signal_emit (self, anx_call_attempt_signals[SIGNAL_CANDIDATE], 0, candidate->mline, candidate->text);
}

static void
on_ice_candidate (GstElement *webrtc,
                  guint mline,
                  const char *text,
                  gpointer user_data)
{
  if (text == NULL || *text == '\0')
    return;
  Candidate *candidate = g_new0 (Candidate, 1);
  candidate->mline = mline;
  candidate->text = g_strdup (text);
  anx_call_attempt_post (user_data, emit_candidate, candidate, free_candidate);
}

/**
 * anx_call_attempt_take_answer:
 * @self: an attempt that offered
 * @answer: the other side's description, its signature checked
 * @error: return location, %ANX_CALL_ERROR_INVALID
 *
 * Returns: whether it can be used
 */
gboolean
anx_call_attempt_take_answer (AnxCallAttempt *self,
                              const char *answer,
                              GError **error)
{
  AnxCallPlan plan;
  if (self->have_fingerprint)
    return TRUE;
  if (!anx_call_plan_from_sdp (answer, &plan, error))
    return FALSE;
  memcpy (self->plan.fingerprint, plan.fingerprint, sizeof plan.fingerprint);
  self->have_fingerprint = TRUE;
  return anx_call_attempt_set_remote (self, answer, error);
}

/**
 * anx_call_attempt_add_candidate:
 * @self: an open attempt
 * @mline: the media section, from 0
 * @candidate: the line
 *
 * Gives a candidate of the other side to the ICE agent, now or when the remote description is in place. Of those that wait
 * at most %ANX_CALL_MAX_QUEUED_CANDIDATES are kept; more are dropped.
 */
void
anx_call_attempt_add_candidate (AnxCallAttempt *self,
                                guint mline,
                                const char *candidate)
{
  if (self->closed || self->webrtc == NULL)
    return;
  if (self->remote_set)
    {
      g_signal_emit_by_name (self->webrtc, "add-ice-candidate", mline, candidate);
      return;
    }
  if (g_queue_get_length (&self->candidates) >= ANX_CALL_MAX_QUEUED_CANDIDATES)
    return;
  Candidate *queued = g_new0 (Candidate, 1);
  queued->mline = mline;
  queued->text = g_strdup (candidate);
  g_queue_push_tail (&self->candidates, queued);
}

/**
 * anx_call_attempt_drop_candidates:
 * @self: an attempt that is being closed
 */
void
anx_call_attempt_drop_candidates (AnxCallAttempt *self)
{
  g_queue_clear_full (&self->candidates, free_candidate);
}

/* ---- the line is up ---- */

static char *
get_peer_certificate (AnxCallAttempt *self)
{
  GArray *transceivers = NULL;
  char *pem = NULL;
  g_signal_emit_by_name (self->webrtc, "get-transceivers", &transceivers);
  for (guint i = 0; transceivers != NULL && pem == NULL && i < transceivers->len; i++)
    {
      GstWebRTCRTPTransceiver *transceiver = g_array_index (transceivers, GstWebRTCRTPTransceiver *, i);
      g_autoptr (GstWebRTCRTPReceiver) receiver = NULL;
      g_autoptr (GstWebRTCDTLSTransport) transport = NULL;
      g_object_get (transceiver, "receiver", &receiver, NULL);
      if (receiver != NULL)
        g_object_get (receiver, "transport", &transport, NULL);
      if (transport != NULL)
        g_object_get (transport, "remote-certificate", &pem, NULL);
    }
  g_clear_pointer (&transceivers, g_array_unref);
  return pem;
}

/* GstDtlsSrtpCipher and GstDtlsSrtpAuth of GStreamer's gstdtls.h, which is not installed: AES-128 in counter mode, 80 bits of HMAC-SHA1. */
#define SRTP_CIPHER_AES_128_ICM 1
#define SRTP_AUTH_HMAC_SHA1_80 2

/* What the two ends of the line agreed on, whatever the descriptions said (RFC 8827 section 6.5 asks for this profile). */
static gboolean
is_well_encrypted (AnxCallAttempt *self)
{
  GstIterator *decoders = gst_bin_iterate_all_by_element_factory_name (GST_BIN (self->webrtc), "dtlsdec");
  GValue item = G_VALUE_INIT;
  guint good = 0, others = 0;
  GstIteratorResult result;
  while ((result = gst_iterator_next (decoders, &item)) != GST_ITERATOR_DONE && result != GST_ITERATOR_ERROR)
    {
      if (result == GST_ITERATOR_RESYNC)
        {
          /* webrtcbin has changed meanwhile: counted anew. */
          gst_iterator_resync (decoders);
          good = others = 0;
          continue;
        }
      guint cipher = 0, authentication = 0;
      g_object_get (g_value_get_object (&item), "srtp-cipher", &cipher, "srtp-auth", &authentication, NULL);
      if (cipher == SRTP_CIPHER_AES_128_ICM && authentication == SRTP_AUTH_HMAC_SHA1_80)
        good++;
      else
        others++;
      g_value_reset (&item);
    }
  g_value_unset (&item);
  gst_iterator_free (decoders);
  return result == GST_ITERATOR_DONE && good > 0 && others == 0;
}

static void
open_valves (AnxCallAttempt *self)
{
  g_object_set (self->picture_valve, "drop", FALSE, NULL);
  g_object_set (self->sound_valve, "drop", FALSE, NULL);
}

/* What came before the check was dropped, and with it perhaps the key frame. */
static void
ask_for_keyframe (AnxCallAttempt *self)
{
  GstIterator *pads = gst_element_iterate_src_pads (self->webrtc);
  GValue item = G_VALUE_INIT;
  while (gst_iterator_next (pads, &item) == GST_ITERATOR_OK)
    {
      gst_pad_send_event (g_value_get_object (&item), gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE, 0));
      g_value_reset (&item);
    }
  g_value_unset (&item);
  gst_iterator_free (pads);
}

static void
line_is_up (AnxCallAttempt *self)
{
  if (g_atomic_int_get (&self->verified))
    return;
  g_autofree char *pem = get_peer_certificate (self);
  if (!self->have_fingerprint || !anx_call_plan_certificate_matches (&self->plan, pem))
    {
      anx_call_attempt_fail (self, ANX_CALL_ERROR_UNTRUSTED,
                    _("The call was ended, because the line does not lead to the person it should. Nobody else saw or heard anything. Please tell the administrator."));
      return;
    }
  if (!is_well_encrypted (self))
    {
      anx_call_attempt_fail (self, ANX_CALL_ERROR_UNTRUSTED,
                    _("The call was ended, because the line is not protected as a session needs. Nobody else saw or heard anything. Please tell the administrator."));
      return;
    }
  g_atomic_int_set (&self->verified, 1);
  g_atomic_int_set (&self->last_media_ms, anx_call_attempt_get_age_ms (self));
  open_valves (self);
  ask_for_keyframe (self);
  anx_call_attempt_release_text (self);
}

static void
take_connection_state (AnxCallAttempt *self,
                       gpointer data)
{
  GstWebRTCPeerConnectionState state;
  g_object_get (self->webrtc, "connection-state", &state, NULL);
  if (state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED)
    line_is_up (self);
  else if (state == GST_WEBRTC_PEER_CONNECTION_STATE_FAILED)
    anx_call_attempt_fail_connection (self);
}

static void
on_connection_state (GstElement *webrtc,
                     GParamSpec *pspec,
                     gpointer user_data)
{
  anx_call_attempt_post (user_data, take_connection_state, NULL, NULL);
}

/* ---- ICE servers ---- */

/* "turn:host:3478?transport=udp" (RFC 7065) into the form webrtcbin takes, with the user's name and password escaped into it. */
static void
add_turn (AnxCallAttempt *self,
          const char *url,
          const char *username,
          const char *credential)
{
  gboolean secure = g_str_has_prefix (url, "turns:");
  g_autofree char *user = g_uri_escape_string (username, NULL, FALSE);
  g_autofree char *password = g_uri_escape_string (credential, NULL, FALSE);
  g_autofree char *full = g_strdup_printf ("%s://%s:%s@%s", secure ? "turns" : "turn", user, password, strchr (url, ':') + 1);
  gboolean added = FALSE;
  g_signal_emit_by_name (self->webrtc, "add-turn-server", full, &added);
}

static void
add_ice_url (AnxCallAttempt *self,
             const char *url,
             JsonObject *server)
{
  if (url == NULL || strlen (url) > MAX_ICE_TEXT_BYTES)
    return;
  if (g_str_has_prefix (url, "stun:"))
    {
      g_autofree char *full = g_strconcat ("stun://", url + strlen ("stun:"), NULL);
      g_object_set (self->webrtc, "stun-server", full, NULL);
      return;
    }
  const char *username = anx_json_get_string (server, "username", NULL);
  const char *credential = anx_json_get_string (server, "credential", NULL);
  if ((g_str_has_prefix (url, "turn:") || g_str_has_prefix (url, "turns:")) && username != NULL && credential != NULL &&
      strlen (username) <= MAX_ICE_TEXT_BYTES && strlen (credential) <= MAX_ICE_TEXT_BYTES)
    add_turn (self, url, username, credential);
}

/* A server that can not be used is passed over: the others, or a direct way, may still do. */
static void
add_ice_servers (AnxCallAttempt *self)
{
  JsonArray *servers = self->setup.ice_servers;
  for (guint i = 0; servers != NULL && i < MIN (json_array_get_length (servers), MAX_ICE_SERVERS); i++)
    {
      JsonObject *server = anx_json_array_need_object (servers, i, NULL);
      JsonNode *urls = server != NULL ? json_object_get_member (server, "urls") : NULL;
      if (urls != NULL && JSON_NODE_HOLDS_VALUE (urls))
        add_ice_url (self, anx_json_get_string (server, "urls", NULL), server);
      JsonArray *list = anx_json_get_array (server, "urls");
      for (guint j = 0; list != NULL && j < MIN (json_array_get_length (list), MAX_ICE_URLS); j++)
        {
          JsonNode *node = json_array_get_element (list, j);
          if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
            add_ice_url (self, json_node_get_string (node), server);
        }
    }
}

/**
 * anx_call_attempt_prepare_negotiation:
 * @self: an attempt whose webrtcbin has just been made
 *
 * Gives the ICE servers to it and listens for candidates and for the line to come up.
 */
void
anx_call_attempt_prepare_negotiation (AnxCallAttempt *self)
{
  g_signal_connect_object (self->webrtc, "on-ice-candidate", G_CALLBACK (on_ice_candidate), self, 0);
  g_signal_connect_object (self->webrtc, "notify::connection-state", G_CALLBACK (on_connection_state), self, 0);
  add_ice_servers (self);
}
