/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "resident-window.h"
#include "shell-double.h"

G_BEGIN_DECLS

/* A resident's eyes and fingers on a window: sees texts that are on the screen, touches buttons by their words. Main thread. */
typedef struct
{
  AnxShellDouble *shell;
  AnxResident *resident;
  AnxResidentWindow *window;
  const char *story; /* names the pictures */
  guint n_pictures;
} AnxHands;

void       anx_hands_start (AnxHands *self, const char *story, const char *language);
void       anx_hands_stop (AnxHands *self);
void       anx_hands_next_resident (AnxHands *self); /* the visit ends, another begins at the same kiosk */
gboolean   anx_hands_see (AnxHands *self, const char *text);         /* now */
void       anx_hands_wait_for (AnxHands *self, const char *text);    /* fails the test after a minute */
GtkWidget *anx_hands_find (AnxHands *self, const char *text);        /* (nullable) a button one can touch */
void       anx_hands_touch (AnxHands *self, const char *text);       /* waits for the button */
void       anx_hands_touch_icon (AnxHands *self, const char *icon_name); /* a button that has no words */
void       anx_hands_type (AnxHands *self, const char *letters);     /* on the on-screen keys */
void       anx_hands_wait_until (gboolean (*holds) (gpointer), gpointer data);
/* A picture of the window into the folder ANX_LOOK_DIR, if that is set. */
void       anx_hands_look (AnxHands *self, const char *name);
/* Whether @text stands in any widget's name, tooltip, the window's title or an accessible name that is set. */
gboolean   anx_hands_is_named (AnxHands *self, const char *text);

G_END_DECLS
