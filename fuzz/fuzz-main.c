/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-x FILE-OR-FOLDER…
 *
 * Stands in for libFuzzer where there is none: gives every file to the target, once. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static guint n_inputs;

/* The input ends where its block does, so that the sanitizers see a byte read past it. */
static void
read_file (const char *path)
{
  g_autofree char *contents = NULL;
  g_autofree guint8 *input = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  if (!g_file_get_contents (path, &contents, &size, &error))
    {
      g_printerr ("%s\n", error->message);
      exit (2);
    }
  g_setenv ("DISCO_FUZZ_INPUT", path, TRUE); /* a core dump tells by it which one it was */
  input = g_malloc (size + 1);
  memcpy (input + 1, contents, size);
  LLVMFuzzerTestOneInput (input + 1, size);
  n_inputs++;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *)a, *(const char *const *)b);
}

static void
read_folder (const char *path)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    g_ptr_array_add (names, g_build_filename (path, name, NULL));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    read_file (names->pdata[i]);
}

int
main (int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    {
      if (g_file_test (argv[i], G_FILE_TEST_IS_DIR))
        read_folder (argv[i]);
      else
        read_file (argv[i]);
    }
  g_print ("%u inputs\n", n_inputs);
  return n_inputs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
