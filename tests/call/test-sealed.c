/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "authority.h"
#include "call-error.h"
#include "clock.h"
#include "pair.h"
#include "statement.h"

/* The same call with real keys: statements of src/seal, certificates of a small authority. */

#define NOW (G_GINT64_CONSTANT (1793491200) * G_USEC_PER_SEC)

#define SEALED_TYPE_TRUST (sealed_trust_get_type ())
G_DECLARE_FINAL_TYPE (SealedTrust, sealed_trust, SEALED, TRUST, GObject)
struct _SealedTrust
{
  GObject parent_instance;
  AnxKey *key;
  AnxCertificate *certificate;
  AnxCertificate *authority;
  char *peer;
};
static void sealed_trust_iface_init (AnxCallTrustInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE (SealedTrust, sealed_trust, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (ANX_TYPE_CALL_TRUST, sealed_trust_iface_init))

static void
sealed_trust_sign_async (AnxCallTrust *trust,
                         const char *context,
                         const char *text,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  SealedTrust *self = SEALED_TRUST (trust);
  g_autoptr (GTask) task = g_task_new (trust, NULL, callback, user_data);
  GError *error = NULL;
  char *statement = anx_statement_sign (context, text, self->key, self->certificate, &error);
  if (statement != NULL)
    g_task_return_pointer (task, statement, g_free);
  else
    g_task_return_error (task, error);
}

static char *
sealed_trust_sign_finish (AnxCallTrust *trust,
                          GAsyncResult *result,
                          GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static char *
sealed_trust_verify (AnxCallTrust *trust,
                     const char *context,
                     const char *statement,
                     GError **error)
{
  SealedTrust *self = SEALED_TRUST (trust);
  return anx_statement_verify (statement, context, self->peer, self->authority, NOW, error);
}

static void
sealed_trust_iface_init (AnxCallTrustInterface *iface)
{
  iface->sign_async = sealed_trust_sign_async;
  iface->sign_finish = sealed_trust_sign_finish;
  iface->verify = sealed_trust_verify;
}

static void
sealed_trust_finalize (GObject *object)
{
  SealedTrust *self = SEALED_TRUST (object);
  anx_key_unref (self->key);
  anx_certificate_unref (self->certificate);
  anx_certificate_unref (self->authority);
  g_free (self->peer);
  G_OBJECT_CLASS (sealed_trust_parent_class)->finalize (object);
}

static void
sealed_trust_class_init (SealedTrustClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sealed_trust_finalize;
}

static void
sealed_trust_init (SealedTrust *self)
{
}

static AnxCallTrust *
enrol (AnxAuthority *authority,
       const char *name,
       const char *peer)
{
  g_autoptr (GError) error = NULL;
  SealedTrust *self = g_object_new (SEALED_TYPE_TRUST, NULL);
  self->key = anx_key_generate (&error);
  g_assert_no_error (error);
  g_autofree char *request = anx_key_make_request (self->key, name, &error);
  g_assert_no_error (error);
  self->certificate = anx_authority_issue (authority, request, name, ANX_KEY_USE_SIGN, NOW, &error);
  g_assert_no_error (error);
  self->authority = anx_certificate_ref (anx_authority_get_certificate (authority));
  self->peer = g_strdup (peer);
  return ANX_CALL_TRUST (self);
}

static Pair *
new_sealed_pair (const char *peer_of_kiosk)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxAuthority) authority = anx_authority_create ("district-7", "District 7", NOW, &error);
  g_assert_no_error (error);
  g_autoptr (AnxCallTrust) desk = enrol (authority, "counsellor-1", "kiosk-1");
  g_autoptr (AnxCallTrust) kiosk = enrol (authority, "kiosk-1", peer_of_kiosk);
  return pair_new_with_trust (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B, desk, kiosk);
}

static void
test_connects (void)
{
  g_autoptr (Pair) pair = new_sealed_pair ("counsellor-1");
  pair_start (pair);
  g_assert_true (pair_wait (pair, pair_both_see, 30000));
}

/* A good certificate of the same district is not enough: it must be the person of this booking. */
static void
test_another_person (void)
{
  g_autoptr (Pair) pair = new_sealed_pair ("counsellor-2");
  pair_start (pair);
  g_assert_true (pair_wait (pair, pair_both_ended, 30000));
  g_assert_error (anx_call_get_error (pair->a.call), ANX_CALL_ERROR, ANX_CALL_ERROR_UNTRUSTED);
  g_assert_error (anx_call_get_error (pair->b.call), ANX_CALL_ERROR, ANX_CALL_ERROR_UNTRUSTED);
  g_assert_cmpuint (pair->a.remote_frames + pair->b.remote_frames, ==, 0);
}

int
main (int argc,
      char *argv[])
{
  test_init (&argc, &argv);
  g_test_add_func ("/call/sealed/connects", test_connects);
  g_test_add_func ("/call/sealed/another-person", test_another_person);
  return g_test_run ();
}
