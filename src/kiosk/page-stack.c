/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "page-stack.h"

/* The widget is made when the page is first shown, and anew after a change of language. */
typedef struct
{
  AnxPageMaker maker;
  gpointer data;
  GDestroyNotify destroy; /* (nullable) */
  GtkWidget *widget;      /* (nullable) owned */
} Entry;

struct _AnxPageStack
{
  AnxResidentWindow *window; /* owns this */
  AnxPageShow show;
  GPtrArray *entries; /* of Entry; nobody's free function, see K3 */
};

static Entry *
entry_new (AnxPageMaker maker,
           gpointer data,
           GDestroyNotify destroy)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->maker = maker;
  entry->data = data;
  entry->destroy = destroy;
  return entry;
}

static void
entry_free (Entry *entry)
{
  g_clear_object (&entry->widget);
  if (entry->destroy != NULL)
    entry->destroy (entry->data);
  g_free (entry);
}

static Entry *
get_entry (AnxPageStack *self,
           guint index)
{
  return g_ptr_array_index (self->entries, index);
}

/* K3: out of the array first, since what is freed with a page may come back to the stack. */
static void
drop (AnxPageStack *self,
      guint index)
{
  entry_free (g_ptr_array_steal_index (self->entries, index));
}

/* Only @length pages are left; K2. */
static void
cut (AnxPageStack *self,
     guint length)
{
  self->show (self->window, NULL);
  while (self->entries->len > length)
    {
      drop (self, self->entries->len - 1);
      /* What was freed may have shown another page. */
      self->show (self->window, NULL);
    }
}

/**
 * anx_page_stack_new:
 * @window: whose pages these are; must outlive the stack
 * @show: puts a page on the screen of @window
 *
 * Returns: (transfer full): a stack without a page
 */
AnxPageStack *
anx_page_stack_new (AnxResidentWindow *window,
                    AnxPageShow show)
{
  AnxPageStack *self = g_new0 (AnxPageStack, 1);

  self->window = window;
  self->show = show;
  self->entries = g_ptr_array_new ();
  return self;
}

/**
 * anx_page_stack_free:
 * @self: (transfer full): the stack
 *
 * Frees all pages with their data, the present one first.
 */
void
anx_page_stack_free (AnxPageStack *self)
{
  cut (self, 0);
  g_ptr_array_unref (self->entries);
  g_free (self);
}

/**
 * anx_page_stack_show:
 * @self: the stack
 *
 * Shows the present page; when its widget was not made yet, or was taken down, it is made.
 */
void
anx_page_stack_show (AnxPageStack *self)
{
  Entry *entry = get_entry (self, self->entries->len - 1);

  /* The page before is gone from the screen before the next is made: it may hold the camera. */
  self->show (self->window, NULL);
  if (entry->widget == NULL)
    entry->widget = g_object_ref_sink (entry->maker (self->window, entry->data));
  self->show (self->window, entry->widget);
}

/**
 * anx_page_stack_take_down:
 * @self: the stack
 *
 * Frees the widgets of all pages, which stay with their data: each is made anew when it is shown.
 */
void
anx_page_stack_take_down (AnxPageStack *self)
{
  self->show (self->window, NULL);
  for (guint i = 0; i < self->entries->len; i++)
    g_clear_object (&get_entry (self, i)->widget);
}

/**
 * anx_page_stack_push:
 * @self: the stack
 * @maker: makes the page
 * @data: for @maker; what the page belongs to
 * @destroy: (nullable): frees @data
 *
 * Puts a page upon the present one and shows it.
 */
void
anx_page_stack_push (AnxPageStack *self,
                     AnxPageMaker maker,
                     gpointer data,
                     GDestroyNotify destroy)
{
  g_ptr_array_add (self->entries, entry_new (maker, data, destroy));
  anx_page_stack_show (self);
}

/**
 * anx_page_stack_back:
 * @self: the stack
 *
 * Forgets the present page and shows the one before; on the first page nothing happens.
 */
void
anx_page_stack_back (AnxPageStack *self)
{
  if (self->entries->len < 2)
    return;
  cut (self, self->entries->len - 1);
  anx_page_stack_show (self);
}

/**
 * anx_page_stack_home:
 * @self: the stack
 *
 * Forgets all pages but the first, which is made anew and shown.
 */
void
anx_page_stack_home (AnxPageStack *self)
{
  cut (self, 1);
  g_clear_object (&get_entry (self, 0)->widget);
  anx_page_stack_show (self);
}

/**
 * anx_page_stack_back_from:
 * @self: the stack
 * @data: what the pages belong to
 *
 * Goes back to the page before the first one of @data, and forgets that one with all that is upon it, whoever that belongs to. The first
 * page of the stack stays, and is never meant.
 *
 * Returns: whether there was such a page; if not, nothing happens
 */
gboolean
anx_page_stack_back_from (AnxPageStack *self,
                          gconstpointer data)
{
  for (guint i = 1; i < self->entries->len; i++)
    if (get_entry (self, i)->data == data)
      {
        cut (self, i);
        anx_page_stack_show (self);
        return TRUE;
      }
  return FALSE;
}

/**
 * anx_page_stack_forget:
 * @self: the stack
 * @data: what the pages belong to
 *
 * Takes away all pages of @data, wherever they lie; the others stay as they are. If the present page was one of them, the page below it is
 * shown. The first page of the stack stays.
 */
void
anx_page_stack_forget (AnxPageStack *self,
                       gconstpointer data)
{
  gboolean present = FALSE;

  /* What is freed may take more away. */
  for (guint i = self->entries->len; i > 1; i = MIN (i - 1, self->entries->len))
    {
      if (get_entry (self, i - 1)->data != data)
        continue;
      if (i == self->entries->len)
        {
          present = TRUE;
          self->show (self->window, NULL);
        }
      drop (self, i - 1);
    }
  if (present)
    anx_page_stack_show (self);
}

/* Where the last page of @data lies; 0: nowhere, since the first page is never meant. */
static guint
find_last (AnxPageStack *self,
           gconstpointer data)
{
  guint at = self->entries->len - 1;

  while (at > 0 && get_entry (self, at)->data != data)
    at--;
  return at;
}

/**
 * anx_page_stack_holds:
 * @self: the stack
 * @data: what a page may belong to
 *
 * Returns: whether a page of @data is there, present or under others; the first page of the stack is never meant
 */
gboolean
anx_page_stack_holds (AnxPageStack *self,
                      gconstpointer data)
{
  return find_last (self, data) > 0;
}

/**
 * anx_page_stack_put_upon:
 * @self: the stack
 * @below: what the page below belongs to
 * @maker: makes the page
 * @data: for @maker; what the new page belongs to
 * @destroy: (nullable): frees @data
 *
 * Puts a page right upon the last one of @below. What lay upon that lies upon the new one, and stays present. When there is none, @data is
 * freed and nothing else happens.
 */
void
anx_page_stack_put_upon (AnxPageStack *self,
                         gconstpointer below,
                         AnxPageMaker maker,
                         gpointer data,
                         GDestroyNotify destroy)
{
  Entry *entry = entry_new (maker, data, destroy);
  guint at = find_last (self, below);

  if (at == 0)
    {
      entry_free (entry);
      return;
    }
  g_ptr_array_insert (self->entries, (int) at + 1, entry);
  if (at + 2 == self->entries->len)
    anx_page_stack_show (self);
}

/* The new page is there before the old one is freed: its data may have been made from the old. */
static void
put_in_place (AnxPageStack *self,
              guint index,
              Entry *entry)
{
  Entry *old = get_entry (self, index);

  self->entries->pdata[index] = entry;
  if (index == self->entries->len - 1)
    anx_page_stack_show (self);
  entry_free (old);
}

/**
 * anx_page_stack_replace:
 * @self: the stack
 * @maker: makes the page
 * @data: for @maker; what the page belongs to
 * @destroy: (nullable): frees @data
 *
 * Shows a page in place of the present one, which is forgotten. The first page stays: then the new one is put upon it.
 */
void
anx_page_stack_replace (AnxPageStack *self,
                        AnxPageMaker maker,
                        gpointer data,
                        GDestroyNotify destroy)
{
  if (self->entries->len < 2)
    anx_page_stack_push (self, maker, data, destroy);
  else
    put_in_place (self, self->entries->len - 1, entry_new (maker, data, destroy));
}

/**
 * anx_page_stack_exchange:
 * @self: the stack
 * @belongs_to: what the page to be exchanged belongs to
 * @maker: makes the page
 * @data: for @maker; what the new page belongs to
 * @destroy: (nullable): frees @data
 *
 * Puts a page in place of the last one of @belongs_to, wherever that lies; what lies upon it stays, and stays present. When there is none,
 * @data is freed and nothing else happens. The first page of the stack stays.
 */
void
anx_page_stack_exchange (AnxPageStack *self,
                         gconstpointer belongs_to,
                         AnxPageMaker maker,
                         gpointer data,
                         GDestroyNotify destroy)
{
  Entry *entry = entry_new (maker, data, destroy);
  guint at = find_last (self, belongs_to);

  if (at > 0)
    put_in_place (self, at, entry);
  else
    entry_free (entry);
}

/**
 * anx_page_stack_exchange_page:
 * @self: the stack
 * @page: a page's widget
 * @maker: makes the page
 * @data: for @maker; what the new page belongs to
 * @destroy: (nullable): frees @data
 *
 * As anx_page_stack_exchange(), for one page: an answer that comes late moves the page that asked, and no other.
 */
void
anx_page_stack_exchange_page (AnxPageStack *self,
                              GtkWidget *page,
                              AnxPageMaker maker,
                              gpointer data,
                              GDestroyNotify destroy)
{
  Entry *entry = entry_new (maker, data, destroy);

  for (guint i = self->entries->len; i > 1; i--)
    if (get_entry (self, i - 1)->widget == page)
      {
        put_in_place (self, i - 1, entry);
        return;
      }
  entry_free (entry);
}

/**
 * anx_page_stack_conclude_upon:
 * @self: the stack
 * @floor: (nullable): the maker of the page that stays below; %NULL or no page of it under those of @done: the first one
 * @done: what is done: the pages that led here belong to it
 * @maker: makes the page
 * @data: for @maker; what the new page belongs to
 * @destroy: (nullable): frees @data
 *
 * Puts a page right upon the last one of @floor, in place of all pages from there up to the last one of @done: behind it there is only what
 * was there before. If that is the first page, it is made anew. What lies upon them, help for example, stays, and stays present. When no page
 * of @done is left, none is taken away.
 */
void
anx_page_stack_conclude_upon (AnxPageStack *self,
                              AnxPageMaker floor,
                              gconstpointer done,
                              AnxPageMaker maker,
                              gpointer data,
                              GDestroyNotify destroy)
{
  Entry *entry = entry_new (maker, data, destroy);
  guint last = find_last (self, done), base = last > 0 ? last - 1 : 0, at;

  while (base > 0 && get_entry (self, base)->maker != floor)
    base--;
  if (last + 1 == self->entries->len)
    self->show (self->window, NULL);
  g_ptr_array_insert (self->entries, (int) last + 1, entry);
  /* What is freed may take more away. */
  while (g_ptr_array_find (self->entries, entry, &at) && at > base + 1)
    drop (self, base + 1);
  if (base == 0)
    g_clear_object (&get_entry (self, 0)->widget);
  if (get_entry (self, self->entries->len - 1) == entry)
    anx_page_stack_show (self);
}

/**
 * anx_page_stack_conclude:
 * @self: the stack
 * @done: what is done: the pages that led here belong to it
 * @maker: makes the page
 * @data: for @maker; what the new page belongs to
 * @destroy: (nullable): frees @data
 *
 * As anx_page_stack_conclude_upon(), right upon the first page.
 */
void
anx_page_stack_conclude (AnxPageStack *self,
                         gconstpointer done,
                         AnxPageMaker maker,
                         gpointer data,
                         GDestroyNotify destroy)
{
  anx_page_stack_conclude_upon (self, NULL, done, maker, data, destroy);
}

/**
 * anx_page_stack_is_at:
 * @self: the stack
 * @maker: what may have made the page
 *
 * Returns: whether the present page is of that kind
 */
gboolean
anx_page_stack_is_at (AnxPageStack *self,
                      AnxPageMaker maker)
{
  return get_entry (self, self->entries->len - 1)->maker == maker;
}

/**
 * anx_page_stack_get_length:
 * @self: the stack
 *
 * Returns: how many pages there are; from 2 on there is a way back
 */
guint
anx_page_stack_get_length (AnxPageStack *self)
{
  return self->entries->len;
}
