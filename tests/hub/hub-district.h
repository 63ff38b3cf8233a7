/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "authority.h"
#include "directory.h"
#include "envelope.h"

G_BEGIN_DECLS

/* A small district with a real hub process: authority, people, kiosks, groups, plans. */

typedef struct
{
  char *id;
  AnxKey *sign_key;
  AnxKey *seal_key;
  AnxCertificate *sign_certificate;
  AnxCertificate *seal_certificate;
  GTlsCertificate *tls;
  gint64 sequence;   /* of the last record written */
  char *previous;
} Person;

typedef struct
{
  char *folder;
  char *limits;      /* lines for the section [limits] */
  AnxAuthority *authority;
  GTlsDatabase *trust;
  GHashTable *people;
  AnxDirectory *directory;
  GSubprocess *hub;
  int port;
  GHashTable *sessions; /* certificate → the SoupSession that keeps its connection */
  char *holiday;     /* a public holiday some days from now, as 2027-01-01 */
} Fixture;

/* With what iCalendar must escape, and longer than one of its lines. */
#define FIXTURE_SERVICE_NAME "谈话, 面谈; 个别会谈，由心理咨询师在街道的心理服务站接待来访者"

void    fixture_set_up (Fixture *f, gconstpointer limits);
void    fixture_tear_down (Fixture *f, gconstpointer limits);
void    fixture_start (Fixture *f);
gboolean fixture_start_with_fault (Fixture *f, guint at);
void    fixture_kill (Fixture *f);
Person *fixture_person (Fixture *f, const char *id);
Person *fixture_add_person (Fixture *f, const char *id);
GBytes *fixture_make_directory (Fixture *f, gint64 version, const char *left_out);
void    fixture_publish (Fixture *f);
void    fixture_put_plan (Fixture *f);
void    fixture_put_plan_with (Fixture *f, const char *more);
char   *fixture_url (Fixture *f, const char *path);

/* One request; answers the status. @who (nullable) = without a certificate. */
char   *hub_program (void);
guint   call_bytes (Fixture *f, const char *who, const char *method, const char *path, GBytes *body, GBytes **out_answer);
guint   call (Fixture *f, const char *who, const char *method, const char *path, const char *body, JsonObject **out_answer);
void    check_problem (JsonObject *answer, const char *slug);

/* A record by @who, placed at the end of its chain. */
void    fixture_run_sql (Fixture *f, const char *sql);
gint64  fixture_count (Fixture *f, const char *sql);
char   *make_record (Fixture *f, const char *who, const char *kind, const char *const *recipients, JsonObject *routing, char **out_id);
/* The same by a clock that said @created_usec: wrong, or right long before the record is sent. */
char   *make_record_at (Fixture *f, const char *who, const char *kind, const char *const *recipients, JsonObject *routing, gint64 created_usec,
                        char **out_id);
/* The same after another record; @predecessor may be %NULL. */
char   *make_record_after (Fixture *f, const char *who, const char *kind, const char *const *recipients, const char *predecessor,
                           JsonObject *routing, gint64 created_usec, char **out_id);
guint   post_records (Fixture *f, const char *who, const char *const *records, JsonObject **out_answer);
const char *result_status (JsonObject *answer, guint index);
const char *result_problem (JsonObject *answer, guint index);

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

G_END_DECLS
