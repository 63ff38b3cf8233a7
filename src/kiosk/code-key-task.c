/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "code-key-task.h"

#include "code-key.h"
#include "json.h"
#include "process.h"

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
derive (GTask *task,
        gpointer source,
        gpointer task_data,
        GCancellable *cancellable)
{
  Input *input = task_data;
  g_autoptr (GError) error = NULL;
  char *key = anx_code_key_derive (input->code, input->district, &error);
  if (key == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, key, (GDestroyNotify) anx_secret_free);
}

/**
 * anx_code_key_task_start:
 * @resident: the visit, whose district salts the key
 * @normalised_code: the resident's code
 * @callback: called in the main thread
 * @user_data: for @callback
 *
 * Derives the key in a thread.
 */
void
anx_code_key_task_start (AnxResident *resident,
                         const char *normalised_code,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (resident, NULL, callback, user_data);
  Input *input = g_new0 (Input, 1);
  input->code = g_strdup (normalised_code);
  input->district = g_strdup (anx_directory_get_district (anx_resident_get_directory (resident)));
  g_task_set_task_data (task, input, input_free);
  g_task_run_in_thread (task, derive);
}

/**
 * anx_code_key_task_finish:
 * @result: what the callback was given
 * @error: as of anx_code_key_derive()
 *
 * Returns: (transfer full): 64 hex digits, to be freed with anx_secret_free(), or %NULL
 */
char *
anx_code_key_task_finish (GAsyncResult *result,
                          GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
