/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libwebsockets.h>
#include <uv.h>

#include "server.h"

G_BEGIN_DECLS

/*
 * One connection, from accept to close:
 *
 *   HANDSHAKE ─headers─► BODY ─all of it─► WORKING ─anx_hub_return()─► ANSWERING ─► IDLE ─headers─► …
 *       │                  └─refused─► LINGER (answer written, rest of the body thrown away, then closed)
 *       └─upgrade─► LINK (WebSocket)
 *
 *  S1 Every phase but WORKING and LINK has a deadline that no trickle of bytes extends.
 *  S2 At most one request of a connection is on its way; its memory belongs to the stage that holds it, and only its
 *     `connection` field, which the loop alone touches, says whether anybody still waits for the answer.
 *  S3 Nothing of a request is looked at before the caller's right to the route was checked, except method, path and length.
 *  S4 All bodies in memory together stay under BODY_BUDGET_BYTES (server-requests.c).
 */

#define ANX_SERVER_IDLE_USEC (75 * G_USEC_PER_SEC)
#define ANX_LINK_PROTOCOL "anxin.link.v1"

typedef enum
{
  PHASE_HANDSHAKE,
  PHASE_BODY,
  PHASE_WORKING,
  PHASE_ANSWERING,
  PHASE_LINGER,
  PHASE_IDLE,
  PHASE_LINK,
} AnxConnectionPhase;

typedef struct
{
  AnxServer *server;
  struct lws *wsi;
  AnxConnectionPhase phase;
  gint64 deadline_usec; /* monotonic, 0 = none */
  char address[64];

  AnxCertificate *certificate;  /* (nullable) verified */
  const char *certificate_slug; /* (nullable) why there is none */
  gboolean certificate_read;

  AnxRequest *request; /* BODY: owned; WORKING: borrowed; ANSWERING: owned */
  GByteArray *body;
  gsize expected_bytes;
  gsize received_bytes;
  gsize sent_bytes;
  gboolean head_sent;
  gboolean close_after;
  gboolean doomed;       /* anx_connection_kill() was called */

  char *principal;       /* LINK */
  char *join;            /* LINK (nullable): a browser's, which speaks and hears of this booking alone */
  GHashTable *topics;    /* LINK */
  GByteArray *message;   /* LINK */
  GQueue signals;        /* LINK: GBytes */
  guint looks;           /* LINK: bits of what to look at, to send */
} AnxConnection;

struct _AnxServer
{
  AnxHub *hub;
  uv_loop_t loop;
  uv_async_t returned_wake;
  uv_timer_t tick;
  uv_signal_t terminate;
  uv_signal_t interrupt;
  void *loops[1];
  struct lws_context *context;
  struct lws_vhost *vhost;
  GAsyncQueue *returned;    /* AnxRequest; any thread pushes */

  GHashTable *connections;  /* struct lws → AnxConnection, owned */
  GHashTable *topics;       /* topic → GPtrArray of AnxConnection on the link */
  guint links;
  guint most_connections;
  guint underway;           /* requests held by pool or writer */
  gsize body_bytes;
  guint ticks;
  gint64 drain_until_usec;  /* 0 = not ending */
};

/* server.c */
void anx_connection_kill (AnxConnection *self);

/* server-requests.c: one request of a connection, from its headers to the last byte of its answer. */
int         anx_connection_begin_request (AnxConnection *self, const char *path);
int         anx_connection_take_body (AnxConnection *self, const void *data, size_t length);
int         anx_connection_end_body (AnxConnection *self);
void        anx_connection_start_answer (AnxConnection *self, AnxRequest *request);
int         anx_connection_write_answer (AnxConnection *self);
void        anx_connection_release_request (AnxServer *server, AnxRequest *request);
const char *anx_connection_check_caller (AnxConnection *self, AnxRequest *request);
int         anx_connection_write_head (AnxConnection *self);
const char *anx_connection_find_route (AnxRequest *request, const char *method, const char *path);

/* server-link.c: the WebSocket. */
int  anx_connection_confirm_upgrade (AnxConnection *self);
int  anx_connection_begin_link (AnxConnection *self);
int  anx_connection_take_message (AnxConnection *self, const void *data, size_t length);
int  anx_connection_write_link (AnxConnection *self);
void anx_connection_leave_link (AnxConnection *self);

G_END_DECLS
