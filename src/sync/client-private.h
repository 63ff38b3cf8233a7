/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client.h"
#include "directory-file.h"
#include "hub-link.h"
#include "inbox.h"
#include "outbox.h"
#include "record-reader.h"

G_BEGIN_DECLS

/* What client.c (the facade) and rounds.c (the exchange with the hub) share. */

/* What is to be asked of the hub, in the order of their bits: the clock and trust first, then what people wait for. */
typedef enum
{
  ANX_NEED_HEALTH = 1 << 0,
  ANX_NEED_CHAIN = 1 << 1, /* what the hub holds of the own chain, before anything is added to it */
  ANX_NEED_HEAD = 1 << 2,  /* the end of the own chain, which this machine lost */
  ANX_NEED_FLUSH = 1 << 3,
  ANX_NEED_DIRECTORY = 1 << 4,
  ANX_NEED_GIVE = 1 << 5,  /* the hub has an older directory than this machine */
  ANX_NEED_PULL = 1 << 6,
  ANX_NEED_ORDERS = 1 << 7, /* the hub was put back and may have forgotten what is erased */
} AnxNeed;
#define ANX_NEED_ALL (ANX_NEED_HEALTH | ANX_NEED_CHAIN | ANX_NEED_FLUSH | ANX_NEED_DIRECTORY | ANX_NEED_PULL)

/* Whether own records that were missing here were fetched again since the start: what is missing after DONE is withheld. */
typedef enum
{
  ANX_OWN_FETCH_NONE,
  ANX_OWN_FETCH_RUNNING, /* the inbox began again and has not come to its end */
  ANX_OWN_FETCH_DONE,
} AnxOwnFetch;

struct _AnxClient
{
  GObject parent_instance;

  AnxProfile *profile;
  AnxClock *clock;
  AnxKey *sign_key;
  AnxDatabase *database;
  AnxOutbox *outbox;
  AnxInbox *inbox;
  AnxDirectoryFile *directory_file;
  AnxRecordReader *reader;
  AnxHubLink *link;

  AnxClientState state;
  char *link_problem;      /* (nullable) why PROBLEM */
  gboolean untrusted;      /* the last round ended because the hub could not prove itself */
  char *directory_problem; /* (nullable) the hub offers a directory that may not be used */
  char *clock_problem;     /* (nullable) a warning, beside any state */

  /* The round, see rounds.c. */
  GCancellable *cancellable; /* (nullable) while started */
  guint needs;               /* AnxNeed */
  gboolean busy;             /* one request at a time */
  guint failures;            /* in a row */
  guint singles;             /* so many of the next records go one by one */
  gint64 chain_after;        /* how far the own chain is compared in detail; -1 while only its head is */
  guint chain_lost;
  guint chain_foreign;
  char *chain_head_id;       /* (nullable) */
  guint head_failures;       /* of the hub in trouble, in a row, when asked for that record */
  gboolean pull_first;       /* it is looked for in the inbox: nothing is sent meanwhile */
  AnxOwnFetch own_fetch;
  gint64 directory_asked;    /* the highest number heard of for which the hub was asked */
  gboolean chain_rechecked;  /* in this round, because the hub refused a place */
  guint pause_id;            /* back-off; nothing is sent meanwhile */
  guint poll_id;
  guint clean_id;            /* the log still holds what was erased */
  gint64 orders_place;       /* up to which the orders on their way are told afterwards */
  gint64 socket_opened_usec; /* monotonic; 0 while closed */
  gint64 socket_not_before_usec;
  guint socket_failures; /* refused or short-lived in a row */
  gulong network_handler;
};

typedef enum
{
  ANX_CLIENT_STATE_CHANGED,
  ANX_CLIENT_OUTBOX_CHANGED,
  ANX_CLIENT_RECORD_ARRIVED,
  ANX_CLIENT_RECORD_ERASED,
  ANX_CLIENT_DIRECTORY_CHANGED,
  ANX_CLIENT_PUSHED,
  ANX_CLIENT_LOOK,
  ANX_CLIENT_NOTICED,
  ANX_CLIENT_N_SIGNALS
} AnxClientSignal;
extern guint anx_client_signals[ANX_CLIENT_N_SIGNALS];

void anx_client_rounds_start (AnxClient *self);
void anx_client_rounds_stop (AnxClient *self);
void anx_client_rounds_need (AnxClient *self, guint needs);
void anx_client_rounds_heard (AnxClient *self, const GError *error);
gboolean anx_client_erase_ordered (AnxClient *self, GError **error);

G_END_DECLS
