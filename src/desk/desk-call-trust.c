/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-call-trust.h"

#include "call-error.h"
#include "profile.h"
#include "statement.h"

struct _AnxDeskCallTrust
{
  GObject parent_instance;
  AnxClient *client;
  char *peer;
};

static void anx_desk_call_trust_interface_init (AnxCallTrustInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AnxDeskCallTrust, anx_desk_call_trust, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (ANX_TYPE_CALL_TRUST, anx_desk_call_trust_interface_init))

static void
anx_desk_call_trust_finalize (GObject *object)
{
  AnxDeskCallTrust *self = ANX_DESK_CALL_TRUST (object);
  g_clear_object (&self->client);
  g_free (self->peer);
  G_OBJECT_CLASS (anx_desk_call_trust_parent_class)->finalize (object);
}

static void
anx_desk_call_trust_class_init (AnxDeskCallTrustClass *class)
{
  G_OBJECT_CLASS (class)->finalize = anx_desk_call_trust_finalize;
}

static void
anx_desk_call_trust_init (AnxDeskCallTrust *self)
{
}

static void
sign_async (AnxCallTrust *trust,
            const char *context,
            const char *text,
            GAsyncReadyCallback callback,
            gpointer user_data)
{
  AnxDeskCallTrust *self = ANX_DESK_CALL_TRUST (trust);
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  GError *error = NULL;
  char *statement = anx_client_sign_statement (self->client, context, text, &error);

  if (statement != NULL)
    g_task_return_pointer (task, statement, g_free);
  else
    g_task_return_error (task, error);
}

static char *
sign_finish (AnxCallTrust *trust,
             GAsyncResult *result,
             GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static char *
verify (AnxCallTrust *trust,
        const char *context,
        const char *statement,
        GError **error)
{
  AnxDeskCallTrust *self = ANX_DESK_CALL_TRUST (trust);
  AnxDirectory *directory = anx_client_get_directory (self->client);
  const AnxPrincipal *peer = directory != NULL ? anx_directory_get_principal (directory, self->peer) : NULL;
  AnxCertificate *authority = anx_profile_get_authority (anx_client_get_profile (self->client));

  if (peer == NULL || (peer->kind != ANX_PRINCIPAL_KIOSK && peer->kind != ANX_PRINCIPAL_PERSON) || !peer->active)
    {
      g_set_error_literal (error, ANX_CALL_ERROR, ANX_CALL_ERROR_UNTRUSTED,
                           "The directory names no such kiosk or person. Nothing was shown or sent.");
      return NULL;
    }
  return anx_statement_verify (statement, context, self->peer, authority,
                               anx_clock_now_usec (anx_client_get_clock (self->client)), error);
}

static void
anx_desk_call_trust_interface_init (AnxCallTrustInterface *interface)
{
  interface->sign_async = sign_async;
  interface->sign_finish = sign_finish;
  interface->verify = verify;
}

/**
 * anx_desk_call_trust_new:
 * @client: the client of this person
 * @peer: the kiosk of the booked room, or a person who takes part
 *
 * Returns: (transfer full): the trust of one call
 */
AnxCallTrust *
anx_desk_call_trust_new (AnxClient *client,
                         const char *peer)
{
  AnxDeskCallTrust *self = g_object_new (ANX_TYPE_DESK_CALL_TRUST, NULL);
  self->client = g_object_ref (client);
  self->peer = g_strdup (peer);
  return ANX_CALL_TRUST (self);
}
