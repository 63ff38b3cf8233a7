/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "certificate.h"

G_BEGIN_DECLS

/* What the configuration file says, checked. Immutable once read; main thread. */
typedef struct
{
  char *address;              /* to listen at, an IP address */
  int port;                   /* 0 = any free one */
  char *database;             /* path of the SQLite file */
  char *certificate;          /* path of the server's certificate chain, PEM */
  char *key;                  /* path of its private key, PEM */
  AnxCertificate *authority;  /* the district's */
  JsonArray *ice;             /* never NULL */
  char *turn_secret;          /* (nullable) shared with the relay servers among them */
  char *calendar;             /* (nullable) path of the public calendar */
  char *escalation;           /* (nullable) path of the rule for calling people about alerts; NULL = the built-in one */
  char *retention;            /* (nullable) path of a site's own, longer periods */
  char *referrals;          /* (nullable) path of the limits of referrals */
  char *break_glass;          /* (nullable) path of the rules for opening a colleague's records; NULL = the built-in ones */
  char *notices;              /* (nullable) who gets notices: "console", "program:/PATH" or a URL; NULL = console */
  gint64 codes_per_minute;           /* for each principal, and for each code */
  gint64 intakes_per_hour;           /* for each sender of cases from outside */
  gint64 requests_per_minute;        /* for each principal */
  gint64 public_requests_per_minute; /* for each address */
  gint64 connections;         /* the most at one time */
} AnxHubConfig;

AnxHubConfig *anx_hub_config_read (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void          anx_hub_config_free (AnxHubConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxHubConfig, anx_hub_config_free)

G_END_DECLS
