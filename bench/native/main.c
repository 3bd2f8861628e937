/*
 * Runs programs of the kernels on an image of a wasm memory: native IMAGE. Then it reads lines and answers each:
 *   time ADDRESS STEPS COUNT   runs the steps at an address COUNT times; the nanoseconds of all
 *   write FILE                 writes the memory
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include "kernels.c"

static size_t bytes;

static int fail(const char *what) {
  perror(what);
  return 1;
}

static int readImage(const char *name) {
  FILE *file = fopen(name, "rb");
  if (!file || fseek(file, 0, SEEK_END)) return fail(name);
  bytes = (size_t)ftell(file);
  rewind(file);
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
  if (mmap((void *)MEMORY, bytes, PROT_READ | PROT_WRITE, flags, -1, 0) != (void *)MEMORY) return fail("mmap");
  if (fread((void *)MEMORY, 1, bytes, file) != bytes) return fail(name);
  fclose(file);
  return 0;
}

static int writeImage(const char *name) {
  FILE *file = fopen(name, "wb");
  if (!file || fwrite((void *)MEMORY, 1, bytes, file) != bytes || fclose(file)) return fail(name);
  printf("written\n");
  return 0;
}

static double nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

int main(int count, char **arguments) {
  if (count != 2 || readImage(arguments[1])) return 2;
  char line[4096], file[4096];
  unsigned long program;
  int steps, repeats;
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "write %4095s", file) == 1) {
      if (writeImage(file)) return 1;
    } else if (sscanf(line, "time %lu %d %d", &program, &steps, &repeats) == 3) {
      double start = nanoseconds();
      for (int i = 0; i < repeats; i++) run(program, steps);
      printf("%.0f\n", nanoseconds() - start);
    } else return fail(line);
    fflush(stdout);
  }
  return 0;
}
