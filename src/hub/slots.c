/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slots.h"

#include "bounds.h"
#include "clock.h"
#include "handlers.h"
#include "hub.h"
#include "json.h"

#define MOST_SLOTS 500
#define PLAN_BYTES (64 * 1024)

typedef struct
{
  gint64 start_usec;
  gint64 end_usec;
  char *counsellor;
  char *room;
} Slot;

static void
slot_free (gpointer data)
{
  Slot *slot = data;
  g_free (slot->counsellor);
  g_free (slot->room);
  g_free (slot);
}

static int
compare_slots (gconstpointer a,
               gconstpointer b)
{
  const Slot *x = *(const Slot *const *) a, *y = *(const Slot *const *) b;
  if (x->start_usec != y->start_usec)
    return x->start_usec < y->start_usec ? -1 : 1;
  int order = g_strcmp0 (x->counsellor, y->counsellor);
  return order != 0 ? order : g_strcmp0 (x->room, y->room);
}

/**
 * anx_slots_counsellor_resource:
 * @counsellor: a principal
 *
 * Returns: (transfer full): its name in the table of cells
 */
char *
anx_slots_counsellor_resource (const char *counsellor)
{
  return g_strconcat ("counsellor:", counsellor, NULL);
}

/**
 * anx_slots_room_resource:
 * @centre: a centre
 * @room: one of its rooms
 *
 * Returns: (transfer full): its name in the table of cells
 */
char *
anx_slots_room_resource (const char *centre,
                         const char *room)
{
  return g_strconcat ("room:", centre, "/", room, NULL);
}

/**
 * anx_slots_kiosk_resource:
 * @kiosk: a principal
 *
 * Returns: (transfer full): its name in the table of cells
 */
char *
anx_slots_kiosk_resource (const char *kiosk)
{
  return g_strconcat ("kiosk:", kiosk, NULL);
}

/**
 * anx_slots_find_service:
 * @directory: a directory
 * @id: of a service
 *
 * Returns: (transfer full) (nullable): the service, if the directory has it in good form
 */
AnxService *
anx_slots_find_service (AnxDirectory *directory,
                        const char *id)
{
  JsonArray *services = anx_directory_get_services (directory);
  for (guint i = 0; services != NULL && i < json_array_get_length (services); i++)
    {
      JsonObject *json = anx_json_array_need_object (services, i, NULL);
      if (json != NULL && g_strcmp0 (anx_json_get_string (json, "id", NULL), id) == 0)
        return anx_service_parse (json, NULL);
    }
  return NULL;
}

static GPtrArray *
list_rooms (AnxDirectory *directory,
            const char *centre,
            const char *only)
{
  GPtrArray *rooms = g_ptr_array_new_with_free_func (g_free);
  JsonObject *json = anx_directory_get_centre (directory, centre);
  JsonArray *array = json != NULL ? anx_json_get_array (json, "rooms") : NULL;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonObject *room = anx_json_array_need_object (array, i, NULL);
      const char *id = room != NULL ? anx_json_get_string (room, "id", NULL) : NULL;
      if (id != NULL && (only == NULL || g_str_equal (only, id)))
        g_ptr_array_add (rooms, g_strdup (id));
    }
  return rooms;
}

static gboolean
counsellor_works (AnxDirectory *directory,
                  const char *id)
{
  const AnxPrincipal *counsellor = anx_directory_get_principal (directory, id);
  return counsellor != NULL && counsellor->active && anx_hub_serves (directory, id, "counsellor", NULL);
}

static AnxPlan *
read_plan (const char *text,
           AnxCalendar *calendar)
{
  g_autoptr (JsonObject) json = anx_json_parse_object (text, -1, PLAN_BYTES, NULL);
  AnxPlan *plan = json != NULL ? anx_plan_parse (json, NULL) : NULL;
  if (plan != NULL)
    anx_plan_close_on (plan, calendar);
  return plan;
}

/* The kiosk that a booking of the service in the room occupies; FALSE when it needs one and there is none. */
static gboolean
room_suits (AnxDirectory *directory,
            const AnxService *service,
            const char *centre,
            const char *room,
            const AnxPrincipal **out_kiosk)
{
  *out_kiosk = service->video ? anx_hub_find_kiosk (directory, centre, room) : NULL;
  return !service->video || *out_kiosk != NULL;
}

/**
 * anx_slots_is_offered:
 * @directory: the current directory
 * @database: a connection
 * @calendar: of public holidays
 * @service: a service
 * @centre: a centre
 * @counsellor: a principal
 * @room: a room
 * @start_usec: a start, UTC
 * @error: return location, of the database only
 *
 * Returns: whether such a booking could be made if nothing were occupied
 */
gboolean
anx_slots_is_offered (AnxDirectory *directory,
                      AnxDatabase *database,
                      AnxCalendar *calendar,
                      const AnxService *service,
                      const char *centre,
                      const char *counsellor,
                      const char *room,
                      gint64 start_usec,
                      GError **error)
{
  const AnxPrincipal *kiosk = NULL;
  g_autoptr (GPtrArray) rooms = list_rooms (directory, centre, room);
  if (rooms->len == 0 || !counsellor_works (directory, counsellor) || !room_suits (directory, service, centre, room, &kiosk))
    return FALSE;
  g_autoptr (AnxRows) rows = anx_database_query (database, error, "SELECT body FROM plan WHERE counsellor = ?", "s", counsellor);
  if (rows == NULL || !anx_rows_next (rows, error))
    return FALSE;
  g_autoptr (AnxPlan) plan = read_plan (anx_rows_get_string (rows, 0), calendar);
  return plan != NULL && anx_plan_covers_centre (plan, centre) && anx_plan_offers_service (plan, service->id) &&
         anx_plan_has_slot (plan, service, start_usec);
}

/* The occupied cells of a resource in a range. */
static GHashTable *
read_cells (AnxDatabase *database,
            const char *resource,
            gint64 first,
            gint64 last,
            GError **error)
{
  GHashTable *cells = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (AnxRows) rows = anx_database_query (database, error, "SELECT cell FROM cell WHERE resource = ? AND cell BETWEEN ? AND ?", "sii",
                                                 resource, first, last);
  while (rows != NULL && anx_rows_next (rows, error))
    {
      gint64 cell = anx_rows_get_int (rows, 0);
      g_hash_table_add (cells, g_memdup2 (&cell, sizeof cell));
    }
  return cells;
}

typedef struct
{
  char *room;
  GHashTable *room_cells;
  GHashTable *kiosk_cells; /* (nullable) */
} Place;

static void
place_free (gpointer data)
{
  Place *place = data;
  g_free (place->room);
  g_hash_table_unref (place->room_cells);
  g_clear_pointer (&place->kiosk_cells, g_hash_table_unref);
  g_free (place);
}

static GPtrArray *
list_places (AnxDirectory *directory,
             AnxDatabase *database,
             const AnxService *service,
             const AnxSlotQuery *query,
             gint64 first,
             gint64 last,
             GError **error)
{
  g_autoptr (GPtrArray) rooms = list_rooms (directory, query->centre, query->room);
  GPtrArray *places = g_ptr_array_new_with_free_func (place_free);
  for (guint i = 0; i < rooms->len; i++)
    {
      const AnxPrincipal *kiosk = NULL;
      if (!room_suits (directory, service, query->centre, g_ptr_array_index (rooms, i), &kiosk))
        continue;
      Place *place = g_new0 (Place, 1);
      place->room = g_strdup (g_ptr_array_index (rooms, i));
      g_autofree char *resource = anx_slots_room_resource (query->centre, place->room);
      place->room_cells = read_cells (database, resource, first, last, error);
      if (kiosk != NULL)
        {
          g_autofree char *kiosk_resource = anx_slots_kiosk_resource (kiosk->id);
          place->kiosk_cells = read_cells (database, kiosk_resource, first, last, error != NULL && *error == NULL ? error : NULL);
        }
      g_ptr_array_add (places, place);
    }
  return places;
}

static gboolean
is_free (GHashTable *cells,
         gint64 first,
         gint64 last)
{
  if (cells == NULL || g_hash_table_size (cells) == 0)
    return TRUE;
  for (gint64 cell = first; cell <= last; cell++)
    if (g_hash_table_contains (cells, &cell))
      return FALSE;
  return TRUE;
}

static void
add_slots (GPtrArray *slots,
           AnxPlan *plan,
           const AnxService *service,
           const AnxSlotQuery *query,
           GPtrArray *places,
           GHashTable *own_cells)
{
  g_autoptr (GArray) spans = anx_plan_list_slots (plan, service, query->from_usec, query->to_usec, NULL);
  guint found = 0;
  for (guint s = 0; spans != NULL && s < spans->len && found < query->most; s++)
    {
      const AnxSpan *span = &g_array_index (spans, AnxSpan, s);
      gint64 first = 0, last = 0;
      anx_service_get_cells (service, span->start_usec, &first, &last);
      if (span->start_usec < query->from_usec || !is_free (own_cells, first, last))
        continue;
      for (guint p = 0; p < places->len; p++)
        {
          Place *place = g_ptr_array_index (places, p);
          if (!is_free (place->room_cells, first, last) || !is_free (place->kiosk_cells, first, last))
            continue;
          Slot *slot = g_new0 (Slot, 1);
          slot->start_usec = span->start_usec;
          slot->end_usec = span->end_usec;
          slot->counsellor = g_strdup (anx_plan_get_counsellor (plan));
          slot->room = g_strdup (place->room);
          g_ptr_array_add (slots, slot);
          found++;
        }
    }
}

static JsonArray *
slots_to_json (GPtrArray *slots,
               guint most)
{
  JsonArray *array = json_array_new ();
  for (guint i = 0; i < slots->len && i < most; i++)
    {
      Slot *slot = g_ptr_array_index (slots, i);
      JsonObject *object = json_object_new ();
      json_object_set_int_member (object, "start", slot->start_usec);
      json_object_set_int_member (object, "end", slot->end_usec);
      json_object_set_string_member (object, "counsellor", slot->counsellor);
      json_object_set_string_member (object, "room", slot->room);
      json_array_add_object_element (array, object);
    }
  return array;
}

/**
 * anx_slots_search:
 * @directory: the current directory
 * @database: a connection
 * @query: what is looked for
 * @error: return location, of the database only
 *
 * Returns: (transfer full) (nullable): free slots in the form of README.md, soonest first
 */
JsonArray *
anx_slots_search (AnxDirectory *directory,
                  AnxDatabase *database,
                  const AnxSlotQuery *query,
                  GError **error)
{
  g_autoptr (AnxService) service = anx_slots_find_service (directory, query->service);
  g_autoptr (GPtrArray) slots = g_ptr_array_new_with_free_func (slot_free);
  g_autoptr (GError) inner = NULL;
  if (service == NULL)
    return json_array_new ();

  gint64 first = 0, last = 0, unused = 0;
  anx_service_get_cells (service, query->from_usec, &first, &unused);
  anx_service_get_cells (service, query->to_usec, &unused, &last);
  g_autoptr (GPtrArray) places = list_places (directory, database, service, query, first, last, &inner);
  /* SQL narrows to the centre's plans, so that a district with hundreds of counsellors does not parse them all. */
  g_autoptr (AnxRows) rows = inner != NULL || places->len == 0 ? NULL : anx_database_query (database, &inner,
      "SELECT counsellor, body FROM plan WHERE EXISTS (SELECT 1 FROM json_each (plan.body, '$.centres') WHERE value = ?)", "s", query->centre);
  while (rows != NULL && anx_rows_next (rows, &inner))
    {
      const char *counsellor = anx_rows_get_string (rows, 0);
      if ((query->counsellor != NULL && !g_str_equal (query->counsellor, counsellor)) || !counsellor_works (directory, counsellor))
        continue;
      g_autoptr (AnxPlan) plan = read_plan (anx_rows_get_string (rows, 1), query->calendar);
      if (plan == NULL || !anx_plan_covers_centre (plan, query->centre) || !anx_plan_offers_service (plan, service->id))
        continue;
      g_autofree char *resource = anx_slots_counsellor_resource (counsellor);
      g_autoptr (GHashTable) own_cells = read_cells (database, resource, first, last, &inner);
      if (inner != NULL)
        break;
      add_slots (slots, plan, service, query, places, own_cells);
    }
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return NULL;
    }
  g_ptr_array_sort (slots, compare_slots);
  return slots_to_json (slots, query->most);
}

/**
 * anx_handle_slots:
 * @request: a request
 *
 * GET /slots.
 */
void
anx_handle_slots (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *centre = anx_request_get_query (request, "centre");
  g_autofree char *service = anx_request_get_query (request, "service");
  g_autofree char *counsellor = anx_request_get_query (request, "counsellor");
  g_autofree char *room = anx_request_get_query (request, "room");
  AnxSlotQuery query = { .centre = centre, .service = service, .counsellor = counsellor, .room = room, .calendar = request->hub->calendar, .most = MOST_SLOTS };
  if (centre == NULL || service == NULL || !anx_request_get_query_int (request, "from", request->now_usec, &query.from_usec) ||
      !anx_request_get_query_int (request, "to", query.from_usec + 14 * ANX_USEC_PER_DAY, &query.to_usec) ||
      query.to_usec < query.from_usec || query.to_usec - query.from_usec > ANX_BOUND_SLOT_DAYS * ANX_USEC_PER_DAY)
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  query.from_usec = MAX (query.from_usec, request->now_usec);
  g_autoptr (JsonArray) slots = query.to_usec > query.from_usec ? anx_slots_search (request->directory, request->hub->reader, &query, &error)
                                                                 : json_array_new ();
  if (slots == NULL)
    {
      anx_request_refuse_store (request, error);
      return;
    }
  g_autoptr (JsonObject) answer = json_object_new ();
  json_object_set_array_member (answer, "slots", json_array_ref (slots));
  anx_request_answer_json (request, 200, answer);
}

/**
 * anx_handle_plan_list:
 * @request: a request
 *
 * GET /plans.
 */
void
anx_handle_plan_list (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *plans = json_array_new ();
  json_object_set_array_member (answer, "plans", plans);
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &error, "SELECT body FROM plan ORDER BY counsellor", "");
  while (rows != NULL && anx_rows_next (rows, &error))
    {
      JsonObject *plan = anx_json_parse_object (anx_rows_get_string (rows, 0), -1, PLAN_BYTES, NULL);
      if (plan != NULL)
        json_array_add_object_element (plans, plan);
    }
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}

static gboolean
run_plan (AnxRequest *request,
          AnxDatabase *database,
          GError **error)
{
  const char *body = request->data;
  if (!anx_database_run (database, error, "INSERT INTO plan VALUES (?, ?, ?) ON CONFLICT (counsellor) DO UPDATE SET body = excluded.body, changed = excluded.changed",
                         "ssi", request->parameter, body, request->now_usec))
    return FALSE;
  anx_request_answer_bytes (request, 204, NULL, NULL);
  anx_request_look (request, "bookings", "*");
  return TRUE;
}

/* Staff may write the plans of those who work at their centre; it must be at least one of the plan's. */
static gboolean
may_plan (AnxRequest *request,
          JsonObject *plan)
{
  if (g_strcmp0 (request->caller->id, request->parameter) == 0 || anx_request_caller_is (request, "administrator", NULL))
    return TRUE;
  JsonArray *centres = anx_json_get_array (plan, "centres");
  for (guint i = 0; centres != NULL && i < json_array_get_length (centres); i++)
    {
      JsonNode *node = json_array_get_element (centres, i);
      const char *centre = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
      if (centre != NULL && anx_request_caller_is (request, "staff", centre))
        return TRUE;
    }
  return FALSE;
}

/**
 * anx_handle_plan_put:
 * @request: a request
 *
 * PUT /plans/{counsellor}.
 */
void
anx_handle_plan_put (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  if (!may_plan (request, body))
    {
      anx_request_refuse (request, "not-allowed");
      return;
    }
  g_autoptr (AnxPlan) plan = anx_plan_parse (body, &error);
  if (plan == NULL || g_strcmp0 (anx_plan_get_counsellor (plan), request->parameter) != 0 ||
      !counsellor_works (request->directory, request->parameter))
    {
      anx_request_refuse (request, "plan-invalid");
      return;
    }
  request->data = anx_json_object_to_text (body);
  request->free_data = g_free;
  anx_request_write (request, run_plan, NULL);
}
