/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "hub.h"

G_BEGIN_DECLS

/* The network side: libwebsockets on a libuv loop. Main thread. */

gboolean   anx_server_check (AnxHubConfig *config, GError **error); /* certificate and key files */
AnxServer *anx_server_new (AnxHub *hub, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* listens when it returns */
int        anx_server_get_port (AnxServer *self);
void       anx_server_run (AnxServer *self);      /* until SIGTERM or SIGINT, and all accepted requests are answered */
void       anx_server_free (AnxServer *self);

/* Queues what the hub does by itself, without a caller; @finish is called on the loop whatever became of it. */
void  anx_server_write (AnxServer *self, AnxRequest *request, AnxRequestRun run, AnxRequestFinish finish);
gboolean anx_server_has_link (AnxServer *self, const char *principal);
void  anx_server_look (AnxServer *self, const char *what, const char *topic);
void  anx_server_check_links (AnxServer *self);   /* after a change of directory or revocation list */
guint anx_server_count_links (AnxServer *self);
guint anx_server_count_connections (AnxServer *self);

void        anx_server_work (AnxServer *self, AnxRequest *request, AnxRequestPrepare prepare, AnxRequestRun run, AnxRequestFinish finish);

G_END_DECLS
