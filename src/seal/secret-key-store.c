/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "key-store.h"

#include <libsecret/secret.h>

#include "id.h"
#include "process.h"
#include "seal-private.h"

/*
 * Three things libsecret would do by itself must not happen on a kiosk: ask for a password over the resident's screen,
 * take a locked collection for an empty one, and wait for ever. So the service proxy here cannot prompt, the
 * collection's lock is read before anything is looked for, and a deadline ends every call. secret_password_*() is not
 * used: under Flatpak it goes through the portal to a file of its own, which the host's tools do not see and which was
 * seen to hang.
 */

#define DEADLINE_USEC (10 * G_TIME_SPAN_SECOND)
#define SECRET_MAX_BYTES 16384

static const SecretSchema schema = {
  "org.anxin.Key",
  SECRET_SCHEMA_NONE,
  {
      { "district", SECRET_SCHEMA_ATTRIBUTE_STRING },
      { "principal", SECRET_SCHEMA_ATTRIBUTE_STRING },
      { "use", SECRET_SCHEMA_ATTRIBUTE_STRING },
      { NULL, 0 },
  },
};

/* A SecretService whose prompts fail at once. Not with SECRET_ERROR_IS_LOCKED: libsecret answers that by trying to
 * unlock. */
typedef struct
{
  SecretService parent_instance;
} QuietService;

typedef struct
{
  SecretServiceClass parent_class;
} QuietServiceClass;

static GType quiet_service_get_type (void);
G_DEFINE_TYPE (QuietService, quiet_service, SECRET_TYPE_SERVICE)

static GVariant *
refuse_prompt (SecretService *service,
               SecretPrompt *prompt,
               GCancellable *cancellable,
               const GVariantType *return_type,
               GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "Prompts are not allowed");
  return NULL;
}

static void
refuse_prompt_async (SecretService *service,
                     SecretPrompt *prompt,
                     const GVariantType *return_type,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (service, cancellable, callback, user_data);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "Prompts are not allowed");
}

static GVariant *
refuse_prompt_finish (SecretService *service,
                      GAsyncResult *result,
                      GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
quiet_service_class_init (QuietServiceClass *klass)
{
  SecretServiceClass *service_class = SECRET_SERVICE_CLASS (klass);
  service_class->prompt_sync = refuse_prompt;
  service_class->prompt_async = refuse_prompt_async;
  service_class->prompt_finish = refuse_prompt_finish;
}

static void
quiet_service_init (QuietService *self)
{
}

/* The synchronous calls run a main context of their own, where no source of ours would fire: a thread keeps the time.
 */
typedef struct
{
  GMutex lock;
  GCond changed;
  gboolean over;
  GCancellable *cancellable;
  GThread *thread;
} Deadline;

static gpointer
keep_time (gpointer data)
{
  Deadline *self = data;
  gint64 end = g_get_monotonic_time () + DEADLINE_USEC;
  g_mutex_lock (&self->lock);
  while (!self->over)
    if (!g_cond_wait_until (&self->changed, &self->lock, end))
      {
        g_cancellable_cancel (self->cancellable);
        break;
      }
  g_mutex_unlock (&self->lock);
  return NULL;
}

static Deadline *
deadline_new (void)
{
  Deadline *self = g_new0 (Deadline, 1);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->cancellable = g_cancellable_new ();
  self->thread = g_thread_new ("anx-deadline", keep_time, self);
  return self;
}

static void
deadline_free (Deadline *self)
{
  g_mutex_lock (&self->lock);
  self->over = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
  g_thread_join (self->thread);
  g_object_unref (self->cancellable);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self);
}

struct _AnxSecretKeyStore
{
  GObject parent_instance;
  char *district;
};

static void anx_secret_key_store_implement (AnxKeyStoreInterface *interface);
G_DEFINE_FINAL_TYPE_WITH_CODE (AnxSecretKeyStore,
                               anx_secret_key_store,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (ANX_TYPE_KEY_STORE, anx_secret_key_store_implement))

static void
anx_secret_key_store_finalize (GObject *object)
{
  g_free (ANX_SECRET_KEY_STORE (object)->district);
  G_OBJECT_CLASS (anx_secret_key_store_parent_class)->finalize (object);
}

static void
anx_secret_key_store_class_init (AnxSecretKeyStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = anx_secret_key_store_finalize;
}

static void
anx_secret_key_store_init (AnxSecretKeyStore *self)
{
}

static gboolean
fail_missing (GError **error)
{
  return anx_seal_fail (error, ANX_SEAL_ERROR_STORE_MISSING,
                        "There is no open place for keys: the Secret Service does not answer. Nothing was changed.");
}

static gboolean
fail_locked (GError **error)
{
  return anx_seal_fail (error, ANX_SEAL_ERROR_STORE_LOCKED,
                        "The place for keys is locked. The keys are safe in it; unlock the keyring, then try again.");
}

/* libsecret's messages may name what was looked for; only their kind is passed on. */
static gboolean
take_failure (GError *failure,
              GError **error)
{
  gboolean locked = g_error_matches (failure, SECRET_ERROR, SECRET_ERROR_IS_LOCKED) ||
                    g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_clear_error (&failure);
  return locked ? fail_locked (error) : fail_missing (error);
}

/* The default collection, open. It only holds a weak reference to its service, which must outlive the call. */
typedef struct
{
  Deadline *deadline;
  SecretService *service;
  SecretCollection *collection;
} Session;

static void
session_free (Session *self)
{
  g_clear_object (&self->collection);
  g_clear_object (&self->service);
  g_clear_pointer (&self->deadline, deadline_free);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Session, session_free)

/* A fresh proxy each time: a keyring daemon that was restarted, or unlocked since, is seen as it is now. */
static Session *
session_open (GError **error)
{
  g_autoptr (Session) self = g_new0 (Session, 1);
  self->deadline = deadline_new ();
  GCancellable *cancellable = self->deadline->cancellable;
  GError *failure = NULL;
  self->service = secret_service_open_sync (quiet_service_get_type (), NULL, SECRET_SERVICE_OPEN_SESSION, cancellable,
                                            &failure);
  if (self->service != NULL)
    self->collection = secret_collection_for_alias_sync (self->service, SECRET_COLLECTION_DEFAULT,
                                                         SECRET_COLLECTION_NONE, cancellable, &failure);
  if (failure != NULL)
    {
      take_failure (failure, error);
      return NULL;
    }
  if (self->collection == NULL)
    {
      fail_missing (error);
      return NULL;
    }
  if (secret_collection_get_locked (self->collection))
    {
      fail_locked (error);
      return NULL;
    }
  return g_steal_pointer (&self);
}

static const char *
use_to_text (AnxKeyUse use)
{
  return use == ANX_KEY_USE_SIGN ? "sign" : "seal";
}

static GHashTable *
make_attributes (AnxSecretKeyStore *self,
                 const char *principal,
                 const char *use)
{
  GHashTable *attributes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_hash_table_insert (attributes, (gpointer) "district", g_strdup (self->district));
  g_hash_table_insert (attributes, (gpointer) "principal", g_strdup (principal));
  if (use != NULL)
    g_hash_table_insert (attributes, (gpointer) "use", g_strdup (use));
  return attributes;
}

static void
free_items (GList *items)
{
  g_list_free_full (items, g_object_unref);
}

/*
 * The items of the default collection with these attributes. The service searches every collection, and
 * secret_collection_search_sync(), which would not, leaks its reply in libsecret 0.20. Without SECRET_SEARCH_UNLOCK:
 * what is locked stays locked.
 */
static GList *
search (Session *session,
        GHashTable *attributes,
        SecretSearchFlags flags,
        GError **failure)
{
  g_autofree char *folder = g_strconcat (g_dbus_proxy_get_object_path (G_DBUS_PROXY (session->collection)), "/", NULL);
  GList *items = secret_service_search_sync (session->service, &schema, attributes, SECRET_SEARCH_ALL | flags,
                                             session->deadline->cancellable, failure);
  for (GList *l = items, *next; l != NULL; l = next)
    {
      next = l->next;
      if (!g_str_has_prefix (g_dbus_proxy_get_object_path (G_DBUS_PROXY (l->data)), folder))
        {
          g_object_unref (l->data);
          items = g_list_delete_link (items, l);
        }
    }
  return items;
}

/* A key that stands there but cannot be read is not a missing key. */
static AnxKey *
read_item (SecretItem *item,
           GError **error)
{
  if (secret_item_get_locked (item))
    {
      fail_locked (error);
      return NULL;
    }
  SecretValue *value = secret_item_get_secret (item);
  gsize length = 0;
  const char *text = value != NULL ? secret_value_get (value, &length) : NULL;
  AnxKey *key = NULL;
  if (text == NULL || length > SECRET_MAX_BYTES)
    anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The key in the Secret Service cannot be read");
  else
    {
      anx_autosecret char *pem = g_strndup (text, length);
      key = anx_key_new_from_pem (pem, error);
    }
  if (value != NULL)
    secret_value_unref (value);
  return key;
}

static AnxKey *
anx_secret_key_store_load (AnxKeyStore *store,
                           const char *principal,
                           AnxKeyUse use,
                           GError **error)
{
  AnxSecretKeyStore *self = ANX_SECRET_KEY_STORE (store);
  g_autoptr (Session) session = session_open (error);
  if (session == NULL)
    return NULL;
  g_autoptr (GHashTable) attributes = make_attributes (self, principal, use_to_text (use));
  GError *failure = NULL;
  GList *items = search (session, attributes, SECRET_SEARCH_LOAD_SECRETS, &failure);
  if (failure != NULL)
    {
      take_failure (failure, error);
      return NULL;
    }
  AnxKey *key = NULL;
  if (items == NULL)
    anx_seal_fail (error, ANX_SEAL_ERROR_KEY_MISSING, "The place for keys is open but has no such key");
  else
    key = read_item (items->data, error);
  free_items (items);
  return key;
}

static gboolean
anx_secret_key_store_save (AnxKeyStore *store,
                           const char *principal,
                           AnxKeyUse use,
                           AnxKey *key,
                           GError **error)
{
  AnxSecretKeyStore *self = ANX_SECRET_KEY_STORE (store);
  g_autoptr (Session) session = session_open (error);
  if (session == NULL)
    return FALSE;
  g_autoptr (GHashTable) attributes = make_attributes (self, principal, use_to_text (use));
  /* SecretValue wipes the text with the function it is given. */
  SecretValue *value =
      secret_value_new_full (anx_key_to_pem (key), -1, "application/x-pem-file", (GDestroyNotify) anx_secret_free);
  GError *failure = NULL;
  /* Not secret_item_create_sync(): with a service of a derived type it loses its service and fails (libsecret 0.20.5).
   */
  gboolean stored = secret_service_store_sync (session->service, &schema, attributes, SECRET_COLLECTION_DEFAULT,
                                               "Anxin key", value, session->deadline->cancellable, &failure);
  secret_value_unref (value);
  return stored ? TRUE : take_failure (failure, error);
}

static gboolean
anx_secret_key_store_forget (AnxKeyStore *store,
                             const char *principal,
                             GError **error)
{
  AnxSecretKeyStore *self = ANX_SECRET_KEY_STORE (store);
  g_autoptr (Session) session = session_open (error);
  if (session == NULL)
    return FALSE;
  g_autoptr (GHashTable) attributes = make_attributes (self, principal, NULL);
  GError *failure = NULL;
  GList *items = search (session, attributes, SECRET_SEARCH_NONE, &failure);
  for (GList *l = items; l != NULL && failure == NULL; l = l->next)
    secret_item_delete_sync (l->data, session->deadline->cancellable, &failure);
  free_items (items);
  return failure == NULL ? TRUE : take_failure (failure, error);
}

static void
anx_secret_key_store_implement (AnxKeyStoreInterface *interface)
{
  interface->load = anx_secret_key_store_load;
  interface->save = anx_secret_key_store_save;
  interface->forget = anx_secret_key_store_forget;
}

/**
 * anx_secret_key_store_new:
 * @district: the district's id; two districts on one machine do not see each other's keys
 *
 * The default collection of the session's Secret Service. Nothing is opened yet.
 *
 * Returns: (transfer full): the key store
 */
AnxKeyStore *
anx_secret_key_store_new (const char *district)
{
  g_return_val_if_fail (anx_principal_id_is_valid (district), NULL);
  AnxSecretKeyStore *self = g_object_new (ANX_TYPE_SECRET_KEY_STORE, NULL);
  self->district = g_strdup (district);
  return ANX_KEY_STORE (self);
}
