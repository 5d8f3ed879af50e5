// Reads a mounted configuration file and writes what it says to a volume.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int CANNOT_READ = 66;  // sysexits EX_NOINPUT
static const int CANNOT_WRITE = 73; // sysexits EX_CANTCREAT

static int failed(const char *verb, const char *path, int status) {
    fprintf(stderr, "files: cannot %s %s: ", verb, path);
    perror(NULL);
    return status;
}

static int read_line(const char *path, char *line, int size) {
    FILE *config = fopen(path, "r");
    if (config == NULL) {
        return failed("read", path, CANNOT_READ);
    }
    if (fgets(line, size, config) == NULL) {
        fprintf(stderr, "files: %s is empty\n", path);
        fclose(config);
        return CANNOT_READ;
    }
    fclose(config);
    line[strcspn(line, "\n")] = '\0';
    return 0;
}

static int append(const char *path, const char *line) {
    FILE *out = fopen(path, "a");
    if (out == NULL) {
        return failed("write", path, CANNOT_WRITE);
    }
    int written = fprintf(out, "%s\n", line);
    if (fclose(out) != 0 || written < 0) {
        return failed("write", path, CANNOT_WRITE);
    }
    return 0;
}

int main(int argc, char **argv) {
    const char *config = argc > 1 ? argv[1] : "/config/message";
    const char *out = argc > 2 ? argv[2] : "/data/messages";
    char message[1024];
    int status = read_line(config, message, sizeof message);
    if (status == 0) {
        printf("read %s: %s\n", config, message);
        status = append(out, message);
    }
    if (status == 0) {
        printf("wrote %s\n", out);
    }
    return status;
}
