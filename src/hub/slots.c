/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slots.h"

#include <string.h>

#include "bounds.h"
#include "clock.h"
#include "hub.h"
#include "json.h"

/* So many days are looked through at once; with the slots asked for found, the rest is left alone. */
#define CHUNK_USEC (7 * ANX_USEC_PER_DAY)
/* Bookings in this time before and after count as a counsellor's load. */
#define LOAD_USEC (14 * ANX_USEC_PER_DAY)

/* The cells from `first` on that are occupied, one bit each. */
typedef struct
{
  gint64 first;
  gint64 last;
  guint8 *bits;
} Cells;

/* Somebody who could take part, with their plan. */
typedef struct
{
  char *counsellor;
  AnxPlan *plan;
  Cells cells;
  guint load;
  GHashTable *full_days; /* begin of a day → whether the daily limit is reached */
} Worker;

typedef struct
{
  char *room;
  char *kiosk; /* (nullable) occupied with it */
  Cells room_cells;
  Cells kiosk_cells;
  GArray *closed; /* AnxSpan: nobody is received there */
} Place;

typedef struct
{
  const AnxSlotView *view;
  const AnxSlotQuery *query;
  AnxService *service;
  AnxPlan *opening;      /* (nullable) */
  GPtrArray *places;
  GPtrArray *workers;
  GPtrArray *companions; /* empty unless the service is joint */
  gint64 promised_start_usec; /* of the time the searcher holds; -1 = none */
  gint64 promised_usec;       /* since when */
} Search;

/**
 * anx_slot_free:
 * @self: (nullable) (transfer full): a slot
 */
void
anx_slot_free (AnxSlot *self)
{
  if (self == NULL)
    return;
  g_free (self->counsellor);
  g_free (self->mediator);
  g_free (self->room);
  g_free (self->kiosk);
  g_free (self);
}

static void
worker_free (gpointer data)
{
  Worker *worker = data;
  g_free (worker->counsellor);
  anx_plan_free (worker->plan);
  g_free (worker->cells.bits);
  g_clear_pointer (&worker->full_days, g_hash_table_unref);
  g_free (worker);
}

static void
place_free (gpointer data)
{
  Place *place = data;
  g_free (place->room);
  g_free (place->kiosk);
  g_free (place->room_cells.bits);
  g_free (place->kiosk_cells.bits);
  g_array_unref (place->closed);
  g_free (place);
}

static int
compare_slots (gconstpointer a,
               gconstpointer b)
{
  const AnxSlot *x = *(const AnxSlot *const *) a, *y = *(const AnxSlot *const *) b;
  if (x->start_usec != y->start_usec)
    return x->start_usec < y->start_usec ? -1 : 1;
  /* Of those free at the same time the least loaded comes first: it is the one "any counsellor" gets. */
  if (x->load != y->load)
    return x->load < y->load ? -1 : 1;
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

/**
 * anx_slots_needs_room:
 * @directory: a directory
 * @service: of a service
 *
 * Returns: whether somebody is in the room for it: not by telephone; %TRUE also for a service that is gone
 */
gboolean
anx_slots_needs_room (AnxDirectory *directory,
                      const char *service)
{
  g_autoptr (AnxService) found = anx_slots_find_service (directory, service);
  return found == NULL || found->kind != ANX_SERVICE_PHONE;
}

/* --- what could take part --- */

static char **
dup_professions (const AnxPrincipal *principal)
{
  return principal->json != NULL && json_object_has_member (principal->json, "professions")
             ? anx_json_need_strings (principal->json, "professions", 16, NULL)
             : NULL;
}

static gboolean
has_profession (AnxDirectory *directory,
                const char *id,
                const char *profession)
{
  const AnxPrincipal *principal = anx_directory_get_principal (directory, id);
  /* Who sits in is given the resident's name: they serve as counsellors, too. */
  g_auto (GStrv) professions
      = principal != NULL && principal->active && anx_hub_serves (directory, id, "counsellor", NULL) ? dup_professions (principal) : NULL;
  return professions != NULL && g_strv_contains ((const char *const *) professions, profession);
}

static gboolean
may_conduct (AnxDirectory *directory,
             const AnxService *service,
             const char *id)
{
  const AnxPrincipal *counsellor = anx_directory_get_principal (directory, id);
  if (counsellor == NULL || !counsellor->active || !anx_hub_serves (directory, id, "counsellor", NULL))
    return FALSE;
  g_auto (GStrv) professions = dup_professions (counsellor);
  return anx_service_may_be_offered_by (service, (const char *const *) professions);
}

static void
add_worker (GPtrArray *workers,
            const char *counsellor,
            AnxPlan *plan)
{
  Worker *worker = g_new0 (Worker, 1);
  worker->counsellor = g_strdup (counsellor);
  worker->plan = anx_plan_ref (plan);
  g_ptr_array_add (workers, worker);
}

static gboolean
load_workers (Search *search,
              GError **error)
{
  const AnxSlotQuery *query = search->query;
  g_autoptr (GError) inner = NULL;
  /* One who is asked for by name is looked up by name; a companion can be anybody of the centre. */
  gboolean only_one = query->counsellor != NULL && search->service->companion == NULL;
  g_autoptr (AnxRows) rows =
      only_one ? anx_database_query (search->view->database, &inner, "SELECT counsellor, body FROM plan WHERE counsellor = ?", "s", query->counsellor)
               : anx_database_query (search->view->database, &inner,
                                     "SELECT p.counsellor, p.body FROM plan_centre AS c JOIN plan AS p ON p.counsellor = c.counsellor WHERE c.centre = ?",
                                     "s", query->centre);
  while (rows != NULL && anx_rows_next (rows, &inner))
    {
      const char *counsellor = anx_rows_get_string (rows, 0);
      g_autoptr (AnxPlan) plan = anx_plan_book_get (search->view->plans, counsellor, anx_rows_get_string (rows, 1));
      if (plan == NULL || !anx_plan_covers_centre (plan, query->centre))
        continue;
      if ((query->counsellor == NULL || g_str_equal (query->counsellor, counsellor)) && anx_plan_offers_service (plan, search->service->id) &&
          may_conduct (search->view->directory, search->service, counsellor))
        add_worker (search->workers, counsellor, plan);
      if (search->service->companion != NULL && (query->mediator == NULL || g_str_equal (query->mediator, counsellor)) &&
          has_profession (search->view->directory, counsellor, search->service->companion))
        add_worker (search->companions, counsellor, plan);
    }
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

static void
load_places (Search *search)
{
  const AnxSlotQuery *query = search->query;
  JsonObject *centre = anx_directory_get_centre (search->view->directory, query->centre);
  JsonArray *rooms = centre != NULL ? anx_json_get_array (centre, "rooms") : NULL;
  for (guint i = 0; rooms != NULL && i < json_array_get_length (rooms); i++)
    {
      JsonObject *room = anx_json_array_need_object (rooms, i, NULL);
      const char *id = room != NULL ? anx_json_get_string (room, "id", NULL) : NULL;
      if (id == NULL || (query->room != NULL && !g_str_equal (query->room, id)))
        continue;
      const AnxPrincipal *kiosk = search->service->video ? anx_hub_find_kiosk (search->view->directory, query->centre, id) : NULL;
      if (search->service->video && kiosk == NULL)
        continue;
      Place *place = g_new0 (Place, 1);
      place->room = g_strdup (id);
      place->kiosk = kiosk != NULL ? g_strdup (kiosk->id) : NULL;
      place->closed = g_array_new (FALSE, FALSE, sizeof (AnxSpan));
      g_ptr_array_add (search->places, place);
      /* By telephone any room will do to name the booking's place, and none is occupied. */
      if (search->service->kind == ANX_SERVICE_PHONE)
        return;
    }
}

static gboolean
load_closures (Search *search,
               GError **error)
{
  const AnxSlotQuery *query = search->query;
  g_autoptr (GError) inner = NULL;
  /* By telephone nobody is in the room. And a closed time counts as taken: whoever wanted it is shown others. */
  if (search->service->kind == ANX_SERVICE_PHONE || query->though_taken)
    return TRUE;
  g_autoptr (AnxRows) rows = anx_database_query (search->view->database, &inner,
      "SELECT room, start, end FROM closure WHERE centre = ? AND ended IS NULL AND end > ? AND start < ?", "sii", query->centre, query->from_usec,
      query->to_usec + search->service->minutes * ANX_USEC_PER_MINUTE);
  while (rows != NULL && anx_rows_next (rows, &inner))
    for (guint i = 0; i < search->places->len; i++)
      {
        Place *place = g_ptr_array_index (search->places, i);
        AnxSpan span = { anx_rows_get_int (rows, 1), anx_rows_get_int (rows, 2) };
        if (anx_rows_is_null (rows, 0) || g_str_equal (anx_rows_get_string (rows, 0), place->room))
          g_array_append_val (place->closed, span);
      }
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

static gboolean
is_closed (const Place *place,
           const AnxSpan *span)
{
  for (guint i = 0; i < place->closed->len; i++)
    {
      const AnxSpan *closed = &g_array_index (place->closed, AnxSpan, i);
      if (closed->start_usec < span->end_usec && closed->end_usec > span->start_usec)
        return TRUE;
    }
  return FALSE;
}

/* What the searcher holds was promised at a time; what has passed since then does not take it away again. */
static gboolean
load_promise (Search *search,
              GError **error)
{
  const AnxSlotQuery *query = search->query;
  gint64 now = search->view->now_usec;
  search->promised_start_usec = -1;
  if (query->holder == NULL)
    return TRUE;
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (search->view->database, &inner,
      "SELECT start, promised FROM hold WHERE id = ? AND service = ? AND centre = ? AND until BETWEEN ? AND ?", "sssii", query->holder, query->service,
      query->centre, now + 1, now + ANX_HOLD_USEC);
  if (rows != NULL && anx_rows_next (rows, &inner))
    {
      search->promised_start_usec = anx_rows_get_int (rows, 0);
      /* A clock that was set back since then promises nothing more than now. */
      search->promised_usec = MIN (anx_rows_get_int (rows, 1), now);
    }
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

/* --- what is occupied --- */

static gboolean
read_cells (Search *search,
            const char *resource,
            gint64 first,
            gint64 last,
            Cells *cells,
            GError **error)
{
  g_autoptr (GError) inner = NULL;
  gsize bytes = (gsize) (last - first) / 8 + 1;
  if (cells->bits == NULL || cells->last - cells->first != last - first)
    {
      g_free (cells->bits);
      cells->bits = g_malloc (bytes);
    }
  memset (cells->bits, 0, bytes);
  cells->first = first;
  cells->last = last;
  if (search->query->though_taken)
    return TRUE;
  gint64 now = search->view->now_usec;
  g_autoptr (AnxRows) rows = anx_database_query (search->view->database, &inner,
      "SELECT cell FROM cell WHERE resource = ? AND cell BETWEEN ? AND ? AND holder IS NOT ? AND (until IS NULL OR until BETWEEN ? AND ?)", "siisii",
      resource, first, last, search->query->holder, now + 1, now + ANX_HOLD_USEC);
  while (rows != NULL && anx_rows_next (rows, &inner))
    {
      gint64 bit = anx_rows_get_int (rows, 0) - first;
      cells->bits[bit / 8] |= (guint8) (1 << (bit % 8));
    }
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

static gboolean
is_free (const Cells *cells,
         gint64 first,
         gint64 last)
{
  for (gint64 bit = first - cells->first; bit <= last - cells->first; bit++)
    if (cells->bits[bit / 8] & (1 << (bit % 8)))
      return FALSE;
  return TRUE;
}

static gboolean
read_workers (Search *search,
              GPtrArray *workers,
              gint64 first,
              gint64 last,
              GError **error)
{
  for (guint i = 0; i < workers->len; i++)
    {
      Worker *worker = g_ptr_array_index (workers, i);
      g_autofree char *resource = anx_slots_counsellor_resource (worker->counsellor);
      if (!read_cells (search, resource, first, last, &worker->cells, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_places (Search *search,
             gint64 first,
             gint64 last,
             GError **error)
{
  for (guint i = 0; i < search->places->len; i++)
    {
      Place *place = g_ptr_array_index (search->places, i);
      g_autofree char *room = anx_slots_room_resource (search->query->centre, place->room);
      g_autofree char *kiosk = place->kiosk != NULL ? anx_slots_kiosk_resource (place->kiosk) : NULL;
      if (!read_cells (search, room, first, last, &place->room_cells, error) ||
          (kiosk != NULL && !read_cells (search, kiosk, first, last, &place->kiosk_cells, error)))
        return FALSE;
    }
  return TRUE;
}

#define STANDING "status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled')"

static gboolean
count_load (Search *search,
            GError **error)
{
  g_autoptr (GError) inner = NULL;
  for (guint i = 0; i < search->workers->len && search->workers->len > 1 && inner == NULL; i++)
    {
      Worker *worker = g_ptr_array_index (search->workers, i);
      worker->load = (guint) anx_database_query_int (search->view->database, 0, &inner,
          "SELECT (SELECT count(*) FROM booking WHERE counsellor = ?1 AND start BETWEEN ?2 AND ?3 AND " STANDING ")"
          " + (SELECT count(*) FROM booking WHERE mediator IS NOT NULL AND mediator = ?1 AND start BETWEEN ?2 AND ?3 AND " STANDING ")", "sii",
          worker->counsellor, search->query->from_usec - LOAD_USEC, search->query->from_usec + LOAD_USEC);
    }
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

/* Whether they have as many bookings on the slot's day as the plan allows. Those in which they sit in count, and lent slots, since they may
 * be sold. */
static gboolean
day_is_full (Search *search,
             Worker *worker,
             gint64 start_usec,
             GError **error)
{
  int most = anx_plan_get_most_per_day (worker->plan);
  gint64 from = 0, to = 0;
  if (most == 0 || search->query->though_taken)
    return FALSE;
  anx_plan_get_day (worker->plan, start_usec, &from, &to);
  if (worker->full_days == NULL)
    worker->full_days = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  gpointer known = NULL;
  if (g_hash_table_lookup_extended (worker->full_days, &from, NULL, &known))
    return GPOINTER_TO_INT (known);
  g_autoptr (GError) inner = NULL;
  const char *holder = search->query->holder != NULL ? search->query->holder : "";
  gint64 n = anx_database_query_int (search->view->database, 0, &inner,
      "SELECT (SELECT count(*) FROM booking WHERE counsellor = ?1 AND start >= ?2 AND start < ?3 AND id <> ?4 AND " STANDING ")"
      " + (SELECT count(*) FROM booking WHERE mediator IS NOT NULL AND mediator = ?1 AND start >= ?2 AND start < ?3 AND id <> ?4 AND " STANDING ")"
      " + (SELECT count(*) FROM lease WHERE (counsellor = ?1 OR mediator = ?1) AND start >= ?2 AND start < ?3 AND id <> ?4 AND state IN ('lent', 'stray'))",
      "siis", worker->counsellor, from, to, holder);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return TRUE;
    }
  g_hash_table_insert (worker->full_days, g_memdup2 (&from, sizeof from), GINT_TO_POINTER (n >= most));
  return n >= most;
}

/* --- the rule --- */

static const char *
find_companion (Search *search,
                Worker *worker,
                const AnxSpan *span,
                gint64 first,
                gint64 last,
                GError **error)
{
  gint64 from_usec = first * ANX_CELL_USEC, to_usec = (last + 1) * ANX_CELL_USEC;
  for (guint i = 0; i < search->companions->len; i++)
    {
      Worker *companion = g_ptr_array_index (search->companions, i);
      if (!g_str_equal (companion->counsellor, worker->counsellor) && is_free (&companion->cells, first, last) &&
          anx_plan_is_open (companion->plan, from_usec, to_usec) && !day_is_full (search, companion, span->start_usec, error))
        return companion->counsellor;
    }
  return NULL;
}

static void
add_slot (Search *search,
          Worker *worker,
          const AnxSpan *span,
          const char *companion,
          gint64 first,
          gint64 last,
          GPtrArray *found)
{
  gboolean phone = search->service->kind == ANX_SERVICE_PHONE;
  for (guint p = 0; p < search->places->len; p++)
    {
      Place *place = g_ptr_array_index (search->places, p);
      if (is_closed (place, span) || (!phone && !is_free (&place->room_cells, first, last)) ||
          (!phone && place->kiosk != NULL && !is_free (&place->kiosk_cells, first, last)))
        continue;
      AnxSlot *slot = g_new0 (AnxSlot, 1);
      slot->start_usec = span->start_usec;
      slot->end_usec = span->end_usec;
      slot->counsellor = g_strdup (worker->counsellor);
      slot->mediator = g_strdup (companion);
      slot->room = g_strdup (place->room);
      slot->kiosk = g_strdup (place->kiosk);
      slot->load = worker->load;
      g_ptr_array_add (found, slot);
    }
}

static gboolean
look_at_worker (Search *search,
                Worker *worker,
                gint64 from_usec,
                gint64 to_usec,
                GPtrArray *found,
                GError **error)
{
  const AnxService *service = search->service;
  g_autoptr (GArray) spans = anx_plan_list_slots (worker->plan, service, from_usec, to_usec, NULL);
  g_autoptr (GError) inner = NULL;
  for (guint i = 0; spans != NULL && i < spans->len && inner == NULL; i++)
    {
      const AnxSpan *span = &g_array_index (spans, AnxSpan, i);
      gint64 first = 0, last = 0;
      anx_service_get_cells (service, span->start_usec, &first, &last);
      gint64 asked = span->start_usec == search->promised_start_usec ? search->promised_usec : search->view->now_usec;
      if (!is_free (&worker->cells, first, last) || !anx_service_may_start (service, span->start_usec, asked, search->query->staff) ||
          (search->opening != NULL && !anx_plan_is_open (search->opening, span->start_usec, span->end_usec)) ||
          day_is_full (search, worker, span->start_usec, &inner))
        continue;
      const char *companion = service->companion != NULL ? find_companion (search, worker, span, first, last, &inner) : NULL;
      if (service->companion == NULL || companion != NULL)
        add_slot (search, worker, span, companion, first, last, found);
    }
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

/* From @from on, all of whose starts are in @found by now: of each start the one that stands first in order. */
static void
keep_one_a_start (GPtrArray *found,
                  guint from)
{
  g_ptr_array_sort (found, compare_slots);
  for (guint i = found->len; i > from + 1; i--)
    if (((const AnxSlot *) g_ptr_array_index (found, i - 1))->start_usec == ((const AnxSlot *) g_ptr_array_index (found, i - 2))->start_usec)
      g_ptr_array_remove_index (found, i - 1);
}

static gboolean
look_at_chunk (Search *search,
               gint64 from_usec,
               gint64 to_usec,
               GPtrArray *found,
               GError **error)
{
  gint64 first = 0, last = 0, unused = 0;
  anx_service_get_cells (search->service, from_usec, &first, &unused);
  anx_service_get_cells (search->service, to_usec, &unused, &last);
  if (!read_workers (search, search->workers, first, last, error) || !read_workers (search, search->companions, first, last, error) ||
      !read_places (search, first, last, error))
    return FALSE;
  for (guint i = 0; i < search->workers->len; i++)
    if (!look_at_worker (search, g_ptr_array_index (search->workers, i), from_usec, to_usec, found, error))
      return FALSE;
  return TRUE;
}

static gboolean
run_search (Search *search,
            GPtrArray *found,
            GError **error)
{
  const AnxSlotQuery *query = search->query;
  load_places (search);
  if (search->places->len == 0)
    return TRUE;
  if (!load_closures (search, error) || !load_promise (search, error) || !load_workers (search, error) || !count_load (search, error))
    return FALSE;
  search->opening = anx_plan_book_get_opening (search->view->plans, search->view->directory, query->centre);
  for (gint64 from = query->from_usec; from < query->to_usec && found->len < query->most; from += CHUNK_USEC)
    {
      guint before = found->len;
      if (!look_at_chunk (search, from, MIN (from + CHUNK_USEC, query->to_usec), found, error))
        return FALSE;
      if (query->once)
        keep_one_a_start (found, before);
    }
  return TRUE;
}

/**
 * anx_slots_list:
 * @view: what is known and when
 * @query: what is looked for; at most %ANX_BOUND_SLOT_DAYS days
 * @error: return location, of the database only
 *
 * A slot is free when the service, the counsellor's plan, profession and daily limit, the centre's opening hours, notice and horizon
 * allow it, the room is not closed, and no cell of the counsellor, companion, room and kiosk is occupied, buffers included. Reading and
 * writing both come here. For who holds the time, notice and horizon are judged by when it was promised.
 *
 * Returns: (transfer full) (element-type AnxSlot) (nullable): soonest first, then the least loaded counsellor
 */
GPtrArray *
anx_slots_list (const AnxSlotView *view,
                const AnxSlotQuery *query,
                GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_slot_free);
  Search search = { .view = view, .query = query, .service = anx_slots_find_service (view->directory, query->service) };
  if (search.service == NULL || query->from_usec < 0 || query->to_usec - query->from_usec > ANX_BOUND_SLOT_DAYS * ANX_USEC_PER_DAY)
    {
      g_clear_pointer (&search.service, anx_service_free);
      return g_steal_pointer (&found);
    }
  search.places = g_ptr_array_new_with_free_func (place_free);
  search.workers = g_ptr_array_new_with_free_func (worker_free);
  search.companions = g_ptr_array_new_with_free_func (worker_free);
  gboolean good = run_search (&search, found, error);
  g_ptr_array_unref (search.places);
  g_ptr_array_unref (search.workers);
  g_ptr_array_unref (search.companions);
  g_clear_pointer (&search.opening, anx_plan_free);
  anx_service_free (search.service);
  if (!good)
    return NULL;
  g_ptr_array_sort (found, compare_slots);
  if (found->len > query->most)
    g_ptr_array_set_size (found, (int) query->most);
  return g_steal_pointer (&found);
}

/**
 * anx_slots_to_json:
 * @slots: (element-type AnxSlot): slots
 *
 * Returns: (transfer full): them in the form of README.md
 */
JsonArray *
anx_slots_to_json (GPtrArray *slots)
{
  JsonArray *array = json_array_new ();
  for (guint i = 0; i < slots->len; i++)
    {
      const AnxSlot *slot = g_ptr_array_index (slots, i);
      JsonObject *object = json_object_new ();
      json_object_set_int_member (object, "start", slot->start_usec);
      json_object_set_int_member (object, "end", slot->end_usec);
      json_object_set_string_member (object, "counsellor", slot->counsellor);
      if (slot->mediator != NULL)
        json_object_set_string_member (object, "mediator", slot->mediator);
      json_object_set_string_member (object, "room", slot->room);
      json_array_add_object_element (array, object);
    }
  return array;
}

/**
 * anx_slots_search:
 * @view: what is known and when
 * @query: what is looked for
 * @error: return location, of the database only
 *
 * Returns: (transfer full) (nullable): anx_slots_list() in the form of README.md
 */
JsonArray *
anx_slots_search (const AnxSlotView *view,
                  const AnxSlotQuery *query,
                  GError **error)
{
  g_autoptr (GPtrArray) slots = anx_slots_list (view, query, error);
  return slots != NULL ? anx_slots_to_json (slots) : NULL;
}
