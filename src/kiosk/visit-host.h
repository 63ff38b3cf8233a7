/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "envelope.h"

G_BEGIN_DECLS

/*
 * What a visit needs of the machine it happens on: the shell with its client in the product, a double in tests. All errors are of
 * ANX_SHELL_ERROR. Main thread.
 */
#define ANX_TYPE_VISIT_HOST (anx_visit_host_get_type ())
G_DECLARE_INTERFACE (AnxVisitHost, anx_visit_host, ANX, VISIT_HOST, GObject)
struct _AnxVisitHostInterface
{
  GTypeInterface parent;

  char      *(*make_context) (AnxVisitHost *self);                          /* JSON of GetContext */
  GBytes    *(*get_directory) (AnxVisitHost *self, char **out_authority);   /* DER, PEM; NULL when there is none yet */
  void       (*request_async) (AnxVisitHost *self, const char *method, const char *path, JsonNode *body, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
  JsonNode  *(*request_finish) (AnxVisitHost *self, GAsyncResult *result, GError **error); /* NULL without error = empty answer */
  gboolean   (*submit) (AnxVisitHost *self, AnxRecordHeader *header, GBytes *sealed, GError **error); /* TRUE: on the disk */
  void       (*keep_alert) (AnxVisitHost *self, AnxRecordHeader *header, GBytes *sealed); /* submit failed: tries on, beyond the visit */
  char      *(*sign) (AnxVisitHost *self, const char *context, const char *text, GError **error);
  gboolean   (*send_signal) (AnxVisitHost *self, const char *to, const char *call, JsonObject *body);
  gboolean   (*is_online) (AnxVisitHost *self);
  guint      (*count_queued) (AnxVisitHost *self);
  gboolean   (*is_acknowledged) (AnxVisitHost *self, const char *record_id);
  gboolean   (*keep_draft) (AnxVisitHost *self, const char *tag, GBytes *sealed, guint hours, GError **error); /* TRUE: on the disk */
  GBytes    *(*take_draft) (AnxVisitHost *self, const char *tag, guint *out_wait_seconds); /* and erases it; (nullable) */
  const char *(*get_principal) (AnxVisitHost *self);
};

G_END_DECLS
