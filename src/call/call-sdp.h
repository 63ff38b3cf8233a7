/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What a call needs to know of a session description: the payload numbers both sides must use alike, and the certificate the
 * other side promised. Private to the folder; any thread.
 */
typedef struct
{
  gint vp8_payload;
  gint opus_payload;
  gint video_twcc_id;   /* 0: not offered */
  gint audio_twcc_id;
  guint8 fingerprint[32]; /* SHA-256 of the DTLS certificate */
} AnxCallPlan;

/*
 * What we offer; the numbers are those browsers use. No transport-wide congestion control: Debian 12 has no element that uses it,
 * and while GStreamer 1.22 writes its feedback, the table of sources it walks through can change under it
 * ("g_hash_table_foreach: assertion 'version == hash_table->version' failed", within ten calls on a busy machine).
 */
#define ANX_CALL_PLAN_DEFAULT ((AnxCallPlan){ .vp8_payload = 96, .opus_payload = 111 })
#define ANX_CALL_TWCC_URI "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

gboolean anx_call_plan_from_sdp (const char *sdp, AnxCallPlan *out_plan, GError **error);
gboolean anx_call_plan_certificate_matches (const AnxCallPlan *plan, const char *pem);

G_END_DECLS
