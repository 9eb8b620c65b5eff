/* How a server is told to send: a line "verb topic count size" on a port of its own, or an HTTP request with the event. */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOPICS 20000

struct sock control;
static bool posts;
static uint32_t numbers[TOPICS];

void control_open(int port, bool is_http)
{
    posts = is_http;
    int one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    control = (struct sock){.fd = socket(AF_INET, SOCK_STREAM, 0), .index = -1, .state = READY};
    if (connect(control.fd, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("control");
        exit(1);
    }
    setsockopt(control.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &control};
    epoll_ctl(epoll, EPOLL_CTL_ADD, control.fd, &event);
}

static void flush_control(void)
{
    while (control.out.length) {
        ssize_t sent = send(control.fd, control.out.data, control.out.length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN) {
            perror("control");
            exit(1);
        }
        if (sent <= 0)
            break;
        consume(&control.out, (size_t)sent);
    }
    bool wants_write = control.out.length > 0;
    if (wants_write == control.wants_write)
        return;
    control.wants_write = wants_write;
    struct epoll_event event = {.events = EPOLLIN | (wants_write ? (uint32_t)EPOLLOUT : 0), .data.ptr = &control};
    epoll_ctl(epoll, EPOLL_CTL_MOD, control.fd, &event);
}

static void post(int topic, int size)
{
    char body[8192], head[256];
    if (size > 8000)
        size = 8000;
    int length = snprintf(body, sizeof body, "{\"type\":\"bench.tick\",\"topic\":\"bench:%d\",\"data\":{\"ts\":%llu,\"n\":%u,\"text\":\"",
                          topic, (unsigned long long)now(), numbers[topic % TOPICS]++);
    memset(body + length, 'x', (size_t)size);
    length += size;
    memcpy(body + length, "\"}}", 3);
    length += 3;
    int head_length = snprintf(head, sizeof head, "POST /pub?id=%d HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", topic, length);
    append(&control.out, head, (size_t)head_length);
    append(&control.out, body, (size_t)length);
}

void control_send(char verb, int topic, int count, int size)
{
    char line[64];
    if (posts)
        for (int i = 0; i < count; i++)
            post(topic, size);
    else
        append(&control.out, line, (size_t)snprintf(line, sizeof line, "%c %d %d %d\n", verb, topic, count, size));
    flush_control();
}

bool control_is_behind(void)
{
    return control.out.length > 0;
}

void control_writable(void)
{
    flush_control();
}

void control_readable(void)
{
    char data[65536];
    ssize_t length = recv(control.fd, data, sizeof data, MSG_DONTWAIT);
    if (length == 0 || (length < 0 && errno != EAGAIN)) {
        fprintf(stderr, "the server closed its control port\n");
        exit(1);
    }
    if (length > 0 && !posts)
        append(&control.in, data, (size_t)length);
}

bool control_line(char *to, size_t size)
{
    char *end = control.in.length ? memchr(control.in.data, '\n', control.in.length) : NULL;
    if (!end)
        return false;
    size_t length = (size_t)(end - control.in.data);
    snprintf(to, size, "%.*s", (int)length, control.in.data);
    consume(&control.in, length + 1);
    return true;
}
