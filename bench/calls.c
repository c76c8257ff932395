/* What `jobctl submit -- true` asks of the kernel after Python's start, and nothing else: the floor of a durable
   submission on this disk. calls HOME NUMBER */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void file(const char *path, int size) {
    static char text[4096];
    memset(text, 'x', sizeof text);
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (write(fd, text, size) != size) _exit(1);
    fsync(fd);
    close(fd);
}

static void sync_directory(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    fsync(fd);
    close(fd);
}

int main(int argc, char **argv) {
    char staged[4096], path[8192], line[64];
    if (argc != 3) return 2;
    snprintf(staged, sizeof staged, "%s/spool/tmp/%s", argv[1], argv[2]);
    mkdir(staged, 0700);
    int held = open(staged, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    flock(held, LOCK_EX | LOCK_NB);
    snprintf(path, sizeof path, "%s/spec.json", staged);
    file(path, 2000);
    snprintf(path, sizeof path, "%s/sequence", argv[1]);
    int sequence = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    flock(sequence, LOCK_EX);
    if (pread(sequence, line, sizeof line, 0) < 0 || pwrite(sequence, path, 58, 0) < 0) return 1;
    close(sequence);
    snprintf(path, sizeof path, "%s/status.json", staged);
    file(path, 900);
    sync_directory(staged);
    snprintf(path, sizeof path, "%s/active/%s", argv[1], argv[2]);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    snprintf(path, sizeof path, "%s/spool/%s", argv[1], argv[2]);
    rename(staged, path);
    close(held);
    snprintf(path, sizeof path, "%s/spool", argv[1]);
    sync_directory(path);
    dprintf(1, "%s\n", argv[2]);
    return 0;
}
