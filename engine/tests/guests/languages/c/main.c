// The program of this directory's README in C, on wasi-libc.
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    puts("hello from c");
    for (int i = 1; i < argc; i++) {
        printf("%s%s", i > 1 ? "|" : "", argv[i]);
    }
    const char *name = getenv("NAME");
    printf("\n%s\n", name == NULL ? "" : name);
    char text[256] = "";
    FILE *in = fopen("/in", "r");
    FILE *out = fopen("/out", "w");
    if (in == NULL || out == NULL) {
        perror("languages");
        return 1;
    }
    size_t length = fread(text, 1, sizeof text - 1, in);
    printf("%s\n", text);
    int failed = fwrite(text, 1, length, out) != length;
    failed |= fclose(in) != 0;
    failed |= fclose(out) != 0;
    fputs("bye\n", stderr);
    return failed ? 1 : 7;
}
