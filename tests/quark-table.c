/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>

/*
 * LeakSanitizer calls GLib's tables of quarks leaked: each is given up when it is full, and never freed, because a reader may still hold it.
 * Its stack ends at g_malloc(), too short for a suppression that hides nothing else, so the tables are kept in sight here. They grow by the
 * same number of quarks each: before main() they are filled up until the next ones have sizes that nothing else has, and of these the first
 * block of each size is a table. GStreamer makes a quark of every name in its statistics. The sanitizer calls the hook at each allocation.
 */
#define QUARKS_IN_BLOCK 2048
#define BLOCK_BYTES (QUARKS_IN_BLOCK * sizeof (char *))
#define BLOCKS_BEFORE_MAIN 10
#define BLOCKS 14
static const volatile void *before_main[64];
static const volatile void *quark_tables[BLOCKS];
static guint n_before_main;
static gboolean in_main;
void __sanitizer_malloc_hook (const volatile void *block, gsize size);

void
__sanitizer_malloc_hook (const volatile void *block,
                         gsize size)
{
  gsize blocks = size / BLOCK_BYTES;

  if (size % BLOCK_BYTES != 0 || blocks == 0 || blocks > BLOCKS)
    return;
  if (!in_main && n_before_main < G_N_ELEMENTS (before_main))
    before_main[n_before_main++] = block;
  else if (in_main && blocks > BLOCKS_BEFORE_MAIN && quark_tables[blocks - 1] == NULL)
    quark_tables[blocks - 1] = block;
}

/* The libraries' constructors have run before the program's own. */
static void __attribute__ ((constructor))
begin_main (void)
{
  GQuark last = 0;

  for (guint i = 0; last < (BLOCKS_BEFORE_MAIN - 1) * QUARKS_IN_BLOCK; i++)
    {
      char name[32];
      g_snprintf (name, sizeof name, "anx-test-%u", i);
      last = g_quark_from_string (name);
    }
  in_main = TRUE;
}
