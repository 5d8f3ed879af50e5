// Shows a program what its container was given: arguments, environment, and an exit status of its choice.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

int main(int argc, char **argv) {
    puts("hello from wasm");
    for (int i = 0; i < argc; i++) {
        printf("arg %d: %s\n", i, argv[i]);
    }
    for (char **entry = environ; *entry != NULL; entry++) {
        printf("env %s\n", *entry);
    }
    if (argc < 2 || strcmp(argv[1], "--exit") != 0) {
        return EXIT_SUCCESS;
    }
    char *end = "";
    long status = argc > 2 ? strtol(argv[2], &end, 10) : -1;
    if (status < 0 || status > 125 || *end != '\0') {
        fputs("hello: --exit takes a number from 0 to 125\n", stderr);
        return 64;
    }
    return (int)status;
}
