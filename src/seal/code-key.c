/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "code-key.h"

#include <openssl/evp.h>
#include <string.h>

#include "process.h"
#include "seal-private.h"
#include "text.h"

/* RFC 7914 section 2; the cost is what a kiosk spends in about a tenth of a second. */
#define COST 32768
#define BLOCK_SIZE 8
#define PARALLELISM 1
#define MEMORY_BYTES (64 * 1024 * 1024)
#define KEY_BYTES 32
/* Codes are about ten characters; the bound only keeps nonsense out. */
#define CODE_MAX_BYTES 128

/**
 * anx_code_key_derive:
 * @normalised_code: a resident's code in its normal form, 1 to 128 bytes
 * @district: the district's id
 * @error: return location, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_INTERNAL
 *
 * The key under which the hub knows a code it never sees. Deterministic, so that every kiosk of the district finds the
 * same booking; slow, so that the hub's copy cannot be tried through. Blocks for about 0.1 s: not on a main loop that
 * draws.
 *
 * Returns: (transfer full) (nullable): 64 lower-case hex digits
 */
char *
anx_code_key_derive (const char *normalised_code,
                     const char *district,
                     GError **error)
{
  g_return_val_if_fail (normalised_code != NULL && district != NULL, NULL);
  gsize length = strlen (normalised_code);
  if (length == 0 || length > CODE_MAX_BYTES || *district == '\0')
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "A code and a district are needed");
      return NULL;
    }
  guint8 key[KEY_BYTES];
  if (EVP_PBE_scrypt (normalised_code, length, (const guint8 *) district, strlen (district), COST, BLOCK_SIZE,
                      PARALLELISM, MEMORY_BYTES, key, sizeof key) != 1)
    {
      anx_seal_fail_internal (error, "Deriving a code's key");
      return NULL;
    }
  char *hex = anx_hex_encode (key, sizeof key);
  anx_wipe (key, sizeof key);
  return hex;
}

typedef struct
{
  char *code;
  char *district;
} Input;

static void
input_free (gpointer data)
{
  Input *input = data;
  anx_secret_free (input->code);
  g_free (input->district);
  g_free (input);
}

static void
derive_in_thread (GTask *task,
                  gpointer source,
                  gpointer task_data,
                  GCancellable *cancellable)
{
  Input *input = task_data;
  GError *error = NULL;
  char *key = anx_code_key_derive (input->code, input->district, &error);
  if (key != NULL)
    g_task_return_pointer (task, key, (GDestroyNotify) anx_secret_free);
  else
    g_task_return_error (task, error);
}

/**
 * anx_code_key_derive_async:
 * @normalised_code: as for anx_code_key_derive()
 * @district: the district's id
 * @cancellable: (nullable): afterwards no key is handed out; the callback still comes when the thread is done
 * @callback: called in the main context of the caller, without a source object
 * @user_data: for @callback
 *
 * anx_code_key_derive() in a thread.
 */
void
anx_code_key_derive_async (const char *normalised_code,
                           const char *district,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Input *input = g_new0 (Input, 1);
  input->code = g_strdup (normalised_code);
  input->district = g_strdup (district);
  g_task_set_task_data (task, input, input_free);
  g_task_run_in_thread (task, derive_in_thread);
}

/**
 * anx_code_key_derive_finish:
 * @result: what the callback was given
 * @error: return location, as of anx_code_key_derive(), %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full) (nullable): 64 lower-case hex digits, to be freed with anx_secret_free()
 */
char *
anx_code_key_derive_finish (GAsyncResult *result,
                            GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
