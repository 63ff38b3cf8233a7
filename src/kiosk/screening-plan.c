/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "screening-plan.h"

#include <string.h>

#include "bounds.h"
#include "files.h"
#include "json.h"

/* A rule file has a few rules; the bounds only keep nonsense out. */
#define MAX_FILE_BYTES (64 * 1024)
#define MAX_LISTS 8
#define MAX_IDS 8
#define MAX_RULES 64
#define MAX_ID_CHARS 64
#define MAX_DRAFT_HOURS 72
#define DEFAULT_DRAFT_HOURS 12

typedef struct
{
  char *ask;
  char *after;      /* (nullable) id; NULL with @finding */
  char *score;      /* (nullable) code; NULL with @finding */
  double bound;
  gboolean below;   /* a low score is a bad one: reached at @bound and under it, else at @bound and above */
  gboolean finding; /* any answer that a safety rule names */
  gboolean extends; /* @ask holds the questions of @after too */
} Rule;

struct _AnxScreeningPlan
{
  GPtrArray *first; /* of char **: lists of ids */
  GPtrArray *rules; /* of Rule */
  char **refused;   /* (nullable) ids: who leaves in the middle of one of these has refused its question */
  guint draft_hours;
  gboolean numbers;
  AnxQuestionnaireShelf *shelf;
};

static void
rule_free (gpointer data)
{
  Rule *rule = data;
  g_free (rule->ask);
  g_free (rule->after);
  g_free (rule->score);
  g_free (rule);
}

static void
strv_free (gpointer data)
{
  g_strfreev (data);
}

static gboolean
fail (GError **error,
      const char *what)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "screening.json: %s", what);
  return FALSE;
}

/* An id names a file, so it must be nothing but a name. */
static gboolean
is_id (const char *text)
{
  gsize length = strlen (text);
  return length > 0 && length <= MAX_ID_CHARS && strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static gboolean
are_ids (char **ids)
{
  for (char **id = ids; *id != NULL; id++)
    if (!is_id (*id))
      return FALSE;
  return ids[0] != NULL;
}

static gboolean
read_first (AnxScreeningPlan *self,
            JsonObject *rules,
            GError **error)
{
  JsonArray *lists = anx_json_get_array (rules, "first");
  guint n = lists != NULL ? json_array_get_length (lists) : 0;
  if (n == 0 || n > MAX_LISTS)
    return fail (error, "“first” must be 1 to 8 lists");
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (JsonObject) holder = json_object_new ();
      JsonNode *node = json_array_get_element (lists, i);
      if (!JSON_NODE_HOLDS_ARRAY (node))
        return fail (error, "each entry of “first” is a list of ids");
      json_object_set_member (holder, "first", json_node_copy (node));
      g_auto (GStrv) ids = anx_json_need_strings (holder, "first", MAX_IDS, error);
      if (ids == NULL)
        return FALSE;
      if (!are_ids (ids))
        return fail (error, "“first” holds something that is not the id of a questionnaire");
      g_ptr_array_add (self->first, g_steal_pointer (&ids));
    }
  return TRUE;
}

static gboolean
read_rule (AnxScreeningPlan *self,
           JsonObject *object,
           GError **error)
{
  const char *ask = anx_json_get_string (object, "ask", "");
  const char *after = anx_json_get_string (object, "after", NULL);
  const char *score = anx_json_get_string (object, "score", NULL);
  gboolean finding = anx_json_get_boolean (object, "finding", FALSE);
  if (!is_id (ask) || (after != NULL && !is_id (after)))
    return fail (error, "a rule needs “ask”, and its “after” must be an id");
  gboolean above = json_object_has_member (object, "from"), below = json_object_has_member (object, "to");
  if (finding ? after != NULL || score != NULL || above || below : after == NULL || score == NULL || above == below)
    return fail (error, "a rule has either “finding”, or “after”, “score” and one of “from” and “to”");

  Rule *rule = g_new0 (Rule, 1);
  rule->ask = g_strdup (ask);
  rule->after = g_strdup (after);
  rule->score = g_strdup (score);
  rule->below = below;
  rule->bound = json_object_get_double_member_with_default (object, below ? "to" : "from", 0);
  rule->finding = finding;
  rule->extends = anx_json_get_boolean (object, "extends", FALSE);
  g_ptr_array_add (self->rules, rule);
  return TRUE;
}

static gboolean
read_rules (AnxScreeningPlan *self,
            JsonObject *rules,
            GError **error)
{
  JsonArray *array = anx_json_get_array (rules, "rules");
  guint n = array != NULL ? json_array_get_length (array) : 0;
  if (n > MAX_RULES)
    return fail (error, "there are too many rules");
  for (guint i = 0; i < n; i++)
    {
      JsonObject *object = anx_json_array_need_object (array, i, error);
      if (object == NULL || !read_rule (self, object, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_refused (AnxScreeningPlan *self,
              JsonObject *rules,
              GError **error)
{
  if (!json_object_has_member (rules, "leftIsRefused"))
    return TRUE;
  self->refused = anx_json_need_strings (rules, "leftIsRefused", MAX_IDS, error);
  if (self->refused == NULL)
    return FALSE;
  return are_ids (self->refused) || fail (error, "“leftIsRefused” holds something that is not the id of a questionnaire");
}

static char *
find_data (const char *folder,
           const char *name)
{
  const char *data = g_getenv ("ANX_DATA_DIR");
  return g_build_filename (data != NULL ? data : ANX_DATA_DIR, folder, name, NULL);
}

/**
 * anx_screening_plan_parse:
 * @rules: the content of a rule file
 * @directory: (nullable): the directory in force, with the questionnaires an administrator has taken in or approved
 * @error: %G_IO_ERROR_INVALID_DATA, or of ANX_BASE_ERROR; names what is wrong
 *
 * Returns: (transfer full): the plan, or %NULL
 */
AnxScreeningPlan *
anx_screening_plan_parse (JsonObject *rules,
                          AnxDirectory *directory,
                          GError **error)
{
  g_autoptr (AnxScreeningPlan) self = g_new0 (AnxScreeningPlan, 1);
  self->first = g_ptr_array_new_with_free_func (strv_free);
  self->rules = g_ptr_array_new_with_free_func (rule_free);
  g_autofree char *folder = find_data ("questionnaires", NULL);
  self->shelf = anx_questionnaire_shelf_new (folder, directory);
  if (!read_first (self, rules, error) || !read_rules (self, rules, error) || !read_refused (self, rules, error))
    return NULL;
  gint64 hours = anx_json_get_int (rules, "draftHours", DEFAULT_DRAFT_HOURS);
  if (hours < 1 || hours > MAX_DRAFT_HOURS)
    {
      fail (error, "“draftHours” must be 1 to 72");
      return NULL;
    }
  self->draft_hours = (guint) hours;
  self->numbers = anx_json_get_boolean (rules, "showNumbers", FALSE);
  return g_steal_pointer (&self);
}

static JsonObject *
read_object (const char *path,
             gsize max_bytes,
             GError **error)
{
  g_autoptr (GBytes) bytes = anx_file_read (path, max_bytes, error);
  if (bytes == NULL)
    return NULL;
  gsize length = 0;
  const char *text = g_bytes_get_data (bytes, &length);
  return anx_json_parse_object (text, (gssize) length, max_bytes, error);
}

/* What the site has set, if it has; else what is shipped. Who names a data folder wants that one and nothing of the machine's. */
static char *
find_rules (void)
{
  g_autofree char *site = g_build_filename (ANX_SITE_DIR, "screening.json", NULL);
  if (g_getenv ("ANX_DATA_DIR") == NULL && g_file_test (site, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&site);
  return find_data ("kiosk", "screening.json");
}

/**
 * anx_screening_plan_new:
 * @directory: (nullable): as of anx_screening_plan_parse()
 * @error: as of anx_screening_plan_parse(), and of ANX_BASE_ERROR when the file cannot be read
 *
 * Reads the site's own rule file (`screening.json` of the machine's configuration folder for Anxin) or, when there is none, the shipped
 * one in `kiosk` of the data folder. The data folder is that of the environment variable `ANX_DATA_DIR` if set, else the installed one.
 *
 * Returns: (transfer full): the plan, or %NULL
 */
AnxScreeningPlan *
anx_screening_plan_new (AnxDirectory *directory,
                        GError **error)
{
  g_autofree char *path = find_rules ();
  g_autoptr (JsonObject) rules = read_object (path, MAX_FILE_BYTES, error);
  return rules != NULL ? anx_screening_plan_parse (rules, directory, error) : NULL;
}

/**
 * anx_screening_plan_free:
 * @self: (transfer full): a plan
 *
 * Frees it.
 */
void
anx_screening_plan_free (AnxScreeningPlan *self)
{
  g_clear_pointer (&self->first, g_ptr_array_unref);
  g_clear_pointer (&self->rules, g_ptr_array_unref);
  g_strfreev (self->refused);
  g_clear_pointer (&self->shelf, anx_questionnaire_shelf_free);
  g_free (self);
}

/**
 * anx_screening_plan_open:
 * @self: a plan
 * @id: the id of a questionnaire
 * @assigned: whether a counsellor asks for it
 * @error: %G_IO_ERROR_PERMISSION_DENIED when it may not be asked here, and as of anx_questionnaire_shelf_open()
 *
 * Returns: (transfer full): the questionnaire, or %NULL
 */
AnxQuestionnaire *
anx_screening_plan_open (AnxScreeningPlan *self,
                         const char *id,
                         gboolean assigned,
                         GError **error)
{
  return anx_questionnaire_shelf_open (self->shelf, id, assigned ? ANX_SHELF_ASSIGNED : ANX_SHELF_OFFERED, error);
}

static gboolean
can_open (AnxScreeningPlan *self,
          const char *id,
          GError **error)
{
  g_autoptr (AnxQuestionnaire) questionnaire = anx_screening_plan_open (self, id, FALSE, error);
  return questionnaire != NULL;
}

/**
 * anx_screening_plan_list_first:
 * @self: a plan
 * @error: why the last list cannot be asked, when none can
 *
 * Returns: (transfer full): the ids of the first list whose questionnaires may all be asked here, or %NULL
 */
char **
anx_screening_plan_list_first (AnxScreeningPlan *self,
                               GError **error)
{
  g_autoptr (GError) last = NULL;
  for (guint i = 0; i < self->first->len; i++)
    {
      char **ids = g_ptr_array_index (self->first, i);
      gboolean all = TRUE;
      for (char **id = ids; *id != NULL && all; id++)
        {
          g_clear_error (&last);
          all = can_open (self, *id, &last);
        }
      if (all)
        return g_strdupv (ids);
    }
  g_propagate_error (error, g_steal_pointer (&last));
  return NULL;
}

static AnxAnswers *
find_answers (GPtrArray *answers,
              const char *id)
{
  for (guint i = 0; i < answers->len; i++)
    {
      AnxAnswers *part = g_ptr_array_index (answers, i);
      if (g_strcmp0 (anx_questionnaire_get_id (anx_answers_get_questionnaire (part)), id) == 0)
        return part;
    }
  return NULL;
}

static gboolean
has_finding (GPtrArray *answers)
{
  for (guint i = 0; i < answers->len; i++)
    {
      g_autoptr (GPtrArray) findings = anx_answers_find_safety (g_ptr_array_index (answers, i));
      if (findings->len > 0)
        return TRUE;
    }
  return FALSE;
}

/* L2 */
static gboolean
score_reaches (AnxAnswers *part,
               const Rule *rule)
{
  g_autoptr (GPtrArray) scores = anx_answers_compute_scores (part);
  for (guint i = 0; i < scores->len; i++)
    {
      const AnxScore *score = g_ptr_array_index (scores, i);
      if (g_strcmp0 (score->code, rule->score) == 0)
        return !score->present || (rule->below ? score->value <= rule->bound : score->value >= rule->bound);
    }
  return TRUE;
}

static gboolean
rule_holds (const Rule *rule,
            GPtrArray *answers)
{
  if (rule->finding)
    return has_finding (answers);
  AnxAnswers *part = find_answers (answers, rule->after);
  return part != NULL && score_reaches (part, rule);
}

/**
 * anx_screening_plan_find_next:
 * @self: a plan
 * @answers: (element-type AnxAnswers): what has been answered to the end so far
 *
 * The rules are tried in their order. A questionnaire that may not be asked here is passed over; the journal has its name.
 *
 * Returns: (nullable): the id of the questionnaire that is due now, or %NULL
 */
const char *
anx_screening_plan_find_next (AnxScreeningPlan *self,
                              GPtrArray *answers)
{
  for (guint i = 0; i < self->rules->len; i++)
    {
      const Rule *rule = g_ptr_array_index (self->rules, i);
      g_autoptr (GError) error = NULL;
      if (find_answers (answers, rule->ask) != NULL || !rule_holds (rule, answers))
        continue;
      if (can_open (self, rule->ask, &error))
        return rule->ask;
      g_info ("A rule leads to a questionnaire that cannot be asked: %s", error->message);
    }
  return NULL;
}

/**
 * anx_screening_plan_list_later:
 * @self: a plan
 * @ids: what is asked whatever the answers are
 *
 * Returns: (transfer full): what the answers to @ids may lead to, and may be asked here
 */
char **
anx_screening_plan_list_later (AnxScreeningPlan *self,
                               const char *const *ids)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  g_autoptr (GStrvBuilder) later = g_strv_builder_new ();
  for (guint i = 0; ids[i] != NULL; i++)
    g_ptr_array_add (all, (gpointer) ids[i]);
  /* Each round may open the way to one more. */
  for (gboolean more = TRUE; more;)
    {
      more = FALSE;
      for (guint i = 0; i < self->rules->len; i++)
        {
          const Rule *rule = g_ptr_array_index (self->rules, i);
          if (g_ptr_array_find_with_equal_func (all, rule->ask, g_str_equal, NULL)
              || (!rule->finding && !g_ptr_array_find_with_equal_func (all, rule->after, g_str_equal, NULL)) || !can_open (self, rule->ask, NULL))
            continue;
          g_ptr_array_add (all, rule->ask);
          g_strv_builder_add (later, rule->ask);
          more = TRUE;
        }
    }
  return g_strv_builder_end (later);
}

/**
 * anx_screening_plan_is_refused:
 * @self: a plan
 * @id: an id
 *
 * Returns: whether somebody who leaves in the middle of this questionnaire has refused the question they left at
 */
gboolean
anx_screening_plan_is_refused (AnxScreeningPlan *self,
                               const char *id)
{
  return self->refused != NULL && g_strv_contains ((const char *const *) self->refused, id);
}

/**
 * anx_screening_plan_extends:
 * @self: a plan
 * @later: an id
 * @earlier: an id
 *
 * Returns: whether a rule says that @later holds @earlier's questions and more
 */
gboolean
anx_screening_plan_extends (AnxScreeningPlan *self,
                            const char *later,
                            const char *earlier)
{
  for (guint i = 0; i < self->rules->len; i++)
    {
      const Rule *rule = g_ptr_array_index (self->rules, i);
      if (rule->extends && g_strcmp0 (rule->ask, later) == 0 && g_strcmp0 (rule->after, earlier) == 0)
        return TRUE;
    }
  return FALSE;
}

/**
 * anx_screening_plan_shows_numbers:
 * @self: a plan
 *
 * Returns: whether the site wants residents to see the totals; the shipped file does not
 */
gboolean
anx_screening_plan_shows_numbers (AnxScreeningPlan *self)
{
  return self->numbers;
}

/**
 * anx_screening_plan_get_draft_hours:
 * @self: a plan
 *
 * Returns: so many hours answers that were broken off are kept for their code, 1 to 72
 */
guint
anx_screening_plan_get_draft_hours (AnxScreeningPlan *self)
{
  return self->draft_hours;
}
