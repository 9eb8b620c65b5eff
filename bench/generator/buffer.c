/* Bytes that wait, and templates of what each socket says. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void append(struct buffer *buffer, const void *data, size_t length)
{
    if (buffer->length + length > buffer->capacity) {
        buffer->capacity = (buffer->length + length) * 2;
        buffer->data = realloc(buffer->data, buffer->capacity);
        if (!buffer->data)
            abort();
    }
    memcpy(buffer->data + buffer->length, data, length);
    buffer->length += length;
}

void consume(struct buffer *buffer, size_t length)
{
    buffer->length -= length;
    if (buffer->length) {
        memmove(buffer->data, buffer->data + length, buffer->length);
        return;
    }
    /* Ten thousand idle sockets shall not keep what one burst needed. */
    free(buffer->data);
    *buffer = (struct buffer){0};
}

void fill(char *to, size_t size, const char *template, int topic, int index)
{
    size_t at = 0;
    for (const char *from = template; *from && at + 12 < size; from++) {
        if (from[0] == '%' && (from[1] == 't' || from[1] == 'i'))
            at += (size_t)sprintf(to + at, "%d", *++from == 't' ? topic : index);
        else
            to[at++] = *from;
    }
    to[at] = 0;
}
