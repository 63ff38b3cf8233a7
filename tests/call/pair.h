/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "call-private.h"

G_BEGIN_DECLS

/* Two calls in one process, joined by a signalling pipe in memory: each message is copied as text and delivered in a later turn. */

/* Signs with a secret both sides know; stands in for the keys of the programs. */
#define TEST_TYPE_TRUST (test_trust_get_type ())
G_DECLARE_FINAL_TYPE (TestTrust, test_trust, TEST, TRUST, GObject)
TestTrust *test_trust_new (const char *secret);
/* Applied to what verify() gives, as if the signer had signed that: for a right signature over wrong contents. */
void test_trust_set_rewrite (TestTrust *self, char *(*rewrite) (const char *text));

typedef struct _Pair Pair;
/* Returns whether the message is passed on; may change it. */
typedef gboolean (*PairFilter) (Pair *pair, gboolean from_a, JsonObject *body, gpointer user_data);

typedef struct
{
  AnxCall *call;
  guint remote_frames;
  guint local_frames;
  guint lives;         /* times LIVE was entered */
  guint reconnects;
  AnxFrame *remote;    /* the last */
  AnxFrame *local;
  gint64 first_frame_usec;
} Side;

struct _Pair
{
  Side a, b;
  AnxCallTrust *trust_a, *trust_b;
  PairFilter filter;
  gpointer filter_data;
  GPtrArray *sent_by_a, *sent_by_b; /* JSON texts */
  gint64 started_usec;
};

Pair    *pair_new (AnxCallMedia a, AnxCallMedia b);
Pair    *pair_new_with_trust (AnxCallMedia a, AnxCallMedia b, AnxCallTrust *trust_a, AnxCallTrust *trust_b);
void     pair_set_timing (Pair *pair, guint dead_peer_ms, guint attempt_ms, guint give_up_ms);
void     pair_free (Pair *pair);
void     pair_start (Pair *pair);
gboolean pair_wait (Pair *pair, gboolean (*done) (Pair *pair), guint timeout_ms);
gboolean pair_both_live (Pair *pair);
gboolean pair_both_see (Pair *pair);
gboolean pair_both_ended (Pair *pair);
void     pair_run_for (guint ms);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pair, pair_free)

/* g_test_init() and anx_call_library_init(); first in main(). */
void  test_init (int *argc, char ***argv);
guint test_count_entries (const char *directory);
void  test_allow_known_critical (void);

G_END_DECLS
