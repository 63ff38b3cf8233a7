/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * Datagrams to and from everybody on the local network (IPv4 multicast). Main thread.
 *
 * The settings are `local.ini` in the profile's folder; without it the values below hold.
 *   [local]
 *   enabled=true
 *   group=239.255.65.88     RFC 2365: administratively scoped, never leaves the site
 *   port=46588
 *   interface=              empty: every one that is up; a centre with a separate network for guests names its own
 *   ttl=1                   1: this network only; more where routers of the centre pass multicast on
 */
typedef struct
{
  gboolean enabled;
  char *group;
  guint16 port;
  char *interface; /* empty = all */
  int ttl;
} AnxLocalSettings;

AnxLocalSettings *anx_local_settings_read (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void              anx_local_settings_free (AnxLocalSettings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxLocalSettings, anx_local_settings_free)

/* Called for each datagram, which belongs to the network; @source is the sender's address. */
typedef void (*AnxLocalReceived) (const char *source, const guint8 *data, gsize size, gpointer user_data);

typedef struct _AnxLocalNetwork AnxLocalNetwork;
AnxLocalNetwork *anx_local_network_open (const AnxLocalSettings *settings, AnxLocalReceived received, gpointer user_data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void             anx_local_network_close (AnxLocalNetwork *self);
/* On how many interfaces it left; 0 when the machine has no network at all. */
guint            anx_local_network_send (AnxLocalNetwork *self, GBytes *datagram);

G_END_DECLS
