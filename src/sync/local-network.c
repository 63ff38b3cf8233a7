/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "local-network.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "bounds.h"
#include "files.h"
#include "sync-error.h"

#define DEFAULT_GROUP "239.255.65.88"
#define DEFAULT_PORT 46588
#define SETTINGS_BYTES 4096
#define DATAGRAM_BYTES 2048
/* An interface that came up after the start is joined at the next look. */
#define LOOK_SECONDS 15
#define RECEIVE_BUFFER_BYTES (256 * 1024)
/* Datagrams taken in one turn of the main loop: a flood must leave time for the screen. */
#define TURN_DATAGRAMS 64

struct _AnxLocalNetwork
{
  GSocket *socket;
  GInetAddress *group;
  GSocketAddress *to;
  char *interface; /* empty = all */
  AnxLocalReceived received;
  gpointer user_data;
  GSource *source;
  guint look_source;
};

static gboolean
refuse (GError **error,
        const char *key)
{
  g_set_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_PROFILE, "local.ini: the value of %s cannot be used", key);
  return FALSE;
}

static gboolean
read_keys (AnxLocalSettings *self,
           GKeyFile *file,
           GError **error)
{
  g_autoptr (GError) inner = NULL;
  if (g_key_file_has_key (file, "local", "enabled", NULL))
    self->enabled = g_key_file_get_boolean (file, "local", "enabled", &inner);
  if (inner != NULL)
    return refuse (error, "enabled");
  g_autofree char *group = g_key_file_get_string (file, "local", "group", NULL);
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (group != NULL ? group : self->group);
  if (address == NULL || g_inet_address_get_family (address) != G_SOCKET_FAMILY_IPV4 || !g_inet_address_get_is_multicast (address))
    return refuse (error, "group");
  if (group != NULL)
    {
      g_free (self->group);
      self->group = g_steal_pointer (&group);
    }
  g_autofree char *port = g_key_file_get_string (file, "local", "port", NULL);
  g_autofree char *ttl = g_key_file_get_string (file, "local", "ttl", NULL);
  guint64 number = self->port;
  if (port != NULL && !g_ascii_string_to_unsigned (port, 10, 1024, 65535, &number, NULL))
    return refuse (error, "port");
  self->port = (guint16) number;
  number = (guint64) self->ttl;
  if (ttl != NULL && !g_ascii_string_to_unsigned (ttl, 10, 1, 32, &number, NULL))
    return refuse (error, "ttl");
  self->ttl = (int) number;
  g_autofree char *interface = g_key_file_get_string (file, "local", "interface", NULL);
  if (interface == NULL)
    return TRUE;
  if (strlen (interface) >= IFNAMSIZ)
    return refuse (error, "interface");
  g_free (self->interface);
  self->interface = g_steal_pointer (&interface);
  return TRUE;
}

/**
 * anx_local_settings_read:
 * @path: of `local.ini`; one that is not there means the usual values
 * @error: return location, %ANX_SYNC_ERROR_PROFILE naming the key
 *
 * Returns: (transfer full) (nullable): the settings
 */
AnxLocalSettings *
anx_local_settings_read (const char *path,
                         GError **error)
{
  g_autoptr (AnxLocalSettings) self = g_new0 (AnxLocalSettings, 1);
  self->enabled = TRUE;
  self->group = g_strdup (DEFAULT_GROUP);
  self->port = DEFAULT_PORT;
  self->interface = g_strdup ("");
  self->ttl = 1;
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&self);
  g_autoptr (GBytes) content = anx_file_read (path, SETTINGS_BYTES, error);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  gsize size = 0;
  const char *text = content != NULL ? g_bytes_get_data (content, &size) : NULL;
  if (text == NULL || !g_key_file_load_from_data (file, text, size, G_KEY_FILE_NONE, error) || !read_keys (self, file, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * anx_local_settings_free:
 * @self: (transfer full) (nullable): settings
 */
void
anx_local_settings_free (AnxLocalSettings *self)
{
  if (self == NULL)
    return;
  g_free (self->group);
  g_free (self->interface);
  g_free (self);
}

/* Names of the interfaces to use now. */
static GPtrArray *
list_interfaces (AnxLocalNetwork *self)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  struct ifaddrs *first = NULL;
  if (*self->interface != '\0')
    {
      g_ptr_array_add (names, g_strdup (self->interface));
      return names;
    }
  if (getifaddrs (&first) != 0)
    return names;
  for (struct ifaddrs *one = first; one != NULL; one = one->ifa_next)
    if (one->ifa_addr != NULL && one->ifa_addr->sa_family == AF_INET && (one->ifa_flags & IFF_UP) && (one->ifa_flags & IFF_MULTICAST) &&
        !g_ptr_array_find_with_equal_func (names, one->ifa_name, g_str_equal, NULL))
      g_ptr_array_add (names, g_strdup (one->ifa_name));
  freeifaddrs (first);
  return names;
}

/* Joining again what is joined is refused by the system and does no harm. */
static void
join (AnxLocalNetwork *self)
{
  g_autoptr (GPtrArray) names = list_interfaces (self);
  for (guint i = 0; i < names->len; i++)
    g_socket_join_multicast_group (self->socket, self->group, FALSE, g_ptr_array_index (names, i), NULL);
}

static gboolean
on_look (gpointer user_data)
{
  join (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_readable (GSocket *socket,
             GIOCondition condition,
             gpointer user_data)
{
  AnxLocalNetwork *self = user_data;
  for (guint i = 0; i < TURN_DATAGRAMS; i++)
    {
      char data[DATAGRAM_BYTES];
      g_autoptr (GSocketAddress) from = NULL;
      gssize size = g_socket_receive_from (socket, &from, data, sizeof data, NULL, NULL);
      if (size < 0)
        break;
      if (!G_IS_INET_SOCKET_ADDRESS (from))
        continue;
      g_autofree char *source = g_inet_address_to_string (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (from)));
      self->received (source, (const guint8 *) data, (gsize) size, self->user_data);
    }
  return G_SOURCE_CONTINUE;
}

/**
 * anx_local_network_open:
 * @settings: which group, port and interface; not needed afterwards
 * @received: called on the main context of this thread; must not close the network
 * @user_data: for @received
 * @error: return location, %G_IO_ERROR
 *
 * Returns: (transfer full) (nullable): the open network; it also opens while no interface is up
 */
AnxLocalNetwork *
anx_local_network_open (const AnxLocalSettings *settings,
                        AnxLocalReceived received,
                        gpointer user_data,
                        GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);
  if (socket == NULL)
    return NULL;
  g_autoptr (GInetAddress) group = g_inet_address_new_from_string (settings->group);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (group, settings->port);
  g_socket_set_blocking (socket, FALSE);
  /* Bound to the group, so that what is sent to this machine alone never comes here; reused, because kiosk and desk may share one. */
  if (!g_socket_bind (socket, address, TRUE, error))
    return NULL;
  g_socket_set_multicast_ttl (socket, (guint) settings->ttl);
  g_socket_set_multicast_loopback (socket, TRUE);
  g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES, NULL);

  AnxLocalNetwork *self = g_new0 (AnxLocalNetwork, 1);
  self->socket = g_steal_pointer (&socket);
  self->group = g_steal_pointer (&group);
  self->to = g_steal_pointer (&address);
  self->interface = g_strdup (settings->interface);
  self->received = received;
  self->user_data = user_data;
  join (self);
  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
  self->look_source = g_timeout_add_seconds (LOOK_SECONDS, on_look, self);
  return self;
}

/**
 * anx_local_network_close:
 * @self: (transfer full) (nullable): a network
 */
void
anx_local_network_close (AnxLocalNetwork *self)
{
  if (self == NULL)
    return;
  g_source_remove (self->look_source);
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_object_unref (self->socket);
  g_object_unref (self->group);
  g_object_unref (self->to);
  g_free (self->interface);
  g_free (self);
}

/**
 * anx_local_network_send:
 * @self: a network
 * @datagram: what to send to everybody
 *
 * Returns: on how many interfaces it left
 */
guint
anx_local_network_send (AnxLocalNetwork *self,
                        GBytes *datagram)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (datagram, &size);
  g_autoptr (GPtrArray) names = list_interfaces (self);
  guint sent = 0;
  for (guint i = 0; i < names->len; i++)
    {
      struct ip_mreqn choice = { .imr_ifindex = (int) if_nametoindex (g_ptr_array_index (names, i)) };
      if (choice.imr_ifindex != 0 &&
          setsockopt (g_socket_get_fd (self->socket), IPPROTO_IP, IP_MULTICAST_IF, &choice, sizeof choice) == 0 &&
          g_socket_send_to (self->socket, self->to, data, size, NULL, NULL) == (gssize) size)
        sent++;
    }
  return sent;
}
