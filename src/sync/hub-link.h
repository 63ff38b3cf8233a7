/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "certificate.h"

G_BEGIN_DECLS

/*
 * HTTPS and WebSocket to one hub: the pinned authority is the only anchor, the own certificate the identity. Knows nothing of
 * records or state; one answer or one error for each request. Main thread, never blocks.
 *
 * Signals:
 *   socket-changed (gboolean open)
 *   message (JsonObject *)          a WebSocket message, an object
 */
#define ANX_TYPE_HUB_LINK (anx_hub_link_get_type ())
G_DECLARE_FINAL_TYPE (AnxHubLink, anx_hub_link, ANX, HUB_LINK, GObject)

typedef struct
{
  guint status;   /* HTTP */
  GBytes *body;
  char *etag;     /* (nullable) */
} AnxHubAnswer;

void anx_hub_answer_free (AnxHubAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxHubAnswer, anx_hub_answer_free)

AnxHubLink *anx_hub_link_new (const char *hub_url, AnxCertificate *authority, AnxKey *key, AnxCertificate *certificate,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxHubLink *anx_hub_link_new_unpinned (const char *hub_url) G_GNUC_WARN_UNUSED_RESULT;

void          anx_hub_link_request_async (AnxHubLink *self, const char *method, const char *path, const char *content_type,
                                          GBytes *body, const char *etag, gsize max_bytes, GCancellable *cancellable,
                                          GAsyncReadyCallback callback, gpointer user_data);
AnxHubAnswer *anx_hub_link_request_finish (AnxHubLink *self, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void     anx_hub_link_open_socket (AnxHubLink *self);
void     anx_hub_link_close_socket (AnxHubLink *self);
gboolean anx_hub_link_socket_is_open (AnxHubLink *self);
gboolean anx_hub_link_send (AnxHubLink *self, JsonObject *message);

G_END_DECLS
