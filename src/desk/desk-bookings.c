/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-bookings-private.h"

#include "answer-fields.h"
#include "bounds.h"
#include "files.h"
#include "json.h"

G_DEFINE_FINAL_TYPE (AnxDeskBookings, anx_desk_bookings, G_TYPE_OBJECT)

static guint changed_signal;

static const AnxField ticket_fields[] = {
  { "id", ANX_FIELD_ID, G_STRUCT_OFFSET (AnxDeskTicket, id) },
  { "number", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskTicket, number) },
  { "service", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskTicket, service) },
  { "state", ANX_FIELD_NEEDED, G_STRUCT_OFFSET (AnxDeskTicket, state) },
  { "counsellor", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskTicket, counsellor) },
  { "room", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskTicket, room) },
  { "booking", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskTicket, booking) },
  { "created", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskTicket, created_usec) },
  { "changed", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskTicket, changed_usec) },
  { NULL, 0, 0 },
};

static const AnxField work_fields[] = {
  { "id", ANX_FIELD_ID, G_STRUCT_OFFSET (AnxDeskWorkItem, id) },
  { "kind", ANX_FIELD_NEEDED, G_STRUCT_OFFSET (AnxDeskWorkItem, kind) },
  { "booking", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskWorkItem, booking) },
  { "kiosk", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskWorkItem, kiosk) },
  { "created", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskWorkItem, created_usec) },
  { NULL, 0, 0 },
};

static const AnxField waiting_fields[] = {
  { "id", ANX_FIELD_ID, G_STRUCT_OFFSET (AnxDeskWaiting, id) },
  { "service", ANX_FIELD_NEEDED, G_STRUCT_OFFSET (AnxDeskWaiting, service) },
  { "counsellor", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskWaiting, counsellor) },
  { "channel", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskWaiting, channel) },
  { "state", ANX_FIELD_NEEDED, G_STRUCT_OFFSET (AnxDeskWaiting, state) },
  { "from", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskWaiting, from_usec) },
  { "to", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskWaiting, to_usec) },
  { "created", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskWaiting, created_usec) },
  { "notices", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskWaiting, notices) },
  { "noticed", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskWaiting, noticed_usec) },
  { NULL, 0, 0 },
};

static const AnxField closure_fields[] = {
  { "id", ANX_FIELD_ID, G_STRUCT_OFFSET (AnxDeskClosure, id) },
  { "room", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskClosure, room) },
  { "reason", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskClosure, reason) },
  { "from", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskClosure, from_usec) },
  { "to", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskClosure, to_usec) },
  { NULL, 0, 0 },
};

static const AnxField lease_fields[] = {
  { "kiosk", ANX_FIELD_NEEDED, G_STRUCT_OFFSET (AnxDeskLease, kiosk) },
  { "state", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskLease, state) },
  { "start", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskLease, start_usec) },
  { "seen", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskLease, seen_usec) },
  { NULL, 0, 0 },
};

static const AnxField refused_fields[] = {
  { "id", ANX_FIELD_ID, G_STRUCT_OFFSET (AnxDeskRefused, id) },
  { "service", ANX_FIELD_NEEDED, G_STRUCT_OFFSET (AnxDeskRefused, service) },
  { "counsellor", ANX_FIELD_NEEDED, G_STRUCT_OFFSET (AnxDeskRefused, counsellor) },
  { "room", ANX_FIELD_NEEDED, G_STRUCT_OFFSET (AnxDeskRefused, room) },
  { "problem", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskRefused, problem) },
  { "start", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskRefused, start_usec) },
  { NULL, 0, 0 },
};

static const AnxField intake_fields[] = {
  { "id", ANX_FIELD_ID, G_STRUCT_OFFSET (AnxDeskIntake, id) },
  { "source", ANX_FIELD_NEEDED, G_STRUCT_OFFSET (AnxDeskIntake, source) },
  { "urgency", ANX_FIELD_NEEDED, G_STRUCT_OFFSET (AnxDeskIntake, urgency) },
  { "status", ANX_FIELD_NEEDED, G_STRUCT_OFFSET (AnxDeskIntake, status) },
  { "light", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskIntake, light) },
  { "takenBy", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskIntake, taken_by) },
  { "received", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskIntake, received_usec) },
  { "taken", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskIntake, taken_usec) },
  { "due", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskIntake, due_usec) },
  { NULL, 0, 0 },
};

static void
intake_free (gpointer intake)
{
  anx_fields_free (intake_fields, intake);
}

static void
refused_free (gpointer sale)
{
  anx_fields_free (refused_fields, sale);
}

static void
waiting_free (gpointer entry)
{
  anx_fields_free (waiting_fields, entry);
}

static void
closure_free (gpointer closure)
{
  anx_fields_free (closure_fields, closure);
}

static void
lease_free (gpointer lease)
{
  anx_fields_free (lease_fields, lease);
}

static void
ticket_free (gpointer ticket)
{
  anx_fields_free (ticket_fields, ticket);
}

static void
work_free (gpointer item)
{
  anx_fields_free (work_fields, item);
}

static void
anx_desk_bookings_dispose (GObject *object)
{
  AnxDeskBookings *self = ANX_DESK_BOOKINGS (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->keeper != NULL)
    anx_booking_keeper_stop (self->keeper);
  g_clear_object (&self->keeper);
  g_clear_pointer (&self->tickets, g_ptr_array_unref);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  g_clear_pointer (&self->closures, g_ptr_array_unref);
  g_clear_pointer (&self->leases, g_ptr_array_unref);
  g_clear_pointer (&self->refused, g_ptr_array_unref);
  g_clear_pointer (&self->intakes, g_ptr_array_unref);
  g_clear_pointer (&self->intake_contents, g_hash_table_unref);
  g_clear_pointer (&self->work, g_ptr_array_unref);
  g_clear_pointer (&self->unanswered, anx_desk_proxy_unref);
  g_clear_pointer (&self->plans, g_hash_table_unref);
  g_clear_pointer (&self->parsed, g_hash_table_unref);
  g_clear_pointer (&self->calendar, anx_calendar_free);
  G_OBJECT_CLASS (anx_desk_bookings_parent_class)->dispose (object);
}

static void
anx_desk_bookings_class_init (AnxDeskBookingsClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_desk_bookings_dispose;
  changed_signal = g_signal_new ("changed", ANX_TYPE_DESK_BOOKINGS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
  g_signal_new ("booked", ANX_TYPE_DESK_BOOKINGS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
anx_desk_bookings_init (AnxDeskBookings *self)
{
  self->cancellable = g_cancellable_new ();
  self->tickets = g_ptr_array_new_with_free_func (ticket_free);
  self->work = g_ptr_array_new_with_free_func (work_free);
  self->waiting = g_ptr_array_new_with_free_func (waiting_free);
  self->closures = g_ptr_array_new_with_free_func (closure_free);
  self->leases = g_ptr_array_new_with_free_func (lease_free);
  self->refused = g_ptr_array_new_with_free_func (refused_free);
  self->intakes = g_ptr_array_new_with_free_func (intake_free);
  self->intake_contents = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) anx_intake_free);
  self->plans = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_object_unref);
  self->parsed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) anx_plan_free);
}

/**
 * anx_desk_bookings_get_client:
 * @self: the bookings
 *
 * Returns: (transfer none): the client of the hub
 */
AnxClient *
anx_desk_bookings_get_client (AnxDeskBookings *self)
{
  return anx_desk_service_get_client (self->service);
}

static const AnxPrincipal *
get_self (AnxDeskBookings *self)
{
  AnxDirectory *directory = anx_client_get_directory (anx_desk_bookings_get_client (self));
  const char *id = anx_desk_model_get_principal (anx_desk_service_get_model (self->service));
  return directory != NULL ? anx_directory_get_principal (directory, id) : NULL;
}

/**
 * anx_desk_bookings_get_centre:
 * @self: the bookings
 *
 * Returns: (nullable): the centre of this person; %NULL before there is a directory
 */
const char *
anx_desk_bookings_get_centre (AnxDeskBookings *self)
{
  const AnxPrincipal *principal = get_self (self);
  return principal != NULL ? principal->centre : NULL;
}

/* ---- what the hub tells ---- */

static void
take_plan (AnxDeskBookings *self,
           JsonObject *json)
{
  const char *counsellor = anx_answer_get_text (json, "counsellor");
  if (counsellor != NULL)
    g_hash_table_replace (self->plans, g_strdup (counsellor), json_object_ref (json));
}

/* Something the hub is asked for: a list whose entries a table describes, or else the plans. */
typedef struct
{
  const char *path;       /* with the centre's id */
  const char *member;
  const AnxField *fields; /* (nullable) of each entry */
  gsize size;             /* of an entry, bytes */
  glong list;             /* offset of the GPtrArray in AnxDeskBookings */
  gboolean staff;         /* nobody else may ask */
} Fetch;

#define LIST(name, type, fields) fields, sizeof (type), G_STRUCT_OFFSET (AnxDeskBookings, name)

static const Fetch fetches[] = {
  { "/v1/queue?centre=%s", "tickets", LIST (tickets, AnxDeskTicket, ticket_fields), FALSE },
  { "/v1/work-items?centre=%s", "items", LIST (work, AnxDeskWorkItem, work_fields), FALSE },
  { "/v1/plans", "plans", NULL, 0, 0, FALSE },
  { "/v1/waiting?centre=%s", "waiting", LIST (waiting, AnxDeskWaiting, waiting_fields), TRUE },
  { "/v1/intakes?centre=%s", "intakes", LIST (intakes, AnxDeskIntake, intake_fields), TRUE },
  { "/v1/closures?centre=%s", "closures", LIST (closures, AnxDeskClosure, closure_fields), FALSE },
  { "/v1/leases?centre=%s", "leases", LIST (leases, AnxDeskLease, lease_fields), TRUE },
};

static void
clear (AnxDeskBookings *self,
       const Fetch *fetch)
{
  if (fetch->fields != NULL)
    {
      g_ptr_array_set_size (G_STRUCT_MEMBER (GPtrArray *, self, fetch->list), 0);
      return;
    }
  g_hash_table_remove_all (self->plans);
  g_hash_table_remove_all (self->parsed);
}

static void
take (AnxDeskBookings *self,
      const Fetch *fetch,
      JsonObject *json)
{
  gpointer entry = fetch->fields != NULL ? anx_fields_read (fetch->fields, fetch->size, json) : NULL;

  if (fetch->fields == NULL)
    take_plan (self, json);
  else if (entry != NULL)
    g_ptr_array_add (G_STRUCT_MEMBER (GPtrArray *, self, fetch->list), entry);
}

typedef struct
{
  AnxDeskBookings *bookings;
  const Fetch *fetch;
} Asked;

static void
on_fetched (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  g_autofree Asked *asked = user_data;
  g_autoptr (AnxDeskBookings) self = asked->bookings;
  g_autoptr (JsonNode) answer = anx_client_request_finish (ANX_CLIENT (source), result, NULL, NULL);
  JsonArray *array = answer != NULL && JSON_NODE_HOLDS_OBJECT (answer)
                         ? anx_json_get_array (json_node_get_object (answer), asked->fetch->member)
                         : NULL;

  /* What was known stays; the window's status bar tells that the hub does not answer. */
  if (array == NULL || self->tickets == NULL)
    return;
  clear (self, asked->fetch);
  for (guint i = 0; i < MIN (json_array_get_length (array), 20 * ANX_DESK_BOOKINGS_MOST); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (JSON_NODE_HOLDS_OBJECT (node))
        take (self, asked->fetch, json_node_get_object (node));
    }
  g_signal_emit (self, changed_signal, 0);
}

/* What this desk has on its disk. */
static void
read_refused (AnxDeskBookings *self)
{
  g_autoptr (JsonArray) sales = anx_booking_keeper_list_refused (self->keeper);

  g_ptr_array_set_size (self->refused, 0);
  for (guint i = 0; i < json_array_get_length (sales); i++)
    {
      gpointer sale = anx_fields_read (refused_fields, sizeof (AnxDeskRefused), json_array_get_object_element (sales, i));
      if (sale != NULL)
        g_ptr_array_add (self->refused, sale);
    }
  g_signal_emit (self, changed_signal, 0);
}

static void
on_record_erased (AnxClient *client,
                  const char *id,
                  AnxDeskBookings *self)
{
  if (g_hash_table_remove (self->intake_contents, id))
    g_signal_emit (self, changed_signal, 0);
}

static void
start_keeper (AnxDeskBookings *self)
{
  self->keeper = anx_booking_keeper_new (anx_desk_bookings_get_client (self), FALSE);
  g_signal_connect_object (self->keeper, "refused", G_CALLBACK (read_refused), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (anx_desk_bookings_get_client (self), "record-erased", G_CALLBACK (on_record_erased), self, 0);
  read_refused (self);
}

/**
 * anx_desk_bookings_refresh:
 * @self: the bookings
 *
 * Asks the hub for queue, work items, plans, waiting list, cases from outside and closed rooms; "changed" tells of each answer.
 */
void
anx_desk_bookings_refresh (AnxDeskBookings *self)
{
  const char *centre = anx_desk_bookings_get_centre (self);
  gboolean staff = anx_desk_service_has_role (self->service, "staff");
  gboolean concerned = staff || anx_desk_service_has_role (self->service, "counsellor");

  if (staff && centre != NULL && self->keeper == NULL && !g_cancellable_is_cancelled (self->cancellable))
    start_keeper (self);
  if (centre == NULL || !concerned || anx_client_get_state (anx_desk_bookings_get_client (self)) != ANX_CLIENT_ONLINE)
    return;
  g_autofree char *escaped = g_uri_escape_string (centre, NULL, FALSE);
  for (gsize i = 0; i < G_N_ELEMENTS (fetches); i++)
    {
      if (fetches[i].staff && !staff)
        continue;
      g_auto (GStrv) parts = g_strsplit (fetches[i].path, "%s", 2);
      g_autofree char *path = parts[1] != NULL ? g_strconcat (parts[0], escaped, parts[1], NULL) : g_strdup (parts[0]);
      Asked *asked = g_new0 (Asked, 1);
      asked->bookings = g_object_ref (self);
      asked->fetch = &fetches[i];
      anx_client_request_async (anx_desk_bookings_get_client (self), "GET", path, NULL, self->cancellable, on_fetched,
                                asked);
    }
}

static void
on_look (AnxClient *client,
         const char *what,
         AnxDeskBookings *self)
{
  if (g_strcmp0 (what, "bookings") == 0)
    anx_desk_bookings_refresh (self);
}

/**
 * anx_desk_bookings_get:
 * @service: a service
 *
 * Returns: (transfer none): the bookings of this service; made, and the hub asked, when this is first called
 */
AnxDeskBookings *
anx_desk_bookings_get (AnxDeskService *service)
{
  AnxDeskBookings *self = g_object_get_data (G_OBJECT (service), "anx-desk-bookings");

  if (self != NULL)
    return self;
  self = g_object_new (ANX_TYPE_DESK_BOOKINGS, NULL);
  self->service = service;
  g_object_set_data_full (G_OBJECT (service), "anx-desk-bookings", self, g_object_unref);
  AnxClient *client = anx_desk_bookings_get_client (self);
  g_signal_connect_object (client, "look", G_CALLBACK (on_look), self, 0);
  g_signal_connect_object (client, "state-changed", G_CALLBACK (anx_desk_bookings_refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "directory-changed", G_CALLBACK (anx_desk_bookings_refresh), self, G_CONNECT_SWAPPED);
  anx_desk_bookings_refresh (self);
  return self;
}

/**
 * anx_desk_bookings_get_tickets:
 * @self: the bookings
 *
 * Returns: (transfer none) (element-type AnxDeskTicket): today's queue, until the next "changed"
 */
GPtrArray *
anx_desk_bookings_get_tickets (AnxDeskBookings *self)
{
  return self->tickets;
}

/**
 * anx_desk_bookings_get_work:
 * @self: the bookings
 *
 * Returns: (transfer none) (element-type AnxDeskWorkItem): what needs a look, until the next "changed"
 */
GPtrArray *
anx_desk_bookings_get_work (AnxDeskBookings *self)
{
  return self->work;
}

/**
 * anx_desk_bookings_get_waiting:
 * @self: the bookings
 *
 * Returns: (transfer none) (element-type AnxDeskWaiting): the waiting list of the centre, until the next "changed"; empty but for staff
 */
GPtrArray *
anx_desk_bookings_get_waiting (AnxDeskBookings *self)
{
  return self->waiting;
}

/**
 * anx_desk_bookings_get_leases:
 * @self: the bookings
 *
 * Returns: (transfer none) (element-type AnxDeskLease): what kiosks and desks of the centre may sell alone, as the hub last said
 */
GPtrArray *
anx_desk_bookings_get_leases (AnxDeskBookings *self)
{
  return self->leases;
}

/**
 * anx_desk_bookings_get_refused:
 * @self: the bookings
 *
 * Returns: (transfer none) (element-type AnxDeskRefused): what this desk promised without the hub, and the hub refused, until the next
 *   "changed"; empty but for staff
 */
GPtrArray *
anx_desk_bookings_get_refused (AnxDeskBookings *self)
{
  return self->refused;
}

/**
 * anx_desk_bookings_forget_refused:
 * @self: the bookings
 * @id: of one of anx_desk_bookings_get_refused(), which may be gone already
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Somebody has called the resident. "changed" follows.
 *
 * Returns: whether it is off this desk's disk
 */
gboolean
anx_desk_bookings_forget_refused (AnxDeskBookings *self,
                                  const char *id,
                                  GError **error)
{
  if (self->keeper == NULL)
    return TRUE;
  if (!anx_booking_keeper_forget_refused (self->keeper, id, error))
    return FALSE;
  read_refused (self);
  return TRUE;
}

/**
 * anx_desk_waiting_is_due:
 * @entry: of the waiting list
 *
 * Returns: whether the staff should call this person now, as a time became free that nobody has told them of
 */
gboolean
anx_desk_waiting_is_due (const AnxDeskWaiting *entry)
{
  return anx_desk_waiting_is_called (entry) && g_str_equal (entry->state, "open") && entry->noticed_usec > 0;
}

/**
 * anx_desk_waiting_is_called:
 * @entry: of the waiting list
 *
 * Returns: whether the staff call this person; others are told by the gateway, which alone has their address
 */
gboolean
anx_desk_waiting_is_called (const AnxDeskWaiting *entry)
{
  return g_strcmp0 (entry->channel, ANX_DESK_CHANNEL) == 0;
}

/**
 * anx_desk_bookings_get_closures:
 * @self: the bookings
 *
 * Returns: (transfer none) (element-type AnxDeskClosure): rooms that are or will be closed, until the next "changed"
 */
GPtrArray *
anx_desk_bookings_get_closures (AnxDeskBookings *self)
{
  return self->closures;
}

/**
 * anx_desk_bookings_get_plan:
 * @self: the bookings
 * @counsellor: a principal
 *
 * Returns: (transfer none) (nullable): the working plan as the hub has it, until the next "changed"
 */
JsonObject *
anx_desk_bookings_get_plan (AnxDeskBookings *self,
                            const char *counsellor)
{
  return g_hash_table_lookup (self->plans, counsellor);
}

/**
 * anx_desk_bookings_list_counsellors:
 * @self: the bookings
 *
 * Returns: (transfer container) (element-type AnxPrincipal): who holds sessions at this centre: those who belong to it, and those
 *   whose plan names it
 */
GPtrArray *
anx_desk_bookings_list_counsellors (AnxDeskBookings *self)
{
  AnxDirectory *directory = anx_client_get_directory (anx_desk_bookings_get_client (self));
  const char *centre = anx_desk_bookings_get_centre (self);
  GPtrArray *list = g_ptr_array_new ();

  if (directory == NULL || centre == NULL)
    return list;
  g_autoptr (GPtrArray) all = anx_directory_list_principals (directory, ANX_PRINCIPAL_PERSON, "counsellor", NULL);
  for (guint i = 0; i < all->len; i++)
    {
      const AnxPrincipal *principal = g_ptr_array_index (all, i);
      JsonObject *plan = g_hash_table_lookup (self->plans, principal->id);
      g_auto (GStrv) centres = plan != NULL ? anx_json_need_strings (plan, "centres", ANX_DESK_BOOKINGS_MOST, NULL) : NULL;
      if (g_strcmp0 (principal->centre, centre) == 0
          || (centres != NULL && g_strv_contains ((const char *const *) centres, centre)))
        g_ptr_array_add (list, (gpointer) principal);
    }
  return list;
}

/**
 * anx_desk_bookings_list_rooms:
 * @self: the bookings
 *
 * Returns: (transfer full) (element-type utf8): ids of the centre's rooms
 */
GPtrArray *
anx_desk_bookings_list_rooms (AnxDeskBookings *self)
{
  AnxDirectory *directory = anx_client_get_directory (anx_desk_bookings_get_client (self));
  const char *centre = anx_desk_bookings_get_centre (self);
  JsonObject *json = directory != NULL && centre != NULL ? anx_directory_get_centre (directory, centre) : NULL;
  JsonArray *rooms = json != NULL ? anx_json_get_array (json, "rooms") : NULL;
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; rooms != NULL && i < json_array_get_length (rooms); i++)
    {
      JsonNode *node = json_array_get_element (rooms, i);
      const char *id = JSON_NODE_HOLDS_OBJECT (node) ? anx_answer_get_text (json_node_get_object (node), "id") : NULL;
      if (id != NULL)
        g_ptr_array_add (list, g_strdup (id));
    }
  return list;
}

/**
 * anx_desk_bookings_list_services:
 * @self: the bookings
 *
 * Returns: (transfer full) (element-type AnxService): what can be booked
 */
GPtrArray *
anx_desk_bookings_list_services (AnxDeskBookings *self)
{
  AnxDirectory *directory = anx_client_get_directory (anx_desk_bookings_get_client (self));
  JsonArray *services = directory != NULL ? anx_directory_get_services (directory) : NULL;
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_service_free);

  for (guint i = 0; services != NULL && i < json_array_get_length (services); i++)
    {
      JsonNode *node = json_array_get_element (services, i);
      AnxService *service = JSON_NODE_HOLDS_OBJECT (node) ? anx_service_parse (json_node_get_object (node), NULL) : NULL;
      if (service != NULL)
        g_ptr_array_add (list, service);
    }
  return list;
}

/**
 * anx_desk_bookings_get_calendar:
 * @self: the bookings
 *
 * Returns: (transfer none) (nullable): the public calendar installed on this machine
 */
AnxCalendar *
anx_desk_bookings_get_calendar (AnxDeskBookings *self)
{
  const char *data = g_getenv ("ANX_DATA_DIR");
  gsize length = 0;

  if (self->calendar_read)
    return self->calendar;
  self->calendar_read = TRUE;
  g_autofree char *folder = g_build_filename (data != NULL ? data : ANX_DATA_DIR, "calendar", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = dir != NULL ? g_dir_read_name (dir) : NULL;
  g_autofree char *path = name != NULL ? g_build_filename (folder, name, NULL) : NULL;
  g_autoptr (GBytes) bytes = path != NULL ? anx_file_read (path, ANX_BOUND_QUESTIONNAIRE_BYTES, NULL) : NULL;
  if (bytes == NULL)
    return NULL;
  const char *text = g_bytes_get_data (bytes, &length);
  g_autoptr (JsonObject) json = anx_json_parse_object (text, (gssize) length, ANX_BOUND_QUESTIONNAIRE_BYTES, NULL);
  self->calendar = json != NULL ? anx_calendar_parse (json, NULL) : NULL;
  return self->calendar;
}

/**
 * anx_desk_bookings_list_open:
 * @self: the bookings
 * @counsellor: a principal
 * @from_usec: from when, microseconds of UTC
 * @to_usec: until when
 *
 * In steps of a quarter of an hour; a shading, no promise.
 *
 * Returns: (transfer full) (element-type AnxSpan): when this person works, in order; empty without a plan
 */
GArray *
anx_desk_bookings_list_open (AnxDeskBookings *self,
                             const char *counsellor,
                             gint64 from_usec,
                             gint64 to_usec)
{
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (AnxSpan));
  AnxPlan *plan = g_hash_table_lookup (self->parsed, counsellor);
  JsonObject *json = g_hash_table_lookup (self->plans, counsellor);
  gint64 step = 15 * ANX_USEC_PER_MINUTE;

  if (plan == NULL && json != NULL)
    {
      plan = anx_plan_parse (json, NULL);
      if (plan != NULL && anx_desk_bookings_get_calendar (self) != NULL)
        anx_plan_close_on (plan, anx_desk_bookings_get_calendar (self));
      if (plan != NULL)
        g_hash_table_replace (self->parsed, g_strdup (counsellor), plan);
    }
  for (gint64 at = from_usec; plan != NULL && at < to_usec; at += step)
    {
      AnxSpan *last = spans->len > 0 ? &g_array_index (spans, AnxSpan, spans->len - 1) : NULL;
      AnxSpan span = { at, MIN (at + step, to_usec) };
      if (!anx_plan_is_open (plan, span.start_usec, span.end_usec))
        continue;
      if (last != NULL && last->end_usec == at)
        last->end_usec = span.end_usec;
      else
        g_array_append_val (spans, span);
    }
  return spans;
}
