/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pinyin-lookup.h"

#include <gio/gio.h>
#include <stdbool.h>
#include <pinyin.h>

/* So many are kept of one look-up; people do not leaf further. */
#define MAX_CANDIDATES 120
/* A name of a person has at most so many characters in what is ranked first: a surname of two and a given name of two. */
#define MAX_NAME_CHARS 4

/* libpinyin wants the name of a user directory. This one exists on no machine, so nothing can be read from or written to it. */
#define NO_USER_DIRECTORY "/nonexistent/anxin"

/*
 * The hundred most frequent surnames of China in their order, which hold about 85 % of the people.
 * Source: Ministry of Public Security, "2020年全国姓名报告" (2021-02-08).
 */
static const char surnames[] =
  "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾"
  "夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤欧文安易乔赖庞樊兰殷施洪翟颜倪温芦俞章鲁葛伍申尤毕聂柴焦";

/* Surnames of two characters that are still met. Source: as above, and "百家姓". */
static const char *const double_surnames[] = {
  "欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "夏侯", "司徒", "长孙", "端木", "独孤", "南宫",
};

struct _AnxPinyin
{
  pinyin_context_t *context;
  pinyin_instance_t *instance;
};

/* In the order of preference. */
typedef enum
{
  RANK_NAME,    /* all letters, begins with a surname */
  RANK_WHOLE,   /* all letters */
  RANK_SURNAME, /* the beginning, a surname by itself */
  RANK_PART,
} Rank;

typedef struct
{
  AnxPinyinCandidate candidate; /* first, so that the list can be handed out as candidates */
  Rank rank;
  guint surname; /* place in the list of surnames, G_MAXUINT when it is none */
  guint order;   /* libpinyin's own */
} Found;

static void
found_free (gpointer data)
{
  Found *found = data;
  g_free (found->candidate.text);
  g_free (found);
}

/**
 * anx_pinyin_new:
 * @error: G_IO_ERROR_FAILED when the dictionaries of libpinyin are not there
 *
 * Opens libpinyin's system dictionaries, read only; takes 2 to 12 ms and 5 to 9 MB.
 *
 * Returns: (transfer full): the look-up, or %NULL
 */
AnxPinyin *
anx_pinyin_new (GError **error)
{
  pinyin_context_t *context = NULL;
  /* libpinyin ends the process when a dictionary cannot be opened, so ask first. */
  if (g_file_test (ANX_PINYIN_DATA "/gb_char.bin", G_FILE_TEST_IS_REGULAR))
    context = pinyin_init (ANX_PINYIN_DATA, NO_USER_DIRECTORY);
  if (context == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The Chinese dictionary is missing in %s; install libpinyin-data", ANX_PINYIN_DATA);
      return NULL;
    }
  /* Initials alone and the usual mix-ups of southern speakers: z/zh, c/ch, s/sh, n/l, an/ang, en/eng, in/ing. */
  pinyin_set_options (context, IS_PINYIN | PINYIN_INCOMPLETE | USE_DIVIDED_TABLE | USE_RESPLIT_TABLE
                                 | PINYIN_AMB_Z_ZH | PINYIN_AMB_C_CH | PINYIN_AMB_S_SH | PINYIN_AMB_L_N
                                 | PINYIN_AMB_AN_ANG | PINYIN_AMB_EN_ENG | PINYIN_AMB_IN_ING);

  AnxPinyin *self = g_new0 (AnxPinyin, 1);
  self->context = context;
  self->instance = pinyin_alloc_instance (context);
  return self;
}

/**
 * anx_pinyin_free:
 * @self: (nullable) (transfer full): the look-up
 *
 * Frees it. Nothing is saved.
 */
void
anx_pinyin_free (AnxPinyin *self)
{
  if (self == NULL)
    return;
  pinyin_free_instance (self->instance);
  pinyin_fini (self->context);
  g_free (self);
}

static guint
rank_surname (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (double_surnames); i++)
    if (g_str_has_prefix (text, double_surnames[i]))
      return i;
  gunichar first = g_utf8_get_char (text);
  guint place = 0;
  for (const char *p = surnames; *p != '\0'; p = g_utf8_next_char (p), place++)
    if (g_utf8_get_char (p) == first)
      return place;
  return G_MAXUINT;
}

static gint
compare_found (gconstpointer a,
               gconstpointer b)
{
  const Found *left = *(Found *const *) a, *right = *(Found *const *) b;
  if (left->rank != right->rank)
    return left->rank < right->rank ? -1 : 1;
  if (left->rank == RANK_NAME || left->rank == RANK_SURNAME)
    if (left->surname != right->surname)
      return left->surname < right->surname ? -1 : 1;
  return left->order < right->order ? -1 : left->order > right->order;
}

static void
add_found (GPtrArray *list,
           GHashTable *seen,
           const char *text,
           guint n_letters,
           guint total_letters,
           gboolean at_start)
{
  if (list->len >= MAX_CANDIDATES || g_hash_table_contains (seen, text))
    return;
  Found *found = g_new0 (Found, 1);
  found->candidate.text = g_strdup (text);
  found->candidate.n_letters = n_letters;
  found->order = list->len;
  found->surname = at_start ? rank_surname (text) : G_MAXUINT;
  glong n_chars = g_utf8_strlen (text, -1);
  gboolean whole = n_letters == total_letters;
  if (whole && found->surname != G_MAXUINT && n_chars <= MAX_NAME_CHARS)
    found->rank = n_chars > 1 ? RANK_NAME : RANK_WHOLE;
  else if (whole)
    found->rank = RANK_WHOLE;
  else if (found->surname != G_MAXUINT && n_chars == 1)
    found->rank = RANK_SURNAME;
  else
    found->rank = RANK_PART;
  /* A single syllable at the start is a surname more often than anything else: 张 before 长. */
  if (whole && at_start && n_chars == 1 && found->surname != G_MAXUINT)
    found->rank = RANK_NAME;
  g_hash_table_add (seen, found->candidate.text);
  g_ptr_array_add (list, found);
}

/* libpinyin's own list, in its order. */
static void
collect (AnxPinyin *self,
         const char *letters,
         gboolean at_start,
         GPtrArray *list,
         GHashTable *seen)
{
  size_t total = strlen (letters);
  if (pinyin_parse_more_full_pinyins (self->instance, letters) == 0)
    return;
  pinyin_guess_sentence (self->instance);
  pinyin_guess_candidates (self->instance, 0, SORT_BY_PHRASE_LENGTH_AND_PINYIN_LENGTH_AND_FREQUENCY);
  guint n = 0;
  pinyin_get_n_candidate (self->instance, &n);
  size_t parsed = pinyin_get_parsed_input_length (self->instance);
  for (guint i = 0; i < n; i++)
    {
      lookup_candidate_t *candidate = NULL;
      const char *text = NULL;
      lookup_candidate_type_t type = NORMAL_CANDIDATE;
      if (!pinyin_get_candidate (self->instance, i, &candidate)
          || !pinyin_get_candidate_string (self->instance, candidate, &text) || text == NULL || *text == '\0')
        continue;
      pinyin_get_candidate_type (self->instance, candidate, &type);
      /* A sentence stands for all that could be read; choosing it for its length would fix it in the instance. */
      int end = type == NBEST_MATCH_CANDIDATE ? (int) parsed : pinyin_choose_candidate (self->instance, 0, candidate);
      if (type != NBEST_MATCH_CANDIDATE)
        pinyin_clear_constraint (self->instance, 0);
      if (end > 0)
        add_found (list, seen, text, MIN ((size_t) end, total), total, at_start);
    }
  pinyin_reset (self->instance);
}

/*
 * Names that stand in no dictionary: the most frequent surname of the first syllable followed by the best given names of the rest.
 */
static void
compose_names (AnxPinyin *self,
               const char *letters,
               GPtrArray *list,
               GHashTable *seen)
{
  Found *best = NULL;
  size_t total = strlen (letters);
  for (guint i = 0; i < list->len; i++)
    {
      Found *found = g_ptr_array_index (list, i);
      if (found->rank == RANK_SURNAME && (best == NULL || found->surname < best->surname))
        best = found;
    }
  if (best == NULL || best->candidate.n_letters >= total)
    return;

  const char *rest = letters + best->candidate.n_letters;
  if (*rest == '\'')
    rest++;
  g_autoptr (GPtrArray) given = g_ptr_array_new_with_free_func (found_free);
  g_autoptr (GHashTable) given_seen = g_hash_table_new (g_str_hash, g_str_equal);
  collect (self, rest, FALSE, given, given_seen);
  guint added = 0;
  for (guint i = 0; i < given->len && added < 6; i++)
    {
      Found *found = g_ptr_array_index (given, i);
      if (found->rank != RANK_WHOLE || g_utf8_strlen (found->candidate.text, -1) > 2)
        continue;
      g_autofree char *name = g_strconcat (best->candidate.text, found->candidate.text, NULL);
      add_found (list, seen, name, total, total, TRUE);
      added++;
    }
}

/**
 * anx_pinyin_look_up:
 * @self: the look-up
 * @letters: what was typed, a to z and the apostrophe; more than %ANX_PINYIN_MAX_LETTERS gives an empty list
 * @at_start: whether a name begins here, so that surnames and whole names come first
 *
 * The characters the letters may stand for, the likeliest first; whole names, then other whole readings, then surnames and single
 * characters that stand for the beginning. At most 120.
 *
 * Returns: (transfer container) (element-type AnxPinyinCandidate): the candidates, perhaps none
 */
GPtrArray *
anx_pinyin_look_up (AnxPinyin *self,
                    const char *letters,
                    gboolean at_start)
{
  g_return_val_if_fail (self != NULL && letters != NULL, NULL);

  GPtrArray *list = g_ptr_array_new_with_free_func (found_free);
  size_t length = strlen (letters);
  if (length == 0 || length > ANX_PINYIN_MAX_LETTERS || strspn (letters, "abcdefghijklmnopqrstuvwxyz'") != length)
    return list;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  collect (self, letters, at_start, list, seen);
  if (at_start)
    compose_names (self, letters, list, seen);
  g_ptr_array_sort (list, compare_found);
  return list;
}
