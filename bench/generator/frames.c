/* What comes from a server: the answer to the upgrade, then frames; each event is counted, checked and timed. */
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void watch(struct sock *sock, bool wants_write)
{
    if (sock->wants_write == wants_write)
        return;
    sock->wants_write = wants_write;
    struct epoll_event event = {.events = EPOLLIN | (wants_write ? (uint32_t)EPOLLOUT : 0), .data.ptr = sock};
    if (sock->is_frozen)
        event.events &= ~(uint32_t)EPOLLIN;
    epoll_ctl(epoll, EPOLL_CTL_MOD, sock->fd, &event);
}

void flush_out(struct sock *sock)
{
    while (sock->out.length) {
        ssize_t sent = send(sock->fd, sock->out.data, sock->out.length, MSG_NOSIGNAL);
        if (sent <= 0) {
            if (errno == EAGAIN)
                watch(sock, true);
            else
                drop(sock);
            return;
        }
        consume(&sock->out, (size_t)sent);
    }
    watch(sock, false);
}

void write_frame(struct sock *sock, int kind, const char *data, size_t length)
{
    /* A mask of zeros is a mask. */
    unsigned char head[8] = {(unsigned char)(0x80 | kind), (unsigned char)(0x80 | length)};
    size_t size = 6;
    if (length > 125) {
        head[1] = 0x80 | 126;
        head[2] = (unsigned char)(length >> 8);
        head[3] = (unsigned char)length;
        size = 8;
    }
    append(&sock->out, head, size);
    append(&sock->out, data, length);
    flush_out(sock);
}

void drop(struct sock *sock)
{
    if (sock->state == CLOSED)
        return;
    if (sock->state == READY)
        load.ready--;
    else
        load.failed++;
    load.dead++;
    sock->state = CLOSED;
    close(sock->fd);
    consume(&sock->in, sock->in.length);
    consume(&sock->out, sock->out.length);
}

static void is_ready(struct sock *sock)
{
    sock->state = READY;
    load.ready++;
}

static void greet(struct sock *sock)
{
    char frame[2048], templates[2048], *rest = NULL;
    sock->state = GREETING;
    strcpy(templates, load.first);
    for (char *one = strtok_r(templates, "|", &rest); one; one = strtok_r(NULL, "|", &rest)) {
        fill(frame, sizeof frame, one, sock->index % load.topics, sock->index);
        write_frame(sock, 1, frame, strlen(frame));
    }
    if (!load.answers && !load.is_socketio)
        is_ready(sock);
}

/* The length of the answer's head once it is whole, else 0. */
static size_t upgraded(struct sock *sock, const char *data, size_t length)
{
    const char *end = memmem(data, length, "\r\n\r\n", 4);
    if (!end)
        return 0;
    if (length < 12 || memcmp(data + 9, "101", 3) != 0) {
        if (load.failed < 3)
            fprintf(stderr, "refused: %.*s\n", (int)(length > 200 ? 200 : length), data);
        drop(sock);
        return 0;
    }
    greet(sock);
    return (size_t)(end - data) + 4;
}

static const char *number(const char *at, const char *end, uint64_t *value)
{
    *value = 0;
    while (at < end && *at == ' ')
        at++;
    while (at < end && *at >= '0' && *at <= '9')
        *value = *value * 10 + (uint64_t)(*at++ - '0');
    return at;
}

static void take_event(struct sock *sock, const char *at, const char *end, uint64_t arrived)
{
    uint64_t sent, n;
    at = number(at, end, &sent);
    at = memmem(at, (size_t)(end - at), "\"n\":", 4);
    if (!at)
        return;
    number(at + 4, end, &n);
    sock->events++;
    load.received++;
    int64_t expected = sock->last + 1;
    if (sock->last >= 0 && (int64_t)n < expected)
        load.doubled++;
    else {
        if (sock->last >= 0)
            load.lost += n - (uint64_t)expected;
        sock->last = (int64_t)n;
    }
    if (load.is_measuring && arrived > sent)
        histogram_add(arrived - sent);
}

/* Everybody's frames look alike: where the last one had its time, the next one has it too. */
static const char *find_time(const char *data, size_t length)
{
    static size_t guess;
    if (length > guess + 5 && memcmp(data + guess, "\"ts\":", 5) == 0)
        return data + guess + 5;
    const char *found = memmem(data, length, "\"ts\":", 5);
    if (!found)
        return NULL;
    guess = (size_t)(found - data);
    return found + 5;
}

static void take_greeting(struct sock *sock, const char *data, size_t length)
{
    if (load.is_socketio) {
        if (length && data[0] == '0')
            write_frame(sock, 1, "40", 2);
        else if (length > 1 && data[0] == '4' && data[1] == '0')
            is_ready(sock);
    } else if (memmem(data, length, load.answer, strlen(load.answer)) && ++sock->answers == load.answers)
        is_ready(sock);
}

static void take_text(struct sock *sock, const char *data, size_t length, uint64_t arrived)
{
    const char *at = find_time(data, length);
    if (at)
        take_event(sock, at, data + length, arrived);
    else if (sock->state == GREETING)
        take_greeting(sock, data, length);
    else if (load.is_socketio && length == 1 && data[0] == '2')
        write_frame(sock, 1, "3", 1);
}

static void take_frame(struct sock *sock, int kind, const char *data, size_t length, uint64_t arrived)
{
    if (kind == 1)
        take_text(sock, data, length, arrived);
    else if (kind == 9)
        write_frame(sock, 10, data, length);
    else if (kind == 8) {
        if (length >= 2)
            sock->code = (unsigned char)data[0] << 8 | (unsigned char)data[1];
        drop(sock);
    }
}

static size_t take_frames(struct sock *sock, const char *data, size_t at, size_t end)
{
    uint64_t arrived = now();
    while (end - at >= 2 && sock->state != CLOSED) {
        const unsigned char *head = (const unsigned char *)data + at;
        size_t length = head[1] & 127, size = length == 126 ? 4 : length == 127 ? 10 : 2;
        if (end - at < size)
            break;
        if (size > 2) {
            length = 0;
            for (size_t i = 2; i < size; i++)
                length = length << 8 | head[i];
        }
        if (end - at < size + length)
            break;
        take_frame(sock, head[0] & 15, data + at + size, length, arrived);
        at += size + length;
    }
    return at;
}

void take_bytes(struct sock *sock, const char *data, size_t length)
{
    bool had_rest = sock->in.length > 0;
    if (had_rest) {
        append(&sock->in, data, length);
        data = sock->in.data;
        length = sock->in.length;
    }
    size_t at = 0;
    if (sock->state == UPGRADING)
        at = upgraded(sock, data, length);
    if (sock->state > UPGRADING && sock->state != CLOSED)
        at = take_frames(sock, data, at, length);
    if (sock->state == CLOSED)
        return;
    if (had_rest)
        consume(&sock->in, at);
    else if (at < length)
        append(&sock->in, data + at, length - at);
}
