// Prints a line with a number at a steady pace: something to follow in a log and to stop.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const int USAGE = 64;       // sysexits EX_USAGE
static const int CANNOT_WRITE = 73; // sysexits EX_CANTCREAT

struct options {
    long interval; // milliseconds between two lines; 0 is as fast as possible
    long count;    // how many lines; 0 is without end
    const char *out;
};

static int usage(const char *problem) {
    fprintf(stderr, "counter: %s\nusage: counter [--interval MILLISECONDS] [--count LINES] [--out FILE]\n", problem);
    return USAGE;
}

static int number(const char *text, long *value) {
    char *end;
    *value = strtol(text, &end, 10);
    return *text != '\0' && *end == '\0' && *value >= 0;
}

static int parse(int argc, char **argv, struct options *options) {
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc) {
            return usage("the last flag lacks its value");
        }
        int ok = 1;
        if (strcmp(argv[i], "--interval") == 0) {
            ok = number(argv[i + 1], &options->interval);
        } else if (strcmp(argv[i], "--count") == 0) {
            ok = number(argv[i + 1], &options->count);
        } else if (strcmp(argv[i], "--out") == 0) {
            options->out = argv[i + 1];
        } else {
            return usage("unknown flag");
        }
        if (!ok) {
            return usage("a number from 0 on is needed");
        }
    }
    return 0;
}

static void pause_for(long milliseconds) {
    struct timespec span = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
    nanosleep(&span, NULL);
}

static int failed(const char *name) {
    fprintf(stderr, "counter: cannot write %s: ", name);
    perror(NULL);
    return CANNOT_WRITE;
}

static int print(long line, FILE *to, const char *name, int now) {
    if (fprintf(to, "%ld\n", line) < 0 || (now && fflush(to) != 0)) {
        return failed(name);
    }
    return 0;
}

int main(int argc, char **argv) {
    struct options options = {.interval = 1000};
    int status = parse(argc, argv, &options);
    if (status != 0) {
        return status;
    }
    FILE *copy = options.out == NULL ? NULL : fopen(options.out, "a");
    if (options.out != NULL && copy == NULL) {
        return failed(options.out);
    }
    int now = options.interval > 0;
    for (long line = 1; status == 0 && (options.count == 0 || line <= options.count); line++) {
        if (line > 1 && now) {
            pause_for(options.interval);
        }
        status = print(line, stdout, "standard output", now);
        if (status == 0 && copy != NULL) {
            status = print(line, copy, options.out, now);
        }
    }
    if (status == 0 && (fflush(stdout) != 0 || (copy != NULL && fclose(copy) != 0))) {
        status = failed("the last lines");
    }
    return status;
}
