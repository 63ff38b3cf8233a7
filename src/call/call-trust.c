/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "call.h"

G_DEFINE_INTERFACE (AnxCallTrust, anx_call_trust, G_TYPE_OBJECT)

static void
anx_call_trust_default_init (AnxCallTrustInterface *iface)
{
}

/**
 * anx_call_trust_sign_async:
 * @self: who signs
 * @context: what the text is for, so that it is refused anywhere else
 * @text: the session description
 * @callback: called when it is signed or could not be
 * @user_data: for @callback
 *
 * Signs @text in the name of this side.
 */
void
anx_call_trust_sign_async (AnxCallTrust *self,
                           const char *context,
                           const char *text,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_return_if_fail (ANX_IS_CALL_TRUST (self) && context != NULL && text != NULL);
  ANX_CALL_TRUST_GET_IFACE (self)->sign_async (self, context, text, callback, user_data);
}

/**
 * anx_call_trust_sign_finish:
 * @self: who signs
 * @result: what the callback was given
 * @error: return location, of whatever domain the program signs with
 *
 * Returns: (transfer full) (nullable): the statement, Base64
 */
char *
anx_call_trust_sign_finish (AnxCallTrust *self,
                            GAsyncResult *result,
                            GError **error)
{
  g_return_val_if_fail (ANX_IS_CALL_TRUST (self), NULL);
  return ANX_CALL_TRUST_GET_IFACE (self)->sign_finish (self, result, error);
}

/**
 * anx_call_trust_verify:
 * @self: who checks
 * @context: what the text must be for
 * @statement: what came from the other side
 * @error: return location, of whatever domain the program checks with
 *
 * Returns: (transfer full) (nullable): the text, when the booking's other side signed it for @context
 */
char *
anx_call_trust_verify (AnxCallTrust *self,
                       const char *context,
                       const char *statement,
                       GError **error)
{
  g_return_val_if_fail (ANX_IS_CALL_TRUST (self) && context != NULL && statement != NULL, NULL);
  return ANX_CALL_TRUST_GET_IFACE (self)->verify (self, context, statement, error);
}
