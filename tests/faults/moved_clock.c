/* The wall clock of a Python interpreter, moved by the seconds in the file MOVED_CLOCK names.
 *
 * Preloaded into a process. Only the interpreter's own questions are answered so: libraries that wait until
 * a moment would wait for months. Time that only counts on (CLOCK_MONOTONIC) and times of files stay true.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long seconds_off(void) {
    const char *name = getenv("MOVED_CLOCK");
    FILE *file = name ? fopen(name, "r") : NULL;
    long seconds = 0;
    if (file) {
        if (fscanf(file, "%ld", &seconds) != 1) seconds = 0;
        fclose(file);
    }
    return seconds;
}

/* Whether an address lies in the interpreter: the program `python...` or the library `libpython...`. */
static int is_interpreter(void *address) {
    Dl_info place;
    if (!dladdr(address, &place) || !place.dli_fname) return 0;
    const char *slash = strrchr(place.dli_fname, '/');
    const char *name = slash ? slash + 1 : place.dli_fname;
    return !strncmp(name, "python", 6) || !strncmp(name, "libpython", 9);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = (int)syscall(SYS_clock_gettime, clock, now);
    if (!failed && clock == CLOCK_REALTIME && is_interpreter(__builtin_return_address(0)))
        now->tv_sec += seconds_off();
    return failed;
}
