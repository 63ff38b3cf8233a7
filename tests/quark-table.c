/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>

/*
 * LeakSanitizer calls GLib's first table of quarks leaked: GLib takes it before main(), gives it up when many types have filled it, and
 * never frees it, because a reader may still hold it. Its stack ends at g_malloc(), too short for a suppression that hides nothing else, so it
 * is kept in sight here: blocks of exactly its size that were taken before main(). The sanitizer calls this at each allocation.
 */
#define QUARK_TABLE_BYTES (2048 * sizeof (char *))
static const volatile void *quark_tables[4];
static guint n_quark_tables;
static gboolean in_main;
void __sanitizer_malloc_hook (const volatile void *block, gsize size);

void
__sanitizer_malloc_hook (const volatile void *block,
                         gsize size)
{
  if (!in_main && size == QUARK_TABLE_BYTES && n_quark_tables < G_N_ELEMENTS (quark_tables))
    quark_tables[n_quark_tables++] = block;
}

/* The libraries' constructors have run before the program's own. */
static void __attribute__ ((constructor))
begin_main (void)
{
  in_main = TRUE;
}
