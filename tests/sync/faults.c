/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/*
 * Preloaded into a program: ANX_FAULT says what happens at which write to a file, counted from the start.
 *   kill N         the program is killed before its Nth write
 *   torn N         half of the Nth write is done, then it is killed
 *   full N SPAN    from the Nth write on the disk is full, for SPAN writes
 * A byte on the descriptor ANX_FAULT_FD says that the disk is full now. Counting writes meets each of them, which a small file system
 * does not; and it needs no privilege.
 */
static char kind[8];
static long at, span;
static int told = -1;
static atomic_long count;

__attribute__ ((constructor)) static void
read_fault (void)
{
  const char *fault = getenv ("ANX_FAULT"), *descriptor = getenv ("ANX_FAULT_FD");
  if (fault != NULL)
    sscanf (fault, "%7s %ld %ld", kind, &at, &span);
  if (descriptor != NULL)
    told = atoi (descriptor);
}

/* How many of @length bytes may be written now; -1 with errno: none. */
static ssize_t
allow (int fd,
       size_t length,
       int *out_die)
{
  struct stat status;
  *out_die = 0;
  if (at < 1 || fstat (fd, &status) != 0 || !S_ISREG (status.st_mode))
    return (ssize_t) length;
  long number = atomic_fetch_add (&count, 1) + 1;
  if (number < at)
    return (ssize_t) length;
  if (strcmp (kind, "full") == 0)
    {
      if (number >= at + span)
        return (ssize_t) length;
      ssize_t (*real) (int, const void *, size_t) = (ssize_t (*) (int, const void *, size_t)) dlsym (RTLD_NEXT, "write");
      if (number == at && told >= 0)
        (void) !real (told, "x", 1);
      errno = ENOSPC;
      return -1;
    }
  if (strcmp (kind, "torn") != 0)
    kill (getpid (), SIGKILL);
  *out_die = 1;
  return (ssize_t) (length / 2);
}

ssize_t
write (int fd,
       const void *data,
       size_t length)
{
  ssize_t (*real) (int, const void *, size_t) = (ssize_t (*) (int, const void *, size_t)) dlsym (RTLD_NEXT, "write");
  int die;
  ssize_t allowed = allow (fd, length, &die);
  ssize_t written = allowed >= 0 ? real (fd, data, (size_t) allowed) : -1;
  if (die)
    kill (getpid (), SIGKILL);
  return written;
}

/* Under their names in the library: a header may make the one another name of the other. */
#define DEFINE_PWRITE(function, name)                                                                                                    \
  ssize_t function (int fd, const void *data, size_t length, off_t offset) __asm__ (name);                                               \
  ssize_t function (int fd, const void *data, size_t length, off_t offset)                                                               \
  {                                                                                                                                      \
    ssize_t (*real) (int, const void *, size_t, off_t) = (ssize_t (*) (int, const void *, size_t, off_t)) dlsym (RTLD_NEXT, name);       \
    int die;                                                                                                                             \
    ssize_t allowed = allow (fd, length, &die);                                                                                          \
    ssize_t written = allowed >= 0 ? real (fd, data, (size_t) allowed, offset) : -1;                                                     \
    if (die)                                                                                                                             \
      kill (getpid (), SIGKILL);                                                                                                         \
    return written;                                                                                                                      \
  }
DEFINE_PWRITE (write_at, "pwrite")
DEFINE_PWRITE (write_at_64, "pwrite64")
