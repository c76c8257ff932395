/* The job whose first instruction is to be timed: it writes the moment to a file and ends. moment FILE */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>

int main(int argc, char **argv) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (argc != 2) return 2;
    char path[4096];
    snprintf(path, sizeof path, "%s.new", argv[1]);
    FILE *file = fopen(path, "w");
    fprintf(file, "%lld.%09ld\n", (long long)now.tv_sec, now.tv_nsec);
    fclose(file);
    return rename(path, argv[1]);
}
