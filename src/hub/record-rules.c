/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record-rules.h"

#include <string.h>

#include "access.h"
#include "break-glass.h"
#include "care-records.h"
#include "erasure.h"
#include "follow-up.h"
#include "glass-group.h"
#include "hub.h"
#include "intake.h"

/*
 * Who may write which kind of record, and to whom. The hub cannot open a record; so this is what it can hold a faulty or stolen program
 * to. Words: a role of the directory, "kiosk", "author" (a recipient that is the author itself), "any" (decided by what the record is about, in
 * alerts.c, referrals.c and glass.c), "break-glass" (such a group, not its members). With "@" the recipient serves the author's own centre, if it
 * has one, or the whole district.
 * README.md has the same table; tests/hub/test-roles.c walks all of it.
 */
static const AnxRecordRule RULES[] = {
  { ANX_KIND_CONTACT, "kiosk staff", "staff@ counsellor" },
  { ANX_KIND_SCREENING, "kiosk", "counsellor duty@" },
  { ANX_KIND_ALERT, "kiosk", "duty@ staff@" },
  { ANX_KIND_ALERT_ACKNOWLEDGEMENT, "any", "duty kiosk author" },
  { ANX_KIND_LEVEL_CHANGE, "any", "duty author" },
  { ANX_KIND_NOTE, "counsellor", "author counsellor break-glass" },
  { ANX_KIND_SAFETY_PLAN, "counsellor", "author counsellor duty staff break-glass" },
  { ANX_KIND_FOLLOW_UP, "counsellor", "author counsellor" },
  { ANX_KIND_REFERRAL, "counsellor department", "author department" },
  { ANX_KIND_MANDATORY_REPORT, "counsellor", "author department" },
  { ANX_KIND_REFERRAL_EVENT, "any", "author counsellor department" },
  { ANX_KIND_RATING, "kiosk", "staff@" },
  { ANX_KIND_INTAKE, "intake", "staff@" },
  { ANX_KIND_ACCESS, "counsellor duty department staff", "author counsellor department" },
  /* To all who have what is erased. */
  { ANX_KIND_ERASURE, "administrator", "any" },
  { ANX_KIND_BREAK_GLASS, "any", "any" },
};

/**
 * anx_record_rules_list:
 * @out_length: (out): how many
 *
 * Returns: (transfer none): the table
 */
const AnxRecordRule *
anx_record_rules_list (gsize *out_length)
{
  *out_length = G_N_ELEMENTS (RULES);
  return RULES;
}

static gboolean
word_fits (AnxDirectory *directory,
           const AnxPrincipal *author,
           const AnxPrincipal *who,
           const char *word)
{
  if (g_str_equal (word, "any"))
    return TRUE;
  if (g_str_equal (word, "author"))
    return g_str_equal (author->id, who->id);
  if (g_str_equal (word, "kiosk"))
    return who->kind == ANX_PRINCIPAL_KIOSK;
  if (g_str_equal (word, ANX_ROLE_BREAK_GLASS))
    return anx_glass_is_group (directory, who->id);
  if (!g_str_has_suffix (word, "@"))
    return anx_directory_has_role (directory, who->id, word, NULL);
  g_autofree char *role = g_strndup (word, strlen (word) - 1);
  return anx_directory_has_role (directory, who->id, role, author->centre);
}

static gboolean
fits (AnxDirectory *directory,
      const AnxPrincipal *author,
      const AnxPrincipal *who,
      const char *words)
{
  g_auto (GStrv) list = g_strsplit (words, " ", -1);
  for (gsize i = 0; list[i] != NULL; i++)
    if (word_fits (directory, author, who, list[i]))
      return TRUE;
  return FALSE;
}

/**
 * anx_record_rules_allow:
 * @directory: the directory
 * @author: who sent it
 * @header: its verified header
 *
 * A recipient that is not in the directory any more, or not active, is no reason to refuse: who wrote it, perhaps offline for days, could
 * not know, and that recipient fetches nothing. A kind without a row is refused.
 *
 * Returns: whether @author may write a record of this kind, and each recipient may be given it
 */
gboolean
anx_record_rules_allow (AnxDirectory *directory,
                        const AnxPrincipal *author,
                        AnxRecordHeader *header)
{
  const AnxRecordRule *rule = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (RULES) && rule == NULL; i++)
    if (g_str_equal (RULES[i].kind, anx_record_header_get_kind (header)))
      rule = &RULES[i];
  if (rule == NULL || !fits (directory, author, author, rule->authors))
    return FALSE;
  const char *const *recipients = anx_record_header_get_recipients (header);
  for (gsize i = 0; recipients != NULL && recipients[i] != NULL; i++)
    {
      const AnxPrincipal *reader = anx_directory_get_principal (directory, recipients[i]);
      if (reader != NULL && reader->active && !fits (directory, author, reader, rule->readers))
        return FALSE;
    }
  return TRUE;
}
