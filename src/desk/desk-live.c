/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-live.h"

#include "desk-widgets.h"

/* A place that is built again whenever what the service has changes. */
#define ANX_TYPE_DESK_LIVE (anx_desk_live_get_type ())
G_DECLARE_FINAL_TYPE (AnxDeskLive, anx_desk_live, ANX, DESK_LIVE, AdwBin)

struct _AnxDeskLive
{
  AdwBin parent_instance;
  AnxDeskLiveBuild build;
};

G_DEFINE_FINAL_TYPE (AnxDeskLive, anx_desk_live, ADW_TYPE_BIN)

static void
anx_desk_live_class_init (AnxDeskLiveClass *class)
{
}

static void
anx_desk_live_init (AnxDeskLive *self)
{
}

static void
on_changed (AnxDeskService *service,
            AnxDeskLive *self)
{
  anx_desk_place_update (ADW_BIN (self), self->build (service));
}

/**
 * anx_desk_live_new:
 * @service: the service
 * @build: builds what shall be seen
 *
 * Returns: (transfer floating): a place that shows what @build makes, now and after every change
 */
GtkWidget *
anx_desk_live_new (AnxDeskService *service,
                   AnxDeskLiveBuild build)
{
  AnxDeskLive *self = g_object_new (ANX_TYPE_DESK_LIVE, NULL);

  self->build = build;
  g_signal_connect_object (service, "changed", G_CALLBACK (on_changed), self, 0);
  on_changed (service, self);
  return GTK_WIDGET (self);
}
