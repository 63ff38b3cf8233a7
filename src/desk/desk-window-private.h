/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "alarm-bar.h"
#include "desk-service.h"
#include "desk-window.h"
#include "session-page.h"

G_BEGIN_DECLS

struct _AnxDeskWindow
{
  AdwApplicationWindow parent_instance;
  char *folder;
  char *hub_url;              /* (nullable) */
  gboolean test_media;
  gboolean may_close;         /* the person has said so */
  AnxDeskService *service;    /* (nullable) until start-up is over */
  AnxDeskPages pages;         /* those that were built */
  guint start_source;
  AdwToastOverlay *toasts;
  AdwToast *toast; /* (nullable) weak: the last one, while it can be seen */
  GtkStack *stages;           /* busy, enrol, problem, work */
  AdwWindowTitle *title;
  AnxAlarmBar *alarm_bar;
  GtkWidget *problem_bar;
  GtkLabel *problem_text;
  AdwFlap *flap;
  GtkBox *sidebar;
  GtkStack *content;
  AnxSessionPage *session;    /* (nullable) counsellors have one */
  GtkLabel *status;
  GtkLabel *outbox;
};

/* desk-window-actions.c */
void anx_desk_window_install_actions (AnxDeskWindow *self);
/* desk-window.c */
void anx_desk_window_show_page (AnxDeskWindow *self, const char *name);
void anx_desk_window_try_start (AnxDeskWindow *self);

G_END_DECLS
