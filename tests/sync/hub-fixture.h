/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "authority.h"
#include "client.h"
#include "hub-link.h"

G_BEGIN_DECLS

/*
 * A district in a temporary folder with the real anxin-hub on a free port of the loopback: one centre "east" with room "east-1", the
 * group "duty-east", the recovery key, an administrator. Principals that are added have keys, certificates and a profile at once.
 * Every function ends the test when something fails.
 */
typedef struct
{
  char *folder;
  char *url;
  AnxAuthority *authority;
  AnxKeyStore *keys;        /* in memory: of everybody */
  AnxHubLink *administrator;
  GSubprocess *hub;         /* (nullable) while it does not run */
  JsonArray *principals;
  JsonArray *services;      /* of the directory; empty at first */
  guint n_rooms;            /* of the centre: "east-1" and on; one at first */
  GBytes *directory;        /* (nullable) as last published */
  gint64 version;
  char *previous;           /* (nullable) digest of it */
} AnxHubFixture;

AnxHubFixture *anx_hub_fixture_new (void) G_GNUC_WARN_UNUSED_RESULT; /* not started */
void anx_hub_fixture_free (AnxHubFixture *self);
void anx_hub_fixture_start (AnxHubFixture *self);       /* returns when it listens */
gboolean anx_hub_fixture_spawn (AnxHubFixture *self, GSubprocessLauncher *launcher); /* FALSE: it ended before it listened; nobody has waited for it */
void anx_hub_fixture_stop (AnxHubFixture *self, int signal_number); /* returns when it is gone */

/* @kind: "person" or "kiosk"; @role (nullable) of a person, and then a member of the group "duty-east" if it is "duty". */
AnxProfile *anx_hub_fixture_add (AnxHubFixture *self, const char *id, const char *kind, const char *role) G_GNUC_WARN_UNUSED_RESULT;
/* In the directory, but without certificates. */
void        anx_hub_fixture_add_unenrolled (AnxHubFixture *self, const char *id, const char *kind);
GBytes     *anx_hub_fixture_sign_directory (AnxHubFixture *self, gint64 version, const char *previous) G_GNUC_WARN_UNUSED_RESULT;
void        anx_hub_fixture_publish (AnxHubFixture *self);
/* As the administrator; returns the answer of whatever status. */
AnxHubAnswer *anx_hub_fixture_request (AnxHubFixture *self, const char *method, const char *path, const char *content_type, GBytes *body) G_GNUC_WARN_UNUSED_RESULT;
/* An invitation: the code. */
char       *anx_hub_fixture_invite (AnxHubFixture *self, const char *principal, gint64 expires_usec) G_GNUC_WARN_UNUSED_RESULT;
/* Signs whatever was claimed; returns how many. @publish: with the new certificates in the directory. */
guint       anx_hub_fixture_approve (AnxHubFixture *self, gboolean publish);

/* Runs the main context until @done says so; fails the test after @seconds. */
typedef gboolean (*AnxCondition) (gpointer data);
void anx_wait_until (AnxCondition done, gpointer data, guint seconds);
/* A callback that keeps the result in the GAsyncResult * at @data, and whether it has come. */
void     anx_keep_result (GObject *source, GAsyncResult *result, gpointer data);
gboolean anx_has_result (gpointer data);

/* Keys and database open, started, at rest. */
AnxClient *anx_hub_fixture_open_client (AnxHubFixture *self, AnxProfile *profile, AnxClock *clock) G_GNUC_WARN_UNUSED_RESULT;
gboolean   anx_is_online (gpointer client);
gboolean   anx_is_offline (gpointer client);
gboolean   anx_is_at_rest (gpointer client); /* online, nothing to ask or to send */
void       anx_settle (AnxClient *client);   /* one more round with all that belongs to it */
/* A record of kind "screening" that says @text, on the client's disk; its id. */
char      *anx_write_screening (AnxClient *client, const char *recipient, const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* SQLite files with their logs. Restoring puts @backup in the place of a database that nobody has open. */
void anx_remove_database (const char *path);
void anx_copy_database (const char *from, const char *to);
void anx_restore_database (const char *backup, const char *path);

G_END_DECLS
