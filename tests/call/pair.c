/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pair.h"

#include <string.h>

#include "json.h"

void
test_init (int *argc,
           char ***argv)
{
  g_test_init (argc, argv, NULL);
  g_autoptr (GError) error = NULL;
  if (!anx_call_library_init (&error))
    g_error ("%s", error->message);
}

struct _TestTrust
{
  GObject parent_instance;
  char *secret;
  char *(*rewrite) (const char *text);
};

static void test_trust_iface_init (AnxCallTrustInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE (TestTrust, test_trust, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (ANX_TYPE_CALL_TRUST, test_trust_iface_init))

static char *
make_tag (TestTrust *self,
          const char *context,
          const char *text)
{
  g_autofree char *all = g_strconcat (context, "\n", text, NULL);
  return g_compute_hmac_for_string (G_CHECKSUM_SHA256, (const guchar *) self->secret, strlen (self->secret), all, -1);
}

static void
test_trust_sign_async (AnxCallTrust *trust,
                       const char *context,
                       const char *text,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (trust, NULL, callback, user_data);
  g_autofree char *tag = make_tag (TEST_TRUST (trust), context, text);
  g_autofree char *plain = g_strconcat (tag, "\n", text, NULL);
  g_task_return_pointer (task, g_base64_encode ((const guchar *) plain, strlen (plain)), g_free);
}

static char *
test_trust_sign_finish (AnxCallTrust *trust,
                        GAsyncResult *result,
                        GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static char *
test_trust_verify (AnxCallTrust *trust,
                   const char *context,
                   const char *statement,
                   GError **error)
{
  TestTrust *self = TEST_TRUST (trust);
  gsize length = 0;
  g_autofree guchar *bytes = g_base64_decode (statement, &length);
  g_autofree char *plain = g_strndup ((const char *) bytes, length);
  char *text = strchr (plain, '\n');
  if (text != NULL)
    *text++ = '\0';
  g_autofree char *tag = text != NULL ? make_tag (self, context, text) : NULL;
  if (g_strcmp0 (tag, plain) != 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "not signed");
      return NULL;
    }
  return self->rewrite != NULL ? self->rewrite (text) : g_strdup (text);
}

static void
test_trust_iface_init (AnxCallTrustInterface *iface)
{
  iface->sign_async = test_trust_sign_async;
  iface->sign_finish = test_trust_sign_finish;
  iface->verify = test_trust_verify;
}

static void
test_trust_finalize (GObject *object)
{
  g_free (TEST_TRUST (object)->secret);
  G_OBJECT_CLASS (test_trust_parent_class)->finalize (object);
}

static void
test_trust_class_init (TestTrustClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_trust_finalize;
}

static void
test_trust_init (TestTrust *self)
{
}

TestTrust *
test_trust_new (const char *secret)
{
  TestTrust *self = g_object_new (TEST_TYPE_TRUST, NULL);
  self->secret = g_strdup (secret);
  return self;
}

void
test_trust_set_rewrite (TestTrust *self,
                        char *(*rewrite) (const char *text))
{
  self->rewrite = rewrite;
}

typedef struct
{
  AnxCall *to;
  JsonObject *body;
} Delivery;

static gboolean
deliver (gpointer user_data)
{
  Delivery *delivery = user_data;
  anx_call_receive (delivery->to, delivery->body);
  return G_SOURCE_REMOVE;
}

static void
free_delivery (gpointer user_data)
{
  Delivery *delivery = user_data;
  g_object_unref (delivery->to);
  json_object_unref (delivery->body);
  g_free (delivery);
}

static void
on_send (AnxCall *call,
         JsonObject *body,
         Pair *pair)
{
  gboolean from_a = call == pair->a.call;
  g_autofree char *text = anx_json_object_to_text (body);
  g_ptr_array_add (from_a ? pair->sent_by_a : pair->sent_by_b, g_strdup (text));
  g_autoptr (JsonObject) copy = anx_json_parse_object (text, -1, 1024 * 1024, NULL);
  g_assert_nonnull (copy);
  if (pair->filter != NULL && !pair->filter (pair, from_a, copy, pair->filter_data))
    return;
  Delivery *delivery = g_new0 (Delivery, 1);
  delivery->to = g_object_ref (from_a ? pair->b.call : pair->a.call);
  delivery->body = g_steal_pointer (&copy);
  g_idle_add_full (G_PRIORITY_DEFAULT, deliver, delivery, free_delivery);
}

static void
on_remote_frame (AnxCall *call,
                 AnxFrame *frame,
                 Side *side)
{
  /* A frozen face must never pass for a present one. */
  g_assert_cmpint (anx_call_get_state (call), ==, ANX_CALL_LIVE);
  if (side->remote_frames++ == 0)
    side->first_frame_usec = g_get_monotonic_time ();
  g_clear_pointer (&side->remote, anx_frame_unref);
  side->remote = anx_frame_ref (frame);
}

static void
on_local_frame (AnxCall *call,
                AnxFrame *frame,
                Side *side)
{
  side->local_frames++;
  g_clear_pointer (&side->local, anx_frame_unref);
  side->local = anx_frame_ref (frame);
}

static void
on_state (AnxCall *call,
          GParamSpec *pspec,
          Side *side)
{
  AnxCallState state = anx_call_get_state (call);
  if (state == ANX_CALL_LIVE)
    side->lives++;
  else if (state == ANX_CALL_RECONNECTING)
    side->reconnects++;
}

static void
side_init (Pair *pair,
           Side *side,
           AnxCallMedia media,
           AnxCallTrust *trust)
{
  side->call = anx_call_new ("0192f0c1-2d5e-7abc-8def-0123456789ab", media, trust, NULL);
  g_signal_connect (side->call, "send", G_CALLBACK (on_send), pair);
  g_signal_connect (side->call, "remote-frame", G_CALLBACK (on_remote_frame), side);
  g_signal_connect (side->call, "local-frame", G_CALLBACK (on_local_frame), side);
  g_signal_connect (side->call, "notify::state", G_CALLBACK (on_state), side);
}

Pair *
pair_new_with_trust (AnxCallMedia a,
                     AnxCallMedia b,
                     AnxCallTrust *trust_a,
                     AnxCallTrust *trust_b)
{
  /* GLib forgets the handler after each test. */
  test_allow_known_critical ();
  Pair *pair = g_new0 (Pair, 1);
  pair->trust_a = g_object_ref (trust_a);
  pair->trust_b = g_object_ref (trust_b);
  pair->sent_by_a = g_ptr_array_new_with_free_func (g_free);
  pair->sent_by_b = g_ptr_array_new_with_free_func (g_free);
  side_init (pair, &pair->a, a, trust_a);
  side_init (pair, &pair->b, b, trust_b);
  return pair;
}

Pair *
pair_new (AnxCallMedia a,
          AnxCallMedia b)
{
  g_autoptr (TestTrust) trust_a = test_trust_new ("shared"), trust_b = test_trust_new ("shared");
  return pair_new_with_trust (a, b, ANX_CALL_TRUST (trust_a), ANX_CALL_TRUST (trust_b));
}

void
pair_set_timing (Pair *pair,
                 guint dead_peer_ms,
                 guint attempt_ms,
                 guint give_up_ms)
{
  AnxCallTiming timing = { dead_peer_ms, attempt_ms, attempt_ms, give_up_ms };
  anx_call_set_timing (pair->a.call, &timing);
  anx_call_set_timing (pair->b.call, &timing);
}

static void
side_clear (Pair *pair,
            Side *side)
{
  anx_call_end (side->call);
  g_signal_handlers_disconnect_by_data (side->call, side);
  g_signal_handlers_disconnect_by_data (side->call, pair);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_pointer (&side->remote, anx_frame_unref);
  g_clear_pointer (&side->local, anx_frame_unref);
}

void
pair_free (Pair *pair)
{
  side_clear (pair, &pair->a);
  side_clear (pair, &pair->b);
  g_assert_finalize_object (pair->a.call);
  g_assert_finalize_object (pair->b.call);
  g_assert_finalize_object (G_OBJECT (pair->trust_a));
  g_assert_finalize_object (G_OBJECT (pair->trust_b));
  g_ptr_array_unref (pair->sent_by_a);
  g_ptr_array_unref (pair->sent_by_b);
  g_free (pair);
}

void
pair_start (Pair *pair)
{
  pair->started_usec = g_get_monotonic_time ();
  anx_call_start (pair->a.call);
}

static gboolean
on_wake (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

gboolean
pair_wait (Pair *pair,
           gboolean (*done) (Pair *pair),
           guint timeout_ms)
{
  gint64 until = g_get_monotonic_time () + (gint64) timeout_ms * 1000;
  /* Only so that the time limit is looked at when no event comes. */
  guint wake = g_timeout_add (50, on_wake, NULL);
  gboolean good = FALSE;
  while (!(good = done (pair)) && g_get_monotonic_time () < until)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (wake);
  return good;
}

static gboolean
never (Pair *pair)
{
  return FALSE;
}

void
pair_run_for (guint ms)
{
  pair_wait (NULL, never, ms);
}

gboolean
pair_both_live (Pair *pair)
{
  return anx_call_get_state (pair->a.call) == ANX_CALL_LIVE && anx_call_get_state (pair->b.call) == ANX_CALL_LIVE;
}

gboolean
pair_both_see (Pair *pair)
{
  return pair_both_live (pair) && pair->a.remote_frames > 0 && pair->b.remote_frames > 0;
}

gboolean
pair_both_ended (Pair *pair)
{
  return anx_call_get_state (pair->a.call) == ANX_CALL_ENDED && anx_call_get_state (pair->b.call) == ANX_CALL_ENDED;
}

guint
test_count_entries (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  guint count = 0;
  while (g_dir_read_name (dir) != NULL)
    count++;
  return count;
}

/* GStreamer 1.22 says this when a stream appears while it writes an RTCP report; it is not ours and harms one report only. */
static gboolean
is_fatal (const char *domain,
          GLogLevelFlags level,
          const char *message,
          gpointer user_data)
{
  return strstr (message, "g_hash_table_foreach: assertion 'version == hash_table->version' failed") == NULL;
}

static GLogFunc handler_of_tests;

/* That one would write "Bail out!" though nothing ends. */
static void
on_log (const char *domain,
        GLogLevelFlags level,
        const char *message,
        gpointer user_data)
{
  if (is_fatal (domain, level, message, NULL))
    handler_of_tests (domain, level, message, NULL);
}

void
test_allow_known_critical (void)
{
  g_test_log_set_fatal_handler (is_fatal, NULL);
  if (handler_of_tests == NULL)
    handler_of_tests = g_log_set_default_handler (on_log, NULL);
}
