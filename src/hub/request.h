/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "database.h"
#include "directory.h"

G_BEGIN_DECLS

typedef struct _AnxHub AnxHub;
typedef struct _AnxRoute AnxRoute;
typedef struct _AnxRequest AnxRequest;

/*
 * One request on its way through the hub. Exactly one thread holds it at a time:
 *   loop: handler → (anx_request_work) pool: prepare → (anx_request_write) writer: run → loop: finish, answer
 * The first stage that answers ends the way: the rest is left out.
 */
typedef void (*AnxRequestPrepare) (AnxRequest *self);                    /* pool; costly checks without the database */
/* Writer, inside a savepoint. TRUE keeps the changes; FALSE takes them back: either an answer was set, or @error. */
typedef gboolean (*AnxRequestRun) (AnxRequest *self, AnxDatabase *database, GError **error);
typedef void (*AnxRequestFinish) (AnxRequest *self);                     /* loop, after COMMIT; `kept` says whether changes were */

struct _AnxRequest
{
  /* Set by the server before the handler; unchanged afterwards. */
  AnxHub *hub;
  const AnxRoute *route;
  char *parameter;                /* (nullable) what stood for {…} in the path */
  char **query;                   /* (nullable) name=value, decoded */
  char *if_none_match;            /* (nullable) */
  GBytes *body;
  AnxDirectory *directory;        /* (nullable) the one that was current on arrival; keeps @caller alive */
  const AnxPrincipal *caller;     /* (nullable) */
  gint64 now_usec;

  /* The stages. */
  AnxRequestRun run;
  AnxRequestFinish finish;
  gpointer data;                  /* the handler's own */
  GDestroyNotify free_data;

  /* The answer. */
  int status;                     /* 0 until there is one */
  const char *slug;               /* (nullable) of the problem */
  const char *content_type;
  GBytes *answer;                 /* (nullable) none */
  char *etag;                     /* (nullable) */
  const char *allow;              /* (nullable) */
  const char *content_policy;     /* (nullable) of a page: what it may load and reach */
  gboolean retry_later;
  GPtrArray *looks;               /* AnxLook, to send when the changes were committed */

  /* The server's; loop only. */
  gpointer connection;            /* (nullable) gone */
  gsize charged_bytes;            /* of the budget for bodies in memory */
  gint64 arrived_usec;            /* monotonic */
  gboolean kept;                  /* what run said, for finish */
  gboolean handed_over;           /* the handler gave it to another stage */
};

/* "Something changed, look": @topic is a principal, a group, "centre:<id>", or "*". */
typedef struct
{
  const char *what; /* inbox bookings alerts referrals directory */
  char *topic;
} AnxLook;

AnxRequest *anx_request_new (AnxHub *hub) G_GNUC_WARN_UNUSED_RESULT;
void        anx_request_free (AnxRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxRequest, anx_request_free)

JsonObject *anx_request_parse_body (AnxRequest *self) G_GNUC_WARN_UNUSED_RESULT;
char       *anx_request_get_query (AnxRequest *self, const char *name) G_GNUC_WARN_UNUSED_RESULT;
gboolean    anx_request_get_query_int (AnxRequest *self, const char *name, gint64 fallback, gint64 *out_value);
gboolean    anx_request_caller_is (AnxRequest *self, const char *role, const char *centre);
char       *anx_request_find_centre (AnxRequest *self, AnxDatabase *database, const char *sql, const char *role, const char *other_role,
                                     const char *slug, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void anx_request_answer_json (AnxRequest *self, int status, JsonObject *object);
void anx_request_answer_bytes (AnxRequest *self, int status, const char *content_type, GBytes *bytes);
void anx_request_refuse (AnxRequest *self, const char *slug);
void anx_request_refuse_detail (AnxRequest *self, const char *slug, const char *detail);
void anx_request_refuse_store (AnxRequest *self, const GError *error);
void anx_request_look (AnxRequest *self, const char *what, const char *topic);
void anx_request_look_centre (AnxRequest *self, const char *what, const char *centre);

/* Hand over to the next stage; the caller must not touch the request afterwards. */
void anx_request_work (AnxRequest *self, AnxRequestPrepare prepare, AnxRequestRun run, AnxRequestFinish finish);
void anx_request_write (AnxRequest *self, AnxRequestRun run, AnxRequestFinish finish);
void anx_request_write_by_id (AnxRequest *self, AnxRequestRun run);
void anx_request_do_work (gpointer data, gpointer unused); /* the GFunc of the pool */

G_END_DECLS
