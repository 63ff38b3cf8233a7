/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client.h"

G_BEGIN_DECLS

/* A command that writes records as somebody enrolled on this machine: their profile, opened, one command at a time. Main thread. */
typedef struct
{
  AnxClient *client;
  GMainLoop *loop;
  const char *id; /* (nullable) the record that is waited for; NULL = the directory and the hub */
  gboolean over;  /* the time is */
  int lock;       /* of the profile; -1 = none */
} AnxProfileClient;

#define ANX_PROFILE_CLIENT_INIT { NULL, NULL, NULL, FALSE, -1 }

gboolean anx_profile_client_open (AnxProfileClient *self, const char *folder, GError **error);
gboolean anx_profile_client_wait (AnxProfileClient *self, const char *id, int seconds);
void     anx_profile_client_clear (AnxProfileClient *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AnxProfileClient, anx_profile_client_clear)

G_END_DECLS
