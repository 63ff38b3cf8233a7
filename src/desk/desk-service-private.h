/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-service.h"
#include "retention.h"
#include "local-alerts.h"

G_BEGIN_DECLS

/* What the files of desk-service share. */

struct _AnxDeskService
{
  GObject parent_instance;
  AnxClient *client;
  AnxDeskModel *model;
  AnxDeskAlarm *alarm;
  GCancellable *cancellable;
  JsonObject *referral_data;    /* (nullable) */
  AnxQuestionnaireShelf *shelf; /* (nullable) until somebody asks; of the directory @shelf_version */
  gint64 shelf_version;
  AnxRecordIndex *index;
  AnxRetention *retention;      /* (nullable) until it is needed, or when it cannot be read */
  gboolean retention_read;
  GHashTable *unsealed;         /* (nullable) (element-type utf8) ids of records opened with a reason while this runs */
  GHashTable *looked; /* story → gint64, when its reading was last written down, monotonic µs */
  JsonObject *cache;
  gint64 fetched_usec;
  AnxLocalAlerts *local_alerts; /* (nullable) while started */
  guint grace_source;
  guint changed_source;
  guint poll_source;
  guint tick_source;
};

const AnxPrincipal *anx_desk_service_get_own (AnxDeskService *self);                 /* (nullable) */
JsonObject *anx_desk_service_read_data (const char *name) G_GNUC_WARN_UNUSED_RESULT; /* (nullable) */
void anx_desk_service_show_record (AnxDeskService *self, AnxInboxRecord *inbox_record, JsonNode *resource);
gboolean anx_desk_service_write (AnxDeskService *self,
                                 const char *id,
                                 const char *kind,
                                 const char *const *recipients,
                                 const char *predecessor,
                                 JsonObject *routing,
                                 JsonObject *resource,
                                 GError **error);
gboolean anx_desk_service_write_follow_up (AnxDeskService *self,
                                           const AnxFollowUp *follow_up,
                                           const char *predecessor,
                                           GError **error);

G_END_DECLS
