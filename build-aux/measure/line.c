/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bad line between two network namespaces, in user space, for kernels without sch_netem. Opens a TUN device in each and carries
 * IP packets from one to the other, late or never. Needs root. Not installed.
 *
 *   line NAMESPACE_A ADDRESS_A NAMESPACE_B ADDRESS_B
 *
 * The addresses (IPv4, without prefix) are each other's peers. Prints "ready". Then each line on standard input changes one thing:
 *   loss PART        of packets dropped, each way, 0–1, one by one at random
 *   burst PACKETS    mean length of a run of lost packets (Gilbert's two states); 1 is at random
 *   delay MS         each way
 *   jitter MS        added to the delay, evenly from 0; order is kept
 *   rate KBIT        each way, 0 for none; what waits longer than "queue" is dropped
 *   queue MS         250 at the start
 *   cut 0|1          nothing passes
 *   mark 1           counts the waiting at "rate" anew
 *   report 1         prints {"queued":[{"mean":…,"longest":…},…]}, seconds, one for each way
 * At the end of standard input it prints {"forward":…,"lost":…,"late":…} and ends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MTU 1500
#define MAX_WAITING 8192

typedef struct
{
  int64_t due_usec;
  int length;
  unsigned char bytes[MTU];
} Packet;

typedef struct
{
  int from, to;
  Packet *waiting; /* a ring, in order of due_usec */
  int first, count;
  int64_t free_usec; /* when the last packet has left at the rate */
  bool bad;          /* Gilbert's bad state */
  int64_t queued_usec, longest_usec; /* waited at the rate since "mark", in sum and at most */
  long queued;       /* packets */
} Way;

static double loss, burst = 1, delay_ms, jitter_ms, rate_kbit, queue_ms = 250;
static bool cut;
static long forwarded, lost, late;

static int64_t
now_usec (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void
die (const char *what)
{
  fprintf (stderr, "line: %s: %s\n", what, strerror (errno));
  exit (1);
}

static void
set_address (int control,
             struct ifreq *request,
             unsigned long command,
             const char *address)
{
  struct sockaddr_in *in = (struct sockaddr_in *) &request->ifr_addr;
  memset (in, 0, sizeof *in);
  in->sin_family = AF_INET;
  if (inet_pton (AF_INET, address, &in->sin_addr) != 1 || ioctl (control, command, request) < 0)
    die (address);
}

static int
open_end (const char *namespace,
          const char *address,
          const char *peer)
{
  char path[256];
  snprintf (path, sizeof path, "/run/netns/%s", namespace);
  int ns = open (path, O_RDONLY | O_CLOEXEC);
  if (ns < 0 || setns (ns, CLONE_NEWNET) < 0)
    die (path);
  close (ns);
  int fd = open ("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
  strcpy (request.ifr_name, "line0");
  if (fd < 0 || ioctl (fd, TUNSETIFF, &request) < 0)
    die ("/dev/net/tun");
  int control = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  set_address (control, &request, SIOCSIFADDR, address);
  set_address (control, &request, SIOCSIFDSTADDR, peer);
  request.ifr_mtu = MTU;
  if (ioctl (control, SIOCSIFMTU, &request) < 0)
    die ("mtu");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (ioctl (control, SIOCSIFFLAGS, &request) < 0)
    die ("up");
  close (control);
  return fd;
}

static double
chance (void)
{
  return drand48 ();
}

static bool
is_lost (Way *way)
{
  if (loss <= 0)
    return false;
  if (burst <= 1)
    return chance () < loss;
  /* Leaving the bad state with 1/burst; entering it so that the part of time in it is "loss". */
  double leave = 1 / burst, enter = leave * loss / (1 - loss);
  way->bad = way->bad ? chance () >= leave : chance () < enter;
  return way->bad;
}

static void
take (Way *way,
      const unsigned char *bytes,
      int length)
{
  int64_t now = now_usec (), due = now;
  if (cut || is_lost (way) || way->count == MAX_WAITING)
    {
      lost++;
      return;
    }
  if (rate_kbit > 0)
    {
      int64_t begin = way->free_usec > now ? way->free_usec : now;
      if (begin - now > (int64_t) (queue_ms * 1000))
        {
          late++;
          return;
        }
      int64_t waited = begin - now;
      way->queued_usec += waited;
      way->queued++;
      way->longest_usec = waited > way->longest_usec ? waited : way->longest_usec;
      way->free_usec = begin + (int64_t) (length * 8000.0 / rate_kbit);
      due = way->free_usec;
    }
  due += (int64_t) (1000 * (delay_ms + jitter_ms * chance ()));
  if (way->count > 0)
    {
      int64_t before = way->waiting[(way->first + way->count - 1) % MAX_WAITING].due_usec;
      due = due > before ? due : before;
    }
  Packet *packet = &way->waiting[(way->first + way->count++) % MAX_WAITING];
  packet->due_usec = due;
  packet->length = length;
  memcpy (packet->bytes, bytes, (size_t) length);
}

static void
read_all (Way *way)
{
  unsigned char bytes[MTU];
  ssize_t length;
  while ((length = read (way->from, bytes, sizeof bytes)) > 0)
    take (way, bytes, (int) length);
}

/* Gives on what is due; returns when the next one is, microseconds, or -1. */
static int64_t
give_on (Way *way)
{
  int64_t now = now_usec ();
  while (way->count > 0 && way->waiting[way->first].due_usec <= now)
    {
      Packet *packet = &way->waiting[way->first];
      if (write (way->to, packet->bytes, (size_t) packet->length) < 0 && errno != EAGAIN && errno != EIO && errno != EINVAL)
        die ("write");
      forwarded++;
      way->first = (way->first + 1) % MAX_WAITING;
      way->count--;
    }
  return way->count > 0 ? way->waiting[way->first].due_usec - now : -1;
}

static void
report (const Way *ways)
{
  printf ("{\"queued\":[");
  for (int i = 0; i < 2; i++)
    printf ("%s{\"mean\":%.3f,\"longest\":%.3f}", i > 0 ? "," : "",
            ways[i].queued > 0 ? (double) ways[i].queued_usec / (double) ways[i].queued / 1e6 : 0, (double) ways[i].longest_usec / 1e6);
  puts ("]}");
  fflush (stdout);
}

static void
obey (char *text,
      Way *ways)
{
  char word[16];
  double value;
  if (sscanf (text, "%15s %lf", word, &value) != 2)
    return;
  struct { const char *name; double *value; } settings[] = { { "loss", &loss }, { "burst", &burst }, { "delay", &delay_ms },
    { "jitter", &jitter_ms }, { "rate", &rate_kbit }, { "queue", &queue_ms } };
  for (unsigned i = 0; i < sizeof settings / sizeof *settings; i++)
    if (strcmp (word, settings[i].name) == 0)
      *settings[i].value = value;
  if (strcmp (word, "cut") == 0)
    cut = value != 0;
  else if (strcmp (word, "report") == 0)
    report (ways);
  else if (strcmp (word, "mark") == 0)
    for (int i = 0; i < 2; i++)
      ways[i].queued_usec = ways[i].longest_usec = ways[i].queued = 0;
}

int
main (int argc,
      char *argv[])
{
  if (argc != 5)
    {
      fprintf (stderr, "usage: line NAMESPACE_A ADDRESS_A NAMESPACE_B ADDRESS_B\n");
      return 2;
    }
  int a = open_end (argv[1], argv[2], argv[4]), b = open_end (argv[3], argv[4], argv[2]);
  Way ways[2] = { { .from = a, .to = b }, { .from = b, .to = a } };
  for (int i = 0; i < 2; i++)
    ways[i].waiting = calloc (MAX_WAITING, sizeof (Packet));
  srand48 (1);
  puts ("ready");
  fflush (stdout);
  char input[4096];
  size_t filled = 0;
  for (;;)
    {
      int64_t next = give_on (&ways[0]), other = give_on (&ways[1]);
      if (next < 0 || (other >= 0 && other < next))
        next = other;
      struct pollfd fds[3] = { { .fd = a, .events = POLLIN }, { .fd = b, .events = POLLIN }, { .fd = 0, .events = POLLIN } };
      struct timespec wait = { .tv_sec = next / 1000000, .tv_nsec = (next % 1000000) * 1000 };
      ppoll (fds, 3, next >= 0 ? &wait : NULL, NULL);
      if (fds[0].revents)
        read_all (&ways[0]);
      if (fds[1].revents)
        read_all (&ways[1]);
      if (fds[2].revents == 0)
        continue;
      ssize_t got = read (0, input + filled, sizeof input - 1 - filled);
      if (got <= 0)
        break;
      filled += (size_t) got;
      input[filled] = '\0';
      char *line = input, *end;
      while ((end = strchr (line, '\n')) != NULL)
        {
          *end = '\0';
          obey (line, ways);
          line = end + 1;
        }
      filled = strlen (line);
      memmove (input, line, filled + 1);
    }
  printf ("{\"forward\":%ld,\"lost\":%ld,\"late\":%ld}\n", forwarded, lost, late);
  for (int i = 0; i < 2; i++)
    free (ways[i].waiting);
  return 0;
}
