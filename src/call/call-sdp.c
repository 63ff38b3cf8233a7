/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "call-sdp.h"

#include <gst/sdp/sdp.h>
#include <string.h>

#include "bounds.h"
#include "call-error.h"
#include "call-message.h"

static gboolean
fail (GError **error,
      const char *what)
{
  g_set_error (error, ANX_CALL_ERROR, ANX_CALL_ERROR_INVALID, "The session description %s", what);
  return FALSE;
}

/* What asks for less than DTLS-SRTP under a certificate that is known by SHA-256. */
static gboolean
fail_weak (GError **error,
           const char *what)
{
  g_set_error (error, ANX_CALL_ERROR, ANX_CALL_ERROR_UNTRUSTED, "The session description %s", what);
  return FALSE;
}

/* "sha-256 AB:CD:…" (RFC 8122 section 5). Other hashes are refused: RFC 8827 section 6.5 makes SHA-256 the one all must have. */
static gboolean
parse_fingerprint (const char *text,
                   guint8 out_digest[32])
{
  if (g_ascii_strncasecmp (text, "sha-256 ", 8) != 0 || strlen (text + 8) != 32 * 3 - 1)
    return FALSE;
  text += 8;
  for (guint i = 0; i < 32; i++, text += 3)
    {
      if (!g_ascii_isxdigit (text[0]) || !g_ascii_isxdigit (text[1]) || (text[2] != ':' && text[2] != '\0'))
        return FALSE;
      out_digest[i] = (guint8) (g_ascii_xdigit_value (text[0]) << 4 | g_ascii_xdigit_value (text[1]));
    }
  return TRUE;
}

/* Every fingerprint must be the same: the media are bundled on one transport, and a second certificate would be a second peer. */
static gboolean
collect_fingerprint (const char *text,
                     AnxCallPlan *plan,
                     gboolean *found)
{
  guint8 digest[32];
  if (!parse_fingerprint (text, digest))
    return FALSE;
  if (*found && memcmp (digest, plan->fingerprint, sizeof digest) != 0)
    return FALSE;
  memcpy (plan->fingerprint, digest, sizeof digest);
  *found = TRUE;
  return TRUE;
}

/*
 * DTLS-SRTP for picture and sound (RFC 8834, RFC 8827 section 6.5), DTLS for text, and no keys in the description itself: SDES would show them to
 * whoever carries the messages.
 */
static gboolean
check_protection (const GstSDPMedia *media,
                  GError **error)
{
  static const char *const PROTOCOLS[] = { "UDP/TLS/RTP/SAVPF", "TCP/TLS/RTP/SAVPF", "UDP/DTLS/SCTP", "TCP/DTLS/SCTP", "DTLS/SCTP", NULL };
  const char *protocol = gst_sdp_media_get_proto (media);
  if (protocol == NULL || !g_strv_contains (PROTOCOLS, protocol))
    return fail_weak (error, "asks for media without DTLS");
  for (guint i = 0; i < gst_sdp_media_attributes_len (media); i++)
    {
      const GstSDPAttribute *attribute = gst_sdp_media_get_attribute (media, i);
      if (g_strcmp0 (attribute->key, "crypto") == 0)
        return fail_weak (error, "carries keys");
      if (g_strcmp0 (attribute->key, "fingerprint") == 0 && g_ascii_strncasecmp (attribute->value != NULL ? attribute->value : "", "sha-256 ", 8) != 0)
        return fail_weak (error, "names its certificate by another hash than SHA-256");
    }
  return TRUE;
}

static gint
find_payload (const GstSDPMedia *media,
              const char *codec)
{
  g_autofree char *slash = g_strconcat (codec, "/", NULL);
  for (guint i = 0; i < gst_sdp_media_attributes_len (media); i++)
    {
      const GstSDPAttribute *attribute = gst_sdp_media_get_attribute (media, i);
      if (g_strcmp0 (attribute->key, "rtpmap") != 0 || attribute->value == NULL)
        continue;
      char *rest = NULL;
      guint64 number = g_ascii_strtoull (attribute->value, &rest, 10);
      if (rest != attribute->value && *rest == ' ' && number <= 127 && g_ascii_strncasecmp (rest + 1, slash, strlen (slash)) == 0)
        return (gint) number;
    }
  return -1;
}

static gint
find_twcc (const GstSDPMedia *media)
{
  for (guint i = 0; i < gst_sdp_media_attributes_len (media); i++)
    {
      const GstSDPAttribute *attribute = gst_sdp_media_get_attribute (media, i);
      if (g_strcmp0 (attribute->key, "extmap") != 0 || attribute->value == NULL)
        continue;
      char *rest = NULL;
      guint64 number = g_ascii_strtoull (attribute->value, &rest, 10);
      /* One-byte header extensions are numbered 1 to 14 (RFC 8285 section 4.2). */
      if (*rest == ' ' && number >= 1 && number <= 14 && g_str_equal (rest + 1, ANX_CALL_TWCC_URI))
        return (gint) number;
    }
  return 0;
}

/**
 * anx_call_plan_from_sdp:
 * @sdp: a session description whose signature has been checked
 * @out_plan: (out): where to put what a call needs of it
 * @error: return location, %ANX_CALL_ERROR_INVALID: it is no description, is too long, lacks VP8, Opus or a SHA-256
 *   fingerprint, or has two different ones; %ANX_CALL_ERROR_UNTRUSTED: it asks for weaker protection than DTLS-SRTP
 *
 * Returns: whether a call can be made with it
 */
gboolean
anx_call_plan_from_sdp (const char *sdp,
                        AnxCallPlan *out_plan,
                        GError **error)
{
  AnxCallPlan plan = { .vp8_payload = -1, .opus_payload = -1 };
  gsize length = strlen (sdp);
  if (length == 0)
    return fail (error, "is empty");
  if (length > ANX_BOUND_SIGNAL_BYTES)
    return fail (error, "is too long");

  GstSDPMessage *parsed = NULL;
  gst_sdp_message_new (&parsed);
  g_autoptr (GstSDPMessage) message = parsed;
  if (gst_sdp_message_parse_buffer ((const guint8 *) sdp, (guint) length, message) != GST_SDP_OK)
    return fail (error, "can not be read");
  if (gst_sdp_message_medias_len (message) > ANX_CALL_MAX_MLINES)
    return fail (error, "has too many media");

  gboolean have_fingerprint = FALSE;
  for (guint i = 0; i < gst_sdp_message_attributes_len (message); i++)
    {
      const GstSDPAttribute *attribute = gst_sdp_message_get_attribute (message, i);
      if (g_strcmp0 (attribute->key, "fingerprint") == 0 && !collect_fingerprint (attribute->value, &plan, &have_fingerprint))
        return fail (error, "has a wrong fingerprint");
    }
  for (guint i = 0; i < gst_sdp_message_medias_len (message); i++)
    {
      const GstSDPMedia *media = gst_sdp_message_get_media (message, i);
      if (!check_protection (media, error))
        return FALSE;
      for (guint j = 0; j < gst_sdp_media_attributes_len (media); j++)
        {
          const GstSDPAttribute *attribute = gst_sdp_media_get_attribute (media, j);
          if (g_strcmp0 (attribute->key, "fingerprint") == 0 && !collect_fingerprint (attribute->value, &plan, &have_fingerprint))
            return fail (error, "has a wrong fingerprint");
        }
      const char *kind = gst_sdp_media_get_media (media);
      if (g_strcmp0 (kind, "video") == 0 && plan.vp8_payload < 0)
        {
          plan.vp8_payload = find_payload (media, "VP8");
          plan.video_twcc_id = find_twcc (media);
        }
      else if (g_strcmp0 (kind, "audio") == 0 && plan.opus_payload < 0)
        {
          plan.opus_payload = find_payload (media, "opus");
          plan.audio_twcc_id = find_twcc (media);
        }
    }
  if (!have_fingerprint)
    return fail (error, "has no fingerprint");
  if (plan.vp8_payload < 0 || plan.opus_payload < 0)
    return fail (error, "does not have VP8 picture and Opus sound");
  *out_plan = plan;
  return TRUE;
}

/**
 * anx_call_plan_certificate_matches:
 * @plan: from the signed description of the other side
 * @pem: (nullable): the certificate the other end of the DTLS connection showed
 *
 * webrtcbin connects to whatever certificate it meets; only this comparison ties the encrypted media to the signature
 * (RFC 8827 section 6.5).
 *
 * Returns: whether it is the promised one
 */
gboolean
anx_call_plan_certificate_matches (const AnxCallPlan *plan,
                                   const char *pem)
{
  static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END CERTIFICATE-----";
  const char *from = pem != NULL ? strstr (pem, begin) : NULL;
  const char *to = from != NULL ? strstr (from, end) : NULL;
  if (to == NULL)
    return FALSE;
  g_autofree char *base64 = g_strndup (from + strlen (begin), (gsize) (to - from) - strlen (begin));
  gsize length = 0;
  g_autofree guchar *der = g_base64_decode (base64, &length);

  guint8 digest[32];
  gsize digest_length = sizeof digest;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (checksum, der, (gssize) length);
  g_checksum_get_digest (checksum, digest, &digest_length);
  return length > 0 && memcmp (digest, plan->fingerprint, sizeof digest) == 0;
}
