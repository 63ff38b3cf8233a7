/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "page.h"

#include "idle.h"
#include "ui-text.h"

/* Lines longer than this are hard to read on a large screen; the rest of the width stays empty at both sides. */
#define PAGE_WIDTH_PX 1240

typedef struct
{
  GtkWidget *box;
  GtkWidget *heading;
  GtkWidget *line;
  GtkWidget *middle; /* stack of "content", "busy", "problem" */
  GtkBox *content;
  GtkWidget *busy_label;
  GtkWidget *spinner;
  GtkWidget *problem_label;
  GtkWidget *problem_button;
  GtkWidget *actions;
  GtkWidget *primary;
  GtkWidget *primary_icon;
  GtkWidget *primary_label;
  GtkWidget *secondary;
  gulong primary_handler;
  gulong secondary_handler;
  gulong problem_handler;
  gboolean has_primary;
  gboolean has_secondary;
  guint idle_limit; /* seconds; 0 = for ever */
} AnxPagePrivate;

enum
{
  IDLE_LIMIT_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_TYPE_WITH_PRIVATE (AnxPage, anx_page, GTK_TYPE_WIDGET)

#define PRIVATE(page) ((AnxPagePrivate *) anx_page_get_instance_private (page))

static int
clamp_width (int width)
{
  return MIN (width, PAGE_WIDTH_PX);
}

static void
anx_page_measure (GtkWidget *widget,
                  GtkOrientation orientation,
                  int for_size,
                  int *minimum,
                  int *natural,
                  int *minimum_baseline,
                  int *natural_baseline)
{
  if (orientation == GTK_ORIENTATION_VERTICAL && for_size > 0)
    for_size = clamp_width (for_size);
  gtk_widget_measure (PRIVATE (ANX_PAGE (widget))->box, orientation, for_size, minimum, natural, NULL, NULL);
}

static void
anx_page_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  AnxPagePrivate *priv = PRIVATE (ANX_PAGE (widget));
  int minimum, box_width;

  gtk_widget_measure (priv->box, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  box_width = MIN (MAX (clamp_width (width), minimum), MAX (width, minimum));
  gtk_widget_allocate (priv->box, box_width, height, -1,
                       gsk_transform_translate (NULL, &GRAPHENE_POINT_INIT (MAX ((width - box_width) / 2, 0), 0)));
}

static GtkSizeRequestMode
anx_page_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
anx_page_dispose (GObject *object)
{
  g_clear_pointer (&PRIVATE (ANX_PAGE (object))->box, gtk_widget_unparent);
  G_OBJECT_CLASS (anx_page_parent_class)->dispose (object);
}

static void
anx_page_class_init (AnxPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = anx_page_dispose;
  /**
   * AnxPage::idle-limit-changed:
   *
   * anx_page_get_idle_limit() is another one now, and the count begins anew.
   */
  signals[IDLE_LIMIT_CHANGED] = g_signal_new ("idle-limit-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  widget_class->measure = anx_page_measure;
  widget_class->size_allocate = anx_page_size_allocate;
  widget_class->get_request_mode = anx_page_get_request_mode;
  gtk_widget_class_set_css_name (widget_class, "page");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

/**
 * anx_page_make_text:
 * @text: (nullable): what it says
 * @css_class: how it looks
 *
 * Returns: (transfer floating): a label that breaks its lines, at the left
 */
GtkWidget *
anx_page_make_text (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
make_busy (AnxPagePrivate *priv)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 32);

  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  priv->spinner = gtk_spinner_new ();
  gtk_widget_set_size_request (priv->spinner, 64, 64);
  gtk_widget_set_halign (priv->spinner, GTK_ALIGN_CENTER);
  priv->busy_label = anx_page_make_text (NULL, "busy");
  gtk_label_set_justify (GTK_LABEL (priv->busy_label), GTK_JUSTIFY_CENTER);
  gtk_label_set_xalign (GTK_LABEL (priv->busy_label), 0.5);
  gtk_box_append (GTK_BOX (box), priv->spinner);
  gtk_box_append (GTK_BOX (box), priv->busy_label);
  return box;
}

static GtkWidget *
make_problem (AnxPagePrivate *priv)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 32);
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 28);
  GtkWidget *icon = gtk_image_new_from_icon_name ("anx-info-symbolic");

  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "problem");
  gtk_image_set_pixel_size (GTK_IMAGE (icon), 56);
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  priv->problem_label = anx_page_make_text (NULL, "problem-text");
  gtk_widget_set_hexpand (priv->problem_label, TRUE);
  gtk_box_append (GTK_BOX (card), icon);
  gtk_box_append (GTK_BOX (card), priv->problem_label);
  priv->problem_button = gtk_button_new_with_label ("");
  gtk_widget_add_css_class (priv->problem_button, "primary");
  gtk_widget_set_halign (priv->problem_button, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), card);
  gtk_box_append (GTK_BOX (box), priv->problem_button);
  return box;
}

static GtkWidget *
make_scroller (GtkWidget *child)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  /* The bar is always beside the content when there is more, never faded away: a resident must see that there is more.
   */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_overlay_scrolling (GTK_SCROLLED_WINDOW (scroller), FALSE);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), child);
  return scroller;
}

static void
anx_page_init (AnxPage *self)
{
  AnxPagePrivate *priv = PRIVATE (self);
  GtkWidget *primary_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 16), *spacer = gtk_label_new (NULL);

  priv->idle_limit = ANX_IDLE_LIMIT_SECONDS;
  priv->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (priv->box, "page-box");
  gtk_widget_set_parent (priv->box, GTK_WIDGET (self));

  priv->heading = anx_page_make_text (NULL, "page-heading");
  priv->line = anx_page_make_text (NULL, "page-line");
  gtk_widget_set_visible (priv->line, FALSE);
  gtk_box_append (GTK_BOX (priv->box), priv->heading);
  gtk_box_append (GTK_BOX (priv->box), priv->line);

  priv->content = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 20));
  gtk_widget_add_css_class (GTK_WIDGET (priv->content), "page-content");
  priv->middle = gtk_stack_new ();
  anx_ui_hide_covered_pages (GTK_STACK (priv->middle));
  gtk_widget_set_vexpand (priv->middle, TRUE);
  gtk_stack_set_vhomogeneous (GTK_STACK (priv->middle), FALSE);
  gtk_stack_add_named (GTK_STACK (priv->middle), make_scroller (GTK_WIDGET (priv->content)), "content");
  gtk_stack_add_named (GTK_STACK (priv->middle), make_busy (priv), "busy");
  gtk_stack_add_named (GTK_STACK (priv->middle), make_scroller (make_problem (priv)), "problem");
  gtk_box_append (GTK_BOX (priv->box), priv->middle);

  priv->actions = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 24);
  gtk_widget_add_css_class (priv->actions, "page-actions");
  gtk_widget_set_visible (priv->actions, FALSE);
  priv->secondary = gtk_button_new_with_label ("");
  gtk_widget_add_css_class (priv->secondary, "secondary");
  gtk_widget_set_visible (priv->secondary, FALSE);
  gtk_widget_set_hexpand (spacer, TRUE);
  priv->primary = gtk_button_new ();
  gtk_widget_add_css_class (priv->primary, "primary");
  gtk_widget_set_visible (priv->primary, FALSE);
  priv->primary_icon = gtk_image_new ();
  gtk_image_set_pixel_size (GTK_IMAGE (priv->primary_icon), 36);
  priv->primary_label = gtk_label_new (NULL);
  gtk_widget_set_halign (primary_box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (primary_box), priv->primary_label);
  gtk_box_append (GTK_BOX (primary_box), priv->primary_icon);
  gtk_button_set_child (GTK_BUTTON (priv->primary), primary_box);
  gtk_box_append (GTK_BOX (priv->actions), priv->secondary);
  gtk_box_append (GTK_BOX (priv->actions), spacer);
  gtk_box_append (GTK_BOX (priv->actions), priv->primary);
  gtk_box_append (GTK_BOX (priv->box), priv->actions);
}

/* While the page waits or tells of a problem, its own actions would act on something that is not on the screen. */
static void
anx_page_update_actions (AnxPage *self)
{
  AnxPagePrivate *priv = PRIVATE (self);
  gboolean on_content = g_strcmp0 (gtk_stack_get_visible_child_name (GTK_STACK (priv->middle)), "content") == 0;

  gtk_widget_set_visible (priv->primary, priv->has_primary && on_content);
  gtk_widget_set_visible (priv->secondary, priv->has_secondary && on_content);
  gtk_widget_set_visible (priv->actions, (priv->has_primary || priv->has_secondary) && on_content);
}

static void
connect_anew (GtkWidget *button, gulong *handler, GCallback clicked, gpointer user_data)
{
  if (*handler != 0)
    g_signal_handler_disconnect (button, *handler);
  *handler = clicked != NULL ? g_signal_connect (button, "clicked", clicked, user_data) : 0;
}

/**
 * anx_page_new:
 * @heading: what the page is about, in few words
 * @line: (nullable): one sentence below it
 *
 * Returns: (transfer floating): an empty page
 */
GtkWidget *
anx_page_new (const char *heading, const char *line)
{
  AnxPage *self = g_object_new (ANX_TYPE_PAGE, NULL);

  gtk_label_set_label (GTK_LABEL (PRIVATE (self)->heading), heading);
  gtk_widget_set_visible (PRIVATE (self)->heading, heading != NULL && *heading != '\0');
  anx_ui_set_accessible_name (GTK_WIDGET (self), heading);
  anx_page_set_line (self, line);
  return GTK_WIDGET (self);
}

/**
 * anx_page_get_content:
 * @self: a page
 *
 * Returns: (transfer none): the vertical box in the middle; it scrolls when there is more than fits
 */
GtkBox *
anx_page_get_content (AnxPage *self)
{
  return PRIVATE (self)->content;
}

/**
 * anx_page_set_idle_limit:
 * @self: a page
 * @seconds: 0 to 3600: seconds without a touch before the warning; 0 = never
 *
 * Counts whenever the page is on the screen. On a page that is there now the count begins anew with another limit.
 */
void
anx_page_set_idle_limit (AnxPage *self, guint seconds)
{
  if (PRIVATE (self)->idle_limit == seconds)
    return;
  PRIVATE (self)->idle_limit = seconds;
  g_signal_emit (self, signals[IDLE_LIMIT_CHANGED], 0);
}

/**
 * anx_page_get_idle_limit:
 * @self: a page
 *
 * Returns: seconds without a touch before the warning; 0 = never
 */
guint
anx_page_get_idle_limit (AnxPage *self)
{
  return PRIVATE (self)->idle_limit;
}

/**
 * anx_page_set_line:
 * @self: a page
 * @line: (nullable): the sentence below the heading
 */
void
anx_page_set_line (AnxPage *self, const char *line)
{
  gtk_label_set_label (GTK_LABEL (PRIVATE (self)->line), line != NULL ? line : "");
  gtk_widget_set_visible (PRIVATE (self)->line, line != NULL && *line != '\0');
}

/**
 * anx_page_set_primary:
 * @self: a page
 * @label: (nullable): what happens next; %NULL takes the button away
 * @icon_name: (nullable): a symbolic icon after the words
 * @clicked: (nullable): as of GtkButton::clicked
 * @user_data: for @clicked
 *
 * Sets the page's one primary action, at the bottom right. Replaces the one before.
 */
void
anx_page_set_primary (AnxPage *self, const char *label, const char *icon_name, GCallback clicked, gpointer user_data)
{
  AnxPagePrivate *priv = PRIVATE (self);

  connect_anew (priv->primary, &priv->primary_handler, clicked, user_data);
  gtk_label_set_label (GTK_LABEL (priv->primary_label), label != NULL ? label : "");
  gtk_image_set_from_icon_name (GTK_IMAGE (priv->primary_icon), icon_name);
  gtk_widget_set_visible (priv->primary_icon, icon_name != NULL);
  if (label != NULL)
    anx_ui_set_accessible_name (priv->primary, label);
  priv->has_primary = label != NULL;
  anx_page_update_actions (self);
}

/**
 * anx_page_set_primary_sensitive:
 * @self: a page
 * @sensitive: whether the primary action can be taken now
 */
void
anx_page_set_primary_sensitive (AnxPage *self, gboolean sensitive)
{
  gtk_widget_set_sensitive (PRIVATE (self)->primary, sensitive);
}

/**
 * anx_page_set_secondary:
 * @self: a page
 * @label: (nullable): the quieter action at the bottom left; %NULL takes it away
 * @clicked: (nullable): as of GtkButton::clicked
 * @user_data: for @clicked
 */
void
anx_page_set_secondary (AnxPage *self, const char *label, GCallback clicked, gpointer user_data)
{
  AnxPagePrivate *priv = PRIVATE (self);

  connect_anew (priv->secondary, &priv->secondary_handler, clicked, user_data);
  gtk_button_set_label (GTK_BUTTON (priv->secondary), label != NULL ? label : "");
  priv->has_secondary = label != NULL;
  anx_page_update_actions (self);
}

/**
 * anx_page_make_choice:
 * @icon_name: (nullable): a symbolic icon
 * @label: what is chosen
 * @detail: (nullable): one quieter line below
 *
 * A wide card to touch, at least 88 px high.
 *
 * Returns: (transfer floating): the GtkButton, named @label
 */
GtkWidget *
anx_page_make_choice (const char *icon_name, const char *label, const char *detail)
{
  GtkWidget *button = gtk_button_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 28);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *title = anx_page_make_text (NULL, "choice-title");
  GtkWidget *chevron = gtk_image_new_from_icon_name ("anx-next-symbolic");

  gtk_widget_add_css_class (button, "choice");
  if (icon_name != NULL)
    {
      GtkWidget *icon = gtk_image_new_from_icon_name (icon_name);
      gtk_image_set_pixel_size (GTK_IMAGE (icon), 56);
      gtk_widget_add_css_class (icon, "choice-icon");
      gtk_widget_set_valign (icon, GTK_ALIGN_CENTER);
      gtk_box_append (GTK_BOX (box), icon);
    }
  gtk_label_set_label (GTK_LABEL (title), label);
  gtk_box_append (GTK_BOX (texts), title);
  if (detail != NULL)
    {
      GtkWidget *second = anx_page_make_text (NULL, "choice-detail");
      gtk_label_set_label (GTK_LABEL (second), detail);
      gtk_box_append (GTK_BOX (texts), second);
    }
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_image_set_pixel_size (GTK_IMAGE (chevron), 32);
  gtk_widget_add_css_class (chevron, "choice-chevron");
  gtk_box_append (GTK_BOX (box), texts);
  gtk_box_append (GTK_BOX (box), chevron);
  gtk_button_set_child (GTK_BUTTON (button), box);
  anx_ui_set_accessible_name (button, label);
  if (detail != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, detail, -1);
  return button;
}

static void
on_radio_toggled (GtkToggleButton *button, gpointer user_data)
{
  GtkWidget *mark = g_object_get_data (G_OBJECT (button), "anx-mark");
  gboolean active = gtk_toggle_button_get_active (button);

  /* GTK tells a toggle button's state as "pressed" only; a radio is asked whether it is "checked". */
  gtk_accessible_update_state (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_STATE_CHECKED,
                               active ? GTK_ACCESSIBLE_TRISTATE_TRUE : GTK_ACCESSIBLE_TRISTATE_FALSE, -1);
  gtk_image_set_from_icon_name (GTK_IMAGE (mark), active ? "anx-radio-on-symbolic" : "anx-radio-off-symbolic");
}

/**
 * anx_page_make_radio:
 * @label: the answer
 * @group: (nullable): another answer of the same question, made by this function
 *
 * An answer of which one can be chosen; the mark at its left says so without colour.
 *
 * Returns: (transfer floating): a GtkToggleButton with the role of a radio button, named @label
 */
GtkWidget *
anx_page_make_radio (const char *label, GtkWidget *group)
{
  GtkWidget *button = g_object_new (GTK_TYPE_TOGGLE_BUTTON, "accessible-role", GTK_ACCESSIBLE_ROLE_RADIO, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 24), *text = anx_page_make_text (NULL, "radio-text"),
            *mark = gtk_image_new ();

  gtk_widget_add_css_class (button, "radio");
  gtk_image_set_pixel_size (GTK_IMAGE (mark), 40);
  gtk_widget_set_valign (mark, GTK_ALIGN_CENTER);
  gtk_label_set_label (GTK_LABEL (text), label);
  gtk_widget_set_hexpand (text, TRUE);
  gtk_box_append (GTK_BOX (box), mark);
  gtk_box_append (GTK_BOX (box), text);
  gtk_button_set_child (GTK_BUTTON (button), box);
  g_object_set_data (G_OBJECT (button), "anx-mark", mark);
  if (group != NULL)
    gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), GTK_TOGGLE_BUTTON (group));
  anx_ui_set_accessible_name (button, label);
  g_signal_connect (button, "toggled", G_CALLBACK (on_radio_toggled), NULL);
  on_radio_toggled (GTK_TOGGLE_BUTTON (button), NULL);
  return button;
}

static void
anx_page_show (AnxPage *self, const char *name)
{
  gtk_stack_set_visible_child_name (GTK_STACK (PRIVATE (self)->middle), name);
  anx_page_update_actions (self);
}

/**
 * anx_page_set_busy:
 * @self: a page
 * @text: (nullable): what is being waited for; %NULL brings the content back
 *
 * Shows that something is being asked of the hub, in place of the content and its actions.
 */
void
anx_page_set_busy (AnxPage *self, const char *text)
{
  AnxPagePrivate *priv = PRIVATE (self);

  gtk_label_set_label (GTK_LABEL (priv->busy_label), text != NULL ? text : "");
  gtk_spinner_set_spinning (GTK_SPINNER (priv->spinner), text != NULL);
  anx_page_show (self, text != NULL ? "busy" : "content");
}

/**
 * anx_page_show_problem:
 * @self: a page
 * @text: (nullable): what happened, what is safe, what to do; %NULL brings the content back
 * @action: (nullable): label of a button for the next step
 * @clicked: (nullable): as of GtkButton::clicked
 * @user_data: for @clicked
 *
 * Tells that something went wrong, in place of the content and its actions.
 */
void
anx_page_show_problem (AnxPage *self, const char *text, const char *action, GCallback clicked, gpointer user_data)
{
  AnxPagePrivate *priv = PRIVATE (self);

  gtk_spinner_set_spinning (GTK_SPINNER (priv->spinner), FALSE);
  connect_anew (priv->problem_button, &priv->problem_handler, clicked, user_data);
  gtk_label_set_label (GTK_LABEL (priv->problem_label), text != NULL ? text : "");
  gtk_button_set_label (GTK_BUTTON (priv->problem_button), action != NULL ? action : "");
  gtk_widget_set_visible (priv->problem_button, action != NULL);
  anx_page_show (self, text != NULL ? "problem" : "content");
}

static void
add_texts (GtkWidget *widget, GString *texts)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  if (GTK_IS_LABEL (widget))
    {
      const char *text = gtk_label_get_text (GTK_LABEL (widget));
      if (*text != '\0')
        g_string_append_printf (texts, "%s\n", text);
      return;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    add_texts (child, texts);
}

/**
 * anx_page_dup_texts:
 * @widget: a page, or any part of the window
 *
 * Returns: (transfer full): what stands on it and can be seen or scrolled to now, a line each, in the order of reading
 */
char *
anx_page_dup_texts (GtkWidget *widget)
{
  GString *texts = g_string_new (NULL);

  add_texts (widget, texts);
  return g_string_free (texts, FALSE);
}
